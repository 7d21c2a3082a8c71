"""Names in checks exist in some world that was tried; names of objects do not tell the answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simulator.course.links import expressions
from simulator.course.lint import Problem
from simulator.course.model import Check, Fail, Hint, Lesson, Order
from simulator.course.vocabulary import MEASURES
from simulator.errors import nearest

if TYPE_CHECKING:
    from simulator.course.session import Session

NAMING = frozenset(
    ("series", "service", "alias", "container", "other", "name", "host", "vm", "machine",
     "workload", "autoscaler", "image", "reference")
)  # fmt: skip
"""Parameters of measures that are given the name of something."""


def names_in(session: Session) -> set[str]:
    """Everything that has a name in a world."""
    world = session.world
    found = {*getattr(world, "services", ()), *getattr(world, "containers", ()),
             *getattr(world, "machines", ())}  # fmt: skip
    for one in getattr(world, "containers", {}).values():
        found.update((one.local_name, *one.settings.aliases))
    for machine in getattr(world, "machines", {}).values():
        for reference in machine.images.store.names():
            found.update(_spellings(str(reference)))
    around = getattr(world, "orchestras", None)
    for cluster in getattr(around, "clusters", {}).values():
        for kind in _KINDS:
            for made in cluster.store.table(kind):
                found.update((made.meta.name, f"{made.meta.namespace}/{made.meta.name}"))
    for swarm in getattr(around, "swarms", {}).values():
        found.update(one.name for one in swarm.state.services.values())
        found.update(one.hostname for one in swarm.state.nodes.values())
    return found


_KINDS = (
    "Deployment", "StatefulSet", "DaemonSet", "Job", "Service", "Pod", "Node",
    "HorizontalPodAutoscaler",
)  # fmt: skip


def _spellings(reference: str) -> set[str]:
    """``docker.io/library/web:latest`` as people write it."""
    short = reference.removeprefix("docker.io/").removeprefix("library/")
    return {reference, short, short.removesuffix(":latest"), reference.removesuffix(":latest")}


def unknown_names(lesson: Lesson, known: Iterable[str]) -> Iterator[Problem]:
    """Names in checks, hints and dead ends that nothing ever had, in any world that was tried."""
    names = set(known)
    for block in lesson.blocks():
        if not isinstance(block, Check | Hint | Fail | Order):
            continue
        for expression in expressions(block):
            for word in _named(expression.tree):
                if word not in names:
                    near = nearest(word, names)
                    also = f"; did you mean '{near}'?" if near else ""
                    text = f"nothing is called '{word}' in any world that was tried{also}"
                    yield Problem(expression.place or block.place, text)


def _named(tree: ast.expr) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=measure), args=args) if measure in MEASURES:
                for parameter, arg in zip(MEASURES[measure].parameters, args, strict=False):
                    if parameter in NAMING and isinstance(arg, ast.Constant):
                        word = str(arg.value)
                        yield _owner(word) if parameter == "series" else word


def _owner(series: str) -> str:
    return series.rpartition(".")[0] if "/" not in series else series.split("/")[1]


def told_by_names(picked: list[str], names: list[str]) -> str | None:
    """How the names alone tell which ones are picked; None where they do not."""
    others = [name for name in names if name not in picked]
    ours = {_stem(name) for name in picked}
    theirs = {_stem(name) for name in others}
    alike = [one for one, few in ((ours, picked), (theirs, others)) if len(one) < 2 < len(few)]
    if not alike or ours & theirs:
        return None
    return f"all of one kind are called {min(alike[0])}-…"


def _stem(name: str) -> str:
    """A name without what numbers it."""
    return re.sub(r"[-_.]?(\d+|[a-z])$", "", name) or name
