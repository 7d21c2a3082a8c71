"""What a script is once it has been read: frozen nodes, shared by all shells that carry it out."""

from __future__ import annotations

from dataclasses import dataclass

# --- words ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Characters as they stand. ``quoted`` ones are never split and match only themselves."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$NAME`` or ``${NAME…}``: its operator and the word after that, if there are any."""

    name: str
    operator: str = ""
    word: Word | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(…)``: what a script prints."""

    script: Sequence
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((…))``."""

    word: Word
    quoted: bool = False


Part = Text | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its parts stand side by side."""

    parts: tuple[Part, ...] = ()

    @property
    def literal(self) -> str | None:
        """Its text where it has no quotes and nothing to expand: what a keyword is."""
        if len(self.parts) == 1:
            part = self.parts[0]
            if isinstance(part, Text) and not part.quoted:
                return part.text
        return None


# --- commands -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Redirect:
    """``2>&1``: a stream, an operator and a target; for ``<<`` the target is the text itself."""

    stream: int
    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words and redirections of one program, builtin or function."""

    words: tuple[Word, ...] = ()
    assigns: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    line: int = 1


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands whose outputs are the next ones' inputs."""

    commands: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Commands joined by ``&&`` and ``||``."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Background:
    """``command &``."""

    command: Node


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands one after the other."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what follows each, and what follows when none holds."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """``while``, or ``until``."""

    condition: Sequence
    body: Sequence
    until: bool = False


@dataclass(frozen=True, slots=True)
class For:
    """``for NAME in WORDS``; without words the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True, slots=True)
class Case:
    """``case WORD in``."""

    word: Word
    choices: tuple[tuple[tuple[Word, ...], Sequence], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``{ …; }``, or with ``apart`` ``( … )``, and the redirections behind any compound command."""

    body: Node
    apart: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """``name() { …; }``."""

    name: str
    body: Node


Node = Simple | Pipeline | AndOr | Background | Sequence | If | Loop | For | Case | Group | Function
