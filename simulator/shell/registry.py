"""The one registry of commands: parsing, help, completion and the key sheet read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from simulator.errors import InputError, nearest, printable
from simulator.shell import filtering, piping
from simulator.shell.compose_words import COMPOSE_NOT_MODELLED, assignments, compose_flags
from simulator.shell.grammar import Argument, Call, Flag, Handler, Verb, place, read
from simulator.shell.kinds import MACHINE, integer
from simulator.shell.modules import MODULES
from simulator.shell.parts import Part, Word
from simulator.shell.refused import instead_of, is_refused
from simulator.shell.words import split

_MACHINE_HELP = "the machine whose daemon is meant ('all': every one)"
ON_MACHINE = Flag(("-H", "--host"), _MACHINE_HELP, MACHINE)
_ON_MACHINE_SHORT = Flag(("-H",), _MACHINE_HELP, MACHINE, held_as="host")
"""Where ``--host`` is something else: a line of ``/etc/hosts`` of a service."""
_GLOBAL = {"-H": "--host", "--host": "--host", "-c": "--host", "--context": "--host"}

_ON = (("on",), ("host", "exec"), ("vm", "exec"))
"""How a line is said on a machine."""
_KUBECTL = ("kubectl", "k")
_KUBECTL_GLOBAL = ("-n", "--namespace", "--context", "-v", "--v")
VERBOSE = Flag(("-v", "--v"), "how much kubectl tells of its own requests (not modelled from 6)",
               integer("level", 0, 10), default=0)  # fmt: skip
"""Every command of kubectl has it."""

_VERBS: dict[tuple[str, ...], Verb] = {}


def verb(
    name: str,
    summary: str,
    *,
    arguments: Sequence[Argument] = (),
    flags: Sequence[Flag] = (),
    examples: Sequence[str] = (),
    aliases: Sequence[str] = (),
    destructive: bool = False,
    trailing: bool = False,
    free: bool = False,
    details: str = "",
    known: str = "",
    validate: Callable[[dict[str, Any]], None] | None = None,
) -> Callable[[Handler], Handler]:
    """Register the function below as the command ``name``; ``known`` lists flags not modelled."""

    def register(run: Handler) -> Handler:
        path = tuple(name.split())
        one = Verb(
            path=path,
            help=summary,
            run=run,
            arguments=tuple(arguments),
            flags=_with_common(path, flags),
            examples=tuple(examples),
            aliases=tuple(tuple(alias.split()) for alias in aliases),
            destructive=destructive,
            trailing=trailing,
            free=free,
            details=details,
            known=tuple(known.split()),
            validate=validate,
        )
        for words in (one.path, *one.aliases):
            if words in _VERBS:
                raise ValueError(f"two commands are called {' '.join(words)!r}")
            _VERBS[words] = one
        return run

    return register


def _with_common(path: tuple[str, ...], flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """The flags of a command and those that all have: ``--help``, and ``-H`` for docker."""
    taken = {name for flag in flags for name in flag.names}
    held = {flag.key for flag in flags}
    machine = _ON_MACHINE_SHORT if "--host" in taken else ON_MACHINE
    common = [machine] if path[0] == "docker" and "host" not in held else []
    if path[0] == "kubectl":
        common.append(VERBOSE)
    names = ("--help",) if "-h" in taken else ("-h", "--help")
    return (*flags, *common, Flag(names, "show this help"))


@cache
def verbs() -> dict[tuple[str, ...], Verb]:
    """All commands by their words, aliases included."""
    for module in MODULES:
        import_module(module)
    return _VERBS


def commands() -> list[Verb]:
    """Every command once, docker's first, then by name."""
    unique = {one.path: one for one in verbs().values()}
    return sorted(unique.values(), key=lambda one: (one.tool != "docker", one.path))


def groups() -> list[str]:
    """First words that need a second one: ``docker``, ``docker container``, ``host``."""
    return sorted({" ".join(path[:n]) for path in verbs() for n in range(1, len(path))})


def parse(line: str) -> list[Call]:
    """All calls of a line, their values converted; nothing is carried out.

    A call that contains ``$(...)`` is read again when the words are known; the line inside is
    parsed now.
    """
    return [_call(part) for part in split(line)]


def _call(part: Part) -> Call:
    if part.operator == "|" and piping.is_filter(part):
        return filtering.call_of(part)
    one, words = find(part.words)
    text = " ".join(word.text for word in part.words)
    column = part.words[0].column
    inner = [word.substitution for word in words if word.substitution is not None]
    if not inner:
        return Call(one, read(one, words), part.operator, column, text, stdin=part.stdin,
                    stdin_files=part.stdin_files)  # fmt: skip
    for line in inner:
        if not parse(line):
            raise InputError("nothing to run inside $( )", place=place(words[0]))
    return Call(one, {}, part.operator, column, text, deferred=tuple(words), stdin=part.stdin,
                stdin_files=part.stdin_files)  # fmt: skip


def find(words: Sequence[Word]) -> tuple[Verb, list[Word]]:
    """The command that the first words name, and the words after them."""
    words, variables = assignments(words)
    words, moved = _global_flags(_on_its_machine(words))
    words, more = compose_flags(words)
    moved += variables + more
    known = verbs()
    for length in range(min(4, len(words)), 0, -1):
        path = tuple(word.text for word in words[:length])
        if path in known:
            return known[path], [*moved, *words[length:]]
    if words[-1].text in ("--help", "-h") and _shown(words[:-1]) in groups():
        return known["help",], list(words[:-1])
    raise _unknown(words)


def _shown(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _on_its_machine(words: Sequence[Word]) -> Sequence[Word]:
    """``on b docker ps`` as ``docker -H b ps``: the client asks the daemon of its machine."""
    for prefix in _ON:
        count = len(prefix)
        if len(words) > count + 1 and tuple(word.text for word in words[:count]) == prefix:
            machine, tool = words[count], words[count + 1]
            if tool.text == "docker":
                flag = Word("-H", machine.column, machine.end)
                return [tool, flag, machine, *words[count + 2 :]]
    return words


def _global_flags(words: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """``docker -H vm1 ps`` as ``docker ps --host vm1``: the words left and the words moved."""
    left, moved = list(words), []
    if words and words[0].text in _KUBECTL:
        return _kubectl_flags(left)
    while len(left) > 1 and left[0].text == "docker":
        name, equals, value = left[1].text.partition("=")
        if name in ("--version", "-v"):
            left[1:2] = [Word("version", left[1].column, left[1].end)]
        if name not in _GLOBAL:
            break
        if not equals and len(left) < 3:
            raise InputError(f"docker: flag needs an argument: {name}", place=place(left[1]))
        source = left[1] if equals else left[2]
        text = f"-H={value if equals else source.text}"
        moved.append(Word(text, source.column, source.end))
        del left[1 : 2 if equals else 3]
    return left, moved


def _kubectl_flags(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """``kubectl -n shop get pods`` as ``kubectl get pods -n shop``."""
    moved: list[Word] = []
    while len(words) > 1 and words[1].text.startswith("-"):
        name, equals, _ = words[1].text.partition("=")
        if not name.startswith("--") and not equals and len(name) > 2:
            name, equals = name[:2], name[2:]
        if name not in _KUBECTL_GLOBAL:
            break
        count = 1 if equals else 2
        if len(words) <= count:
            raise InputError(f"kubectl: flag needs an argument: {name}", place=place(words[1]))
        moved += words[1 : 1 + count]
        del words[1 : 1 + count]
    return words, moved


def _unknown_in(words: Sequence[Word]) -> InputError:
    """The error for ``docker volume creat``: a group of commands, and a word that is none of it."""
    group = f"{words[0].text} {words[1].text}"
    if group == "docker compose" and len(words) > 2 and words[2].text in COMPOSE_NOT_MODELLED:
        return InputError(f"'{group} {words[2].text}' is not modelled", place=place(words[2]))
    if len(words) > 2 and is_refused(group, words[2].text):
        return InputError(
            f"'{group} {words[2].text}' is not modelled", place=place(words[2]),
            expected=instead_of(group, words[2].text),
        )  # fmt: skip
    follow = sorted({path[2] for path in verbs() if " ".join(path[:2]) == group and path[2:]})
    if len(words) == 2:
        return InputError(f"'{group}' needs a command", expected=", ".join(follow))
    near = nearest(words[2].text, follow)
    return InputError(
        f"{group}: {printable(words[2].text)} is not a {group} command",
        place=place(words[2]),
        nearest=f"{group} {near}" if near else None,
    )


def _unknown(words: Sequence[Word]) -> InputError:
    """The error for words that name no command, with the nearest one."""
    first = words[0].text
    paths = [" ".join(path) for path in verbs()]
    if first in groups():
        shown = " ".join(word.text for word in words[:2])
        if len(words) == 1:
            follow = sorted({p.split()[1] for p in paths if p.startswith(first + " ")})
            return InputError(f"'{first}' needs a command", expected=", ".join(follow))
        known = f"{first} {words[1].text}" in groups()
        if is_refused(first, words[1].text) and not known:
            instead = instead_of(first, words[1].text)
            return InputError(f"'{shown}' is not modelled", place=place(words[1]), expected=instead)
        if known:
            return _unknown_in(words)
        near = nearest(shown, [p for p in paths if p.startswith(first + " ")])
        bad = printable(words[1].text)
        return InputError(
            f"{first}: {bad} is not a {first} command", place=place(words[1]), nearest=near
        )
    if first == "sudo" and len(words) > 1:
        return InputError("'sudo' is not needed", place=place(words[0]),
                          expected="the same line without it")  # fmt: skip
    from simulator.programs.table import is_tool  # only for an error

    if is_tool([first]):
        shown = " ".join(["on HOST", *(word.text for word in words[:3])])
        return InputError(
            f"command not found: {first}",
            place=place(words[0]),
            expected=f"'{printable(shown)[1:-1]}' on a machine, or 'docker exec' in a container",
        )
    near = nearest(" ".join(word.text for word in words[:2]), paths)
    near = near or nearest(first, [p for p in paths if " " not in p] + groups())
    second = next((p for p in paths if p.split()[-1] == first and p.startswith("docker")), None)
    return InputError(
        f"command not found: {printable(first)[1:-1]}",
        place=place(words[0]),
        nearest=second or near,
    )
