"""A beat of a demonstration as lines: large type, few words, numbers beside numbers."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.course.demo.stage import Outcome, Shown, Stage
from simulator.errors import InputError
from simulator.tui.bigtype import big_lines, big_rows, width_of
from simulator.tui.glyphs import glyphs, to_ascii
from simulator.tui.prose import markdown_lines, wrapped
from simulator.tui.widgets.ink import Line

WIDEST = 90
"""Longer lines are hard to find the beginning of, from the last row."""
TYPED = 5


def beat_lines(stage: Stage, typed: Sequence[str], width: int) -> list[Line]:
    """The whole page of a beat; ``typed``: what was typed and printed so far."""
    room = min(width, WIDEST)
    beat = stage.beat
    lines: list[Line] = [((row, "title"),) for row in big_lines(to_ascii(beat.title), width)]
    lines += [(), *markdown_lines(stage.text(), room), ()]
    if beat.vote is not None:
        counts = stage.votes.get(beat.vote.id, ())
        lines += wrapped(beat.vote.ask, room, "strong")
        lines += _options(beat.vote.options, counts, None, room)
        lines += [(), (("v counts the votes", "dim"),)]
    if beat.reveal is not None:
        lines += _revealed(stage.outcome(beat.reveal), room)
    if beat.scene is not None:
        lines += _scene(stage, typed, width)
    after = stage.after()
    return [*lines, (), *markdown_lines(after, room)] if after else lines


def _revealed(outcome: Outcome, width: int) -> list[Line]:
    return [
        *wrapped(outcome.ask, width, "strong"),
        *_options(outcome.options, outcome.counts, outcome.right, width),
    ]


def _options(
    options: Sequence[str], counts: Sequence[int], right: int | None, width: int
) -> list[Line]:
    signs = glyphs()
    most = max([*counts, 1])
    lines: list[Line] = []
    for index, option in enumerate(options):
        mark = f"{signs.passed} " if index == right else "  "
        role = "good" if index == right else "plain" if right is None else "dim"
        lines.append(())
        for row, line in enumerate(wrapped(option, width - 6, role)):
            head = f"{mark}{index + 1}) " if row == 0 else "     "
            lines.append((((head, role)), *line))
        if counts and any(counts):
            bar = signs.block * round((width - 20) * counts[index] / most)
            lines.append((("     ", "plain"), (bar, "accent"), (f" {counts[index]}", "strong")))
    return lines


def _scene(stage: Stage, typed: Sequence[str], width: int) -> list[Line]:
    scene = stage.beat.scene
    assert scene is not None
    of = f", beside: {stage.demo.scene(scene.of).title}" if scene.of else ""
    lines: list[Line] = [((scene.title, "accent"), (of, "dim"))]
    lines += [((f"  {to_ascii(text)[: width - 2]}", "code"),) for text in typed[-TYPED:]]
    if not stage.begun:
        return [*lines, (("space plays it", "dim"),)]
    shown = stage.figures() if stage.done else stage.watched()
    return [*lines, (), *figures(shown, width)]


def figures(shown: Sequence[Shown], width: int) -> list[Line]:
    """Numbers in large type; beside a branch those of the original, smaller."""
    lines: list[Line] = []
    for one in shown:
        value = to_ascii(one.value)
        before = f"   before: {to_ascii(one.before)}" if one.before else ""
        lines.append(((one.label, "strong"),))
        if width_of(value) + len(before) > width:
            lines.append(((f"{value}{before}", "title"),))
            continue
        rows = big_rows(value)
        middle = len(rows) // 2
        lines += [
            ((row, "title"), (before if index == middle else "", "dim"))
            for index, row in enumerate(rows)
        ]
    return lines


def words(stage: Stage) -> str:
    """What is said at a beat now, by which it is known how long to wait."""
    try:
        return f"{stage.text()} {stage.after()}"
    except InputError:
        return ""
