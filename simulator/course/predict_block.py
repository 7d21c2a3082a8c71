"""Reading predictions: the question, its answer as the model computes it, and the question why."""

from __future__ import annotations

from simulator.course.block_parts import expression, expressions
from simulator.course.fence import Fence
from simulator.course.model import Answer, Predict, Why
from simulator.course.template import parse_template
from simulator.course.yaml_text import Node
from simulator.errors import InputError, unknown

MAX_OPTIONS = 9
KINDS = ("choice", "number", "order")
_KEYS = ("ask", "options", "unit", "answer", "explain", "why")
_ANSWER_KEYS = ("from", "measure", "bins", "cases", "ranks", "tolerance", "margin")


def read_predict(fence: Fence) -> Predict:
    """A predict block."""
    table = fence.yaml(_KEYS, ("ask", "answer"))
    kind = fence.attributes.get("kind", "choice")
    if kind not in KINDS:
        raise unknown("kind of prediction", kind, KINDS, fence.place)
    listed = table.get("options")
    options = listed.texts("options") if listed else ()
    if (kind != "number") != bool(options) or len(options) > MAX_OPTIONS or len(options) == 1:
        raise InputError(
            f"a prediction of kind {kind} has {'no' if kind == 'number' else f'2 to {MAX_OPTIONS}'}"
            " options", place=fence.place, found=str(len(options)),
            expected=_with_comma(listed),
        )  # fmt: skip
    explain, why = table.get("explain"), table.get("why")
    return Predict(
        place=fence.place, id=fence.word("id"), kind=kind, ask=table.text("ask"), options=options,
        unit=table.text("unit"), answer=_answer(table["answer"], kind, len(options), fence.names),
        explain=parse_template(explain.text("explain").strip(), explain.place, fence.names)
        if explain else None,
        why=_why(why) if why else None, points=fence.points(0.0),
    )  # fmt: skip


def _with_comma(listed: Node | None) -> str | None:
    """A comma inside an option of [a, b] begins another option."""
    if listed is None or not isinstance(listed.value, list) or len(listed.value) < 2:
        return None
    return "each on a line of its own after '- ' where an option has a comma in it"


def _why(node: Node) -> Why:
    if isinstance(node.value, str):
        return Why(place=node.place, ask=node.text("why"))
    table = node.table("why", ("ask", "options", "right"), ("ask",))
    listed, right = table.get("options"), table.get("right")
    options = listed.texts("options") if listed else ()
    if len(options) == 1 or len(options) > MAX_OPTIONS:
        raise InputError("bad number of reasons", place=node.place, expected=f"2 to {MAX_OPTIONS}")
    best = right.integer("right", 1, max(1, len(options))) if right else 0
    return Why(place=node.place, ask=table.text("ask"), options=options, right=best)


def _answer(node: Node, kind: str, options: int, names: tuple[str, ...]) -> Answer:
    table = node.table("answer", _ANSWER_KEYS, ("from",))
    bins, measure = table.get("bins"), table.get("measure")
    tolerance, margin = table.get("tolerance"), table.get("margin")
    edges = tuple(b.amount("bins") for b in bins.items("bins")) if bins else ()
    answer = Answer(
        place=node.place, run=table.text("from"), edges=edges,
        measure=expression(measure, names) if measure else None,
        cases=expressions(table.get("cases"), names), ranks=expressions(table.get("ranks"), names),
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
