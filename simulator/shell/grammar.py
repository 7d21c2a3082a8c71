"""What a command is made of: its words, arguments and flags, and how typed words become a call.

Flags are read by the rules of the real tool: ``-dit``, ``-m 64m``, ``-m64m``, ``--memory=64m``,
``--rm=false``, ``--`` ends them. Where ``trailing`` is set the first argument ends them too, as in
``docker run IMAGE COMMAND``. All values are converted here, before anything is carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.errors import InputError, Place, nearest, printable
from simulator.shell.parts import LINE, Word


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of value: its name in help texts, how it is read, and what completes it."""

    name: str
    parse: Callable[[str], Any]
    source: str = ""
    """What live names complete it: container, image, service, machine, …"""
    choices: tuple[str, ...] = ()
    explained: tuple[tuple[str, str], ...] = ()
    """Words that may begin a value, each with what it means; there are others."""


UNSAID: Any = ()
"""What a switch is by default of which it matters whether it was said at all."""


@dataclass(frozen=True, slots=True)
class Flag:
    """An option. A ``kind`` of None is a switch; ``repeat`` collects values into a tuple."""

    names: tuple[str, ...]
    help: str
    kind: Kind | None = None
    default: Any = None
    repeat: bool = False
    refused: str = ""
    """Why this flag of the real tool is refused, where it is."""
    ignored: bool = False
    """Accepted because it changes nothing here (``-t`` of ``docker run``)."""
    sets: str = ""
    """The field of a container's specification that it sets, where it sets one."""
    shown: str = ""
    """What ``docker inspect`` calls that in ``HostConfig``, where it shows it as it is."""
    held_as: str = ""
    """The name under which a call holds the value, where it is not the long name."""

    @property
    def key(self) -> str:
        """The name under which a call holds the value: the long name without dashes."""
        if self.held_as:
            return self.held_as
        longest = max(self.names, key=len)
        return longest.lstrip("-").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional value; ``repeat`` takes all that are left."""

    name: str
    kind: Kind
    help: str = ""
    optional: bool = False
    repeat: bool = False

    def usage(self) -> str:
        """How it reads in a usage line: ``IMAGE``, ``[COMMAND...]``."""
        text = self.name + ("..." if self.repeat else "")
        return f"[{text}]" if self.optional else text


@dataclass(slots=True)
class Call:
    """A command with converted values, ready to be carried out."""

    verb: Verb
    values: dict[str, Any]
    operator: str = ";"
    column: int = 1
    text: str = ""
    deferred: tuple[Word, ...] = ()
    """Words of a call with ``$(...)`` in it: it is read again when they are known."""
    stdin: str | None = None
    """What it is handed to read, where the line has it."""
    stdin_files: tuple[str, ...] = ()
    """Files whose text it is handed instead."""
    sources: tuple[Path, ...] = ()
    """The files that the call was read from, outermost first."""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


Handler = Callable[[Any, Call], Iterable[str]]
"""Carries a call out in a session; verbs know of which kind, the grammar does not."""


_WITHOUT_DAEMON = (
    ("docker", "version"),
    ("docker", "compose", "config"),
    ("docker", "compose", "version"),
    ("docker", "stack", "config"),
)
"""Commands of the client that have something to say where no daemon answers."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One command of the registry."""

    path: tuple[str, ...]
    help: str
    run: Handler
    arguments: tuple[Argument, ...] = ()
    flags: tuple[Flag, ...] = ()
    examples: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    destructive: bool = False
    trailing: bool = False
    free: bool = False
    """Takes its words as they are; what looks like a flag and is none of its own is a word."""
    details: str = ""
    known: tuple[str, ...] = field(default=(), repr=False)
    """Flags of the real tool that are not modelled."""
    validate: Callable[[dict[str, Any]], None] | None = None
    """Looks at all values together, and may add to them, before anything is carried out."""

    @property
    def name(self) -> str:
        """The words that call it: ``docker run``."""
        return " ".join(self.path)

    @property
    def tool(self) -> str:
        """Which real tool's command it is; ``drydock`` for what no real tool has."""
        return self.path[0] if self.path[0] in ("docker", "kubectl") else "drydock"

    @property
    def asks_daemon(self) -> bool:
        """Whether it goes to the daemon of the machine that it is sent to.

        One that names containers goes to theirs; ``docker version`` has something to say without.
        """
        if self.tool != "docker" or self.path in _WITHOUT_DAEMON:
            return False
        return all(one.kind.source != "container" for one in self.arguments)

    def usage(self) -> str:
        """The usage line, in the real tool's form."""
        options = " [OPTIONS]" if any(not f.refused for f in self.flags) else ""
        return self.name + options + "".join(f" {a.usage()}" for a in self.arguments)

    def flag(self, name: str) -> Flag | None:
        """The flag of this name, or None."""
        return next((flag for flag in self.flags if name in flag.names), None)


def place(word: Word | None) -> Place | None:
    """The place of a word in its line."""
    return Place(LINE, 1, word.column) if word is not None else None


def read(verb: Verb, words: Sequence[Word]) -> dict[str, Any]:
    """The converted values of a call of ``verb``; InputError names what is wrong and where."""
    return _Reader(verb, words).read()


def _named(error: InputError, prefix: str, where: Place | None) -> InputError:
    """An error of a value, with what it was the value of."""
    return InputError(
        prefix + error.problem,
        place=where,
        found=error.found,
        expected=error.expected,
        nearest=error.nearest,
    )


def _kept(flag: Flag) -> bool:
    """Whether its default is a value as it stands, and not whether a switch is on."""
    return flag.kind is not None or flag.default is UNSAID


class _Reader:
    """Reads the words after the command's own, left to right."""

    def __init__(self, verb: Verb, words: Sequence[Word]) -> None:
        self.verb = verb
        self.words = words
        self.index = 0
        self.values: dict[str, Any] = {
            flag.key: () if flag.repeat else flag.default if _kept(flag) else bool(flag.default)
            for flag in verb.flags
            if not flag.refused
        }
        self.positional: list[Word] = []

    def read(self) -> dict[str, Any]:
        """Flags and arguments of all words."""
        while self.index < len(self.words):
            word = self.words[self.index]
            self.index += 1
            if self.verb.trailing and self.positional:
                self.positional.append(word)
            elif word.text == "--" and not word.quoted:
                self.positional += self.words[self.index :]
                break
            elif self._is_flag(word):
                self._flag(word)
            else:
                self.positional.append(word)
        if not self.values.get("help"):
            self._arguments()
            self._validate()
        return self.values

    def _validate(self) -> None:
        if self.verb.validate is None:
            return
        try:
            self.verb.validate(self.values)
        except InputError as error:
            raise _named(error, f"{self.verb.name}: ", place(self.words[0])) from None

    def _is_flag(self, word: Word) -> bool:
        text = word.text
        if len(text) < 2 or text[0] != "-" or (word.quoted and " " in text.partition("=")[0]):
            return False
        if self.verb.tool == "drydock" and text[1].isdigit() and self.verb.flag(text[:2]) is None:
            return False  # a negative value: the kind of the argument says what is wrong with it
        if self.verb.free:
            name = text.partition("=")[0]
            return self.verb.flag(name) is not None or text.startswith("--")
        return True

    def _flag(self, word: Word) -> None:
        if word.text.startswith("--"):
            name, equals, value = word.text.partition("=")
            self._set(self._known(name, word), value if equals else None, word)
            return
        cluster = word.text[1:]
        for at, letter in enumerate(cluster):
            flag = self._known(f"-{letter}", word)
            rest = cluster[at + 1 :]
            if flag.kind is not None or rest.startswith("="):
                self._set(flag, rest.removeprefix("=") if rest else None, word)
                return
            self._set(flag, None, word)

    def _known(self, name: str, word: Word) -> Flag:
        flag = self.verb.flag(name)
        if flag is None:
            raise self._unknown(name, word)
        if flag.refused:
            raise self._error(f"{name} is not modelled: {flag.refused}", word)
        return flag

    def _unknown(self, name: str, word: Word) -> InputError:
        if name in self.verb.known:
            return self._error(f"flag {name} is not modelled", word)
        valid = [n for f in self.verb.flags if not f.refused for n in f.names if len(n) > 3]
        shown = printable(word.text.partition("=")[0])[1:-1]
        near = nearest("-" + word.text if not name.startswith("--") else name, valid)
        if near is None and len(name) > 4:
            # A cut-off word (--mem) is far by spelling, yet its meaning is plain.
            near = next((n for n in valid if n.startswith(name)), None)
        if len(name) == 2 and self.verb.tool == "docker":
            shown = f"'{shown[1:2]}' in {shown}"
            return self._error(f"unknown shorthand flag: {shown}", word, near)
        return self._error(f"unknown flag: {shown}", word, near)

    def _error(self, problem: str, word: Word | None, near: str | None = None) -> InputError:
        return InputError(f"{self.verb.name}: {problem}", place=place(word), nearest=near)

    def _set(self, flag: Flag, text: str | None, word: Word) -> None:
        if flag.kind is None:
            self.values[flag.key] = self._switch(flag, text, word)
            return
        source = word
        if text is None:
            if self.index >= len(self.words):
                raise self._error(f"flag needs an argument: {flag.names[-1]}", word)
            source = self.words[self.index]
            text = source.text
            self.index += 1
        value = self._convert(flag.kind, text, source, self._spoken(flag, word))
        if flag.repeat:
            self.values[flag.key] = (*self.values[flag.key], value)
        else:
            self.values[flag.key] = value

    def _spoken(self, flag: Flag, word: Word) -> str:
        """The long name that was typed; the flag's own where a short one was."""
        typed = word.text.partition("=")[0]
        return typed if typed in flag.names and typed.startswith("--") else flag.names[-1]

    def _switch(self, flag: Flag, text: str | None, word: Word) -> bool:
        if text is None:
            return True
        if text.lower() not in ("true", "false", "1", "0"):
            raise self._error(f"invalid value '{text}' for {flag.names[-1]}: true or false", word)
        return text.lower() in ("true", "1")

    def _convert(self, kind: Kind, text: str, word: Word, what: str) -> Any:
        try:
            return kind.parse(text)
        except InputError as error:
            raise _named(error, f"{self.verb.name}: {what}: ", place(word)) from None

    def _arguments(self) -> None:
        left = list(self.positional)
        for argument in self.verb.arguments:
            if argument.repeat:
                taken, left = left, []
                if not taken and not argument.optional:
                    raise self._missing(argument)
                self.values[argument.name] = tuple(
                    self._convert(argument.kind, word.text, word, argument.name) for word in taken
                )
            elif left:
                word = left.pop(0)
                value = self._convert(argument.kind, word.text, word, argument.name)
                self.values[argument.name] = value
            elif argument.optional:
                self.values[argument.name] = None
            else:
                raise self._missing(argument)
        if left:
            wanted = self.verb.usage()
            raise self._error(f"unexpected argument {printable(left[0].text)}; {wanted}", left[0])

    def _missing(self, argument: Argument) -> InputError:
        return self._error(f"{argument.name} is missing; {self.verb.usage()}", None)
