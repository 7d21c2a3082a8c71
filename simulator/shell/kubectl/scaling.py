"""``kubectl scale`` and ``autoscale``: how many pods something has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    one_of,
    sent,
)
from simulator.shell.kubectl.targeting import (
    ALL,
    OBJECTS,
    targets,
)
from simulator.shell.kubectl.writing import SHOWN, Writer
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


@verb(
    "kubectl scale",
    "Change how many pods something has",
    aliases=("k scale",),
    arguments=(OBJECTS,),
    flags=(
        *COMMON, *GIVEN, SELECTOR, ALL, *SHOWN,
        Flag(("--replicas",), "how many", integer("replicas", -1_000_000, 1_000_000)),
        Flag(("--current-replicas",), "only if there are so many now", integer("n", -1, 1_000_000)),
    ),
    examples=("kubectl scale deploy web --replicas=5", "kubectl scale --replicas=0 sts/db"),
    known="--timeout --resource-version",
)  # fmt: skip
def scale(session: Session, call: Call) -> Iterable[str]:
    """Write the scale subresource."""
    count = call["replicas"]
    if count is None:
        raise KubectlError('error: required flag(s) "replicas" not set')
    if count < 0:
        raise KubectlError(
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or "
            "equal to 0"
        )
    writer = Writer(session, call)
    cluster = writer.cluster
    for target in targets(session, call, cluster, call["TYPE"]):
        kind, namespace, name = target
        try:
            _check_current(cluster, call, kind, namespace, name)
            request = ApiRequest(
                cluster=cluster.name, verb="scale", kind=kind.kind, namespace=namespace, name=name,
                replicas=count,
            )  # fmt: skip
            sent(writer.at, request)
            writer.say(target, "scaled")
        except DrydockError as error:
            session.fail(call, error)
    return []


def _check_current(cluster: Cluster, call: Call, kind: Kind, namespace: str, name: str) -> None:
    wanted = call["current_replicas"]
    one = one_of(cluster, kind, namespace, name)
    spec: Any = getattr(one, "spec", None)
    now = getattr(spec, "replicas", None)
    if wanted not in (None, -1) and now != wanted:
        raise KubectlError(f"error: Expected replicas to be {wanted}, was {now}")


@verb(
    "kubectl autoscale", "Let an autoscaler choose how many pods something has",
    aliases=("k autoscale",), arguments=(OBJECTS,),
    flags=(
        *COMMON, *GIVEN, *SHOWN,
        Flag(("--min",), "least pods", integer("n", -1, 1_000_000)),
        Flag(("--max",), "most pods", integer("n", -1, 1_000_000)),
        Flag(("--cpu-percent",), "wanted use of the CPU request", integer("percent", -1, 100_000)),
        Flag(("--cpu",), "50% of the request, or an amount a pod: 500m", text("target")),
        Flag(("--memory",), "70% of the request, or an amount a pod: 200Mi", text("target")),
        Flag(("--name",), "of the autoscaler", text("name")),
    ),
    examples=("kubectl autoscale deploy web --min=2 --max=10 --cpu-percent=50",),
)  # fmt: skip
def autoscale(session: Session, call: Call) -> Iterable[str]:
    """A HorizontalPodAutoscaler."""
    from simulator.cluster.kubernetes.server.scaling import SCALABLE

    cluster = cluster_of(session, call)
    if call["max"] is None:
        raise KubectlError('error: required flag(s) "max" not set')
    if call["cpu_percent"] is not None and call["cpu"]:
        raise KubectlError("error: --cpu-percent and --cpu cannot both be set")
    metrics = _metrics(call)
    lines = []
    for kind, namespace, name in targets(session, call, cluster, call["TYPE"]):
        one_of(cluster, kind, namespace, name)
        if kind.kind not in SCALABLE:
            raise KubectlError(f"error: cannot autoscale a {kind.kind}")
        least = {} if call["min"] in (None, -1) else {"minReplicas": call["min"]}
        spec = {
            "scaleTargetRef": {"apiVersion": kind.api_version, "kind": kind.kind, "name": name},
            "maxReplicas": call["max"], "metrics": metrics, **least,
        }  # fmt: skip
        lines += generated(session, call, {
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": call["name"] or name}, "spec": spec,
        }, word="autoscaled")  # fmt: skip
    return lines


def _metrics(call: Call) -> list[dict[str, Any]]:
    """What the autoscaler goes by: 80 % of the CPU request where nothing is said."""
    percent = call["cpu_percent"]
    said = {"cpu": f"{percent}%" if percent not in (None, -1) else call["cpu"],
            "memory": call["memory"]}  # fmt: skip
    wanted = {name: value for name, value in said.items() if value} or {"cpu": "80%"}
    return [
        {"type": "Resource", "resource": {"name": name, "target": _target(name, value)}}
        for name, value in wanted.items()
    ]


def _target(name: str, value: str) -> dict[str, Any]:
    share = value.removesuffix("%")
    if value.endswith("%"):
        if not share.isdigit() or int(share) < 1:
            raise KubectlError(f"error: invalid {name} target {value}: expected 1% or more")
        return {"type": "Utilization", "averageUtilization": int(share)}
    if name == "cpu" and value.isdigit():
        return {"type": "Utilization", "averageUtilization": int(value)}
    return {"type": "AverageValue", "averageValue": value}
