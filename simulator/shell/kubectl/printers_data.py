"""Columns of kinds that are kept as data: volumes, claims, classes, endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.api.times import age

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

Row = tuple[str, ...]
SHORT = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX",
         "ReadWriteOncePod": "RWOP"}  # fmt: skip
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def _modes(said: Any) -> str:
    return ",".join(SHORT.get(one, str(one)) for one in said or ())


def _spec(one: Any) -> Any:
    return one.data.get("spec") or {}


def _age(one: Any, cluster: Cluster) -> str:
    return age(cluster.sim.now - one.meta.created)


def _claim(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    spec, status = _spec(one), one.status
    phase = "Terminating" if one.meta.deleting_since is not None else status.get("phase", "")
    size = (status.get("capacity") or {}).get("storage", "")
    cells = (
        one.name, phase, str(spec.get("volumeName", "")), str(size),
        _modes(status.get("accessModes")), str(spec.get("storageClassName") or ""), "<unset>",
        _age(one, cluster),
    )  # fmt: skip
    return cells, (str(spec.get("volumeMode", "Filesystem")),)


def _volume(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    spec, status = _spec(one), one.status
    ref = spec.get("claimRef") or {}
    phase = "Terminating" if one.meta.deleting_since is not None else status.get("phase", "")
    cells = (
        one.name, str((spec.get("capacity") or {}).get("storage", "")),
        _modes(spec.get("accessModes")), str(spec.get("persistentVolumeReclaimPolicy", "")), phase,
        f"{ref.get('namespace', '')}/{ref.get('name', '')}" if ref else "",
        str(spec.get("storageClassName") or ""), "<unset>", str(status.get("reason", "")),
        _age(one, cluster),
    )  # fmt: skip
    return cells, (str(spec.get("volumeMode", "Filesystem")),)


def _class(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    usual = " (default)" if one.meta.annotations.get(DEFAULT) == "true" else ""
    data = one.data
    cells = (
        one.name + usual, str(data.get("provisioner", "")), str(data.get("reclaimPolicy", "")),
        str(data.get("volumeBindingMode", "")),
        str(bool(data.get("allowVolumeExpansion"))).lower(), _age(one, cluster),
    )  # fmt: skip
    return cells, ()


def _endpoints(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    found = [
        f"{each['ip']}:{port['port']}"
        for subset in one.data.get("subsets") or ()
        for each in subset.get("addresses") or ()
        for port in subset.get("ports") or ()
    ]
    more = f" + {len(found) - MOST} more..." if len(found) > MOST else ""
    return (one.name, ",".join(found[:MOST]) + more or "<none>", _age(one, cluster)), ()


def _slice(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    ports = ",".join(str(port["port"]) for port in one.data.get("ports") or ()) or "<unset>"
    found = [each for end in one.data.get("endpoints") or () for each in end["addresses"]]
    more = f" + {len(found) - MOST} more..." if len(found) > MOST else ""
    shown = ",".join(found[:MOST]) + more or "<unset>"
    return (one.name, str(one.data["addressType"]), ports, shown, _age(one, cluster)), ()


def _vertical(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    advised = (one.status.get("recommendation") or {}).get("containerRecommendations") or [{}]
    target = advised[0].get("target") or {}
    provided = [each["status"] for each in one.status.get("conditions", ())
                if each["type"] == "RecommendationProvided"]  # fmt: skip
    mode = (_spec(one).get("updatePolicy") or {}).get("updateMode", "")
    cells = (one.name, mode, target.get("cpu", ""), target.get("memory", ""),
             "".join(provided), _age(one, cluster))  # fmt: skip
    return cells, ()


MOST = 3
"""Endpoints that a column shows."""
OF_DATA: dict[str, Any] = {
    "Endpoints": (("NAME", "ENDPOINTS", "AGE"), (), _endpoints),
    "EndpointSlice": (("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"), (), _slice),
    "PersistentVolumeClaim": (
        ("NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS",
         "VOLUMEATTRIBUTESCLASS", "AGE"),
        ("VOLUMEMODE",), _claim,
    ),
    "PersistentVolume": (
        ("NAME", "CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS",
         "VOLUMEATTRIBUTESCLASS", "REASON", "AGE"),
        ("VOLUMEMODE",), _volume,
    ),
    "VerticalPodAutoscaler": (
        ("NAME", "MODE", "CPU", "MEM", "PROVIDED", "AGE"), (), _vertical,
    ),
    "StorageClass": (
        ("NAME", "PROVISIONER", "RECLAIMPOLICY", "VOLUMEBINDINGMODE", "ALLOWVOLUMEEXPANSION",
         "AGE"),
        (), _class,
    ),
}  # fmt: skip
