"""What a Dockerfile is made of, once read: stages, instructions, flags, here-documents.

Everything is frozen. Texts are as written: no variable has been expanded and no quote removed,
because both depend on the build (`expand` does that, one word at a time). Lines and columns
count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place, nearest

_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document: the lines between ``<<NAME`` and a line that holds only NAME.

    ``expand`` is false when the name was quoted; ``fd`` is None unless ``3<<NAME`` names one.
    """

    name: str
    content: str
    expand: bool
    strip_tabs: bool
    fd: int | None

    @property
    def text(self) -> str:
        """The content as the reader gets it: ``<<-`` drops the tabs at the start of each line."""
        return _LEADING_TABS.sub("", self.content) if self.strip_tabs else self.content


@dataclass(frozen=True, slots=True)
class Flag:
    """A ``--name=value`` before the arguments; value is None when there is no ``=``."""

    name: str
    value: str | None
    column: int
    line: int = 0

    def __str__(self) -> str:
        return f"--{self.name}" if self.value is None else f"--{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile.

    name: keyword in upper case; ``written`` is how the author wrote it.
    words: exec form: the JSON strings; shell form: one string; COPY and ADD: sources, then the
        destination; HEALTHCHECK: CMD or NONE, then the command; FROM: its words. Pairs: empty.
    pairs: name, value and separator of ENV, LABEL and ARG. The value is None for an ARG without
        default; the separator is "" for the old form ``ENV name value`` and for such an ARG.
    form: "exec", "shell", "words" or "pairs".
    text: the logical line, continuations joined and comments dropped, followed by its
        here-documents: what the build cache compares.
    json: the arguments were a JSON array (also for COPY, ADD and VOLUME, whose form is "words").
    comments: the comment lines directly above. empty_continuation: an empty line was skipped
        inside the instruction, before ``head_end_line``, its last line without here-documents.
    """

    name: str
    written: str
    flags: tuple[Flag, ...]
    words: tuple[str, ...]
    pairs: tuple[tuple[str, str | None, str], ...]
    form: str
    heredocs: tuple[Heredoc, ...]
    line: int
    end_line: int
    column: int
    text: str
    child: Instruction | None = None
    json: bool = False
    comments: tuple[str, ...] = ()
    empty_continuation: bool = False
    head_end_line: int = 0

    def flag(self, name: str) -> str | None:
        """Value of a flag: None when it is absent, "true" when it was given without a value."""
        values = self.flag_values(name)
        return values[-1] if values else None

    def flag_values(self, name: str) -> tuple[str, ...]:
        """All values of a flag that may be repeated, such as ``--mount`` and ``--exclude``."""
        return tuple(
            "true" if flag.value is None else flag.value for flag in self.flags if flag.name == name
        )

    def has_flag(self, name: str) -> bool:
        """Whether a yes-or-no flag such as ``--link`` is on."""
        return (self.flag(name) or "false").lower() == "true"

    def place(self, file: str = "Dockerfile") -> Place:
        """Where the instruction begins."""
        return Place(file, self.line, self.column)

    @property
    def heredoc_sources(self) -> tuple[Heredoc, ...]:
        """Files that COPY or ADD take from the Dockerfile itself."""
        return self.heredocs if self.name in ("COPY", "ADD") else ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths, URLs or patterns that COPY or ADD read; here-documents are left out."""
        if self.name not in ("COPY", "ADD"):
            return ()
        words = self.words[:-1]
        return tuple(w for w in words if "<<" not in w) if self.heredocs else words

    @property
    def destination(self) -> str:
        """Where COPY or ADD write; "" for other instructions."""
        return self.words[-1] if self.name in ("COPY", "ADD") and self.words else ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A FROM and what follows it: ``name`` in lower case, ``base`` and ``platform`` unexpanded."""

    index: int
    name: str | None
    base: str
    platform: str | None
    instructions: tuple[Instruction, ...]

    @property
    def label(self) -> str:
        """How the builder names it: its name or its number."""
        return self.name if self.name is not None else str(self.index)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole Dockerfile. ``global_args`` are the ARGs above the first FROM."""

    name: str
    directives: Mapping[str, str]
    escape: str
    global_args: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    instructions: tuple[Instruction, ...]
    directive_lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def stage(self, target: str) -> Stage:
        """The stage with that name or number; of several with one name, the last.

        Raises InputError in the builder's words when there is none.
        """
        wanted = target.lower()
        for stage in reversed(self.stages):
            if stage.name == wanted:
                return stage
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 9:
            index = int(wanted)
            if index < len(self.stages):
                return self.stages[index]
        names = [stage.label for stage in self.stages]
        raise InputError(
            f'target stage "{shown(target)}" could not be found',
            place=Place(self.name),
            expected="one of: " + ", ".join(names[:12]),
            nearest=nearest(target, names),
        )
