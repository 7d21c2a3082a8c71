"""Measures of trials: those of the world, but nothing is a number where there is no data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError, Place
from simulator.look.expressions import (
    Measure,
    Value,
    measures,
    parse_expression,
)
from simulator.traffic.tally import FAILURES

if TYPE_CHECKING:
    from simulator.world import World

MOST_MEASURES = 50
MOST_LETTERS = 40


def strict(world: World) -> dict[str, Measure]:
    """All measures by name; what is of no request at all is an InputError, never 0."""
    table = measures(world)

    def answered(service: str) -> bool:
        return world.service(service).tally.latencies.count > 0

    def ended(service: str) -> bool:
        outcomes = world.service(service).tally.outcomes()
        return outcomes["ok"] + sum(outcomes[kind] for kind in FAILURES) > 0

    def taken(service: str) -> bool:
        return any(station.taken for station in world.service(service).endpoints)

    for name, has_data, lack in (
        ("percentile", answered, "nothing was answered"),
        ("error_rate", ended, "no request has ended"),
        ("wait_share", taken, "no request was taken in"),
        ("mean_wait", taken, "no request was taken in"),
    ):
        table[name] = _with_data(table[name], has_data, lack)
    return table


def _with_data(measure: Measure, has_data: Callable[[str], bool], lack: str) -> Measure:
    @wraps(measure)
    def checked(service: str, *args: Any, **named: Any) -> Value:
        if not has_data(service):
            raise InputError(f"no data: {lack}", found=service)
        return measure(service, *args, **named)

    return checked


def usual(world: World) -> dict[str, str]:
    """What is measured where nobody said what: of each service that got something, and the cost."""
    got = [name for name, one in sorted(world.services.items()) if one.tally.arrived]
    return usual_of(got, priced=bool(world.cost()))


def usual_of(services: Iterable[str], *, priced: bool) -> dict[str, str]:
    """The usual measures of these services."""
    found: dict[str, str] = {}
    for name in services:
        found[f"{name} p95"] = f"percentile({name!r}, 95)"
        found[f"{name} errors"] = f"error_rate({name!r})"
    if priced:
        found["cost"] = "cost()"
    return found or {"containers": "running()"}


_SHORT = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,3})?)")
_NAMES = {"errors": "error_rate({})", "mean": "mean_latency({})", "requests": "requests({})"}


def short(word: str, services: Sequence[str]) -> str | None:
    """What ``p99``, ``errors``, ``mean`` or ``requests`` means where one service gets traffic."""
    rank = _SHORT.fullmatch(word)
    text = f"percentile({{}}, {rank[1]})" if rank else _NAMES.get(word)
    if text is None:
        return None
    if len(services) != 1:
        named = ", ".join(services) or "none"
        raise InputError(
            f"{word} of which service", found=named,
            expected=f"--measure '{word}={text.format(repr(services[0] if services else 'web'))}'",
        )  # fmt: skip
    return text.format(repr(services[0]))


def read_measures(
    texts: Iterable[str], services: Sequence[str] = (), flag: str = "--measure"
) -> dict[str, str]:
    """Measures as they are typed: ``NAME=EXPRESSION``, the expression alone, or a short word.

    InputError with the flag as its place: an unknown measure, two of one name, too many.
    """
    found: dict[str, str] = {}
    for text in texts:
        place = Place(f"{flag} {text}")
        name, expression = _named(text)
        if name in found:
            raise InputError("two measures of one name", place=place, found=name)
        if len(name) > MOST_LETTERS or not name.isprintable():
            raise InputError(
                "bad name of a measure", place=place, found=name,
                expected=f"1 to {MOST_LETTERS} letters",
            )  # fmt: skip
        found[name] = _expression(expression, services, place)
        if len(found) > MOST_MEASURES:
            raise InputError("too many measures", place=place, expected=f"at most {MOST_MEASURES}")
    return found


def _expression(text: str, services: Sequence[str], place: Place) -> str:
    try:
        text = short(text, services) or text
    except InputError as error:
        raise error.at(place) from None
    return parse_expression(text, place).text


def _named(text: str) -> tuple[str, str]:
    """``p99=percentile("web", 99)``; what has no name is called as it is written."""
    name, equals, rest = text.partition("=")
    if equals and rest.strip() and not rest.startswith("=") and _is_name(name.strip()):
        return name.strip(), rest.strip()
    return text.strip()[:MOST_LETTERS], text.strip()


def _is_name(text: str) -> bool:
    return bool(text) and all(letter.isalnum() or letter in "_- ." for letter in text)
