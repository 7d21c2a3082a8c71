"""Storage of a cluster, put together: what the scheduler and the kubelets ask of it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from simulator.calibration import Calibration
from simulator.cluster.kubernetes.objects.meta import Custom, Meta, Object
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import NodeSelector
from simulator.cluster.kubernetes.scheduler.plugins.volume_binding import (
    CONFLICT,
    NONE_TO_BIND,
    UNBOUND,
    Needs,
)
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.storage import facts
from simulator.cluster.kubernetes.storage.binder import Binder
from simulator.cluster.kubernetes.storage.facts import CLAIM, CLASS, VOLUME, phase_of, spec_of

STANDARD = "standard"
"""The class that a cluster has from the start, and that claims get that name none."""
PROVISIONER = "disk.drydock.dev"
NOWHERE = NodeSelector()
"""No term: matches no node."""


class Storage:
    """Answers what a pod's claims allow, binds them when it has a node, and says when it may
    begin."""

    def __init__(self, server: Server, scheduler: Scheduler, constants: Calibration) -> None:
        self.server = server
        self.store = server.store
        self._attach_s = constants.value("kubernetes.storage.attach_s")
        provision_s = constants.value("kubernetes.storage.provision_s")
        self.binder = Binder(server, provision_s, scheduler.claims_changed, scheduler.volumes_bound)
        self._attached: dict[tuple[str, str], float] = {}
        """By volume and node: since when it is there, or when it will be."""
        server.admit(CLAIM, self._admit_claim)
        server.admit(VOLUME, self._admit_volume)
        server.create(_standard())
        scheduler.use_claims(self)

    # --- admission ----------------------------------------------------------------------------

    def _admit_claim(self, old: Object | None, new: Object) -> Object:
        """Who names no class gets the usual one; a claim that is used does not go."""
        if old is not None or not isinstance(new, Custom):
            return new
        spec = spec_of(new)
        if "storageClassName" not in spec:
            usual = facts.default_class(self.store)
            if usual:
                spec = {**spec, "storageClassName": usual}
        guards = tuple(dict.fromkeys((*new.meta.finalizers, facts.CLAIM_GUARD)))
        data = {**new.data, "spec": spec}
        return replace(new, meta=replace(new.meta, finalizers=guards), data=data,
                       status=new.status or {"phase": "Pending"})  # fmt: skip

    def _admit_volume(self, old: Object | None, new: Object) -> Object:
        if old is not None:
            return new
        guards = tuple(dict.fromkeys((*new.meta.finalizers, facts.VOLUME_GUARD)))
        return replace(new, meta=replace(new.meta, finalizers=guards))

    # --- what the scheduler asks --------------------------------------------------------------

    def needs(self, pod: Pod) -> Needs | None:
        """Which nodes a pod's claims allow; None where it has no claims."""
        if not facts.uses_claims(pod):
            return None
        nodes: list[tuple[NodeSelector, str]] = []
        for name in facts.claims_of(pod.template.spec):
            claim = self.store.find(CLAIM, pod.namespace, name)
            if not isinstance(claim, Custom):
                return Needs(f'persistentvolumeclaim "{name}" not found')
            if claim.meta.deleting_since is not None:
                return Needs(f'persistentvolumeclaim "{name}" is being deleted')
            if phase_of(claim) == "Lost":
                return Needs(
                    f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume '
                    f'"{spec_of(claim).get("volumeName", "")}"'
                )
            if phase_of(claim) == "Bound":
                nodes += self._where(claim)
            elif not self.binder.waits(claim) and facts.SELECTED_NODE not in (
                claim.meta.annotations
            ):
                return Needs(UNBOUND)
            else:
                nodes += self._could_be(claim)
        return Needs(nodes=tuple(nodes))

    def _where(self, claim: Custom) -> list[tuple[NodeSelector, str]]:
        """From where the volume of a bound claim can be reached."""
        volume = self.store.find(VOLUME, "", str(spec_of(claim).get("volumeName", "")))
        wanted = _affinity(volume) if isinstance(volume, Custom) else None
        return [] if wanted is None else [(msgspec.convert(wanted, NodeSelector), CONFLICT)]

    def _could_be(self, claim: Custom) -> list[tuple[NodeSelector, str]]:
        """Where a claim that waits for its pod could be bound: wherever a free volume is, or
        anywhere, if its class makes volumes."""
        made_by = self.binder.class_object(claim)
        makes = made_by is not None and made_by.data.get("provisioner") != facts.NO_PROVISIONER
        if makes:
            return []
        terms: list[Any] = []
        for one in self.store.table(VOLUME):
            if isinstance(one, Custom) and facts.suits(one, claim):
                wanted = _affinity(one)
                if wanted is None:
                    return []
                terms += wanted["nodeSelectorTerms"]
        found = msgspec.convert({"nodeSelectorTerms": terms}, NodeSelector) if terms else NOWHERE
        return [(found, NONE_TO_BIND)]

    def bind(self, pod: Pod, node: str) -> None:
        """A pod goes to a node: claims that waited for that are bound, or made there."""
        for name in facts.claims_of(pod.template.spec):
            claim = self.store.find(CLAIM, pod.namespace, name)
            if isinstance(claim, Custom) and phase_of(claim) != "Bound":
                notes = {**claim.meta.annotations, facts.SELECTED_NODE: node}
                self.server.update(replace(claim, meta=replace(claim.meta, annotations=notes)))

    def bound(self, pod: Pod) -> bool:
        """Whether all claims of a pod have their volumes."""
        for name in facts.claims_of(pod.template.spec):
            claim = self.store.find(CLAIM, pod.namespace, name)
            if isinstance(claim, Custom) and phase_of(claim) != "Bound":
                return False
        return True

    # --- what kubelets ask --------------------------------------------------------------------

    def ready_in(self, namespace: str, name: str, node: str, pod: str) -> tuple[float, str]:
        """Seconds until a claim's volume can be mounted on a node, and what to say meanwhile;
        (0, "") where it can be now.

        A volume that one node may write (ReadWriteOnce) is not attached to a second one before
        all pods on the first are gone.
        """
        claim = self.store.find(CLAIM, namespace, name)
        if not isinstance(claim, Custom) or phase_of(claim) != "Bound":
            return POLL_S, ""
        volume = self.store.find(VOLUME, "", str(spec_of(claim)["volumeName"]))
        if not isinstance(volume, Custom) or "csi" not in spec_of(volume):
            return 0.0, ""
        others = self._elsewhere(claim, volume, node)
        if others:
            text = f'Multi-Attach error for volume "{volume.name}" '
            return POLL_S, text + (f"Volume is already used by pod(s) {', '.join(others)}")
        now, there = self.server.sim.now, (volume.name, node)
        if there not in self._attached:
            self._attached[there] = now + self._attach_s
            self.server.sim.at(now + self._attach_s, self._arrived, volume.name, namespace, pod)
        return max(0.0, self._attached[there] - now), ""

    def _arrived(self, volume: str, namespace: str, name: str) -> None:
        pod = self.store.get(Pod, namespace, name)
        if pod is not None:
            text = f'AttachVolume.Attach succeeded for volume "{volume}" '
            self.server.recorder.event(
                pod, "Normal", "SuccessfulAttachVolume", text, "attachdetach-controller"
            )

    def _elsewhere(self, claim: Custom, volume: Custom, node: str) -> list[str]:
        """Pods on other nodes that hold a volume that only one node may have."""
        found: list[str] = []
        if {"ReadWriteMany", "ReadOnlyMany"} & set(facts.modes_of(claim)):
            return found
        for key in self.binder.users.get(claim.key, ()):
            pod = self.store.get(Pod, *key)
            if pod is not None and pod.node not in ("", node) and pod.status.started_at is not None:
                found.append(pod.name)
        if not found:
            for name, at in [one for one in self._attached if one[0] == volume.name]:
                if at != node:
                    del self._attached[name, at]
        return found


POLL_S = 2.0
"""How often a kubelet looks again (``reconciler``: 100 ms there, with an exponential back-off
from 500 ms on after each failure; 2 s is between)."""


def _affinity(volume: Custom) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (spec_of(volume).get("nodeAffinity") or {}).get("required")
    return found


def _standard() -> Custom:
    meta = Meta(STANDARD, annotations={facts.DEFAULT_CLASS: "true"})
    data = {
        "provisioner": PROVISIONER, "reclaimPolicy": "Delete", "allowVolumeExpansion": True,
        "volumeBindingMode": "WaitForFirstConsumer",
    }  # fmt: skip
    return Custom(kind=CLASS, api_version="storage.k8s.io/v1", meta=meta, data=data)
