"""A demonstration on standard input and output: for screen readers, logs, and a quick look."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import TextIO

from simulator.course.demo.model import Beat
from simulator.course.demo.stage import Outcome, Shown, Stage, read_counts
from simulator.course.words import prose
from simulator.errors import DrydockError, unknown

WIDTH = 78
PROMPT = "> "
LOOKS = 8
"""So often the watched figures are told while a scene is played."""
WORDS = ("next", "play", "step", "back", "vote", "beats", "go", "help", "quit")
HELP = (
    "Enter or 'next': play this beat, then go on    'back': rewind a beat    'go N': to beat N",
    "'vote 12 3 5': counts, one an option           'step 10': only ten seconds of the scene",
    "'beats': all of them                           'quit'",
)


def auto(stage: Stage, writer: TextIO) -> int:
    """The whole show without anybody; 1 when a claim is not so, else 0."""
    broken = 0
    _put(writer, heading(stage))
    while True:
        _put(writer, beat_lines(stage))
        for lines in scene_lines(stage):
            _put(writer, lines)
        _put(writer, after_lines(stage))
        for claim in stage.broken_claims():
            broken += 1
            _put(writer, [f"NOT SO: {claim}"])
        if not stage.next():
            break
    _put(writer, ["", *textwrap.wrap(stage.demo.point, WIDTH)])
    return 1 if broken else 0


def _put(writer: TextIO, lines: list[str]) -> None:
    for line in lines:
        writer.write(line.rstrip() + "\n")
    writer.flush()


def heading(stage: Stage) -> list[str]:
    """The title, and what the model leaves out."""
    demo = stage.demo
    lines = [demo.title, "=" * len(demo.title)]
    if demo.simplified:
        lines += textwrap.wrap(f"Simplified: {demo.simplified}", WIDTH)
    return lines


def beat_lines(stage: Stage) -> list[str]:
    """What is said at a beat, and its vote."""
    beat, number = stage.beat, stage.index + 1
    lines = ["", f"{number} of {len(stage.demo.beats)}. {beat.title}", "", *prose(stage.text())]
    if beat.vote is not None:
        lines += ["", *textwrap.wrap(f"Vote: {beat.vote.ask}", WIDTH)]
        lines += [f"  {i}. {option}" for i, option in enumerate(beat.vote.options, start=1)]
    if beat.reveal is not None:
        lines += ["", *outcome_lines(stage.outcome(beat.reveal))]
    return lines


def outcome_lines(outcome: Outcome) -> list[str]:
    """The votes as bars, and what came true."""
    lines = textwrap.wrap(outcome.ask, WIDTH)
    most = max([*outcome.counts, 1])
    for index, (option, count) in enumerate(zip(outcome.options, outcome.counts, strict=True)):
        mark = "=>" if index == outcome.right else "  "
        bar = f"  {'#' * round(20 * count / most)} {count}" if any(outcome.counts) else ""
        lines.append(f"{mark} {index + 1}. {option}{bar}")
    return lines


def scene_lines(stage: Stage, until: float | None = None) -> Iterator[list[str]]:
    """Play the scene of a beat and tell of it as it goes on; ``until``: no further than that."""
    scene = stage.beat.scene
    if scene is None or stage.done:
        return
    if not stage.begun:
        beside = f", beside: {stage.demo.scene(scene.of).title}" if scene.of else ""
        yield ["", f"[{scene.title}{beside}]"]
        stage.begin()
    while not stage.done:
        now = stage.session.world.now
        if until is not None and now >= until:
            return
        lines = []
        for line, outcome in stage.play(min(until or float("inf"), now + _pause(stage))):
            lines += [f"  $ {line}"] if line else []
            lines += [f"    {text}" for text in list(outcome.lines)[-2:]]
        if not stage.done:
            lines += _watched(stage)
        yield lines


def _pause(stage: Stage) -> float:
    """Simulated seconds between two looks: the scene's own longest wait, cut into pieces."""
    from simulator.errors import InputError
    from simulator.units import parse_duration

    longest = 8.0
    scene = stage.beat.scene
    lines = [line.text for line in scene.lines] if scene is not None else []
    lines += [line.text for line in stage.demo.scene(scene.of).lines] if scene and scene.of else []
    for text in lines:
        word, _, rest = text.partition(" ")
        if word == "advance":
            try:
                longest = max(longest, parse_duration(rest.strip()))
            except InputError:
                continue
    return longest / LOOKS


def _watched(stage: Stage) -> list[str]:
    shown = [f"{one.label} {one.value}{f' ({one.before} before)' if one.before else ''}"
             for one in stage.watched()]  # fmt: skip
    return [f"  at {stage.session.world.now:,.0f} s: {', '.join(shown)}"] if shown else []


def after_lines(stage: Stage) -> list[str]:
    """What a scene came to, and what is said of it."""
    lines = ["", *figure_lines(stage.figures())] if stage.figures() else []
    text = stage.after()
    return [*lines, "", *prose(text)] if text else lines


def figure_lines(figures: list[Shown]) -> list[str]:
    """Figures as a table; with the original's beside them where there is one."""
    width = max(len(one.label) for one in figures)
    beside = any(one.before for one in figures)
    lines = [f"  {'':<{width}}  {'before':>14}  {'now':>14}"] if beside else []
    for one in figures:
        before = f"  {one.before:>14}" if beside else ""
        lines.append(f"  {one.label:<{width}}{before}  {one.value:>14}")
    return lines


class Show:
    """The same, led by a person who types."""

    def __init__(self, stage: Stage, reader: TextIO, writer: TextIO) -> None:
        self._stage = stage
        self._reader = reader
        self._writer = writer
        self._ended = False
        self._words: dict[str, Callable[[str], None]] = {
            "next": self._next,
            "play": lambda rest: self._play(None),
            "step": self._step,
            "back": self._back,
            "vote": self._vote,
            "beats": self._beats,
            "go": self._go,
            "help": lambda rest: _put(self._writer, list(HELP)),
        }

    def run(self) -> int:
        """Until the end, or 'quit'; always 0: nobody is judged here."""
        _put(self._writer, [*heading(self._stage), *HELP, *beat_lines(self._stage)])
        while not self._ended:
            self._writer.write(PROMPT)
            self._writer.flush()
            line = self._reader.readline(2000)
            if not line:
                self._writer.write("\n")
                break
            try:
                self._say(line.strip())
            except DrydockError as error:
                _put(self._writer, [f"error: {error}"])
        return 0

    def _say(self, line: str) -> None:
        word, _, rest = (line or "next").partition(" ")
        if word == "quit":
            self._ended = True
            return
        if word.isascii() and word.isdigit() and self._stage.beat.vote is not None:
            word, rest = "vote", line
        if word not in self._words:
            raise unknown("word", word, WORDS)
        self._words[word](rest.strip())

    def _next(self, rest: str) -> None:
        if not self._stage.done:
            self._play(None)
        elif self._stage.next():
            _put(self._writer, beat_lines(self._stage))
        else:
            _put(self._writer, ["", *textwrap.wrap(self._stage.demo.point, WIDTH)])
            self._ended = True

    def _play(self, until: float | None) -> None:
        for lines in scene_lines(self._stage, until):
            _put(self._writer, lines)
        if self._stage.done:
            _put(self._writer, after_lines(self._stage))

    def _step(self, rest: str) -> None:
        count = (read_counts(rest) or [1])[0]
        self._play(self._stage.session.world.now + max(1, count))

    def _back(self, rest: str) -> None:
        if not self._stage.back():
            _put(self._writer, ["This is the beginning."])
            return
        _put(self._writer, beat_lines(self._stage))

    def _go(self, rest: str) -> None:
        self._stage.go((read_counts(rest) or [1])[0] - 1)
        _put(self._writer, beat_lines(self._stage))

    def _vote(self, rest: str) -> None:
        self._stage.count(read_counts(rest))
        _put(self._writer, ["Noted."])

    def _beats(self, rest: str) -> None:
        def row(index: int, beat: Beat) -> str:
            return f"{'>' if index == self._stage.index else ' '} {index + 1}. {beat.title}"

        _put(self._writer, [row(i, beat) for i, beat in enumerate(self._stage.demo.beats)])
