"""From the text of a lesson file to a :class:`Lesson`; every error names file, line and word.

A lesson is Markdown with YAML front matter. ``##`` headings and ``---`` rules begin a new step.
A fenced block whose first word is one of ``BLOCKS`` is part of the machinery, a fence in a
language of ``SHOWN`` is shown as it is, and any other word is an error, so that a typing mistake
never turns a check into prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.course.behaviour import behaviour_hash
from simulator.course.blocks import BLOCKS, read_block
from simulator.course.fence import Fence
from simulator.course.front import Front, read_front
from simulator.course.links import link_problems
from simulator.course.mistakes import together
from simulator.course.model import Block, Check, Lesson, Prose, Step
from simulator.course.template import parse_template
from simulator.errors import InputError, Place, refuse_control_codes, unknown
from simulator.files import read_text

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_BYTES = 256 * 1024
MAX_BLOCKS = 300
MAX_STEPS = 80

SHOWN = frozenset(
    ("", "text", "console", "bash", "sh", "dockerfile", "python", "yaml", "json", "toml", "diff")
)

_NAMES = re.compile(r"^  ([a-z][a-z0-9_]*):", re.MULTILINE)
"""What may be names of ``vary:`` in a front matter that cannot be read."""
_ATTRIBUTE = re.compile(r"""([a-z][a-z_]*)=("[^"]*"|'[^']*'|[^\s"']+)(?=\s|$)""")


def read_lesson(path: Path) -> Lesson:
    """The lesson in a file; files it needs lie in the folder of the same name beside it."""
    text = read_text(path, limit_bytes=MAX_BYTES, what="lesson")
    return parse_lesson(text, name=str(path), folder=path.with_suffix(""))


def parse_lesson(text: str, *, name: str = "lesson", folder: Path | None = None) -> Lesson:
    """The lesson in a text; raises InputError and nothing else."""
    start = Place(name, 1)
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InputError("lesson too large", place=start, expected=f"at most {MAX_BYTES:,} bytes")
    refuse_control_codes(text, start)
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    tokens = [token for token in _tokens(text, start) if token.map]
    if not tokens or tokens[0].type != "front_matter":
        raise InputError("a lesson begins with front matter between two --- lines", place=start)
    mistakes: list[InputError] = []
    front = _front(tokens[0].content, Place(name, 2), folder, mistakes)
    names = tuple(front.vary) if front else tuple(_NAMES.findall(tokens[0].content))
    reader = _Steps(name, lines, front.title if front else "", names)
    steps = reader.read(tokens[1:])
    mistakes += reader.mistakes
    if front is None or mistakes:
        raise together(mistakes)
    lesson = front.lesson(start, "", steps)
    mistakes += link_problems(lesson)
    if mistakes:
        raise together(mistakes)
    return replace(lesson, hash=behaviour_hash(lesson))


def _front(
    text: str, place: Place, folder: Path | None, mistakes: list[InputError]
) -> Front | None:
    """The front matter; None where it cannot be read, and the rest is read all the same."""
    try:
        return read_front(text, place, folder)
    except InputError as error:
        mistakes.append(error)
        return None


def _tokens(text: str, place: Place) -> list[Token]:
    """Top-level Markdown tokens. A text line above --- stays text: --- always begins a step."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    markdown = MarkdownIt("commonmark").use(front_matter_plugin).disable(["lheading", "html_block"])
    try:
        return list(markdown.parse(text))
    except (RecursionError, ValueError, IndexError) as error:
        raise InputError(f"this Markdown cannot be read ({error})", place=place) from None


@dataclass(slots=True)
class _Open:
    """The step being read."""

    title: str
    place: Place
    parts: list[Block]
    prose_from: int


class _Steps:
    """Cuts the token stream into steps, prose and blocks."""

    def __init__(self, name: str, lines: list[str], title: str, names: tuple[str, ...]) -> None:
        self._name = name
        self._names = names
        self._lines = lines
        self._title = title
        self._steps: list[Step] = []
        self._count = 0
        self.mistakes: list[InputError] = []
        self._checks: dict[str, int] = {}

    def read(self, tokens: list[Token]) -> tuple[Step, ...]:
        begin = tokens[0].map[0] if tokens and tokens[0].map else 0
        self._open = _Open(self._title, Place(self._name, begin + 1), [], begin)
        for token in tokens:
            try:
                self._token(token)
            except InputError as error:
                self.mistakes.append(error)
        try:
            self._close(len(self._lines))
        except InputError as error:
            self.mistakes.append(error)
        if not self._steps and not self.mistakes:
            raise InputError("a lesson needs at least one step", place=Place(self._name, 1))
        return tuple(self._steps)

    def _token(self, token: Token) -> None:
        first, last = token.map or [0, 0]
        if token.type == "heading_open" and token.level == 0:
            self._heading(token, first, last)
        elif token.type == "hr" and token.level == 0:
            self._new(self._open.title, first, last)
        elif token.type == "fence":
            self._fence(token, first, last)

    def _heading(self, token: Token, first: int, last: int) -> None:
        if token.tag == "h1":
            raise InputError(
                "the title stands in the front matter; steps begin with ##",
                place=Place(self._name, first + 1),
            )
        if token.tag == "h2":
            self._new(self._lines[first].strip().strip("#").strip(), first, last)

    def _new(self, title: str, first: int, last: int) -> None:
        self._close(first)
        self._open = _Open(title or self._title, Place(self._name, first + 1), [], last)
        if len(self._steps) >= MAX_STEPS:
            raise InputError(
                "too many steps", place=self._open.place, expected=f"at most {MAX_STEPS}"
            )

    def _close(self, upto: int) -> None:
        self._prose(upto)
        if self._open.parts:
            step = Step(self._open.title, self._open.place, tuple(self._open.parts))
            self._steps.append(step)

    def _prose(self, upto: int) -> None:
        first = self._open.prose_from
        raw, self._open.prose_from = self._lines[first:upto], upto
        skipped = next((i for i, line in enumerate(raw) if line.strip()), len(raw))
        text = "\n".join(raw[skipped:]).rstrip()
        if text:
            place = Place(self._name, first + skipped + 1)
            self._open.parts.append(
                Prose(place=place, text=parse_template(text, place, self._names))
            )

    def _fence(self, token: Token, first: int, last: int) -> None:
        place = Place(self._name, first + 1)
        kind, _, rest = token.info.strip().partition(" ")
        if kind in SHOWN:
            return
        if kind not in BLOCKS:
            raise unknown("kind of block", kind, {*BLOCKS, *SHOWN} - {""}, place)
        if token.level:
            raise InputError(f"a {kind} block must not stand inside a list or quote", place=place)
        self._count += 1
        if self._count > MAX_BLOCKS:
            raise InputError("too many blocks", place=place, expected=f"at most {MAX_BLOCKS}")
        if not self._lines[last - 1].lstrip().startswith(token.markup[:3]) or last - first < 2:
            raise InputError(f"this {kind} block is not closed", place=place)
        try:
            self._prose(first)
        finally:
            self._open.prose_from = last
        attributes = _attributes(rest, kind, place)
        for block in read_block(Fence(kind, attributes, token.content, place, self._names)):
            self._open.parts.append(self._numbered(block))

    def _numbered(self, block: Block) -> Block:
        """Checks of a task are numbered from 1 in the order of the file."""
        if not isinstance(block, Check):
            return block
        number = self._checks[block.task] = self._checks.get(block.task, 0) + 1
        return replace(block, number=number)


def _attributes(text: str, kind: str, place: Place) -> dict[str, str]:
    """``id=gap kind=choice when="a < b"`` as a mapping."""
    found: dict[str, str] = {}
    rest = text.strip()
    while rest:
        match = _ATTRIBUTE.match(rest)
        if match is None:
            raise InputError(
                f"bad attribute of {kind}", place=place, found=rest, expected='key=word or key="…"'
            )
        key, value = match[1], match[2]
        if key in found:
            raise InputError(f"attribute of {kind} stands twice", place=place, found=key)
        found[key] = value[1:-1] if value[0] in "\"'" else value
        rest = rest[match.end() :].strip()
    return found
