"""What several kinds of blocks have in common: expressions, conditions, texts, locks."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.course.expression import Expression, parse_expression
from simulator.course.locks import LOCKS
from simulator.course.model import Condition
from simulator.course.template import Template, parse_template
from simulator.course.yaml_text import Node, Table
from simulator.errors import InputError, Place, unknown

Names = tuple[str, ...]
TITLES = {"debrief": "What it meant", "real": "In the real tool", "sources": "Sources"}


def titled(kind: str) -> str:
    """The title over a block that is read afterwards."""
    return TITLES[kind]


def expression(node: Node, names: Names = ()) -> Expression:
    """A node's text as an expression."""
    return parse_expression(node.text("an expression"), node.place, names)


def expressions(node: Node | None, names: Names = ()) -> tuple[Expression, ...]:
    """A list of expressions; none where there is no node."""
    return tuple(expression(item, names) for item in node.items("a list")) if node else ()


def optional(table: Table, key: str, names: Names = ()) -> Template | None:
    """A text with measured values, where a block has it."""
    node = table.get(key)
    return parse_template(table.text(key), node.place, names) if node else None


def texts(table: Table, key: str) -> tuple[str, ...]:
    """A list of texts, where a block has it."""
    node = table.get(key)
    return node.texts(f"'{key}'") if node else ()


def numbers(table: Table, key: str) -> tuple[int, ...]:
    """One whole number or a list of them, where a block has it."""
    node = table.get(key)
    if node is None:
        return ()
    items = node.value if isinstance(node.value, list) else [node]
    return tuple(item.integer(f"'{key}'", 1, 999) for item in items)


def conditions(table: Table, names: Names = ()) -> tuple[Condition, ...]:
    """What must hold, all of it: one ``pass``, or a list under ``all of``."""
    single, several = table.get("pass"), table.get("all of")
    if (single is None) == (several is None):
        raise InputError(
            "a check has one condition or several", place=table.place,
            found="both" if single else "none", expected="pass: …, or all of: [a list]",
        )  # fmt: skip
    if single is not None:
        return (Condition(expression(single, names)),)
    assert several is not None
    found = tuple(_condition(item, names) for item in several.items("'all of'"))
    if not found:
        raise InputError("'all of' is an empty list", place=several.place)
    return found


def _condition(item: Node, names: Names) -> Condition:
    if isinstance(item.value, str):
        return Condition(expression(item, names))
    table = item.table("a part of 'all of'", ("pass", "fail"), ("pass", "fail"))
    return Condition(expression(table["pass"], names), optional(table, "fail", names))


def locked(words: Iterable[str], place: Place) -> tuple[str, ...]:
    """Words of ``locked``, all of them known."""
    found = tuple(words)
    for word in found:
        if word not in LOCKS:
            raise unknown("lock", word, LOCKS, place)
    return found
