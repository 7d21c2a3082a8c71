"""Searching instead of sweeping: ``min replicas with p95 < 250ms``.

What is searched for grows or falls with the value, so it is found by halving (a handful of values
instead of all). Whether a condition holds at a value is decided over seeds: with its interval on
one side of the limit it is known; as long as the limit lies inside, more seeds are tried. At the
end the values beside the answer are tried, too: where they disagree, nothing grew or fell
steadily, and that is said.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import InputError, Place
from simulator.look.expressions import parse_expression
from simulator.trials.measuring import short
from simulator.trials.statistics import Estimate

FLAG = "--find"
_FIND = re.compile(r"(min|max)\s+(\S+?)(?:\s+in\s+(\S.*?))?\s+with\s+(.+)", re.DOTALL)
_BELOW = {ast.Lt: True, ast.LtE: True, ast.Gt: False, ast.GtE: False}
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """A measure is to be on one side of a limit."""

    measure: str
    limit: float
    below: bool
    text: str

    def holds(self, found: Estimate | None) -> bool | None:
        """Whether it does; None where the interval has the limit in it. No data: it does not."""
        if found is None:
            return False
        low = found.mean if found.low is None else found.low
        high = found.mean if found.high is None else found.high
        if self.below:
            return True if high < self.limit else False if low >= self.limit else None
        return True if low > self.limit else False if high <= self.limit else None

    def likely(self, found: Estimate | None) -> bool:
        """Whether the mean is on the right side."""
        return found is not None and (found.mean < self.limit) is self.below


@dataclass(frozen=True, slots=True)
class Wish:
    """What is searched for: the least or the greatest value of a key with which all hold."""

    least: bool
    key: str
    values: str | None
    """Where it is searched; None: ``--vary`` says it."""
    conditions: tuple[Condition, ...]
    measures: Mapping[str, str]
    """Expressions that conditions brought with them."""
    text: str


def read_wish(text: str, measures: Mapping[str, str], services: Sequence[str]) -> Wish:
    """What is typed after ``--find``; InputError for what cannot be searched for."""
    place = Place(f"{FLAG} {text}")
    found = _FIND.fullmatch(text.strip())
    if found is None:
        raise InputError(
            "bad search", place=place, found=text,
            expected="as 'min replicas with p95 < 250ms', or 'min replicas in 1..20 with ...'",
        )  # fmt: skip
    known = dict(measures)
    names = [*measures, *(w for w in re.findall(r"[A-Za-z_]\w*(?:\.\d+)?", found[4]) if _short(w))]
    tree = parse_expression(found[4], place, tuple(names)).tree
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    conditions = tuple(_condition(part, known, services, place) for part in parts)
    used = {one.measure for one in conditions}
    own = {name: one for name, one in known.items() if name in measures or name in used}
    return Wish(found[1] == "min", found[2], found[3], conditions, own, text.strip())


def _short(word: str) -> bool:
    try:
        return short(word, ("any",)) is not None
    except InputError:
        return False


def _condition(
    node: ast.expr, known: dict[str, str], services: Sequence[str], place: Place
) -> Condition:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _BELOW:
            limit = parse_expression(ast.unparse(right), place).number({})
            name = _measure(left, known, services, place)
            text = f"{name} {_SIGNS[type(op)]} {limit:g}"
            return Condition(name, limit, _BELOW[type(op)], text)
    raise InputError(
        "no condition to search by", place=place, found=ast.unparse(node),
        expected="MEASURE < LIMIT or MEASURE > LIMIT, several with 'and'",
    )  # fmt: skip


def _measure(node: ast.expr, known: dict[str, str], services: Sequence[str], place: Place) -> str:
    """The name of the measure on the left: a known one, a short word, or an expression."""
    text = ast.unparse(node)
    if text in known:
        return text
    try:
        known[text] = parse_expression(short(text, services) or text, place).text
    except InputError as error:
        raise error if error.place else error.at(place) from None
    return text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the conditions hold at a value, and whether that is sure."""

    holds: bool
    sure: bool


Try = Callable[[int], Verdict | None]
"""Tries the value at a place; None when it was interrupted."""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: the place of the value, or None where nowhere all conditions hold."""

    at: int | None
    steady: bool = True
    """Whether the values beside it are on the sides where they should be."""
    sure: bool = True
    whole: bool = True
    """False: it was interrupted."""


def search(count: int, least: bool, attempt: Try) -> Found:
    """Halve so many values, in order, until the least (greatest) good one is known."""
    order = list(range(count)) if least else list(range(count - 1, -1, -1))
    seen: dict[int, Verdict] = {}

    def good(turn: int) -> bool | None:
        if turn not in seen:
            verdict = attempt(order[turn])
            if verdict is None:
                return None
            seen[turn] = verdict
        return seen[turn].holds

    low, high = -1, count - 1  # below low nothing is good, at high it is
    if (last := good(high)) is None:
        return Found(None, whole=False)
    if not last:
        return Found(None, sure=seen[high].sure)
    while high - low > 1:
        middle = (low + high) // 2
        if (holds := good(middle)) is None:
            return Found(order[high], whole=False)
        low, high = (low, middle) if holds else (middle, high)
    beside = [turn for turn in (high + 1, low - 1) if 0 <= turn < count]
    if any(good(turn) is None for turn in beside):
        return Found(order[high], whole=False)
    steady = all(seen[turn].holds is (turn > high) for turn in beside)
    sure = all(seen[turn].sure for turn in (high, low) if turn in seen)
    return Found(order[high], steady=steady, sure=sure)
