"""The composition root: a World holds one simulation and everything in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial

from simulator.calibration import Calibration
from simulator.engine import CommandLog, FlowNetwork, Journal, Recorder, Simulation
from simulator.errors import Refused, nearest
from simulator.image.builder import BuildCache
from simulator.image.catalogue import Catalogue
from simulator.machine.boundaries import Tenant
from simulator.machine.container import Container, Hooks
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.host import Host, Machine, Parts, VirtualMachine
from simulator.registry.hub import public_hub
from simulator.traffic.service import Service
from simulator.world import sampler, services
from simulator.world.commands import Command
from simulator.world.depot import Depot
from simulator.world.handlers import HANDLERS
from simulator.world.jobs import Job, Reply

KEPT_JOBS = 50
LONGEST_STEP_S = 60.0
"""A step goes no further than this when nothing happens."""


class World:
    """Hosts, images, containers, services, and one clock.

    ``apply`` changes it, ``advance`` lets time pass; ``simulator.look`` shows it. The same seed and
    the same commands at the same times give the same journal, byte for byte.
    """

    def __init__(self, seed: int = 1, calibration: Calibration | None = None) -> None:
        """``calibration``: the constants, where a scenario replaces some; else the shipped ones.

        This is the only place that chooses: everything below is given what is chosen here.
        """
        constants = Calibration() if calibration is None else calibration
        self.seed = seed
        self.sim = Simulation(seed)
        self.fabric = Fabric(self.sim.clock)
        self.sim.eager.append(self.fabric)
        self.network = FlowNetwork(self.sim)
        self.parts = Parts(self.sim, self.fabric, self.network, constants)
        self.catalogue = Catalogue.load()
        self.registry = public_hub(
            self.network, catalogue=self.catalogue, limited=False, constants=constants
        )
        self.depot = Depot(self.network, self.registry)
        self.machines: dict[str, Machine] = {}
        self.current_machine: str | None = None
        self.containers: dict[str, Container] = {}
        self.services: dict[str, Service] = {}
        self.traffic_words: dict[str, str] = {}
        self.build_caches: dict[str, BuildCache] = {}
        self.jobs: list[Job] = []
        self.intruders: dict[str, Tenant] = {}
        """Where the intruder stands that came in by a container."""
        self.intrusions: dict[str, tuple[str, ...]] = {}
        """Whom the newest successful flaw of each such intruder has made reachable."""
        self.log: CommandLog[Command] = CommandLog()
        self.gone_cost = 0.0
        """What removed hosts have cost, in the currency of the prices."""
        self.hooks = Hooks(partial(services.join, self), partial(services.leave, self), self.forget)
        self._ids = 0
        self.sampler = sampler.Sampler(self)
        self.sampler.plan()

    # --- time -----------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return self.sim.now

    @property
    def journal(self) -> Journal:
        """Everything that happened."""
        return self.sim.journal

    @property
    def recorder(self) -> Recorder:
        """Everything that was measured."""
        return self.sim.recorder

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Run to the simulated time ``until``; False when ``keep_going`` stopped it earlier."""
        return self.sim.advance(until, keep_going)

    def step(self) -> bool:
        """Run to the next instant at which something happens that is worth telling."""
        count, limit = self.journal.count, self.now + LONGEST_STEP_S
        while self.now < limit and self.sim.step():
            if self.journal.count != count:
                return True
        return False

    # --- commands -------------------------------------------------------------------------------

    def apply(self, command: Command) -> Reply:
        """Carry a command out, or raise InputError or Refused and leave the world unchanged."""
        # What earlier commands began at this very instant comes first, here as in a replay.
        self.sim.advance(self.now)
        reply = HANDLERS[type(command)](self, command)
        self.log.add(self.now, command)
        return reply

    def new_job(self, title: str) -> Job:
        """A job that somebody may wait for."""
        job = Job(self.jobs[-1].id + 1 if self.jobs else 1, title)
        if len(self.jobs) >= KEPT_JOBS:
            self.jobs = [one for one in self.jobs if not one.done]
        self.jobs.append(job)
        return job

    def new_id(self) -> str:
        """64 hexadecimal digits that depend on the seed and on how many came before."""
        self._ids += 1
        return hashlib.sha256(f"{self.seed}/{self._ids}".encode()).hexdigest()

    # --- looking things up ----------------------------------------------------------------------

    def machine(self, name: str | None) -> Machine:
        """The machine of this name, or the current one."""
        wanted = name if name is not None else self.current_machine
        if wanted is None:
            raise Refused("there is no host yet; create one with: host add NAME")
        found = self.machines.get(wanted)
        if found is None:
            raise Refused(no_such("machine", wanted, self.machines))
        return found

    def hosts(self) -> list[Host]:
        """All hosts in the order of their creation."""
        return [one for one in self.machines.values() if isinstance(one, Host)]

    def vms(self) -> list[VirtualMachine]:
        """All virtual machines in the order of their creation."""
        return [one for one in self.machines.values() if isinstance(one, VirtualMachine)]

    def container(self, name: str) -> Container:
        """The container of this name, or of an id that begins so."""
        found = self.containers.get(name)
        if found is not None:
            return found
        hits = [one for one in self.containers.values() if name and one.id.startswith(name)]
        if len(hits) == 1:
            return hits[0]
        raise Refused(no_such("container", name, self.containers))

    def service(self, name: str) -> Service:
        """The service of this name."""
        found = self.services.get(name)
        if found is None:
            raise Refused(no_such("service", name, self.services))
        return found

    def forget(self, container: Container) -> None:
        """Remove a container that has ended; one that is already forgotten stays so."""
        if self.containers.get(container.name) is not container:
            return
        container.remove()
        if container.guest is not None:
            self.machines.pop(container.guest.name, None)
        self.sampler.forget(container)
        for service in self.services.values():
            service.members.pop(container.name, None)
        del self.containers[container.name]

    def cost(self) -> float:
        """What hosts and transfers have cost so far, in the currency of their prices."""
        hours = ((self.now - one.created_at) / 3600.0 * one.price_per_hour for one in self.hosts())
        return self.gone_cost + sum(hours) + self.depot.egress_usd

    # --- looking on -----------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring everything that is solved lazily up to now."""
        self.sampler.settle()

    def logs(self, container: str) -> list[tuple[float, str]]:
        """What ``docker logs`` prints: (time, text)."""
        return list(self.container(container).log)

    # --- history --------------------------------------------------------------------------------

    def rewound(self, to: float) -> World:
        """A new world with the same past, as it was at ``to``."""
        return self.replayed(self.seed, self.log.before(to), to, self.parts.calibration)

    def undone(self) -> World:
        """A new world in which the last command was never given, at the time when it was."""
        if not len(self.log):
            raise Refused("there is nothing to undo")
        last = list(self.log)[-1].time
        return self.replayed(self.seed, self.log.without_last(), last, self.parts.calibration)

    @classmethod
    def replayed(
        cls, seed: int, log: CommandLog[Command], to: float, calibration: Calibration
    ) -> World:
        """A world made by carrying out a log of commands, advanced to ``to``."""
        world = cls(seed, calibration)
        for time, command in log:
            world.advance(time)
            world.apply(command)
        world.advance(to)
        return world


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """The daemon's sentence for an unknown name, with the nearest one."""
    close = nearest(name, known)
    hint = f"; did you mean '{close}'?" if close else ""
    return f"No such {what}: {name}{hint}"
