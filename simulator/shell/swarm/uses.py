"""What services use of their swarm: networks, secrets and configs, named in flags.

Source: docker/cli, ``opts/network.go``, ``opts/swarmopts/secret.go``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.cluster.swarm.specs import FileRef, NetworkRef
from simulator.errors import InputError, Refused, unknown
from simulator.shell import kinds
from simulator.shell.grammar import Call, Flag, Kind
from simulator.shell.results import OfClient
from simulator.shell.swarm.common import network_of
from simulator.shell.swarm.service_words import reference

if TYPE_CHECKING:
    from simulator.cluster.swarm.swarm import Swarm

NOT_OVERLAY = (
    "network {} cannot be used with services. Only networks scoped to the swarm can be used, such "
    "as those created with the overlay driver."
)
LOCAL = ("host", "bridge", "none", "docker_gwbridge")
_OF_FILES = ("name", "target", "uid", "gid", "mode")
_OF_NETWORKS = ("name", "alias")


def _checked(known: tuple[str, ...]) -> Callable[[str], dict[str, str]]:
    def parse(text: str) -> dict[str, str]:
        found = reference(text)
        for key in found:
            if key not in known:
                raise unknown("field", key, ["source", *known[1:]])
        mode = found.get("mode", "0444")
        if not re.fullmatch(r"0?[0-7]{1,4}", mode):
            raise InputError("invalid mode specified", found=mode, expected="as 0440")
        return found

    return parse


@dataclass(frozen=True, slots=True)
class Use:
    """One kind of thing that a service uses."""

    name: str
    field: str
    """Of the specification of its tasks."""
    text: str
    known: tuple[str, ...]
    resolve: Callable[[Swarm, dict[str, str]], Any]

    @property
    def create_flag(self) -> Flag:
        """Of ``docker service create``."""
        return Flag((f"--{self.name}",), self.text, self._kind, repeat=True)

    @property
    def _kind(self) -> Kind:
        return Kind(self.name, _checked(self.known), self.name)

    @property
    def update_flags(self) -> tuple[Flag, Flag]:
        """Of ``docker service update``."""
        return (
            Flag((f"--{self.name}-add",), f"add: {self.text}", self._kind, repeat=True),
            Flag((f"--{self.name}-rm",), "remove one", kinds.text(self.name, self.name),
                 repeat=True),
        )  # fmt: skip

    def new(
        self, swarm: Swarm, call: Call, before: tuple[Any, ...], change: bool
    ) -> tuple[Any, ...]:
        """What it uses after what a call says."""
        gone = {self._identity(swarm, one) for one in call[f"{self.name}_rm"]} if change else set()
        found = [one for one in before if one.id not in gone and _name(one) not in gone]
        for words in call[f"{self.name}_add" if change else self.name]:
            made = self.resolve(swarm, words)
            found = [one for one in found if not _same(one, made)]
            found.append(made)
        return tuple(found)

    def _identity(self, swarm: Swarm, word: str) -> str:
        if self.name == "network":
            return str(network_of(swarm, word).id)
        return word


def _name(one: FileRef | NetworkRef) -> str:
    return one.name if isinstance(one, FileRef) else ""


def _same(one: FileRef | NetworkRef, other: FileRef | NetworkRef) -> bool:
    if isinstance(one, FileRef) and isinstance(other, FileRef):
        return one.target == other.target
    return one.id == other.id


def _network(swarm: Swarm, words: dict[str, str]) -> NetworkRef:
    name = words["name"]
    aliases = (words["alias"],) if words.get("alias") else ()
    if name in LOCAL:
        raise Refused(NOT_OVERLAY.format(name))
    return NetworkRef(id=network_of(swarm, name).id, aliases=aliases)


def _file(kind: str) -> Callable[[Swarm, dict[str, str]], FileRef]:
    def resolve(swarm: Swarm, words: dict[str, str]) -> FileRef:
        found = swarm.state.secret_named(kind, words["name"])
        if found is None:
            raise OfClient(f"{kind} not found: {words['name']}")
        return FileRef(
            id=found.id, name=found.name, target=words.get("target") or found.name,
            uid=words.get("uid", "0"), gid=words.get("gid", "0"),
            mode=int(words.get("mode", "0444"), 8),
        )  # fmt: skip

    return resolve


USES = (
    Use("network", "networks", "a network over all nodes, or name=shop,alias=store", _OF_NETWORKS,
        _network),
    Use("secret", "secrets", "a secret, or source=pw,target=password,mode=0400", _OF_FILES,
        _file("secret")),
    Use("config", "configs", "a config, or source=app,target=/etc/app.conf", _OF_FILES,
        _file("config")),
)  # fmt: skip
