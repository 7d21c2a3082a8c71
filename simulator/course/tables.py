"""Marks as lines of text, for who graded; and what else is to be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.course.marks import Mark, Marks
from simulator.errors import harmless

MAX_NOTE = 150


def mark_lines(marks: Marks) -> Iterator[str]:
    """A table of marks, what resembles what, and a summary."""
    several = len(marks.titles) > 1
    heading = ["student", *(["lesson"] if several else []), "points", "of", "notes"]
    rows = [heading, *(_row(mark, several) for mark in marks.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heading) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield harmless("  ".join([*cells, row[-1]]).rstrip())
    yield ""
    if marks.like:
        yield from like_lines(marks)
        yield ""
    yield summary_line(marks)


def _row(mark: Mark, several: bool) -> list[str]:
    points = "-" if mark.score is None else f"{mark.score:g}"
    most = "-" if mark.max_score is None else f"{mark.max_score:g}"
    note = "; ".join([*([mark.problem] if mark.problem else []), *mark.notes])
    note = note if len(note) <= MAX_NOTE else note[: MAX_NOTE - 1] + "…"
    return [mark.person.shown, *([mark.lesson] if several else []), points, most, note]


def like_lines(marks: Marks) -> Iterator[str]:
    """Pairs that resemble each other: what they share, and no verdict."""
    yield "Work that resembles other work (look at it yourself: this is evidence, no verdict):"
    for one in marks.like:
        yield harmless(
            f"  {one.one.student} ({one.one.path.name}) and {one.other.student}"
            f" ({one.other.path.name}): {one.evidence}"
        )


def summary_line(marks: Marks) -> str:
    """How many were graded, refused, or handed in nothing."""
    graded = [mark for mark in marks.rows if mark.score is not None]
    nothing = sum(mark.score is None and not mark.attempts for mark in marks.rows)
    refused = len(marks.rows) - len(graded) - nothing
    words = [f"{len(graded)} graded", f"{refused} refused", f"{nothing} without a submission"]
    mean = _mean([mark.score / mark.max_score for mark in graded if mark.score is not None
                  and mark.max_score])  # fmt: skip
    if mean is not None:
        words.append(f"mean {mean * 100:.0f} % of the points")
    return ", ".join(words)


def _mean(shares: Sequence[float]) -> float | None:
    return sum(shares) / len(shares) if shares else None
