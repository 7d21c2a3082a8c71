"""Texts of a lesson as plain lines: for pipes, screen readers and logs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from simulator.course.judging import CheckResult
from simulator.course.lesson_run import Reveal
from simulator.course.pages import Page, Part

WIDTH = 78

_EMPHASIS = re.compile(r"(\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")
_CODE = re.compile(r"(`[^`]*`)")


def page_lines(page: Page) -> list[str]:
    """A whole page as lines."""
    lines = ["", f"Step {page.number} of {page.count}: {page.title}", ""]
    for part in page.parts:
        found = part_lines(part)
        if found:
            lines += [*found, ""]
    return lines


def part_lines(part: Part) -> list[str]:
    """One part of a page as lines."""
    match part.kind:
        case "prose":
            return prose(part.text)
        case "observe":
            return [f"Watch: {', '.join(part.options)}"] if part.options else []
        case "predict":
            return _predict(part)
        case "run":
            return _run(part)
        case "task":
            ask = ["Type 'check' to see how far you are."] if part.state == "open" else []
            return [f"Task ({part.state}):", *prose(part.text), *ask]
        case "order" | "identify":
            return _question(part)
        case "sweep":
            return [f"Experiment: {part.text}. Type 'sweep {part.id}' to run it."]
        case "debrief" if part.state == "locked" and part.id != "What it meant":
            return []
        case "debrief" if part.state == "locked":
            return ["The debrief opens when the tasks and questions up to here are done."]
        case "debrief":
            return [f"{part.id}:", *prose(part.text)]
        case "teacher":
            return ["For the teacher:", *prose(part.text)]
    return []


def _predict(part: Part) -> list[str]:
    lines = [f"Predict before you run: {part.text}"]
    lines += [f"  {number}. {option}" for number, option in enumerate(part.options, start=1)]
    if part.state == "open":
        example = "NUMBER" if not part.options else "2" if part.id else "1"
        lines.append(f"Type 'predict {part.id} {example}', or only your answer.")
    else:
        lines.append("You have predicted.")
    return lines


def _run(part: Part) -> list[str]:
    lines = ["Lines that the lesson types for you:"]
    lines += [f"    {line}" for line in part.options]
    if part.state == "locked":
        return [*lines, "They wait for your prediction."]
    again = " again" if part.state == "done" else ""
    return [*lines, f"Type 'run' to run them{again}."]


def _question(part: Part) -> list[str]:
    lines = [part.text]
    lines += [f"  {number}. {line}" for number, line in enumerate(part.options, start=1)]
    example = "3 1 2 …" if part.kind == "order" else "NAME NAME …"
    return [*lines, f"Type 'answer {part.id} {example}'."]


def prose(markdown: str) -> list[str]:
    """Markdown as wrapped lines, its marks taken off; code stays as it is."""
    lines: list[str] = []
    fenced = False
    paragraph: list[str] = []
    for raw in [*markdown.split("\n"), ""]:
        if raw.lstrip().startswith("```"):
            lines += _flush(paragraph)
            fenced = not fenced
        elif fenced:
            lines.append("    " + raw)
        elif not raw.strip():
            lines += _flush(paragraph)
            if lines and lines[-1]:
                lines.append("")
        elif raw.startswith("    ") and not paragraph:
            lines.append(raw.rstrip())
        elif re.match(r"\s*([-*+]|\d+\.)\s", raw) or raw.startswith("|"):
            lines += _flush(paragraph)
            paragraph.append(raw.rstrip())
            if raw.startswith("|"):
                lines.append(plain(paragraph.pop()))
        else:
            paragraph.append(raw.strip() if paragraph else raw.rstrip())
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _flush(paragraph: list[str]) -> list[str]:
    if not paragraph:
        return []
    text = plain(" ".join(paragraph))
    item = re.match(r"\s*([-*+]|\d+\.)\s+", text)
    indent = " " * len(item[0]) if item else ""
    paragraph.clear()
    return textwrap.wrap(
        text.lstrip("#> "), WIDTH, subsequent_indent=indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def plain(text: str) -> str:
    """Inline Markdown without its marks; code keeps its back-quotes."""
    parts = _CODE.split(text)
    for index in range(0, len(parts), 2):
        bare = _LINK.sub(r"\1 (\2)", parts[index])
        head = re.match(r"\s*[-*+]\s", bare)
        start = head.end() if head and index == 0 else 0
        parts[index] = bare[:start] + _EMPHASIS.sub("", bare[start:])
    return "".join(parts)


def check_lines(results: Iterable[CheckResult]) -> list[str]:
    """The outcome of all checks."""
    lines = []
    for result in results:
        word = "passed" if result.passed else "failed"
        points = f"{result.points:g} of {result.max_points:g} points"
        text = f": {plain(result.message)}" if result.message else ""
        lines.append(f"Check {result.number} {word}, {points}{text}")
    return lines


def reveal_lines(reveal: Reveal) -> list[str]:
    """A prediction beside its outcome."""
    lines = [f"Question:       {reveal.predict.ask}"]
    lines.append(f"You predicted:  {reveal.predicted or 'nothing'}")
    lines.append(f"What happened:  {reveal.outcome.words}")
    if reveal.predicted is not None:
        lines.append("Your prediction was right." if reveal.correct else "It came out differently.")
    return [*lines, *(why_lines(reveal) if reveal.why else prose(reveal.explanation))]


def why_lines(reveal: Reveal) -> list[str]:
    """The question why, after a prediction that was wrong."""
    if reveal.why is None:
        return []
    options = [f"  {n}. {option}" for n, option in enumerate(reveal.why.options, start=1)]
    example = "because 1" if options else "because YOUR REASON"
    return [*prose(reveal.why.ask), *options, f"Type '{example}'; no points depend on it."]
