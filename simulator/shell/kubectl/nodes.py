"""``kubectl cordon``, ``uncordon`` and ``taint``: which pods nodes take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    kind_of,
    one_of,
)
from simulator.shell.kubectl.targeting import (
    ALL,
    OVERWRITE,
    patched,
    targets,
)
from simulator.shell.kubectl.writing import DRY, SHOWN, Writer
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


def cordon_one(writer: Writer, name: str, *, on: bool) -> None:
    """Cordon or uncordon a node, and tell of it: ``node/n1 cordoned``."""
    cluster = writer.cluster
    kind = kind_of(cluster, "nodes")
    one: Any = one_of(cluster, kind, "", name)
    word = "cordoned" if on else "uncordoned"
    if bool(one.spec.unschedulable) == on:
        writer.say((kind, "", name), f"already {word}")
        return
    value = True if on else None
    patched(writer.at, cluster, (kind, "", name), {"spec": {"unschedulable": value}})
    writer.say((kind, "", name), word)


def _node_names(session: Session, call: Call, cluster: Cluster) -> list[str]:
    from simulator.shell.kubectl.selecting import chosen

    if call.values.get("selector"):
        return [one.name for one in chosen(session, call, cluster, kind_of(cluster, "nodes"))]
    return [one.removeprefix("node/") for one in call["NODE"]]


def _switched(session: Session, call: Call, *, on: bool) -> list[str]:
    writer = Writer(session, call)
    for name in _node_names(session, call, writer.cluster):
        cordon_one(writer, name, on=on)
    return []


_NODES = Argument("NODE", text("node"), "names of nodes", optional=True, repeat=True)


@verb("kubectl cordon", "Let no new pods on nodes", aliases=("k cordon",), arguments=(_NODES,),
      flags=(*COMMON, SELECTOR, DRY), examples=("kubectl cordon node-1",))  # fmt: skip
def cordon(session: Session, call: Call) -> Iterable[str]:
    """Mark nodes as not to be scheduled on."""
    return _switched(session, call, on=True)


@verb("kubectl uncordon", "Let pods on nodes again", aliases=("k uncordon",), arguments=(_NODES,),
      flags=(*COMMON, SELECTOR, DRY), examples=("kubectl uncordon node-1",))  # fmt: skip
def uncordon(session: Session, call: Call) -> Iterable[str]:
    """The opposite of cordon."""
    return _switched(session, call, on=False)


@verb(
    "kubectl taint", "Keep pods away from nodes (KEY=VALUE:EFFECT), or no more (KEY:EFFECT-)",
    aliases=("k taint",),
    arguments=(Argument("NODES", text("word"), "nodes NAME… TAINT…", repeat=True),),
    flags=(*COMMON, SELECTOR, ALL, OVERWRITE, *SHOWN),
    examples=("kubectl taint nodes node-1 gpu=yes:NoSchedule", "kubectl taint node node-1 gpu-"),
)  # fmt: skip
def taint(session: Session, call: Call) -> Iterable[str]:
    """Taints of nodes."""
    writer = Writer(session, call)
    cluster = writer.cluster
    words = list(call["NODES"])
    said = [one for one in words[1:] if ":" in one or one.endswith("-") or "=" in one]
    names = [words[0], *(one for one in words[1:] if one not in said)]
    if not said:
        raise KubectlError("error: at least one taint update is required")
    for kind, _, name in targets(session, call, cluster, names):
        one: Any = one_of(cluster, kind, "", name)
        taints = [dict(each) for each in one.data.get("spec", {}).get("taints", [])]
        for word in said:
            taints = _tainted(taints, word, name, overwrite=bool(call["overwrite"]))
        patched(writer.at, cluster, (kind, "", name), {"spec": {"taints": taints or None}})
        gone = all(word.endswith("-") for word in said)
        writer.say((kind, "", name), "untainted" if gone else "tainted")
    return []


def _tainted(
    taints: list[dict[str, Any]], word: str, node: str, *, overwrite: bool
) -> list[dict[str, Any]]:
    gone = word.endswith("-")
    start, _, effect = word.removesuffix("-").partition(":")
    key, _, value = start.partition("=")
    same = [one for one in taints if one["key"] == key and effect in ("", one["effect"])]
    if gone:
        if not same:
            raise KubectlError(f'error: taint "{word.removesuffix("-")}" not found')
        return [one for one in taints if one not in same]
    if effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
        raise KubectlError(
            f"error: invalid taint effect: {effect or word}, unsupported taint effect"
        )
    if same and not overwrite:
        raise KubectlError(
            f"error: node {node} already has {key} taint(s) with same effect(s) and --overwrite is "
            "false"
        )
    fresh = {"key": key, "effect": effect} | ({"value": value} if value else {})
    return [*(one for one in taints if one not in same), fresh]
