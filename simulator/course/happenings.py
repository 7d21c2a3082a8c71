"""What checks can name beside measures: kinds of events, and curves. Known without a world.

Events are those that the model has classes for, so a lesson that counts ``KernelPanic``, which
never happens, is told of ``KernelPanicked``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from simulator.course.expression import Expression
from simulator.errors import InputError, unknown

_MODULES = (
    "simulator.world.events", "simulator.world.security", "simulator.machine.events",
    "simulator.machine.events_trouble", "simulator.image.events", "simulator.traffic.events",
    "simulator.cluster.kubernetes.events",
)  # fmt: skip
CURVES: Mapping[str, tuple[str, ...]] = {
    "a service": (
        "offered", "ok", "failed", "mean", "p50", "p95", "p99", "in_flight", "queued", "wait",
        "endpoints",
    ),
    "a container": ("cpu", "memory", "throttled", "in_flight"),
    "a host": ("cpu", "memory"),
    "a VM": ("cpu", "memory", "steal"),
}  # fmt: skip
"""What a series may be of: ``web.p95``, ``web-1.cpu``, ``yard.memory``."""
_LAST_WORDS = frozenset(word for words in CURVES.values() for word in words)


@cache
def event_kinds() -> Mapping[str, str]:
    """Kinds of events -> what each says, from its class."""
    from simulator.engine import Event

    for name in _MODULES:
        import_module(name)
    found = {
        one.__name__: _meaning(one) for one in _below(Event) if not one.__name__.endswith("Event")
    }
    return dict(sorted(found.items()))


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _meaning(kind: type) -> str:
    text = " ".join((kind.__doc__ or "").split())
    if text.startswith(f"{kind.__name__}("):
        return ""
    return text.partition(". ")[0].partition(" ``subject``")[0].rstrip(".")


def check_words(expression: Expression) -> Iterator[InputError]:
    """Events and curves in an expression that there are none of."""
    for node in ast.walk(expression.tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(word)), *_]):
                if name in ("count", "event_time") and word not in event_kinds():
                    yield unknown("kind of event", word, event_kinds(), expression.place)
                elif name in _OF_SERIES and (wrong := _series(word)) is not None:
                    yield wrong.at(expression.place) if expression.place else wrong


_OF_SERIES = (
    "max", "min", "mean", "last", "seconds_above", "seconds_below", "first_above", "integral",
)  # fmt: skip


def _series(name: str) -> InputError | None:
    """What is wrong with the name of a series, as far as can be said without a world."""
    owner, dot, what = name.replace("/", ".").rpartition(".")
    if not dot or not owner:
        return InputError(
            "this is no series", found=name, expected="a name, a dot and a curve: web.p95"
        )
    return None if what in _LAST_WORDS else unknown("curve", what, _LAST_WORDS)
