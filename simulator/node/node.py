"""The daemon of one machine: its containers by identity and by name, and the orders they take.

What a kubelet, a Swarm agent and a Docker daemon all must call. Errors are Refused and InputError
in neutral words; sentences of a tool are put on by whoever speaks for that tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from simulator.dockerfile.signals import signal_name
from simulator.engine.calendar import Action
from simulator.errors import InputError, Refused
from simulator.image.model import Image, Platform
from simulator.image.reference import Reference
from simulator.image.writable import WritableLayer
from simulator.machine import guests
from simulator.machine.container import Container, Hooks
from simulator.machine.host import Machine
from simulator.machine.restart import RestartPolicy
from simulator.machine.virtual_machine import VirtualMachine
from simulator.machine.workload import Workload
from simulator.node import making, portability
from simulator.node.errors import NameTaken, StillRunning
from simulator.node.files import Files
from simulator.node.health import Checks
from simulator.node.hosting import Hosting
from simulator.node.insides import Inside
from simulator.node.limits import changed
from simulator.node.metrics import MetricsPipeline
from simulator.node.names import check_name
from simulator.node.networks import Network, Networks
from simulator.node.processes import Processes
from simulator.node.reaching import Surroundings, surroundings_of
from simulator.node.resources import updated
from simulator.node.spec import Attachment, ContainerSpec
from simulator.node.storage import Storage
from simulator.node.wiring import Neighbour, Wired, Wiring
from simulator.registry.pull import Pull
from simulator.registry.registries import Registries
from simulator.registry.registry import Registry


class Overseer(Protocol):
    """Whom a node tells of its containers: what is above it, and knows more than one machine."""

    def new_id(self) -> str:
        """The identity of the next container."""

    def title(self, name: str, machine: Machine) -> str:
        """What a container of a machine is called where there are many machines."""

    def guest_name(self, container: str, machine: Machine) -> str:
        """A name that no machine has yet, for the guest of a container; Refused without one."""

    def made(self, container: Container) -> None:
        """There is one more container."""

    def ready(self, container: Container) -> None:
        """A container answers."""

    def unready(self, container: Container) -> None:
        """A container answers no more."""

    def renamed(self, container: Container, before: str, local_before: str) -> None:
        """A container has another name: its title and its name before are told."""

    def gone(self, container: Container) -> None:
        """A container was removed."""

    def machine_at(self, word: str) -> Neighbour | None:
        """A machine by its name or its address on the network that all machines share."""


class Node:
    """The daemon of one machine."""

    def __init__(
        self,
        machine: Machine,
        registries: Registries,
        overseer: Overseer,
        read_program: Callable[[str], Workload],
    ) -> None:
        """``read_program`` reads a workload in words; InputError for words that are none."""
        self.machine = machine
        self.registries = registries
        self.overseer = overseer
        self.read_program = read_program
        self.containers: dict[str, Container] = {}
        """By identity, in the order of creation."""
        self.names: dict[str, Container] = {}
        self.specs: dict[str, ContainerSpec] = {}
        """What each container was asked to be, and was changed to since, by identity."""
        self.metrics = MetricsPipeline(machine, self.containers)
        """What autoscalers are told of its containers, while anybody wants to know."""
        self.storage = Storage(machine)
        """Writable layers, volumes, and what is mounted where."""
        self.networks = Networks(machine.name, machine.parts.sim.now)
        self.wiring = Wiring(
            self.networks, self.specs, self.containers, self.names, self._machine_at
        )
        """Who is on which network, and has which port."""
        self.hosting = Hosting(machine, self.storage, self.wiring)
        """Registries that its containers serve."""
        self.processes = Processes(Inside(machine, self.storage, self.wiring))
        """What is carried out in its containers, command by command."""
        self._hooks = Hooks(
            overseer.ready,
            overseer.unready,
            self.forget,
            self.storage.place,
            self.storage.printed,
            self.storage.log_place,
            join=self.wiring.join,
            leave=self._left,
            listen=self.wiring.listen,
            check=Checks(self.processes).check,
            lacks=self.processes.lacks,
            carry_out=self.processes.begin,
            trapped=self.processes.trapped,
        )

    @property
    def name(self) -> str:
        """The name of its machine."""
        return self.machine.name

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return self.machine.parts.sim.now

    # --- looking up -----------------------------------------------------------------------------

    def spec(self, container: Container) -> ContainerSpec:
        """What a container of this node is asked to be."""
        return self.specs[container.id]

    def wired(self, container: Container) -> Wired:
        """What a container of this node has of networks now."""
        return self.wiring.of(container)

    def _machine_at(self, word: str) -> Neighbour | None:
        return self.overseer.machine_at(word)

    def surroundings(self, container: Container | None) -> Surroundings:
        """The network as a container of this node sees it; None: as the machine does."""
        return surroundings_of(self.wiring, container)

    # --- images ---------------------------------------------------------------------------------

    def registry(self, reference: Reference, *, looking: bool = False) -> Registry:
        """The registry that a reference means on this machine; Refused if there is none."""
        if not self.registries.has(reference):
            served = self.hosting.find(reference, looking)
            if served is not None:
                return served
        return self.registries.of(reference)

    def pull(
        self, reference: Reference, platform: Platform | None = None, lazy: bool | None = None
    ) -> Pull:
        """Begin to fetch an image; Refused where no registry is meant by its name."""
        registry = self.registry(reference)
        return self.machine.images.pull(registry, reference, platform=platform, lazy=lazy)

    # --- making ---------------------------------------------------------------------------------

    def plan(self, spec: ContainerSpec, name: str) -> making.Plan:
        """Check all that can be refused before the image is there."""
        self.machine.need_up()
        check_name("container", name)
        self.check_free(name)
        self.wiring.check(spec)
        self.storage.plan(spec, self.names)
        made = making.plan(spec, self.machine, self.read_program)
        if made.kind.has_own_kernel:
            self.overseer.guest_name(name, self.machine)
        return made

    def check_free(self, name: str) -> None:
        """Refuse a name that is in use here."""
        other = self.names.get(name)
        if other is not None:
            raise NameTaken(name, other.id)

    def create(self, plan: making.Plan, name: str, image: Image, id_: str = "") -> Container:
        """Make a container of an image that is here; Refused where the image cannot run.

        ``id_``: its identity, where somebody else gives it one.
        """
        self.machine.need_up()
        self.check_free(name)
        found = making.check_runs(self.machine, image, plan.kind)
        self.storage.check_room(plan.spec, image)
        settings = making.settings(plan, image, found, self.read_program)
        home = self._home(plan, name, settings.workload)
        container = Container(
            id_ or self.overseer.new_id(),
            self.overseer.title(name, self.machine),
            home,
            image,
            plan.kind,
            settings,
            self._hooks,
            daemon=self.machine,
        )
        container.local_name = name
        self.containers[container.id] = self.names[name] = container
        self.specs[container.id] = plan.spec
        self.storage.attach(container, plan.spec, self.names)
        self.machine.images.store.acquire(image.digest, container.id, running=True, now_s=self.now)
        if portability.fails_at_start(found):
            container.log.append((self.now, portability.says_at_start(found)))
        self.overseer.made(container)
        return container

    def _home(self, plan: making.Plan, name: str, workload: Workload) -> Machine:
        """The machine that a container runs on: this one, or a guest made for it alone."""
        if not plan.kind.has_own_kernel:
            return self.machine
        guest = self.overseer.guest_name(name, self.machine)
        return guests.make(plan.kind, name, self.machine, plan.limits, workload, guest)

    # --- orders ---------------------------------------------------------------------------------

    def start(self, container: Container) -> None:
        """Start it again."""
        self.machine.need_up()
        if container.paused:
            raise Refused("cannot start a paused container, try unpause instead")
        container.start()

    def stop(
        self,
        container: Container,
        grace_s: float | None,
        then: Action,
        *args: Any,
        signal: str | None = None,
    ) -> None:
        """Ask it to stop, kill it when the grace period is over; ``then`` when it has ended."""
        check_grace(grace_s)
        container.stop(grace_s, signal=None if signal is None else signal_name(signal))
        container.when_over(then, *args)

    def restart(
        self,
        container: Container,
        grace_s: float | None,
        then: Action,
        *args: Any,
        signal: str | None = None,
    ) -> None:
        """Stop it, start it; ``then`` when it runs again, or was removed meanwhile."""
        container.machine.need_up()
        self.stop(container, grace_s, self._start_again, container, then, args, signal=signal)

    def _start_again(self, container: Container, then: Action, args: tuple[Any, ...]) -> None:
        if container.state == "removed":
            then(*args)
            return
        container.start()
        container.when_begun(then, *args)

    def kill(self, container: Container, signal: str = "KILL") -> None:
        """Send a signal to its first process."""
        container.kill(signal_name(signal))

    def update(self, container: Container, changes: dict[str, Any]) -> None:
        """Change limits and the restart policy in place: fields of its specification."""
        before, id_ = self.spec(container), container.id
        spec = updated(before, changes, container.machine.hardware, id_)
        policy = RestartPolicy.parse(spec.restart) if "restart" in changes else None
        limits = changed(container.limits, spec, changes, self.machine)
        container.update(limits, policy)
        self.specs[container.id] = spec

    def rename(self, container: Container, name: str) -> None:
        """Give it another name."""
        check_name("container", name)
        self.check_free(name)
        before, kernel = (container.name, container.local_name), container.machine.kernel
        del self.names[container.local_name], kernel.containers[container.name]
        container.name, container.local_name = self.overseer.title(name, self.machine), name
        self.names[name] = kernel.containers[container.name] = container
        self.wiring.renamed(container)
        self.overseer.renamed(container, *before)

    # --- networks -------------------------------------------------------------------------------

    def connect(self, container: Container, asked: Attachment) -> None:
        """Put a container on one more network."""
        self._keep(container, self.wiring.connect(container, asked))

    def disconnect(self, container: Container, network: Network) -> None:
        """Take a container off a network."""
        self._keep(container, self.wiring.disconnect(container, network))

    def _keep(self, container: Container, spec: ContainerSpec) -> None:
        """From now on a container is asked to be this, and answers for these names."""
        self.specs[container.id] = spec
        container.settings = replace(container.settings, aliases=spec.aliases)

    def remove(self, container: Container, *, volumes: bool = False) -> None:
        """Delete one that has ended; ``volumes``: with its anonymous volumes."""
        if container.running or container.state == "restarting":
            raise StillRunning(container.name, container.state)
        self.forget(container, volumes=volumes)

    def force_remove(self, container: Container, then: Action, *args: Any) -> None:
        """Kill it, also when somebody starts it again meanwhile, delete it; ``then`` after."""
        if container.running:
            container.kill()
        elif container.state == "restarting":
            container.stop(0.0)
        else:
            self.forget(container)
            then(*args)
            return
        container.when_over(self.force_remove, container, then, *args)

    def forget(self, container: Container, *, volumes: bool = False) -> None:
        """Delete a container that has ended, and its hold on the image; once is enough.

        ``volumes``: its anonymous volumes too, as those of ``--rm`` always.
        """
        if self.containers.pop(container.id, None) is None:
            return
        self.wiring.leave(container)
        self.wiring.forget(container)
        self.processes.forget(container)
        del self.names[container.local_name], self.specs[container.id]
        self.storage.forget(container, volumes=volumes or container.settings.remove)
        store = self.machine.images.store
        store.release(container.image.digest, container.id, now_s=self.now)
        container.remove()
        self.overseer.gone(container)

    def _left(self, container: Container) -> None:
        """A container has ended, and what ran in it."""
        self.wiring.leave(container)
        self.processes.gone(container)
        self.hosting.ended(container)

    # --- files ----------------------------------------------------------------------------------

    def files(self, container: Container) -> Files:
        """What the processes of a container see of files, and may write."""
        return self.storage.files(container)

    def writable(self, container: Container) -> WritableLayer:
        """The writable layer of a container, empty at first."""
        return self.storage.layer(container)

    def written_bytes(self, container: Container | None = None) -> int:
        """Bytes of the writable layer of one container, or of all."""
        return self.storage.written_bytes(container)


def check_grace(grace_s: float | None) -> None:
    """Refuse a grace period that is none."""
    if grace_s is not None and not 0 <= grace_s <= 1e6:
        raise InputError("bad grace period", found=grace_s, expected="seconds, 0 or more")


def owner_of(machine: Machine) -> str:
    """The container that a machine was made for; nothing for one that people use."""
    return machine.owner if isinstance(machine, VirtualMachine) else ""
