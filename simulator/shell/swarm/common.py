"""What all commands of swarm mode share: the swarm that a line means, and things of it by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from simulator.errors import Refused
from simulator.shell import formats, kinds, lookup
from simulator.shell.docker.filtering import passing
from simulator.shell.grammar import Call, Flag

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Network, Node, Secret, Service
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

SHORT = 12
PRETTY = Flag(("--pretty",), "in lines for people instead of JSON")
INSPECT_FORMAT = Flag(("-f", "--format"), "'json', or a Go template", kinds.TEXT)
FILTER_HELP = "for example {}; of: {}"


def filter_flag(example: str, keys: Iterable[str]) -> Flag:
    """``--filter``, with what it knows."""
    return Flag(("-f", "--filter"), FILTER_HELP.format(example, ", ".join(keys)), kinds.PAIR,
                repeat=True)  # fmt: skip


class Named(Protocol):
    """A thing of a swarm that has an identity and a name."""

    id: str

    @property
    def name(self) -> str:
        """What people call it."""


One = TypeVar("One")


# --- the swarm ------------------------------------------------------------------------------------


def machine_of(session: Session, call: Call) -> str:
    """The machine whose daemon a line goes to."""
    return lookup.machine(session.reader, call["host"]).name


def swarm_of(session: Session, call: Call) -> Swarm:
    """The swarm that the machine of a line is a manager of; Refused in the daemon's words."""
    from simulator.world.swarm import managed

    world = session.world
    return managed(world.orchestras, world.fleet, machine_of(session, call))


# --- things by name -------------------------------------------------------------------------------


def meant(things: Iterable[One], word: str, what: str, *keys: Callable[[One], str]) -> One:
    """The thing of this name or identity, or of an identity that begins so; Refused else."""
    every = list(things)
    for key in keys:
        exact = [one for one in every if key(one) == word]
        if len(exact) > 1:
            raise Refused(f"{what} {word} is ambiguous ({len(exact)} matches found)")
        if exact:
            return exact[0]
    begun = [one for one in every if keys[0](one).startswith(word)] if word else []
    if len(begun) > 1:
        raise Refused(f"{what} {word} is ambiguous ({len(begun)} matches found)")
    if not begun:
        raise Refused(f"{what} {word} not found")
    return begun[0]


def identity(one: Any) -> str:
    """Its identity."""
    return str(one.id)


def name_of(one: Any) -> str:
    """Its name."""
    return str(one.name)


def service_of(swarm: Swarm, word: str) -> Service:
    """The service of this name or identity."""
    return meant(swarm.state.services.values(), word, "service", identity, name_of)


def node_of(swarm: Swarm, word: str, machine: str = "") -> Node:
    """The node of this name or identity; ``self`` is the machine asked."""
    if word == "self":
        found = swarm.member(machine)
        if found is not None:
            return found
    return meant(
        swarm.state.nodes.values(), word, "node", identity, lambda one: one.hostname
    )  # fmt: skip


def file_of(swarm: Swarm, kind: str, word: str) -> Secret:
    """The secret or config of this name or identity."""
    every = [one for one in swarm.state.secrets.values() if one.kind == kind]
    return meant(every, word, kind, identity, name_of)


def network_of(swarm: Swarm, word: str) -> Network:
    """The network over all nodes of this name or identity."""
    return meant(swarm.state.networks.values(), word, "network", identity, name_of)


# --- what is printed ------------------------------------------------------------------------------


def documents(
    found: Iterable[dict[str, Any]], template: str | None
) -> list[str]:  # fmt: skip
    """Documents as ``inspect`` prints them: JSON, or by a template."""
    listed = list(found)
    if template == "json":
        return [json.dumps(one, ensure_ascii=False) for one in listed]
    if template:
        return [line for one in listed for line in formats.render(template, one).split("\n")]
    return json.dumps(listed, indent=4, ensure_ascii=False).split("\n")


def inspected(
    session: Session, call: Call, words: Iterable[str], document: Callable[[str], dict[str, Any]]
) -> list[str]:
    """What ``inspect`` prints: those that are there, then an error for each that is not."""
    found: list[dict[str, Any]] = []
    errors: list[Refused] = []
    for word in words:
        try:
            found.append(document(word))
        except Refused as error:
            errors.append(error)
    lines = documents(found, call["format"]) if found or not call["format"] else []
    for each in errors:
        session.fail(call, each)
    return lines


def chosen_by(
    pairs: Iterable[tuple[str, str]], tests: dict[str, Callable[[One, str], bool]]
) -> Callable[[One], bool]:
    """What a thing must pass for ``--filter``; Refused for a key that there is not."""

    def test_of(key: str, value: str) -> Callable[[One], bool]:
        if key not in tests:
            raise Refused(f"invalid filter '{key}'")
        return lambda one: tests[key](one, value)

    return passing(pairs, test_of)


def labelled(labels: Any, value: str) -> bool:
    """Whether a label is there, and has a value where one is given."""
    key, equals, wanted = value.partition("=")
    return key in labels and (not equals or labels[key] == wanted)


def each_of(session: Session, call: Call, words: Iterable[str],
            act: Callable[[str], Iterable[str]]) -> list[str]:  # fmt: skip
    """Something for each word: an error is told, and the others are still done."""
    lines: list[str] = []
    for word in words:
        try:
            lines += act(word)
        except Refused as error:
            session.fail(call, error)
    return lines
