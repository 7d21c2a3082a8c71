"""``kubectl logs``, ``exec``, ``top``, ``config``, ``explain``, ``version``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    NAMESPACE,
    SELECTOR,
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
    one_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

_CONTAINER = Flag(("-c", "--container"), "which container", text("name"))


def pod_of(session: Session, call: Call, cluster: Cluster, word: str) -> Any:
    """A pod by name, or one of a workload's (``deploy/web``)."""
    from simulator.cluster.kubernetes.objects.pod import Pod

    namespace = namespace_of(session, call)
    kind, slash, name = word.partition("/")
    if not slash or kind_of(cluster, kind).kind == "Pod":
        return one_of(cluster, kind_of(cluster, "pods"), namespace, name if slash else word)
    owner = one_of(cluster, kind_of(cluster, kind), namespace, name)
    selector: Any = getattr(getattr(owner, "spec", None), "selector", None)
    for pod in cluster.store.within(Pod, namespace).values():
        if hasattr(selector, "matches") and selector.matches(pod.meta.labels):
            return pod
    raise KubectlError(f"error: timed out waiting for the condition: no pods of {word}")


def container_of(pod: Any, name: str | None) -> str:
    """The name of the container meant: the first where none is said."""
    names = [str(one.name) for one in pod.spec.containers]
    every = [*names, *(one.name for one in pod.spec.init_containers)]
    if name is None:
        return names[0]
    if name not in every:
        raise KubectlError(
            f"Error from server (BadRequest): container {name} is not valid for pod {pod.name}"
        )
    return name


@verb(
    "kubectl logs", "Show what a container printed", aliases=("k logs",),
    arguments=(Argument("POD", text("pod or type/name"), "whose", optional=True),),
    flags=(
        *COMMON, _CONTAINER, SELECTOR,
        Flag(("-p", "--previous"), "of the run before this one"),
        Flag(("--tail",), "only the last lines", integer("lines", -1, 1_000_000)),
        Flag(("--timestamps",), "with times"),
        Flag(("--all-containers",), "of all containers"),
    ),
    examples=("kubectl logs web-0", "kubectl logs web-0 --previous"),
    known="-f --follow --since --since-time --limit-bytes --prefix --max-log-requests",
)  # fmt: skip
def logs(session: Session, call: Call) -> Iterable[str]:
    """Lines of the container's log."""
    cluster = cluster_of(session, call)
    if not call["POD"]:
        raise KubectlError("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.")
    pod = pod_of(session, call, cluster, call["POD"])
    names = [container_of(pod, call["container"])]
    if call["all_containers"]:
        names = [one.name for one in pod.spec.containers]
    lines: list[str] = []
    for name in names:
        lines += _log(cluster, call, pod, name)
    return lines


def _log(cluster: Cluster, call: Call, pod: Any, name: str) -> list[str]:
    from simulator.cluster.kubernetes.api.times import stamp

    states = {one.name: one for one in (*pod.status.containers, *pod.status.init_containers)}
    state = states.get(name)
    waiting = state is None or (
        state.running_since is None and state.ended is None and state.last is None
    )
    if waiting:
        why = state.waiting if state is not None else "ContainerCreating"
        raise KubectlError(
            f'Error from server (BadRequest): container "{name}" in pod "{pod.name}" is waiting to '
            f"start: {why}"
        )
    found = cluster.kubelets.logs(pod, name, previous=bool(call["previous"]))
    if found is None:
        raise KubectlError(
            "Error from server (BadRequest): previous terminated container "
            f'"{name}" in pod "{pod.name}" not found'
        )
    tail = call["tail"]
    if tail is not None and tail >= 0:
        found = found[len(found) - tail :] if tail else []
    return [f"{stamp(time)} {line}" if call["timestamps"] else line for time, line in found]


# --- top ------------------------------------------------------------------------------------------


@verb("kubectl top pod", "Show what pods use", aliases=("kubectl top pods", "kubectl top po",
      "k top pod", "k top pods"),
      arguments=(Argument("POD", text("pod"), "which", optional=True),),
      flags=(*COMMON, EVERYWHERE, SELECTOR, Flag(("--containers",), "each container by itself"),
             Flag(("--sort-by",), "cpu or memory", text("what"))),
      examples=("kubectl top pod --sort-by=cpu",))  # fmt: skip
def top_pod(session: Session, call: Call) -> Iterable[str]:
    """As the metrics pipeline saw them last."""
    from simulator.cluster.kubernetes.objects.pod import Pod
    from simulator.shell.kubectl.printers import aligned
    from simulator.shell.kubectl.selecting import chosen

    cluster = cluster_of(session, call)
    pods = chosen(session, call, cluster, kind_of(cluster, "pods"))
    if call["POD"]:
        pods = [one_of(cluster, kind_of(cluster, "pods"), namespace_of(session, call), call["POD"])]
    seen = [(one, cluster.metrics.of(one)) for one in pods if isinstance(one, Pod)]
    found = [(one, sample) for one, sample in seen if sample]
    if not found:
        raise KubectlError(
            "error: Metrics not available for pod yet"
            if pods
            else f"No resources found in {namespace_of(session, call)} namespace."
        )
    rows = []
    spaces = call["all_namespaces"]
    for one, sample in found:
        parts = sample.items() if call["containers"] else [("", _sum(sample))]
        for name, (cores, memory) in parts:
            row = [one.namespace] if spaces else []
            row += [one.name, *([name] if call["containers"] else [])]
            cells = (*row, f"{round(cores * 1000)}m", f"{round(memory / (1 << 20))}Mi")
            rows.append((cores, memory, cells))
    if call["sort_by"]:
        rows.sort(key=lambda each: each[0 if call["sort_by"] == "cpu" else 1], reverse=True)
    head = [*(["NAMESPACE"] if spaces else []), *(["POD", "NAME"] if call["containers"] else
            ["NAME"]), "CPU(cores)", "MEMORY(bytes)"]  # fmt: skip
    return aligned([tuple(head), *(cells for _, _, cells in rows)])


def _sum(sample: Any) -> tuple[float, float]:
    return sum(one for one, _ in sample.values()), sum(one for _, one in sample.values())


@verb("kubectl top node", "Show what nodes use", aliases=("kubectl top nodes", "kubectl top no",
      "k top node", "k top nodes"),
      arguments=(Argument("NODE", text("node"), "which", optional=True),), flags=COMMON,
      examples=("kubectl top node",))  # fmt: skip
def top_node(session: Session, call: Call) -> Iterable[str]:
    """Cores and memory of each, and shares of what pods may have."""
    from simulator.cluster.kubernetes.objects.node import Node
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    rows: list[tuple[str, ...]] = []
    for one in cluster.store.all(Node):
        sample = cluster.metrics.of_node(one.name)
        if sample is None or (call["NODE"] and one.name != call["NODE"]):
            continue
        cores, memory = sample
        there = one.status.allocatable
        millis, size = round(cores * 1000), round(memory / (1 << 20))
        rows.append((
            one.name, f"{millis}m", f"{millis * 100 // max(1, there.cpu_millis)}%", f"{size}Mi",
            f"{int(memory) * 100 // max(1, there.memory_bytes)}%",
        ))  # fmt: skip
    if not rows:
        raise KubectlError("error: metrics not available yet")
    return aligned([("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"), *rows])


# --- config ---------------------------------------------------------------------------------------


@verb("kubectl config get-contexts", "List clusters that kubectl knows",
      aliases=("k config get-contexts",), examples=("kubectl config get-contexts",))  # fmt: skip
def get_contexts(session: Session, call: Call) -> Iterable[str]:
    """Each cluster is a context."""
    from simulator.shell.kubectl.printers import aligned

    rows: list[tuple[str, ...]] = [("CURRENT", "NAME", "CLUSTER", "NAMESPACE")]
    for name in session.world.orchestras.clusters:
        mark = "*" if name == session.kube.cluster else ""
        rows.append((mark, name, name, session.kube.namespaces.get(name, "")))
    return aligned(rows)


@verb("kubectl config current-context", "Tell which cluster kubectl speaks to",
      aliases=("k config current-context",),
      examples=("kubectl config current-context",))  # fmt: skip
def current_context(session: Session, call: Call) -> Iterable[str]:
    """Its name."""
    return [cluster_of(session, call).name]


@verb("kubectl config use-context", "Speak to another cluster",
      arguments=(Argument("NAME", text("cluster"), "which"),),
      aliases=("k config use-context",), examples=("kubectl config use-context shop",))  # fmt: skip
def use_context(session: Session, call: Call) -> Iterable[str]:
    """From now on this one is meant."""
    if call["NAME"] not in session.world.orchestras.clusters:
        raise KubectlError(f'error: no context exists with the name: "{call["NAME"]}"')
    session.kube.cluster = call["NAME"]
    return [f'Switched to context "{call["NAME"]}".']


@verb("kubectl config set-context", "Choose the namespace that is meant",
      arguments=(Argument("NAME", text("cluster"), "which", optional=True),),
      flags=(NAMESPACE, Flag(("--current",), "of the cluster that is meant now")),
      aliases=("k config set-context",),
      examples=("kubectl config set-context --current --namespace=shop",))  # fmt: skip
def set_context(session: Session, call: Call) -> Iterable[str]:
    """From now on this namespace is meant."""
    if bool(call["NAME"]) == bool(call["current"]):
        raise KubectlError("error: you must specify a non-empty context name or --current")
    name = call["NAME"] or cluster_of(session, call).name
    if call["namespace"]:
        session.kube.namespaces[name] = call["namespace"]
    return [f'Context "{name}" modified.']


# --- explain --------------------------------------------------------------------------------------


@verb("kubectl explain", "Tell the fields of a kind", aliases=("k explain",),
      arguments=(Argument("PATH", text("kind.field"), "as pods.spec.containers"),),
      flags=(*COMMON, Flag(("--recursive",), "fields of fields, too")),
      examples=("kubectl explain deploy.spec.strategy",))  # fmt: skip
def explain(session: Session, call: Call) -> Iterable[str]:
    """Names and types; the texts of the real tool are not here."""
    from simulator.cluster.kubernetes.api.fields import fields_of, type_of_kind
    from simulator.errors import nearest

    cluster = cluster_of(session, call)
    word, *path = call["PATH"].split(".")
    kind = kind_of(cluster, word)
    type_ = type_of_kind(kind.api_version, kind.kind)
    if type_ is None:
        return [f"KIND:       {kind.kind}", "a custom resource: its fields are not known"]
    for name in path:
        fields = fields_of(type_.strip("[]{}")) or {}
        if name not in fields:
            near = nearest(name, list(fields))
            hint = f"; did you mean '{near}'?" if near else ""
            raise KubectlError(f'error: field "{name}" does not exist{hint}')
        type_ = fields[name].type
    lines = [f"KIND:       {kind.kind}", f"VERSION:    {kind.api_version}", ""]
    if path:
        lines += [f"FIELD: {path[-1]} <{_shown(type_)}>", ""]
    inner = fields_of(type_.strip("[]{}"))
    if inner:
        lines += ["FIELDS:", *_listed(inner, 1, deep=bool(call["recursive"]))]
    return lines


def _shown(type_: str) -> str:
    if type_[0] == "[":
        return f"[]{_shown(type_[1:-1])}"
    if type_[0] == "{":
        return f"map[string]{_shown(type_[1:-1])}"
    return type_.rpartition(".")[2] if "." in type_ else type_


def _listed(fields: Any, depth: int, *, deep: bool) -> list[str]:
    from simulator.cluster.kubernetes.api.fields import fields_of

    lines = []
    for name, one in fields.items():
        must = " -required-" if one.required else ""
        lines.append(f"{'  ' * depth}{name}\t<{_shown(one.type)}>{must}".expandtabs(4))
        inner = fields_of(one.type.strip("[]{}"))
        if deep and inner and depth < 5:
            lines += _listed(inner, depth + 1, deep=True)
    return lines


@verb("kubectl version", "Tell the version of a cluster", aliases=("k version",), flags=COMMON,
      examples=("kubectl version",))  # fmt: skip
def version(session: Session, call: Call) -> Iterable[str]:
    """That of its profile."""
    from simulator.cluster.kubernetes.cluster import version_of

    return [f"Server Version: {version_of(cluster_of(session, call).profile)}"]
