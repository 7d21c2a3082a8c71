"""Reading the typed blocks of a lesson: attributes and bodies, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from simulator.course.block_parts import (
    conditions,
    expression,
    locked,
    numbers,
    optional,
    texts,
    titled,
)
from simulator.course.fence import Fence
from simulator.course.mistakes import together
from simulator.course.model import (
    Block,
    Check,
    Debrief,
    Fail,
    Hint,
    Identify,
    Observe,
    Run,
    Solution,
    Sweep,
    Task,
    Teacher,
    Wrong,
)  # fmt: skip
from simulator.course.orders import read_order
from simulator.course.predict_block import read_predict
from simulator.course.script import read_script
from simulator.course.sealing import unseal
from simulator.course.template import parse_template
from simulator.course.yaml_text import Node, parse_yaml
from simulator.errors import InputError, unknown

MAX_SWEEP_RUNS = 200
_CHECK_KEYS = ("points", "pass", "all of", "needs", "fail", "good")


def read_block(fence: Fence) -> list[Block]:
    """What a fence holds: one block, or the several checks of a check block."""
    read, allowed = BLOCKS[fence.kind]
    for key in fence.attributes:
        if key not in allowed:
            raise unknown(f"attribute of {fence.kind}", key, allowed, fence.place)
    found = read(fence)
    return found if isinstance(found, list) else [found]


def _run(fence: Fence) -> Block:
    lines = read_script(fence.body, fence.place, fence.names)
    if not lines:
        raise InputError("this run block types nothing", place=fence.place)
    return Run(place=fence.place, id=fence.word("id"), lines=lines, fresh=fence.flag("fresh"))


def _task(fence: Fence) -> Block:
    text = parse_template(fence.body.strip(), fence.inside, fence.names)
    return Task(
        place=fence.place, id=fence.word("id"), text=text, points=fence.points(),
        fresh=fence.flag("fresh"), only=fence.listed("only"),
        locked=locked(fence.listed("locked"), fence.place),
    )  # fmt: skip


def _check(fence: Fence) -> list[Block]:
    root = parse_yaml(fence.body, fence.inside)
    checks: list[Block] = []
    mistakes: list[InputError] = []
    for item in root.items("a check block"):
        try:
            checks.append(_one_check(fence, item))
        except InputError as error:
            mistakes.append(error)
    if mistakes:
        raise together(mistakes)
    if not checks:
        raise InputError("this check block is empty", place=fence.place)
    return checks


def _one_check(fence: Fence, item: Node) -> Check:
    table = item.table("check", _CHECK_KEYS, ("fail",))
    points = table.get("points")
    return Check(
        place=item.place, task=fence.word("task"), number=0,
        points=points.number("points", 0, 1000) if points else 1.0,
        conditions=conditions(table, fence.names), needs=numbers(table, "needs"),
        fail=parse_template(table.text("fail"), table["fail"].place, fence.names),
        good=optional(table, "good", fence.names),
    )  # fmt: skip


def _hint(fence: Fence) -> Block:
    text = parse_template(fence.body.strip(), fence.inside, fence.names)
    when = fence.condition("when")
    return Hint(place=fence.place, task=fence.word("task"), when=when, text=text)


def _fail(fence: Fence) -> Block:
    when = fence.condition("when")
    if when is None:
        raise InputError('a fail block needs when="…"', place=fence.place)
    text = parse_template(fence.body.strip(), fence.inside, fence.names)
    return Fail(place=fence.place, task=fence.word("task"), when=when, text=text)


def _solution(fence: Fence) -> Block:
    lines = read_script(fence.body, fence.place, fence.names)
    if not lines:
        raise InputError("this solution types nothing", place=fence.place)
    title = fence.attributes.get("title", "One way")
    return Solution(place=fence.place, task=fence.word("task"), title=title, lines=lines)


def _sealed(fence: Fence) -> Block:
    text = unseal(fence.body, fence.place)
    lines = read_script(text, fence.place, fence.names)
    return Solution(
        place=fence.place, task=fence.word("task"), title="Sealed", lines=lines, sealed=True
    )


def _wrong(fence: Fence) -> Block:
    raw = fence.attributes.get("fails", "").replace(" ", "")
    if not re.fullmatch(r"\d{1,3}(,\d{1,3})*", raw, re.ASCII):
        raise InputError(
            "a wrong block needs fails=…", place=fence.place, found=raw,
            expected="numbers of checks, for example fails=1 or fails=1,3",
        )  # fmt: skip
    return Wrong(
        place=fence.place, task=fence.word("task"), why=fence.attributes.get("why", ""),
        fails=tuple(sorted({int(n) for n in raw.split(",")})),
        lines=read_script(fence.body, fence.place, fence.names),
    )  # fmt: skip


def _observe(fence: Fence) -> Block:
    table = fence.yaml(("series", "events"))
    return Observe(place=fence.place, series=texts(table, "series"), events=texts(table, "events"))


def _sweep(fence: Fence) -> Block:
    keys = ("title", "parameter", "values", "seeds", "run", "measure")
    table = fence.yaml(keys, ("parameter", "values", "run", "measure"))
    parameter = table.text("parameter")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", parameter, re.ASCII):
        raise InputError("bad parameter", place=table["parameter"].place, found=parameter)
    values = tuple(v.number("values", -1e9, 1e9) for v in table["values"].items("values"))
    seeds_node = table.get("seeds")
    seeds = seeds_node.integer("seeds", 1, 50) if seeds_node else 1
    if not values or len(values) * seeds > MAX_SWEEP_RUNS:
        raise InputError(
            "bad number of runs", place=table["values"].place, found=str(len(values) * seeds),
            expected=f"1 to {MAX_SWEEP_RUNS}",
        )  # fmt: skip
    curves = table["measure"].table("measure", ()).nodes
    names = (parameter, *fence.names)
    lines = tuple(
        parse_template(line.text("run"), line.place, names) for line in table["run"].items("run")
    )
    return Sweep(
        place=fence.place, id=fence.word("id"), title=table.text("title"), parameter=parameter,
        values=values, seeds=seeds, lines=lines,
        measures={name: expression(node, names) for name, node in curves.items()},
    )  # fmt: skip


def _identify(fence: Fence) -> Block:
    table = fence.yaml(("ask", "kind", "where"), ("ask", "where"))
    kind = table.text("kind", "container")
    if kind not in ("container", "vm", "host"):
        raise unknown("kind of object", kind, ("container", "vm", "host"), table["kind"].place)
    return Identify(
        place=fence.place, id=fence.word("id"), ask=table.text("ask"), kind=kind,
        where=expression(table["where"], ("name", *fence.names)), points=fence.points(),
    )  # fmt: skip


def _teacher(fence: Fence) -> Block:
    text = parse_template(fence.body.strip(), fence.inside, fence.names)
    return Teacher(place=fence.place, text=text, minutes=fence.integer("minutes", 0, 600))


def _debrief(fence: Fence) -> Block:
    task = fence.word("task") if "task" in fence.attributes else None
    text = parse_template(fence.body.strip(), fence.inside, fence.names)
    return Debrief(place=fence.place, text=text, task=task, title=titled(fence.kind))


Read = Callable[[Fence], Block | list[Block]]

BLOCKS: Mapping[str, tuple[Read, tuple[str, ...]]] = {
    "predict": (read_predict, ("id", "kind", "points")),
    "run": (_run, ("id", "fresh")),
    "task": (_task, ("id", "points", "fresh", "only", "locked")),
    "check": (_check, ("task",)),
    "hint": (_hint, ("task", "when")),
    "fail": (_fail, ("task", "when")),
    "solution": (_solution, ("task", "title")),
    "sealed": (_sealed, ("task",)),
    "wrong": (_wrong, ("task", "fails", "why")),
    "observe": (_observe, ()),
    "sweep": (_sweep, ("id",)),
    "order": (read_order, ("id", "points")),
    "identify": (_identify, ("id", "points")),
    "teacher": (_teacher, ("minutes",)),
    "debrief": (_debrief, ("task",)),
    "real": (_debrief, ("task",)),
    "sources": (_debrief, ("task",)),
}
