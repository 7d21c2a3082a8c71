"""``kubectl describe``: all that is known of an object, with its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    SELECTOR,
    cluster_of,
    named,
    namespace_of,
    one_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

_OBJECTS = Argument("TYPE", text("type or type/name"), "what, and names", repeat=True)
WIDTH = 14


@verb(
    "kubectl describe", "Tell all that is known of objects", aliases=("k describe",),
    arguments=(_OBJECTS,),
    flags=(*COMMON, EVERYWHERE, SELECTOR, Flag(("--show-events",), "true or false",
                                               text("true or false"))),
    examples=("kubectl describe pod web-0", "kubectl describe deploy/web"),
)  # fmt: skip
def describe(session: Session, call: Call) -> Iterable[str]:
    """Each object as lines, two empty ones between."""
    from simulator.shell.kubectl.selecting import chosen

    cluster = cluster_of(session, call)
    found: list[Object] = []
    for kind, name in named(cluster, call["TYPE"]):
        if name:
            found += _by_prefix(session, call, cluster, kind, name)
        else:
            found += chosen(session, call, cluster, kind)
    lines: list[str] = []
    for one in found:
        lines += (["", ""] if lines else []) + list(_described(cluster, one))
        if call["show_events"] != "false":
            lines += _events(cluster, one)
    if not found:
        return [f"No resources found in {namespace_of(session, call)} namespace."]
    return lines


def _by_prefix(
    session: Session, call: Call, cluster: Cluster, kind: Any, name: str
) -> list[Object]:
    """The object of a name, or those whose names begin so, as kubectl describes them."""
    namespace = namespace_of(session, call) if kind.namespaced else ""
    if cluster.find(kind.kind, namespace, name) is None:
        table = cluster.table(kind.kind).namespaces.get(namespace, {})
        near = [one for key, one in sorted(table.items()) if key.startswith(name)]
        if near:
            return near
    return [one_of(cluster, kind, namespace_of(session, call), name)]


def _described(cluster: Cluster, one: Object) -> Iterator[str]:
    yield _line("Name", one.name)
    if one.namespace:
        yield _line("Namespace", one.namespace)
    yield from {
        "Pod": _pod, "Node": _node, "Deployment": _deployment, "Service": _service,
        "HorizontalPodAutoscaler": _autoscaler,
    }.get(one.kind, _other)(cluster, one)  # fmt: skip


def _line(name: str, value: Any, width: int = WIDTH) -> str:
    return f"{name + ':':<{width}} {value}"


def _pairs(name: str, pairs: Any) -> Iterator[str]:
    listed = [f"{key}={value}" for key, value in sorted(pairs.items())]
    yield _line(name, listed[0] if listed else "<none>")
    for one in listed[1:]:
        yield " " * (WIDTH + 1) + one


def _notes(one: Object) -> Any:
    hidden = "kubectl.kubernetes.io/last-applied-configuration"
    return {key: value for key, value in one.meta.annotations.items() if key != hidden}


def _when(seconds: float | None) -> str:
    from simulator.cluster.kubernetes.api.times import stamp

    return "<unset>" if seconds is None else stamp(seconds)


# --- pods -----------------------------------------------------------------------------------------


def _pod(cluster: Cluster, one: Any) -> Iterator[str]:
    from simulator.cluster.kubernetes.data import pod_conditions

    status = one.status
    yield _line("Priority", one.priority)
    yield _line("Node", one.node or "<none>")
    yield _line("Start Time", _when(status.started_at))
    yield from _pairs("Labels", one.meta.labels)
    yield from _pairs("Annotations", _notes(one))
    phase = status.phase
    if one.deleting:
        phase = f"Terminating (grace period {one.meta.grace_s:g}s)"
    yield _line("Status", phase)
    for name, value in (("Reason", status.reason), ("Message", status.message)):
        if value:
            yield _line(name, value)
    yield _line("IP", status.ip)
    owner = one.meta.controller
    if owner is not None:
        yield _line("Controlled By", f"{owner.kind}/{owner.name}")
    for title, specs, states in (
        ("Init Containers", one.spec.init_containers, status.init_containers),
        ("Containers", one.spec.containers, status.containers),
    ):
        if specs:
            yield f"{title}:"
        known = {each.name: each for each in states}
        for spec in specs:
            yield from _container(spec, known.get(spec.name))
    yield "Conditions:"
    yield f"  {'Type':<28}Status"
    for each in pod_conditions(one):
        yield f"  {each.type:<28}{each.status}"
    yield _line("QoS Class", one.template.qos)
    yield from _pairs("Node-Selectors", one.spec.node_selector)
    words = [_toleration(each) for each in one.spec.tolerations]
    yield _line("Tolerations", words[0] if words else "<none>")
    for word in words[1:]:
        yield " " * (WIDTH + 1) + word


def _toleration(one: Any) -> str:
    text_ = one.key or "<all>"
    if one.value:
        text_ += f"={one.value}"
    if one.effect:
        text_ += f":{one.effect}"
    if one.operator == "Exists":
        text_ += " op=Exists"
    return text_ + (f" for {one.toleration_seconds}s" if one.toleration_seconds else "")


def _container(spec: Any, state: Any) -> Iterator[str]:
    yield f"  {spec.name}:"
    yield f"    {'Image:':<15}{spec.image}"
    ports = ", ".join(f"{each.container_port}/{each.protocol}" for each in spec.ports)
    yield f"    {'Port:':<15}{ports or '<none>'}"
    if state is not None:
        yield from _state("State", state)
        if state.last is not None:
            yield from _ended("Last State", state.last)
        yield f"    {'Ready:':<15}{state.ready}"
        yield f"    {'Restart Count:':<15}{state.restarts}"
    for name, amounts in (("Limits", spec.resources.limits), ("Requests", spec.resources.requests)):
        if amounts:
            yield f"    {name}:"
            for key, value in sorted(amounts.items()):
                yield f"      {key + ':':<11}{value}"
    for name, probe in (
        ("Liveness", spec.liveness_probe), ("Readiness", spec.readiness_probe),
        ("Startup", spec.startup_probe),
    ):  # fmt: skip
        if probe is not None:
            yield f"    {name + ':':<15}{_probe(probe)}"
    words = [f"{each.name}: {each.value}" for each in spec.env if not each.value_from]
    yield f"    {'Environment:':<15}{'' if words else '<none>'}".rstrip()
    for word in words:
        yield f"      {word}"


def _state(name: str, one: Any) -> Iterator[str]:
    if one.running_since is not None:
        yield f"    {name + ':':<15}Running"
        yield f"      {'Started:':<13}{_when(one.running_since)}"
    elif one.ended is not None:
        yield from _ended(name, one.ended)
    else:
        yield f"    {name + ':':<15}Waiting"
        yield f"      {'Reason:':<13}{one.waiting}"


def _ended(name: str, one: Any) -> Iterator[str]:
    yield f"    {name + ':':<15}Terminated"
    yield f"      {'Reason:':<13}{one.reason}"
    yield f"      {'Exit Code:':<13}{one.exit_code}"
    yield f"      {'Started:':<13}{_when(one.started_at)}"
    yield f"      {'Finished:':<13}{_when(one.finished_at)}"


def _probe(one: Any) -> str:
    if one.http_get is not None:
        what = f"http-get {one.http_get.scheme.lower()}://:{one.http_get.port}{one.http_get.path}"
    elif one.tcp_socket is not None:
        what = f"tcp-socket :{one.tcp_socket.port}"
    elif one.grpc is not None:
        what = f"grpc <pod>:{one.grpc.port}"
    else:
        what = f"exec [{' '.join(one.exec.command)}]" if one.exec is not None else "unknown"
    return (
        f"{what} delay={one.initial_delay_seconds}s timeout={one.timeout_seconds}s "
        f"period={one.period_seconds}s #success={one.success_threshold} "
        f"#failure={one.failure_threshold}"
    )


# --- other kinds ----------------------------------------------------------------------------------


def _node(cluster: Cluster, one: Any) -> Iterator[str]:
    from simulator.cluster.kubernetes.data import resources_data
    from simulator.cluster.kubernetes.objects.pod import Pod

    yield from _pairs("Labels", one.meta.labels)
    taints = [f"{each.key}={each.value}:{each.effect}".replace("=:", ":") for each in
              one.spec.taints]  # fmt: skip
    yield _line("Taints", taints[0] if taints else "<none>")
    for word in taints[1:]:
        yield " " * (WIDTH + 1) + word
    yield _line("Unschedulable", str(one.spec.unschedulable).lower())
    yield "Conditions:"
    yield f"  {'Type':<17}{'Status':<8}{'Reason':<30}Message"
    for each in one.status.conditions:
        yield f"  {each.type:<17}{each.status:<8}{each.reason:<30}{each.message}"
    for name, amounts in (("Capacity", one.status.capacity),
                          ("Allocatable", one.status.allocatable)):  # fmt: skip
        yield f"{name}:"
        for key, value in resources_data(amounts).items():
            yield f"  {key + ':':<20}{value}"
    pods = [each for each in cluster.store.all(Pod) if each.node == one.name
            and not each.status.over]  # fmt: skip
    yield f"{'Non-terminated Pods:':<29}({len(pods)} in total)"
    yield f"  {'Namespace':<20}{'Name':<40}{'CPU Requests':<14}Memory Requests"
    for pod in pods:
        asked = pod.requests
        memory = f"{asked.memory_bytes >> 20}Mi"
        yield f"  {pod.namespace:<20}{pod.name:<40}{asked.cpu_millis}m{'':<9}{memory}"
    cpu = sum(pod.requests.cpu_millis for pod in pods)
    memory_bytes = sum(pod.requests.memory_bytes for pod in pods)
    there = one.status.allocatable
    yield "Allocated resources:"
    yield f"  {'Resource':<19}Requests"
    yield f"  {'cpu':<19}{cpu}m ({cpu * 100 // max(1, there.cpu_millis)}%)"
    share = memory_bytes * 100 // max(1, there.memory_bytes)
    yield f"  {'memory':<19}{memory_bytes >> 20}Mi ({share}%)"


def _deployment(cluster: Cluster, one: Any) -> Iterator[str]:
    from simulator.cluster.kubernetes.objects.workloads import ReplicaSet
    from simulator.shell.kubectl.printers import selector_text

    status, spec = one.status, one.spec
    yield _line("CreationTimestamp", _when(one.meta.created), 23)
    yield from _pairs("Labels", one.meta.labels)
    yield from _pairs("Annotations", _notes(one))
    yield _line("Selector", selector_text(spec.selector), 23)
    yield _line("Replicas", (
        f"{spec.replicas} desired | {status.updated_replicas} updated | {status.replicas} total | "
        f"{status.available_replicas} available | {status.unavailable_replicas} unavailable"
    ), 23)  # fmt: skip
    yield _line("StrategyType", spec.strategy.type, 23)
    yield _line("MinReadySeconds", spec.min_ready_seconds, 23)
    if spec.strategy.type == "RollingUpdate":
        rolling = spec.strategy.rolling_update
        yield _line("RollingUpdateStrategy", (
            f"{rolling.max_unavailable} max unavailable, {rolling.max_surge} max surge"
        ), 23)  # fmt: skip
    yield "Pod Template:"
    for each in one.data.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
        yield f"  {each.get('name')}: {each.get('image')}"
    yield "Conditions:"
    yield f"  {'Type':<16}{'Status':<8}Reason"
    for each in status.conditions:
        yield f"  {each.type:<16}{each.status:<8}{each.reason}"
    sets = sorted(cluster.store.owned(ReplicaSet, one.meta.uid).values(),
                  key=lambda each: each.meta.created)  # fmt: skip
    told = [f"{each.name} ({each.status.replicas}/{each.spec.replicas} replicas created)"
            for each in sets]  # fmt: skip
    yield _line("OldReplicaSets", ", ".join(told[:-1]) or "<none>", 16)
    yield _line("NewReplicaSet", told[-1] if told else "<none>", 16)


def _service(cluster: Cluster, one: Any) -> Iterator[str]:
    spec = one.spec
    yield from _pairs("Labels", one.meta.labels)
    yield _line("Selector", ",".join(f"{k}={v}" for k, v in spec.selector.items()) or "<none>", 19)
    yield _line("Type", spec.type, 19)
    yield _line("IP", spec.cluster_ip or "<none>", 19)
    behind = cluster.network.proxies.endpoints.services.get(one.key)
    endpoints = list(behind.endpoints.values()) if behind is not None else []
    for port in spec.ports:
        yield _line("Port", f"{port.name or '<unset>'}  {port.port}/{port.protocol}", 19)
        goal = port.target_port if port.target_port is not None else port.port
        yield _line("TargetPort", f"{goal}/{port.protocol}", 19)
        listed = [f"{each.ip}:{goal}" for each in endpoints if each.ready]
        more = f" + {len(listed) - 3} more..." if len(listed) > 3 else ""
        yield _line("Endpoints", ",".join(listed[:3]) + more, 19)
    yield _line("Session Affinity", spec.session_affinity, 19)


def _autoscaler(cluster: Cluster, one: Any) -> Iterator[str]:
    spec, status = one.spec, one.status
    target = spec.scale_target_ref
    yield _line("Reference", f"{target.kind}/{target.name}", 23)
    yield _line("Min replicas", spec.min_replicas, 23)
    yield _line("Max replicas", spec.max_replicas, 23)
    pods = f"{status.current_replicas} current / {status.desired_replicas} desired"
    yield _line(f"{target.kind} pods", pods, 23)
    yield "Conditions:"
    yield f"  {'Type':<16}{'Status':<8}{'Reason':<24}Message"
    for each in status.conditions:
        yield f"  {each.type:<16}{each.status:<8}{each.reason:<24}{each.message}"


def _other(cluster: Cluster, one: Any) -> Iterator[str]:
    from simulator.cluster.kubernetes.data import as_data
    from simulator.shell.kubectl.getting import yaml_lines

    yield from _pairs("Labels", one.meta.labels)
    yield from _pairs("Annotations", _notes(one))
    said = as_data(one)
    rest = {key: value for key, value in said.items() if key not in ("metadata",)}
    if one.kind == "Secret":
        rest["data"] = {key: f"{len(value)} bytes" for key, value in rest.get("data", {}).items()}
    yield from yaml_lines(rest)


def _events(cluster: Cluster, one: Object) -> list[str]:
    from simulator.shell.kubectl.events import since
    from simulator.shell.kubectl.printers import aligned

    found = cluster.recorder.of(one.kind, one.namespace, one.name, one.meta.uid)
    if not found:
        return [_line("Events", "<none>")]
    rows: list[tuple[str, ...]] = [("  Type", "Reason", "Age", "From", "Message"),
                                   ("  ----", "------", "----", "----", "-------")]  # fmt: skip
    rows += [
        (f"  {each.type}", each.reason, since(cluster, each), each.source, each.message)
        for each in found
    ]
    return ["Events:", *aligned(rows)]
