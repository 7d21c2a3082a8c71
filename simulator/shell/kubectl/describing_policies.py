"""Quotas, limits, budgets, namespaces, accounts and storage, as describe tells them."""

from __future__ import annotations

from typing import Any

from simulator.shell.kubectl.tabs import NONE, head, notes, pairs, selector, several


def quota(said: Any, one: Any, cluster: Any) -> list[str]:
    """A ResourceQuota: used, of what there is at most."""
    status = said.get("status", {})
    hard = status.get("hard") or said.get("spec", {}).get("hard") or {}
    used = status.get("used") or {}
    lines = head(said, labels=False)
    if said.get("spec", {}).get("scopes"):
        lines.append(f"Scopes:\t{', '.join(said['spec']['scopes'])}")
    return [*lines, "Resource\tUsed\tHard", "--------\t----\t----",
            *(f"{key}\t{used.get(key, '0')}\t{hard[key]}" for key in sorted(hard))]  # fmt: skip


def limits(said: Any, one: Any, cluster: Any) -> list[str]:
    """A LimitRange, resource by resource."""
    lines = [*head(said, labels=False),
             "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio",
             "----\t--------\t---\t---\t---------------\t-------------\t-----------------------",
             ]  # fmt: skip
    keys = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in said.get("spec", {}).get("limits") or ():
        names = sorted({name for key in keys for name in item.get(key) or {}})
        for name in names:
            cells = (str((item.get(key) or {}).get(name, "-")) for key in keys)
            lines.append("\t".join((str(item.get("type")), name, *cells)))
    return lines


def budget(said: Any, one: Any, cluster: Any) -> list[str]:
    """A PodDisruptionBudget."""
    spec, status = said.get("spec", {}), one.status
    lines = head(said, labels=False)
    for key, word in (("minAvailable", "Min available"), ("maxUnavailable", "Max unavailable")):
        if key in spec:
            lines.append(f"{word}:\t{spec[key]}")
    return [*lines, f"Selector:\t{selector(spec.get('selector'))}", "Status:",
            f"    Allowed disruptions:\t{status.disruptions_allowed}",
            f"    Current:\t{status.current_healthy}", f"    Desired:\t{status.desired_healthy}",
            f"    Total:\t{status.expected_pods}"]  # fmt: skip


def namespace(said: Any, one: Any, cluster: Any) -> list[str]:
    """A Namespace with its quotas and limits."""
    lines = [*head(said), f"Status:\t{one.status.phase}", ""]
    quotas = cluster.store.table("ResourceQuota").namespaces.get(one.name, {})
    if not quotas:
        lines.append("No resource quota.")
    for each in quotas.values():
        from simulator.cluster.kubernetes.data import as_data

        lines += ["Resource Quotas", *(f"  {line}" for line in quota(as_data(each), each, cluster)
                                       if not line.startswith("Namespace:"))]  # fmt: skip
    ranges = cluster.store.table("LimitRange").namespaces.get(one.name, {})
    if not ranges:
        return [*lines, "", "No LimitRange resource."]
    from simulator.cluster.kubernetes.data import as_data

    lines += ["", "Resource Limits"]
    for each in ranges.values():
        lines += [f" {line}" for line in limits(as_data(each), each, cluster)[2:]]
    return lines


def account(said: Any, one: Any, cluster: Any) -> list[str]:
    """A ServiceAccount."""
    names = [str(each.get("name")) for each in said.get("imagePullSecrets") or ()]
    return [*head(said), *several("Image pull secrets:", names), f"Mountable secrets:\t{NONE}",
            f"Tokens:\t{NONE}"]  # fmt: skip


def priority(said: Any, one: Any, cluster: Any) -> list[str]:
    """A PriorityClass."""
    return [*head(said, labels=False), f"Value:\t{said.get('value', 0)}",
            f"GlobalDefault:\t{str(bool(said.get('globalDefault'))).lower()}",
            f"PreemptionPolicy:\t{said.get('preemptionPolicy', 'PreemptLowerPriority')}",
            f"Description:\t{said.get('description', '')}", *notes(said["metadata"])]  # fmt: skip


def claim(said: Any, one: Any, cluster: Any) -> list[str]:
    """A PersistentVolumeClaim, and the pods that use it."""
    from simulator.cluster.kubernetes.objects.pod import Pod

    spec, status = said.get("spec", {}), said.get("status", {})
    pods = sorted(
        pod.name for pod in cluster.store.within(Pod, one.namespace).values()
        if any((each.get("persistentVolumeClaim") or {}).get("claimName") == one.name
               for each in pod.template.data.get("volumes") or ())
    )  # fmt: skip
    return [
        *head(said, labels=False), f"StorageClass:\t{spec.get('storageClassName', '')}",
        f"Status:\t{status.get('phase', 'Pending')}", f"Volume:\t{spec.get('volumeName', '')}",
        *pairs("Labels", one.meta.labels), *notes(said["metadata"]),
        f"Finalizers:\t[{' '.join(one.meta.finalizers)}]",
        f"Capacity:\t{(status.get('capacity') or {}).get('storage', '')}",
        f"Access Modes:\t{_modes(status.get('accessModes'))}",
        f"VolumeMode:\t{spec.get('volumeMode', 'Filesystem')}", *several("Used By:", pods),
    ]  # fmt: skip


_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX",
          "ReadWriteOncePod": "RWOP"}  # fmt: skip


def _modes(listed: Any) -> str:
    return ",".join(_MODES.get(one, str(one)) for one in listed or ())


def volume(said: Any, one: Any, cluster: Any) -> list[str]:
    """A PersistentVolume."""
    spec, status = said.get("spec", {}), said.get("status", {})
    bound = spec.get("claimRef")
    return [
        *head(said), f"Finalizers:\t[{' '.join(one.meta.finalizers)}]",
        f"StorageClass:\t{spec.get('storageClassName', '')}",
        f"Status:\t{status.get('phase', 'Available')}",
        f"Claim:\t{bound.get('namespace')}/{bound.get('name')}" if bound else "Claim:\t",
        f"Reclaim Policy:\t{spec.get('persistentVolumeReclaimPolicy', 'Retain')}",
        f"Access Modes:\t{_modes(spec.get('accessModes'))}",
        f"VolumeMode:\t{spec.get('volumeMode', 'Filesystem')}",
        f"Capacity:\t{(spec.get('capacity') or {}).get('storage', '')}",
    ]  # fmt: skip
