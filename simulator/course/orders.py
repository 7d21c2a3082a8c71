"""Reading order blocks: lines to be put into an order, which is compared, or built and measured."""

from __future__ import annotations

from simulator.course.block_parts import conditions, optional
from simulator.course.fence import Fence
from simulator.course.model import Building, Order
from simulator.course.script import script_line
from simulator.course.yaml_text import Table
from simulator.errors import InputError

_BUILT = ("file", "run", "pass", "all of", "good")


def read_order(fence: Fence) -> Order:
    """An order block."""
    table = fence.yaml(("ask", "lines", "also", "build", *_BUILT), ("ask", "lines"))
    lines = tuple(line.rstrip() for line in table["lines"].texts("lines"))
    if not 2 <= len(lines) <= 20:
        raise InputError("an order block has 2 to 20 lines", place=table["lines"].place)
    if len(set(lines)) < len(lines):
        raise InputError("two lines of an order block are equal", place=table["lines"].place)
    return Order(
        place=fence.place, id=fence.word("id"), ask=table.text("ask"), lines=lines,
        also=_also(table, len(lines)), points=fence.points(), build=_building(table, fence),
    )  # fmt: skip


def _also(table: Table, count: int) -> tuple[tuple[int, ...], ...]:
    node = table.get("also")
    also = []
    for item in node.items("also") if node else []:
        positions = tuple(n.integer("a position") for n in item.items("also"))
        if sorted(positions) != list(range(1, count + 1)):
            raise InputError(
                "another order names every line once", place=item.place,
                expected=f"the numbers 1 to {count}",
            )  # fmt: skip
        also.append(positions)
    return tuple(also)


def _building(table: Table, fence: Fence) -> Building | None:
    build = table.get("build")
    if build is None or build.text("build") in ("no", "false"):
        for key in _BUILT:
            node = table.get(key)
            if node is not None:
                raise InputError(
                    f"'{key}' is of an order that is built", place=node.place,
                    expected="build: true",
                )  # fmt: skip
        return None
    if build.text("build") not in ("yes", "true"):
        raise InputError(
            "bad build", place=build.place, found=build.text("build"), expected="true or false"
        )
    run = table["run"].items("run")
    return Building(
        file=table.text("file", "Dockerfile"),
        lines=tuple(script_line(one.text("run"), one.place, fence.names) for one in run),
        conditions=conditions(table, fence.names), good=optional(table, "good", fence.names),
    )  # fmt: skip
