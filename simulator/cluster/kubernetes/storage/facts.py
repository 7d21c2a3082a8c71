"""What claims, volumes and classes say. They are kept as data; here it is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from simulator.cluster.kubernetes.objects.meta import Custom, Key
from simulator.cluster.kubernetes.objects.pod import Pod, PodSpec
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.store import Store

CLAIM, VOLUME, CLASS = "PersistentVolumeClaim", "PersistentVolume", "StorageClass"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
CLAIM_GUARD = "kubernetes.io/pvc-protection"
VOLUME_GUARD = "kubernetes.io/pv-protection"


def spec_of(one: Custom) -> dict[str, Any]:
    """What is wanted of a claim or a volume."""
    found: dict[str, Any] = one.data.get("spec") or {}
    return found


def phase_of(one: Custom) -> str:
    """Available, Bound, Pending, Released, Lost."""
    return str(one.status.get("phase", ""))


def class_of(one: Custom) -> str | None:
    """The name of its class; nothing: none is wanted; None: nobody said."""
    found = spec_of(one).get("storageClassName")
    return None if found is None else str(found)


def asked_bytes(claim: Custom) -> int:
    """How large a claim wants its volume to be."""
    return _bytes(((spec_of(claim).get("resources") or {}).get("requests") or {}).get("storage"))


def capacity_bytes(volume: Custom) -> int:
    """How large a volume is."""
    return _bytes((spec_of(volume).get("capacity") or {}).get("storage"))


def _bytes(said: Any) -> int:
    return resources_of({"memory": said or 0}).memory_bytes


def modes_of(one: Custom) -> tuple[str, ...]:
    """ReadWriteOnce, ReadOnlyMany ..."""
    return tuple(spec_of(one).get("accessModes") or ())


def claim_ref(volume: Custom) -> Key | None:
    """The claim that a volume is kept for."""
    ref = spec_of(volume).get("claimRef")
    return (ref.get("namespace", ""), ref.get("name", "")) if ref else None


def is_for(volume: Custom, claim: Custom) -> bool:
    """Whether a volume is bound to, or kept for, this claim and no other of its name."""
    if claim_ref(volume) != claim.key:
        return False
    return spec_of(volume)["claimRef"].get("uid") in (None, "", claim.meta.uid)


def suits(volume: Custom, claim: Custom) -> bool:
    """Whether a free volume may be a claim's (``FindMatchingVolume``)."""
    wanted = spec_of(claim)
    if volume.meta.deleting_since is not None or asked_bytes(claim) > capacity_bytes(volume):
        return False
    if (class_of(volume) or "") != (class_of(claim) or ""):
        return False
    if wanted.get("volumeMode") != spec_of(volume).get("volumeMode"):
        return False
    if not set(modes_of(claim)) <= set(modes_of(volume)):
        return False
    selector = wanted.get("selector")
    if selector and not msgspec.convert(selector, LabelSelector).matches(volume.meta.labels):
        return False
    kept = claim_ref(volume)
    return is_for(volume, claim) if kept is not None else phase_of(volume) == "Available"


def claims_of(spec: PodSpec) -> Iterator[str]:
    """Names of the claims that a pod uses."""
    for volume in spec.volumes:
        if volume.persistent_volume_claim is not None:
            yield str(volume.persistent_volume_claim.get("claimName", ""))


def uses_claims(pod: Pod) -> bool:
    """Whether a pod has anything to do with claims: almost none has."""
    volumes = pod.template.spec.volumes
    return bool(volumes) and any(one.persistent_volume_claim is not None for one in volumes)


def default_class(store: Store) -> str:
    """The class of claims that name none; of several the youngest. Nothing: there is none."""
    found = [one for one in store.table(CLASS) if one.meta.annotations.get(DEFAULT_CLASS) == "true"]
    found.sort(key=lambda one: (-one.meta.created, one.meta.name))
    return found[0].meta.name if found else ""
