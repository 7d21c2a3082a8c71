"""Verbs on clusters: making them, and adding nodes."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import columns
from simulator.units import counted, parse_duration
from simulator.world.cluster_commands import (
    AddNodes,
    AutoscaleNodes,
    CreateCluster,
    NodeGroup,
    RemoveCluster,
    SetMetric,
)

if TYPE_CHECKING:
    from simulator.shell.session import Session

_SHAPE = (
    Flag(("--cores",), "cores of each node (default 4)", kinds.integer("cores", 1, 512)),
    Flag(("--memory",), "memory of each node (default 16GiB)", kinds.BYTES),
    Flag(
        ("--zones",), "zones that they are spread over (default 1)", kinds.integer("zones", 1, 64)
    ),
    Flag(("--label",), "KEY=VALUE of each node", kinds.text("label"), repeat=True),
    Flag(("--taint",), "KEY=VALUE:EFFECT of each node", kinds.text("taint"), repeat=True),
    Flag(("--max-pods",), "pods that a node takes (default 110)", kinds.integer("pods", 1, 1000)),
    Flag(("--price",), "what a node costs per hour", kinds.number("price", 0, 1e6)),
    Flag(("--prefix",), "what their names begin with (default node-)", kinds.text("prefix")),
)


def _group(call: Call, count: int) -> NodeGroup:
    labels = dict(one.partition("=")[::2] for one in call["label"])
    return NodeGroup(
        count=count,
        prefix=call["prefix"] or "node-",
        cores=call["cores"] or 4,
        memory_bytes=call["memory"] or 16 << 30,
        labels=labels,
        taints=call["taint"],
        zones=call["zones"] or 1,
        most_pods=call["max_pods"] or 110,
        price_per_hour=call["price"] or 0.0,
    )


@verb(
    "cluster create",
    "Make a cluster of Kubernetes on new machines",
    arguments=(Argument("NAME", kinds.text("name"), "what it is called", optional=True),),
    flags=(
        Flag(("--nodes",), "machines (default 3)", kinds.integer("nodes", 0, 20_000)),
        Flag(("--profile",), "whose rules: newest, k8s-1.31 …", kinds.text("profile")),
        *_SHAPE,
    ),
    examples=("cluster create shop", "cluster create shop --nodes 5 --cores 8 --zones 3"),
)
def create(session: Session, call: Call) -> Iterable[str]:
    """A cluster and its nodes."""
    count = 3 if call["nodes"] is None else call["nodes"]
    name = call["NAME"] or "kubernetes"
    session.do(
        CreateCluster(name=name, profile=call["profile"] or "newest", groups=(_group(call, count),))
    )
    session.kube.cluster = name
    return [f"cluster {name}: {counted(count, 'node')}; kubectl speaks to it from now on"]


@verb("cluster ls", "List clusters", aliases=("cluster list",), examples=("cluster ls",))
def ls(session: Session, call: Call) -> Iterable[str]:
    """Each cluster with its nodes and pods."""
    rows = []
    for name, one in session.world.orchestras.clusters.items():
        nodes, pods = one.store.table("Node").count, one.store.table("Pod").count
        mark = "*" if name == session.kube.cluster else ""
        rows.append((mark, name, one.profile.name, str(nodes), str(pods)))
    if not rows:
        return ["there is no cluster yet; create one with: cluster create NAME"]
    return columns(("", "NAME", "PROFILE", "NODES", "PODS"), rows)


@verb(
    "cluster rm",
    "Remove a cluster, its machines and all that runs on them",
    aliases=("cluster remove", "cluster delete"),
    arguments=(Argument("NAME", kinds.text("cluster"), "which one"),),
    destructive=True,
    examples=("cluster rm shop",),
)
def rm(session: Session, call: Call) -> Iterable[str]:
    """Nothing of it is left, and it costs nothing any more."""
    name = call["NAME"]
    session.do(RemoveCluster(name=name))
    session.kube.namespaces.pop(name, None)
    session.kube.deleted = [one for one in session.kube.deleted if one != name]
    return [name]


@verb(
    "cluster grow",
    "Add machines to a cluster",
    arguments=(Argument("COUNT", kinds.integer("count", 1, 20_000), "how many"),),
    flags=(Flag(("--cluster",), "which one", kinds.text("cluster")), *_SHAPE),
    examples=("cluster grow 2", "cluster grow 1 --prefix gpu- --label gpu=yes"),
)
def grow(session: Session, call: Call) -> Iterable[str]:
    """More nodes, of another shape perhaps."""
    name = call["cluster"] or session.kube.cluster
    return session.do(AddNodes(cluster=name, group=_group(call, call["COUNT"])))


@verb(
    "cluster autoscale",
    "Let a group of nodes grow and shrink by itself",
    flags=(
        Flag(("--cluster",), "which one", kinds.text("cluster")),
        Flag(("--min",), "nodes at least (default 1)", kinds.integer("nodes", 0, 20_000)),
        Flag(("--max",), "nodes at most (default 10)", kinds.integer("nodes", 1, 20_000)),
        Flag(("--boot",), "from order to ready, or never (default: a cloud's)", kinds.text("time")),
        Flag(
            ("--expander",), "which of several groups grows: least-nodes, least-waste, most-pods, "
            "price, priority, random", kinds.text("expander"),
        ),
        Flag(("--set",), "a flag of cluster-autoscaler: scale-down-unneeded-time=5m",
             kinds.text("flag"), repeat=True),
        Flag(("--priority",), "for the expander priority", kinds.integer("priority", -1000, 1000)),
        *_SHAPE,
    ),
    examples=("cluster autoscale --min 2 --max 10", "cluster autoscale --max 5 --boot 90s",
              "cluster autoscale --set scale-down-unneeded-time=2m"),
)  # fmt: skip
def autoscale(session: Session, call: Call) -> Iterable[str]:
    """The cluster autoscaler minds nodes whose names begin alike."""
    shaped = any(call[flag.key] for flag in _SHAPE if flag.key != "prefix")
    boot = call["boot"]
    least, most = 1 if call["min"] is None else call["min"], call["max"] or 10
    prefix = call["prefix"] or "node-"
    session.do(
        AutoscaleNodes(
            cluster=call["cluster"] or session.kube.cluster,
            prefix=prefix,
            least=least,
            most=most,
            shape=_group(call, 0) if shaped else None,
            boot_s=None if boot is None else inf if boot == "never" else parse_duration(boot),
            expander=call["expander"] or "",
            flags=call["set"],
            priority=call["priority"] or 0,
        )
    )
    return [f"nodes {prefix}*: from now on {least} to {most}, as their pods need"]


@verb(
    "cluster metric",
    "Set a metric that autoscalers go by: external, of an object, or of each pod",
    arguments=(
        Argument("NAME", kinds.text("name"), "as in spec.metrics"),
        Argument("VALUE", kinds.number("value", 0, 1e18), "from now on", optional=True),
    ),
    flags=(
        Flag(("--error",), "its API answers with this instead", kinds.text("text")),
        Flag(("--cluster",), "which one", kinds.text("cluster")),
    ),
    examples=("cluster metric queue_length 600", "cluster metric queue_length --error 'no answer'"),
)
def metric(session: Session, call: Call) -> Iterable[str]:
    """A value, or an error."""
    name, value, error = call["NAME"], call["VALUE"], call["error"] or ""
    if (value is None) == (not error):
        raise InputError("cluster metric", found=name, expected="a value, or --error TEXT")
    cluster = call["cluster"] or session.kube.cluster
    session.do(SetMetric(cluster=cluster, name=name, value=value or 0.0, error=error))
    return [f"{name}: {error}" if error else f"{name} is {value:g} from now on"]
