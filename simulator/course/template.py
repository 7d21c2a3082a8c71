"""Texts with measured values in them: ``p95 was {{ max('web.p95') | ms }}``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from simulator.course.expression import Expression, Measure, Value, parse_expression
from simulator.errors import InputError, Place, unknown

_SLOT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Slot:
    """A measured value inside a text: ``{{ expression | format }}``."""

    expression: Expression
    format: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text with measured values in it."""

    parts: tuple[str | Slot, ...]

    def render(
        self, measures: Mapping[str, Measure], variables: Mapping[str, Value] | None = None
    ) -> str:
        """The text with its values; ``(not measured yet)`` where there is none."""
        shown = []
        for part in self.parts:
            if isinstance(part, str):
                shown.append(part)
                continue
            try:
                shown.append(show(part.expression.value(measures, variables), part.format))
            except InputError:
                shown.append("(not measured yet)")
        return "".join(shown)

    def slots(self) -> Iterator[Slot]:
        """The measured values in it."""
        return (part for part in self.parts if isinstance(part, Slot))

    @property
    def source(self) -> str:
        """The text as the author wrote it, near enough to read."""
        return "".join(
            part if isinstance(part, str) else "{{" + part.expression.text + "}}"
            for part in self.parts
        )


def parse_template(text: str, place: Place, variables: tuple[str, ...] = ()) -> Template:
    """Read a text; every ``{{…}}`` must be an expression with a known format."""
    parts: list[str | Slot] = []
    end = 0
    for match in _SLOT.finditer(text):
        line = (place.line or 1) + text.count("\n", 0, match.start())
        where = Place(place.file, line)
        body, _, form = match[1].rpartition("|") if "|" in match[1] else (match[1], "", "")
        wanted = form.strip()
        if wanted not in FORMATS:
            raise unknown("format", wanted, [f for f in FORMATS if f], where)
        parts += [text[end : match.start()], Slot(parse_expression(body, where, variables), wanted)]
        end = match.end()
    if "{{" in text[end:]:
        line = (place.line or 1) + text.count("\n", 0, text.index("{{", end))
        raise InputError("a value is not closed", place=Place(place.file, line), expected="}}")
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def show(value: Value, form: str) -> str:
    """A value in one of the formats that texts may ask for."""
    if isinstance(value, str):
        return value
    if not form and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        return "never" if form in ("s", "ms") else "no number"
    return FORMATS[form](number)


FORMATS: Mapping[str, Callable[[float], str]] = {
    "": lambda v: f"{v:.4g}",
    "ms": lambda v: f"{v * 1e3:,.0f} ms" if v >= 0.01 or v == 0 else f"{v * 1e3:.2g} ms",
    "s": lambda v: f"{v:,.0f} s" if v >= 10 else f"{v:.2g} s",
    "min": lambda v: f"{v / 60:.1f} min",
    "%": lambda v: f"{v * 100:.0f} %" if v >= 0.1 or v == 0 else f"{v * 100:.2g} %",
    "int": lambda v: f"{v:,.0f}",
    "x": lambda v: f"{v:.2g}x" if v < 10 else f"{v:,.0f}x",
    "MiB": lambda v: f"{v / 2**20:,.0f} MiB",
    "GiB": lambda v: f"{v / 2**30:.1f} GiB",
    "MB": lambda v: f"{v / 1e6:,.0f} MB",
    "/s": lambda v: f"{v:,.0f}/s" if v >= 10 else f"{v:.2g}/s",
    "cores": lambda v: f"{v:.2f} cores",
}
