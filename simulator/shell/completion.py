"""Completion: from the registry's grammar and from the names that live in the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from simulator.errors import InputError
from simulator.look import Reader
from simulator.shell import registry
from simulator.shell.grammar import Argument, Flag, Kind, Verb
from simulator.shell.parts import Word
from simulator.shell.words import split

MAX_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Completion:
    """A word that could stand at the cursor: it replaces the line from ``start`` to the cursor."""

    text: str
    start: int
    help: str = ""


def completions(
    line: str, cursor: int, reader: Reader, folder: Path, public: Sequence[str] = ()
) -> list[Completion]:
    """All words that fit at the cursor, sorted as the grammar offers them; [] for none.

    ``public``: names of images that a registry offers.
    """
    typed = line[: max(0, cursor)]
    words, start = _words(typed)
    part = typed[start:]
    offered = _Offer(reader, folder, tuple(public)).after(words, part)
    found: dict[str, Completion] = {}
    for text, note in offered:
        if text.startswith(part) and text not in found:
            found[text] = Completion(text, start, note)
            if len(found) == MAX_ENTRIES:
                break
    return list(found.values())


def _words(typed: str) -> tuple[list[Word], int]:
    """The finished words of the last command, and where the word at the cursor starts."""
    start = len(typed)
    while start and not typed[start - 1].isspace() and typed[start - 1] not in ";&|(":
        start -= 1
    head = typed[:start]
    for opener in (";", "&&", "||", "$("):
        cut = head.rfind(opener)
        head = head[cut + len(opener) :] if cut >= 0 else head
    try:
        parts = split(head)
    except InputError:
        return [], len(typed)
    return (parts[-1].words if parts else []), start


@dataclass(frozen=True, slots=True)
class _Offer:
    reader: Reader
    folder: Path
    public: tuple[str, ...]

    def after(self, words: Sequence[Word], part: str) -> Iterator[tuple[str, str]]:
        """Words with a note each that may follow ``words``."""
        found = self._verb(words)
        if found is None:
            yield from self._commands(tuple(word.text for word in words))
            return
        verb, rest = found
        yield from self._in_call(verb, rest, part)
        if not rest:
            yield from self._commands(tuple(word.text for word in words))

    def _verb(self, words: Sequence[Word]) -> tuple[Verb, list[Word]] | None:
        if not words:
            return None
        try:
            return registry.find(words)
        except InputError:
            return None

    def _commands(self, typed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """The next word of every command that begins with the typed ones."""
        depth = len(typed)
        for path, verb in sorted(registry.verbs().items()):
            if path[:depth] == typed and len(path) > depth:
                note = verb.help if len(path) == depth + 1 else "…"
                yield path[depth], note

    def _in_call(self, verb: Verb, words: list[Word], part: str) -> Iterator[tuple[str, str]]:
        flag, taken = _state(verb, words)
        if flag is not None and flag.kind is not None:
            yield from self._values(flag.kind, flag.help)
            return
        if part.startswith("-"):
            name, equals, _ = part.partition("=")
            known = verb.flag(name)
            if equals and known and known.kind:
                for text, note in self._values(known.kind, known.help):
                    yield f"{name}={text}", note
                return
            for one in verb.flags:
                if not one.refused:
                    yield from ((name, one.help) for name in one.names)
            return
        argument = _argument(verb, taken)
        if argument is not None:
            yield from self._values(argument.kind, argument.help)

    def _values(self, kind: Kind, note: str) -> Iterator[tuple[str, str]]:
        for word in kind.choices:
            yield word, note
        yield from kind.explained
        source = _SOURCES.get(kind.source)
        if source is not None:
            yield from source(self)

    def containers(self) -> Iterator[tuple[str, str]]:
        """Names of containers and what state they are in."""
        return self.reader.container_notes()

    def images(self) -> Iterator[tuple[str, str]]:
        """References of images on any machine, then what could be pulled."""
        for one in self.reader.image_names():
            yield one.removesuffix(":latest"), "image"
        for name in self.public:
            yield name, "in the registry"

    def services(self) -> Iterator[tuple[str, str]]:
        """Names of services."""
        for one in self.reader.services():
            yield one.name, f"{len(one.endpoints)} endpoints"

    def networks(self) -> Iterator[tuple[str, str]]:
        """Names of the networks of the machine that commands mean."""
        machine = self.reader.current_machine
        for one in () if machine is None else self.reader.networks_on(machine):
            yield one.name, one.driver

    def volumes(self) -> Iterator[tuple[str, str]]:
        """Names of the volumes of the machine that commands mean."""
        machine = self.reader.current_machine
        for name in () if machine is None else self.reader.volumes_on(machine):
            yield name, "volume"

    def swarm_things(self, kind: str) -> Iterator[tuple[str, str]]:
        """Names of secrets, configs, stacks and such of the swarm that commands mean."""
        yield from self.reader.swarm_names(kind)

    def hosts(self) -> Iterator[tuple[str, str]]:
        """Names of hosts."""
        for one in self.reader.machines():
            if not one.is_vm:
                yield one.name, f"host, {one.cores:g} cores"

    def machines(self) -> Iterator[tuple[str, str]]:
        """Names of hosts and virtual machines."""
        for one in self.reader.machines():
            yield one.name, "vm" if one.is_vm else "host"

    def vms(self) -> Iterator[tuple[str, str]]:
        """Names of virtual machines."""
        for one in self.reader.machines():
            if one.is_vm:
                yield one.name, f"vm on {one.host}"

    def targets(self) -> Iterator[tuple[str, str]]:
        """Everything that has a name."""
        yield from self.containers()
        yield from self.machines()
        yield from self.services()

    def files(self, folders_only: bool = False) -> Iterator[tuple[str, str]]:
        """Entries of the session's folder."""
        try:
            entries = sorted(self.folder.iterdir())[:MAX_ENTRIES]
        except OSError:
            return
        for one in entries:
            if one.is_dir() or not folders_only:
                yield one.name + ("/" if one.is_dir() else ""), ""

    def folders(self) -> Iterator[tuple[str, str]]:
        """Folders in the session's folder, and the folder itself."""
        yield ".", "this folder"
        yield from self.files(folders_only=True)

    def topics(self) -> Iterator[tuple[str, str]]:
        """First words of commands."""
        yield from self._commands(())


_SOURCES: dict[str, Callable[[_Offer], Iterator[tuple[str, str]]]] = {
    "container": _Offer.containers,
    "image": _Offer.images,
    "service": _Offer.services,
    "network": _Offer.networks,
    "volume": _Offer.volumes,
    "host": _Offer.hosts,
    "machine": _Offer.machines,
    "vm": _Offer.vms,
    "target": _Offer.targets,
    "file": _Offer.files,
    "folder": _Offer.folders,
    "topic": _Offer.topics,
    **{
        kind: partial(_Offer.swarm_things, kind=kind)
        for kind in ("secret", "config", "stack", "node", "swarm service")
    },
}


def _state(verb: Verb, words: Sequence[Word]) -> tuple[Flag | None, int]:
    """The flag that waits for its value, if any, and how many arguments are already there."""
    waiting: Flag | None = None
    taken = 0
    for word in words:
        if waiting is not None:
            waiting = None
        elif word.text.startswith("-") and len(word.text) > 1 and not (verb.trailing and taken):
            flag = verb.flag(word.text) or verb.flag(f"-{word.text[-1]}")
            waiting = flag if flag and flag.kind is not None and "=" not in word.text else None
        else:
            taken += 1
    return waiting, taken


def _argument(verb: Verb, taken: int) -> Argument | None:
    """The argument that the next word would be."""
    if taken < len(verb.arguments):
        return verb.arguments[taken]
    last = verb.arguments[-1] if verb.arguments else None
    return last if last and last.repeat else None
