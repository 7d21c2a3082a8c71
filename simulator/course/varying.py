"""Variants by seed: ``vary:`` names values, and each seed has its own of them.

    vary:
      rate: [120, 150, 180]
      shop: [shop, store, kiosk]

``{{rate}}`` then stands for one of them in set-up, scripts, questions and prose, and ``rate`` in
expressions. The choice depends on seed and name alone, so a further name changes no other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields, replace

from simulator.course.expression import Value
from simulator.course.model import (
    Block,
    Building,
    Identify,
    Lesson,
    Order,
    Predict,
    ScriptLine,
)
from simulator.course.template import parse_template
from simulator.course.vocabulary import MEASURES, VARIABLES
from simulator.course.yaml_text import Node
from simulator.errors import InputError, Place
from simulator.look.expressions.windows import WINDOWS

MAX_NAMES, MAX_VALUES = 20, 50
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}$", re.ASCII)
_TAKEN = {*VARIABLES, *MEASURES, *WINDOWS, "name", "and", "or", "not", "if", "else", "is", "in"}


def read_vary(node: Node | None) -> dict[str, tuple[Value, ...]]:
    """The names and their values."""
    if node is None:
        return {}
    table = node.table("vary", ())
    if len(table.nodes) > MAX_NAMES:
        raise InputError("too many names in vary", place=table.place, expected=str(MAX_NAMES))
    return {name: _values(name, one) for name, one in table.nodes.items()}


def _values(name: str, node: Node) -> tuple[Value, ...]:
    if not _NAME.match(name) or name in _TAKEN:
        raise InputError(
            "bad name in vary", place=node.place, found=name,
            expected="lower-case letters, digits and _, and no word of expressions",
        )  # fmt: skip
    items = node.items(f"'{name}' in vary")
    if not 2 <= len(items) <= MAX_VALUES:
        raise InputError(
            f"'{name}' in vary needs values to choose from", place=node.place,
            found=str(len(items)), expected=f"2 to {MAX_VALUES}",
        )  # fmt: skip
    return tuple(_value(item) for item in items)


def _value(item: Node) -> Value:
    text = item.text("a value")
    if item.quoted:
        return text
    if re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text, re.ASCII):
        return float(text)
    return text


def chosen(lesson: Lesson, seed: int) -> dict[str, Value]:
    """The value of each name for a seed."""
    return {name: values[_draw(seed, name) % len(values)] for name, values in lesson.vary.items()}


def _draw(seed: int, name: str) -> int:
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def varied(lesson: Lesson, seed: int) -> Lesson:
    """The lesson with the values of a seed; the same object where nothing is to be changed."""
    if not lesson.vary or lesson.seeded == seed:
        return lesson
    base = lesson.base or lesson
    values = chosen(base, seed)
    steps = tuple(
        replace(step, parts=tuple(_block(part, values) for part in step.parts))
        for step in base.steps
    )
    setup = replace(base.setup, lines=_lines(base.setup.lines, values))
    return replace(base, values=values, seeded=seed, base=base, steps=steps, setup=setup)


def _block(block: Block, values: Mapping[str, Value]) -> Block:
    changes: dict[str, object] = {}
    for field in fields(block):
        found = getattr(block, field.name)
        if isinstance(found, tuple) and found and isinstance(found[0], ScriptLine):
            changes[field.name] = _lines(found, values)
        elif isinstance(found, Building):
            changes[field.name] = replace(found, lines=_lines(found.lines, values))
    if isinstance(block, Predict | Order | Identify):
        changes["ask"] = filled(block.ask, values, block.place)
    if isinstance(block, Predict):
        changes["options"] = tuple(filled(one, values, block.place) for one in block.options)
    if isinstance(block, Order):
        changes["lines"] = tuple(filled(one, values, block.place) for one in block.lines)
    return replace(block, **changes) if changes else block  # type: ignore[arg-type]


def _lines(lines: tuple[ScriptLine, ...], values: Mapping[str, Value]) -> tuple[ScriptLine, ...]:
    return tuple(
        line if line.slots is None
        else replace(line, text=line.slots.render({}, values), slots=None)
        for line in lines
    )  # fmt: skip


def filled(text: str, values: Mapping[str, Value], place: Place) -> str:
    """A text with its values."""
    if "{{" not in text:
        return text
    return parse_template(text, place, tuple(values)).render({}, values)
