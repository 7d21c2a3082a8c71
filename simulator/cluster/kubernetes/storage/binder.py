"""The controllers of claims and volumes: who is bound to what, what is made, what is let go.

kubernetes, ``pkg/controller/volume/persistentvolume``. Volumes of a class with a provisioner are
network disks: made some seconds after they are asked for, in the zone of the node that was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.meta import Custom, Key, Meta
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.storage import facts
from simulator.cluster.kubernetes.storage.facts import CLAIM, CLASS, VOLUME, phase_of, spec_of
from simulator.cluster.queue import WorkQueue

SOURCE = "persistentvolume-controller"
ZONE = "topology.kubernetes.io/zone"


class Binder:
    """Keeps claims and volumes together. ``changed``: told when a claim's fate is another.

    ``bound``: told of each pod whose claim has its volume from now on.
    """

    def __init__(
        self, server: Server, provision_s: float, changed: Callable[[], None],
        bound: Callable[[Key], None],
    ) -> None:  # fmt: skip
        self.server = server
        self.sim = server.sim
        self.store = server.store
        self._provision_s = provision_s
        self._changed = changed
        self._bound = bound
        self.queue = WorkQueue(self.sim, self._sync)
        self.users: dict[Key, dict[Key, None]] = {}
        """By claim: the pods that use it and are not over."""
        self._making: dict[str, None] = {}
        """Claims by uid whose volumes are being made."""
        self.store.table(CLAIM).watchers.append(self._claim_changed)
        self.store.table(VOLUME).watchers.append(self._volume_changed)
        self.store.table(CLASS).watchers.append(self._class_changed)
        self.store.watch(Pod, self._pod_changed)

    # --- what changes -------------------------------------------------------------------------

    def _claim_changed(self, old: Custom | None, new: Custom | None) -> None:
        one = new if new is not None else old
        assert one is not None
        self.queue.add(one.key)
        if new is None:
            self._let_go(one)
        elif phase_of(new) == "Bound" and (old is None or phase_of(old) != "Bound"):
            for pod in self.users.get(new.key, ()):
                self._bound(pod)
        self._changed()

    def _volume_changed(self, old: Custom | None, new: Custom | None) -> None:
        if new is not None and not phase_of(new) and facts.claim_ref(new) is None:
            self.queue.add(("", new.name))
        one = new if new is not None else old
        key = None if one is None else facts.claim_ref(one)
        if key is not None:
            self.queue.add(key)
        elif new is not None:
            self._try_all()

    def _class_changed(self, old: Custom | None, new: Custom | None) -> None:
        if new is not None and old is None:
            self._try_all()

    def _try_all(self) -> None:
        """Something came that claims may wait for."""
        for one in self.store.table(CLAIM):
            if isinstance(one, Custom) and phase_of(one) != "Bound":
                self.queue.add(one.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None or not pod.template.spec.volumes or not facts.uses_claims(pod):
            return
        used = new is not None and not new.status.over
        for name in facts.claims_of(pod.template.spec):
            key = (pod.namespace, name)
            users = self.users.setdefault(key, {})
            if used and pod.key not in users:
                users[pod.key] = None
            elif not used and pod.key in users:
                del users[pod.key]
                self.queue.add(key)
                self._changed()

    # --- one claim ----------------------------------------------------------------------------

    def _sync(self, key: Key) -> None:
        if not key[0]:
            self._register(key[1])
            return
        claim = self.store.find(CLAIM, *key)
        if not isinstance(claim, Custom):
            return
        if claim.meta.deleting_since is not None:
            if not self.users.get(key):
                self.server.release(claim, facts.CLAIM_GUARD)
            return
        if phase_of(claim) == "Bound":
            self._check(claim)
        else:
            self._bind(claim)

    def _register(self, name: str) -> None:
        """A volume that somebody made is there to be had."""
        volume = self.store.find(VOLUME, "", name)
        if isinstance(volume, Custom) and not phase_of(volume):
            self._status(volume, {"phase": "Available"})
            self._try_all()

    def _check(self, claim: Custom) -> None:
        """A bound claim: its volume may be gone, or may have to grow."""
        volume = self.store.find(VOLUME, "", str(spec_of(claim).get("volumeName", "")))
        if not isinstance(volume, Custom):
            text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            self._event(claim, "Warning", "ClaimLost", text)
            self._status(claim, {"phase": "Lost"})
            return
        if facts.asked_bytes(claim) > facts.capacity_bytes(volume):
            self._grow(claim, volume)

    def _grow(self, claim: Custom, volume: Custom) -> None:
        asked = spec_of(claim)["resources"]["requests"]["storage"]
        spec = {**spec_of(volume), "capacity": {"storage": asked}}
        self.server.update(replace(volume, data={**volume.data, "spec": spec}))
        self._status(claim, {**claim.status, "capacity": {"storage": asked}})
        text = "Resize volume succeeded"
        self._event(claim, "Normal", "VolumeResizeSuccessful", text, "volume_expand")

    def _bind(self, claim: Custom) -> None:
        if not phase_of(claim):
            claim = self._status(claim, {"phase": "Pending"})
        volume = self._named(claim) if spec_of(claim).get("volumeName") else None
        if volume is None and not spec_of(claim).get("volumeName"):
            if self.waits(claim):
                text = "waiting for first consumer to be created before binding"
                self._event(claim, "Normal", "WaitForFirstConsumer", text)
                return
            volume = self.best(claim)
        if volume is not None:
            self._join(claim, volume)
        elif not spec_of(claim).get("volumeName"):
            self._provision(claim)

    def waits(self, claim: Custom) -> bool:
        """Whether its volume is chosen when its first pod has a node."""
        one = self.class_object(claim)
        late = one is not None and one.data.get("volumeBindingMode") == "WaitForFirstConsumer"
        return late and facts.SELECTED_NODE not in claim.meta.annotations

    def class_object(self, claim: Custom) -> Custom | None:
        """The class of a claim, if there is one of that name."""
        found = self.store.find(CLASS, "", facts.class_of(claim) or "")
        return found if isinstance(found, Custom) else None

    def _named(self, claim: Custom) -> Custom | None:
        """The volume that a claim asks for by name, if it may have it."""
        found = self.store.find(VOLUME, "", str(spec_of(claim)["volumeName"]))
        if not isinstance(found, Custom):
            return None
        kept = facts.claim_ref(found)
        if kept is not None and not facts.is_for(found, claim):
            text = f'volume "{found.name}" already bound to a different claim.'
            self._event(claim, "Warning", "FailedBinding", text)
            return None
        if facts.asked_bytes(claim) > facts.capacity_bytes(found):
            text = f'Cannot bind to requested volume "{found.name}": requested PV is too small'
            self._event(claim, "Warning", "VolumeMismatch", text)
            return None
        return found

    def best(self, claim: Custom, node: Node | None = None) -> Custom | None:
        """The smallest free volume that will do; one that is kept for the claim before all."""
        found = [
            one
            for one in self.store.table(VOLUME)
            if isinstance(one, Custom) and facts.suits(one, claim)
        ]
        found.sort(
            key=lambda one: (facts.claim_ref(one) is None, facts.capacity_bytes(one), one.name)
        )
        return found[0] if found else None

    def _join(self, claim: Custom, volume: Custom) -> None:
        ref = {"apiVersion": "v1", "kind": CLAIM, "namespace": claim.namespace,
               "name": claim.name, "uid": claim.meta.uid}  # fmt: skip
        spec = {**spec_of(volume), "claimRef": ref}
        volume = self.server.update(replace(volume, data={**volume.data, "spec": spec}))
        self._status(volume, {"phase": "Bound"})
        asked = {**spec_of(claim), "volumeName": volume.name}
        claim = self.server.update(replace(claim, data={**claim.data, "spec": asked}))
        self._status(claim, {
            "phase": "Bound", "accessModes": list(facts.modes_of(volume)),
            "capacity": dict(spec_of(volume).get("capacity") or {}),
        })  # fmt: skip

    # --- making volumes -----------------------------------------------------------------------

    def _provision(self, claim: Custom) -> None:
        name = facts.class_of(claim) or ""
        if not name:
            text = "no persistent volumes available for this claim and no storage class is set"
            self._event(claim, "Normal", "FailedBinding", text)
            return
        made_by = self.class_object(claim)
        if made_by is None:
            text = f'storageclass.storage.k8s.io "{name}" not found'
            self._event(claim, "Warning", "ProvisioningFailed", text)
            return
        provisioner = str(made_by.data.get("provisioner", ""))
        if provisioner == facts.NO_PROVISIONER or claim.meta.uid in self._making:
            return
        self._making[claim.meta.uid] = None
        text = (
            f"Waiting for a volume to be created either by the external provisioner "
            f"'{provisioner}' or manually by the system administrator. If volume creation is "
            "delayed, please verify that the provisioner is running and correctly registered."
        )
        self._event(claim, "Normal", "ExternalProvisioning", text)
        self.sim.at(self.sim.now + self._provision_s, self._made, claim.key, claim.meta.uid)

    def _made(self, key: Key, uid: str) -> None:
        """The disk is there, if its claim still is."""
        self._making.pop(uid, None)
        claim = self.store.find(CLAIM, *key)
        made_by = self.class_object(claim) if isinstance(claim, Custom) else None
        if not isinstance(claim, Custom) or made_by is None or claim.meta.uid != uid:
            return
        volume = self.server.create(self._disk(claim, made_by))
        text = f"Successfully provisioned volume {volume.name}"
        source = str(made_by.data.get("provisioner", ""))
        self._event(claim, "Normal", "ProvisioningSucceeded", text, source)
        self._join(claim, volume)

    def _disk(self, claim: Custom, made_by: Custom) -> Custom:
        spec: dict[str, Any] = {
            "accessModes": list(facts.modes_of(claim)),
            "capacity": {"storage": spec_of(claim)["resources"]["requests"]["storage"]},
            "csi": {"driver": made_by.data.get("provisioner"), "volumeHandle": claim.meta.uid},
            "persistentVolumeReclaimPolicy": made_by.data.get("reclaimPolicy", "Delete"),
            "storageClassName": made_by.name,
            "volumeMode": spec_of(claim).get("volumeMode", "Filesystem"),
        }
        zone = self._zone(claim)
        if zone:
            term = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}
            spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
        meta = Meta(f"pvc-{claim.meta.uid}")
        return Custom(kind=VOLUME, api_version="v1", meta=meta, data={"spec": spec},
                      status={"phase": "Pending"})  # fmt: skip

    def _zone(self, claim: Custom) -> str:
        """Where the chosen node is; else the first zone that there is."""
        name = claim.meta.annotations.get(facts.SELECTED_NODE, "")
        node = self.store.get(Node, "", name) if name else None
        if node is not None:
            return node.meta.labels.get(ZONE, "")
        zones = [one.meta.labels.get(ZONE, "") for one in self.store.all(Node)]
        return min(filter(None, zones), default="")

    # --- letting go ---------------------------------------------------------------------------

    def _let_go(self, claim: Custom) -> None:
        """A claim is gone: its volume goes too, or waits for somebody to look at it."""
        volume = self.store.find(VOLUME, "", str(spec_of(claim).get("volumeName", "")))
        if not isinstance(volume, Custom) or not facts.is_for(volume, claim):
            return
        if spec_of(volume).get("persistentVolumeReclaimPolicy") == "Delete":
            self.server.delete(volume)
            self.server.release(volume, facts.VOLUME_GUARD)
        else:
            self._status(volume, {"phase": "Released"})

    # --- words --------------------------------------------------------------------------------

    def _status(self, one: Custom, status: dict[str, Any]) -> Custom:
        if one.status == status:
            return one
        return self.server.update_status(one, status)

    def _event(self, one: Custom, type_: str, reason: str, text: str, source: str = SOURCE) -> None:
        self.server.recorder.event(one, type_, reason, text, source)
