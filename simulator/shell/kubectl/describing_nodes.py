"""Nodes, as describe tells them: what they have, and what their pods ask for."""

from __future__ import annotations

from typing import Any

from simulator.shell.kubectl.tabs import NONE, notes, pairs, several, when


def node(said: Any, one: Any, cluster: Any) -> list[str]:
    """A node, with what its pods ask of it (``describeNode``)."""
    from simulator.cluster.kubernetes.objects.pod import Pod

    status = said.get("status", {})
    roles = sorted(key.rpartition("/")[2] for key in one.meta.labels
                   if key.startswith("node-role.kubernetes.io/"))  # fmt: skip
    taints = [f"{each.key}={each.value}:{each.effect}".replace("=:", ":") for each in
              one.spec.taints]  # fmt: skip
    lines = [f"Name:\t{one.name}", f"Roles:\t{','.join(roles) or NONE}",
             *pairs("Labels", one.meta.labels), *notes(said["metadata"]),
             f"CreationTimestamp:\t{when(said['metadata'].get('creationTimestamp'))}",
             *several("Taints:", taints),
             f"Unschedulable:\t{str(bool(one.spec.unschedulable)).lower()}",
             *_node_conditions(status), "Addresses:"]  # fmt: skip
    lines += [f"  {each['type']}:\t{each['address']}" for each in status.get("addresses", ())]
    for name in ("capacity", "allocatable"):
        lines.append(f"{name.title()}:")
        lines += [f"  {key}:\t{value}" for key, value in sorted(status.get(name, {}).items())]
    info = {"Kernel Version": "kernelVersion", "OS Image": "osImage",
            "Operating System": "operatingSystem", "Architecture": "architecture",
            "Container Runtime Version": "containerRuntimeVersion",
            "Kubelet Version": "kubeletVersion"}  # fmt: skip
    known = status.get("nodeInfo", {})
    lines += ["System Info:", *(f"  {word}:\t{known.get(key, '')}" for word, key in info.items())]
    pods = sorted(
        (each for each in cluster.store.all(Pod) if each.node == one.name and
         not each.status.over), key=lambda each: each.key,
    )  # fmt: skip
    return [*lines, *_pods_of(pods, one, cluster), *_allocated(pods, one)]


def _node_conditions(status: Any) -> list[str]:
    rows = [
        "\t".join((f"  {one['type']}", one["status"], when(one.get("lastTransitionTime")),
                   one.get("reason", ""), one.get("message", "")))
        for one in status.get("conditions", ())
    ]  # fmt: skip
    return ["Conditions:", "  Type\tStatus\tLastTransitionTime\tReason\tMessage",
            "  ----\t------\t------------------\t------\t-------", *rows]  # fmt: skip


def _pods_of(pods: list[Any], node_: Any, cluster: Any) -> list[str]:
    from simulator.cluster.kubernetes.api.times import age

    there = node_.status.allocatable
    lines = [f"Non-terminated Pods:\t({len(pods)} in total)",
             "  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
             "  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
             ]  # fmt: skip
    for pod in pods:
        cpu, memory = _limits(pod)
        asked = pod.requests
        lines.append("\t".join((
            f"  {pod.namespace}", pod.name, "", _cpu(asked.cpu_millis, there),
            _cpu(cpu, there), _memory(asked.memory_bytes, there), _memory(memory, there),
            age(cluster.sim.now - pod.meta.created),
        )))  # fmt: skip
    return lines


def _limits(pod: Any) -> tuple[int, int]:
    """Millis and bytes that the containers of a pod may use at most; those without do not count."""
    from simulator.cluster.kubernetes.objects.resources import resources_of

    found = [resources_of(one.resources.limits) for one in pod.spec.containers]
    return sum(one.cpu_millis for one in found), sum(one.memory_bytes for one in found)


def _cpu(millis: int, there: Any) -> str:
    shown = f"{millis}m" if millis % 1000 else str(millis // 1000)
    return f"{shown} ({millis * 100 // max(1, there.cpu_millis)}%)"


def _memory(size: int, there: Any) -> str:
    shown = str(size)
    for unit, factor in (("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)):
        if size and size % factor == 0:
            shown = f"{size // factor}{unit}"
            break
    return f"{shown} ({size * 100 // max(1, there.memory_bytes)}%)"


def _allocated(pods: list[Any], node_: Any) -> list[str]:
    there, limits = node_.status.allocatable, [_limits(pod) for pod in pods]
    cpu, memory = (sum(one[at] for one in limits) for at in (0, 1))
    asked = (
        sum(pod.requests.cpu_millis for pod in pods),
        sum(pod.requests.memory_bytes for pod in pods),
    )
    return [
        "Allocated resources:",
        "  (Total limits may be over 100 percent, i.e., overcommitted.)",
        "  Resource\tRequests\tLimits", "  --------\t--------\t------",
        f"  cpu\t{_cpu(asked[0], there)}\t{_cpu(cpu, there)}",
        f"  memory\t{_memory(asked[1], there)}\t{_memory(memory, there)}",
    ]  # fmt: skip
