"""What ``docker stack deploy`` asks of a swarm, in the order in which the tool does.

All that can be seen to be wrong is refused before anything is made: the tool itself looks at
services only when networks, secrets and configs are there already.

Source: docker/cli, ``cli/command/stack/deploy_composefile.go``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from simulator.cluster.swarm.stacks.converting import IMAGE, NAMESPACE, service_spec
from simulator.cluster.swarm.stacks.reading import StackFile
from simulator.cluster.swarm.stacks.things import (
    LOCAL,
    OVERLAY,
    FileWish,
    NetworkWish,
    files_of,
    networks_of,
    users_of,
)
from simulator.errors import DrydockError, InputError, Refused
from simulator.files import is_file, read_bytes
from simulator.shell.compose.source import bound, contents
from simulator.shell.results import OfClient
from simulator.shell.swarm.handed import MOST_BYTES, text_of
from simulator.shell.swarm.stack_files import StackFolder
from simulator.shell.swarm.unseen import unseen
from simulator.world.commands import Command
from simulator.world.swarm_commands import (
    CreateSwarmFile,
    CreateSwarmNetwork,
    CreateSwarmService,
    PlaceFiles,
    RemoveSwarmService,
    UpdateSwarmFile,
    UpdateSwarmService,
)
from simulator.world.swarm_services import check_service_name

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Service
    from simulator.cluster.swarm.specs import ServiceSpec
    from simulator.cluster.swarm.state import State
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

DAEMON = "Error response from daemon: "
UNCHANGEABLE = "rpc error: code = InvalidArgument desc = only updates to Labels are allowed"
NOT_FOR_SERVICES = (
    "The network {} cannot be used with services. Only networks scoped to the swarm can be used, "
    "such as those created with the overlay driver."
)
NO_SUCH_NETWORK = (
    'network "{}" is declared as external, but could not be found. You need to create a '
    "swarm-scoped network before the stack is deployed"
)
TO_COME = "(to be made)"
"""The identity of what this deployment makes itself, while services are looked at."""


class Known:
    """What things of the swarm are called inside; ``planned``: names of those that will be."""

    def __init__(self, state: State, planned: frozenset[tuple[str, str]] = frozenset()) -> None:
        self.state = state
        self.planned = planned

    def network(self, name: str) -> str:
        """The identity of a network; Refused for one that is not there."""
        found = self.state.network_named(name)
        if found is None and ("network", name) not in self.planned:
            raise OfClient(f"network {name} not found")
        return TO_COME if found is None else found.id

    def file(self, kind: str, name: str) -> str:
        """The identity of a secret or config; Refused for one that is not there."""
        found = self.state.secret_named(kind, name)
        if found is None and (kind, name) not in self.planned:
            raise OfClient(f"{kind} not found: {name}")
        return TO_COME if found is None else found.id


class Deployment:
    """A stack that is brought to what its files say."""

    def __init__(
        self, session: Session, machine: str, swarm: Swarm, stack: str, file: StackFile,
        folder: StackFolder,
    ) -> None:  # fmt: skip
        self.session = session
        self.machine = machine
        self.swarm = swarm
        self.state = swarm.state
        self.stack = stack
        self.file = file
        self.folder = folder
        self.networks, self.external = networks_of(stack, file)
        self.files = [one for kind in ("secret", "config") for one in files_of(stack, kind, file)]
        self.contents = {(one.kind, one.name): self._content(one) for one in self.files}

    # --- before anything is made ----------------------------------------------------------------

    def check(self) -> None:
        """Refuse what can be seen to be wrong."""
        for name in self.external:
            self._check_external(name)
        for wish in self.networks:
            self._check_network(wish)
        for one in self.files:
            self._check_file(one)
        planned = {("network", one.name) for one in self.networks}
        planned |= {(one.kind, one.name) for one in self.files}
        for spec in self.services(Known(self.state, frozenset(planned))):
            try:
                check_service_name(spec.name)
            except Refused as refusal:
                raise OfClient(f"failed to create service {spec.name}: {DAEMON}{refusal}") from None

    def _check_external(self, name: str) -> None:
        if self.state.network_named(name) is not None:
            return
        if any(one.name == name for one in self.session.reader.networks_on(self.machine)):
            raise OfClient(f'network "{name}" is declared as external, but it is not in the right '
                           'scope: "local" instead of "swarm"')  # fmt: skip
        raise OfClient(NO_SUCH_NETWORK.format(name))

    def _check_network(self, wish: NetworkWish) -> None:
        if wish.driver == OVERLAY:
            return
        if wish.driver not in LOCAL:
            raise InputError(f"network {wish.name}: the driver {wish.driver} is not modelled",
                             expected=OVERLAY)  # fmt: skip
        first = users_of(self.file, wish.key)[0]
        raise OfClient(f"failed to create service {self.stack}_{first}: {DAEMON}"
                       + NOT_FOR_SERVICES.format(wish.name))  # fmt: skip

    def _check_file(self, one: FileWish) -> None:
        known = self.state.secret_named(one.kind, one.name)
        if known is not None and known.content != self.contents[one.kind, one.name]:
            raise OfClient(f"failed to update {one.kind} {one.name}: {DAEMON}{UNCHANGEABLE}")

    def _content(self, one: FileWish) -> str:
        inside = posixpath.relpath(one.path, self.folder.home)
        real = self.folder.path(inside)
        if not is_file(real):
            raise OfClient(f"open {one.path}: no such file or directory")
        return text_of(read_bytes(real, limit_bytes=MOST_BYTES))

    def services(self, known: Known) -> Iterator[ServiceSpec]:
        """Its services, as the swarm is asked for them."""
        for key in self.file.services:
            try:
                yield service_spec(self.stack, key, self.file, known)
            except Refused as refusal:
                raise OfClient(f"service {key}: {refusal}") from None

    # --- what is done ---------------------------------------------------------------------------

    def _do(self, said: str, command: Command, failed: str) -> list[str]:
        if said:
            self.session.say([said])
        try:
            return self.session.do(command)
        except DrydockError as error:
            raise OfClient(f"{failed}: {DAEMON}{error}") from None

    def prune(self) -> None:
        """Services go that the files do not have any more."""
        kept = {f"{self.stack}_{key}" for key in self.file.services}
        gone = [one for one in services_of(self.state, self.stack) if one.name not in kept]
        for one in sorted(gone, key=lambda each: each.name):
            self._do(f"Removing service {one.name}",
                     RemoveSwarmService(id=one.id, machine=self.machine),
                     f"Failed to remove service {one.id}")  # fmt: skip

    def things(self) -> None:
        """Networks, secrets and configs."""
        for wish in self.networks:
            known = self.state.network_named(wish.name)
            if known is None or known.labels.get(NAMESPACE) != self.stack:
                self._do(f"Creating network {wish.name}", CreateSwarmNetwork(
                    name=wish.name, subnet=wish.subnet, attachable=wish.attachable,
                    internal=wish.internal, labels=dict(wish.labels), options=dict(wish.options),
                    machine=self.machine,
                ), f"failed to create network {wish.name}")  # fmt: skip
        for one in self.files:
            self._keep(one)
        seen = contents(self.folder, bound(self.file.services))
        if seen:
            self.session.do(PlaceFiles(files=seen, machine=self.machine))

    def _keep(self, one: FileWish) -> None:
        known = self.state.secret_named(one.kind, one.name)
        text, labels = self.contents[one.kind, one.name], dict(one.labels)
        if known is None:
            self._do(f"Creating {one.kind} {one.name}", CreateSwarmFile(
                kind=one.kind, name=one.name, content=text, labels=labels, machine=self.machine
            ), f"failed to create {one.kind} {one.name}")  # fmt: skip
        else:
            self._do("", UpdateSwarmFile(id=known.id, content=text, labels=labels,
                                         machine=self.machine),
                     f"failed to update {one.kind} {one.name}")  # fmt: skip

    def bring(self, resolve: str) -> list[str]:
        """Services are created or updated; their identities."""
        before = {one.name: one for one in services_of(self.state, self.stack)}
        found = []
        for spec in self.services(Known(self.state)):
            known = before.get(spec.name)
            if known is None:
                found += self._do(f"Creating service {spec.name}",
                                  CreateSwarmService(spec=spec, pinned=resolve != "never",
                                                     machine=self.machine),
                                  f"failed to create service {spec.name}")  # fmt: skip
                continue
            wanted = _kept(spec, known, resolve)
            asked = _is_looked_up(wanted, known, resolve)
            found += self._do(f"Updating service {spec.name} (id: {known.id})",
                              UpdateSwarmService(id=known.id, spec=wanted, pinned=asked,
                                                 machine=self.machine),
                              f"failed to update service {spec.name}")  # fmt: skip
            if asked:
                self.session.say(unseen(self.swarm, self.machine, wanted.task.container.image))
        return found


def _is_looked_up(spec: ServiceSpec, known: Service, resolve: str) -> bool:
    """Whether a registry is asked for the image of a service that is updated."""
    changed = spec.labels[IMAGE] != known.spec.labels.get(IMAGE)
    return resolve == "always" or (resolve == "changed" and changed)


def _kept(spec: ServiceSpec, known: Service, resolve: str) -> ServiceSpec:
    """A service with what stays of it as it is: the count of forced updates, and its image."""
    task = replace(spec.task, force_update=known.spec.task.force_update)
    if resolve != "always" and spec.labels[IMAGE] == known.spec.labels.get(IMAGE):
        before = known.spec.task
        task = replace(
            task, container=replace(task.container, image=before.container.image),
            placement=replace(task.placement, platforms=before.placement.platforms),
        )  # fmt: skip
    return replace(spec, task=task)


def services_of(state: State, stack: str) -> list[Service]:
    """The services of a stack."""
    every = state.services.values()
    return [one for one in every if one.spec.labels.get(NAMESPACE) == stack]
