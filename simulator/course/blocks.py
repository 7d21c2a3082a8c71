"""Reading the typed blocks of a lesson: attributes and bodies, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from simulator.course.expression import Expression, parse_expression
from simulator.course.fence import Fence
from simulator.course.model import (
    Answer,
    Block,
    Check,
    Debrief,
    Fail,
    Hint,
    Identify,
    Observe,
    Order,
    Predict,
    Run,
    Solution,
    Sweep,
    Task,
    Teacher,
    Wrong,
)  # fmt: skip
from simulator.course.script import read_script
from simulator.course.template import parse_template
from simulator.course.yaml_text import Node, parse_yaml
from simulator.errors import InputError, unknown

MAX_OPTIONS = 9
MAX_SWEEP_RUNS = 200


def read_block(fence: Fence) -> list[Block]:
    """What a fence holds: one block, or the several checks of a check block."""
    read, allowed = BLOCKS[fence.kind]
    for key in fence.attributes:
        if key not in allowed:
            raise unknown(f"attribute of {fence.kind}", key, allowed, fence.place)
    found = read(fence)
    return found if isinstance(found, list) else [found]


def _predict(fence: Fence) -> Block:
    keys = ("ask", "options", "unit", "answer", "explain")
    table = fence.yaml(keys, ("ask", "answer"))
    kind = fence.attributes.get("kind", "choice")
    if kind not in ("choice", "number", "order"):
        raise unknown("kind of prediction", kind, ("choice", "number", "order"), fence.place)
    listed = table.get("options")
    options = listed.texts("options") if listed else ()
    if (kind != "number") != bool(options) or len(options) > MAX_OPTIONS or len(options) == 1:
        raise InputError(
            f"a prediction of kind {kind} has {'no' if kind == 'number' else f'2 to {MAX_OPTIONS}'}"
            " options", place=fence.place, found=str(len(options)),
        )  # fmt: skip
    explain = table.get("explain")
    return Predict(
        place=fence.place, id=fence.word("id"), kind=kind, ask=table.text("ask"), options=options,
        unit=table.text("unit"), answer=_answer(table["answer"], kind, len(options)),
        explain=parse_template(explain.text("explain").strip(), explain.place) if explain else None,
    )  # fmt: skip


_ANSWER_KEYS = ("from", "measure", "bins", "cases", "ranks", "tolerance", "margin")
_ANSWER_NEEDS = {"choice": ("bins or cases",), "number": ("measure",), "order": ("ranks",)}


def _answer(node: Node, kind: str, options: int) -> Answer:
    table = node.table("answer", _ANSWER_KEYS, ("from",))
    bins, measure = table.get("bins"), table.get("measure")
    tolerance, margin = table.get("tolerance"), table.get("margin")
    edges = tuple(b.number("bins", -1e12, 1e12) for b in bins.items("bins")) if bins else ()
    answer = Answer(
        place=node.place, run=table.text("from"), edges=edges,
        measure=_expression(measure) if measure else None,
        cases=_expressions(table.get("cases")), ranks=_expressions(table.get("ranks")),
        tolerance=tolerance.number("tolerance", 0, 10) if tolerance else 0.25,
        margin=margin.number("margin", 0, 1) if margin else 0.05,
    )  # fmt: skip
    _answer_fits(answer, kind, options)
    return answer


def _answer_fits(answer: Answer, kind: str, options: int) -> None:
    binned = answer.measure is not None and len(answer.edges) == options - 1
    good = {
        "choice": binned or len(answer.cases) == options,
        "number": answer.measure is not None,
        "order": len(answer.ranks) == options,
    }[kind]
    if not good or list(answer.edges) != sorted(answer.edges):
        wanted = {
            "choice": f"measure and {options - 1} rising bins, or {options} cases",
            "number": "measure",
            "order": f"{options} ranks",
        }[kind]
        raise InputError("this answer does not fit", place=answer.place, expected=wanted)


def _expression(node: Node, variables: tuple[str, ...] = ()) -> Expression:
    return parse_expression(node.text("an expression"), node.place, variables)


def _expressions(node: Node | None) -> tuple[Expression, ...]:
    return tuple(_expression(item) for item in node.items("a list")) if node else ()


def _run(fence: Fence) -> Block:
    lines = read_script(fence.body, fence.place)
    if not lines:
        raise InputError("this run block types nothing", place=fence.place)
    return Run(place=fence.place, id=fence.word("id"), lines=lines, fresh=fence.flag("fresh"))


def _task(fence: Fence) -> Block:
    text = parse_template(fence.body.strip(), fence.inside)
    points = fence.points()
    return Task(
        place=fence.place, id=fence.word("id"), text=text, points=points, fresh=fence.flag("fresh")
    )


def _check(fence: Fence) -> list[Block]:
    root = parse_yaml(fence.body, fence.inside)
    checks: list[Block] = []
    for item in root.items("a check block"):
        table = item.table("check", ("points", "pass", "fail", "good"), ("pass", "fail"))
        points, good = table.get("points"), table.get("good")
        checks.append(
            Check(
                place=item.place, task=fence.word("task"), number=0,
                points=points.number("points", 0, 1000) if points else 1.0,
                expression=_expression(table["pass"]),
                fail=parse_template(table.text("fail"), table["fail"].place),
                good=parse_template(table.text("good"), good.place) if good else None,
            )
        )  # fmt: skip
    if not checks:
        raise InputError("this check block is empty", place=fence.place)
    return checks


def _hint(fence: Fence) -> Block:
    text = parse_template(fence.body.strip(), fence.inside)
    when = fence.condition("when")
    return Hint(place=fence.place, task=fence.word("task"), when=when, text=text)


def _fail(fence: Fence) -> Block:
    when = fence.condition("when")
    if when is None:
        raise InputError('a fail block needs when="…"', place=fence.place)
    text = parse_template(fence.body.strip(), fence.inside)
    return Fail(place=fence.place, task=fence.word("task"), when=when, text=text)


def _solution(fence: Fence) -> Block:
    lines = read_script(fence.body, fence.place)
    if not lines:
        raise InputError("this solution types nothing", place=fence.place)
    title = fence.attributes.get("title", "One way")
    return Solution(place=fence.place, task=fence.word("task"), title=title, lines=lines)


def _wrong(fence: Fence) -> Block:
    raw = fence.attributes.get("fails", "")
    if not re.fullmatch(r"\d{1,3}(,\d{1,3})*", raw, re.ASCII):
        raise InputError(
            "a wrong block needs fails=…", place=fence.place, found=raw,
            expected="numbers of checks, for example fails=1 or fails=1,3",
        )  # fmt: skip
    return Wrong(
        place=fence.place, task=fence.word("task"), why=fence.attributes.get("why", ""),
        fails=tuple(sorted({int(n) for n in raw.split(",")})),
        lines=read_script(fence.body, fence.place),
    )  # fmt: skip


def _observe(fence: Fence) -> Block:
    table = fence.yaml(("series", "events"))
    series, events = table.get("series"), table.get("events")
    return Observe(
        place=fence.place,
        series=series.texts("series") if series else (),
        events=events.texts("events") if events else (),
    )


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
    lines = tuple(
        parse_template(line.text("run"), line.place, (parameter,))
        for line in table["run"].items("run")
    )
    return Sweep(
        place=fence.place, id=fence.word("id"), title=table.text("title"), parameter=parameter,
        values=values, seeds=seeds, lines=lines,
        measures={name: _expression(node, (parameter,)) for name, node in curves.items()},
    )  # fmt: skip


def _order(fence: Fence) -> Block:
    table = fence.yaml(("ask", "lines", "also"), ("ask", "lines"))
    lines = tuple(line.rstrip() for line in table["lines"].texts("lines"))
    if not 2 <= len(lines) <= 20:
        raise InputError("an order block has 2 to 20 lines", place=table["lines"].place)
    also_node = table.get("also")
    also = []
    for item in also_node.items("also") if also_node else []:
        positions = tuple(n.integer("a position") for n in item.items("also"))
        if sorted(positions) != list(range(1, len(lines) + 1)):
            raise InputError(
                "another order names every line once", place=item.place,
                expected=f"the numbers 1 to {len(lines)}",
            )  # fmt: skip
        also.append(positions)
    return Order(
        place=fence.place, id=fence.word("id"), ask=table.text("ask"), lines=lines,
        also=tuple(also), points=fence.points(),
    )  # fmt: skip


def _identify(fence: Fence) -> Block:
    table = fence.yaml(("ask", "kind", "where"), ("ask", "where"))
    kind = table.text("kind", "container")
    if kind not in ("container", "vm", "host"):
        raise unknown("kind of object", kind, ("container", "vm", "host"), table["kind"].place)
    return Identify(
        place=fence.place, id=fence.word("id"), ask=table.text("ask"), kind=kind,
        where=_expression(table["where"], ("name",)), points=fence.points(),
    )  # fmt: skip


def _teacher(fence: Fence) -> Block:
    return Teacher(place=fence.place, text=parse_template(fence.body.strip(), fence.inside))


def _debrief(fence: Fence) -> Block:
    task = fence.word("task") if "task" in fence.attributes else None
    text = parse_template(fence.body.strip(), fence.inside)
    return Debrief(place=fence.place, text=text, task=task)


Read = Callable[[Fence], Block | list[Block]]

BLOCKS: Mapping[str, tuple[Read, tuple[str, ...]]] = {
    "predict": (_predict, ("id", "kind")),
    "run": (_run, ("id", "fresh")),
    "task": (_task, ("id", "points", "fresh")),
    "check": (_check, ("task",)),
    "hint": (_hint, ("task", "when")),
    "fail": (_fail, ("task", "when")),
    "solution": (_solution, ("task", "title")),
    "wrong": (_wrong, ("task", "fails", "why")),
    "observe": (_observe, ()),
    "sweep": (_sweep, ("id",)),
    "order": (_order, ("id", "points")),
    "identify": (_identify, ("id", "points")),
    "teacher": (_teacher, ()),
    "debrief": (_debrief, ("task",)),
}
