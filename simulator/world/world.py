"""The composition root: a World holds one simulation and everything in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Self

from simulator.calibration import Calibration
from simulator.engine import CommandLog, FlowNetwork, Journal, Recorder, Simulation
from simulator.errors import Refused
from simulator.image.builder import BuildCache
from simulator.image.catalogue import Catalogue
from simulator.machine.container import Container
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.host import Host, Machine, Parts
from simulator.machine.virtual_machine import VirtualMachine
from simulator.node.names import Namer
from simulator.registry.hub import public_hub
from simulator.traffic.service import Service
from simulator.world import sampler
from simulator.world.commands import Command
from simulator.world.connections import Watch
from simulator.world.depot import Depot
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.handlers import handlers
from simulator.world.history import History
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.orchestras import Orchestras
from simulator.world.security import Intruders
from simulator.world.terminal import Terminal

LONGEST_STEP_S = 60.0
"""A step goes no further than this when nothing happens."""


class World:
    """Hosts, images, containers, services, and one clock.

    ``apply`` changes it, ``advance`` lets time pass; ``simulator.look`` shows it. The same seed and
    the same commands at the same times give the same journal, byte for byte. What it is made of
    knows nothing of it: each part, and each handler of a command, gets what it needs here.
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
        self.depot = Depot(self.parts, self.registry, self.catalogue)
        self.fleet = Fleet(self.parts, self.depot.registries, seed)
        self.director = Director(self.parts, self.fleet.containers, self.fleet.connected)
        self.watch = Watch(self.parts, self.fleet, self.director)
        self.work = Jobs()
        self.intruders = Intruders(self.fleet)
        self.log: CommandLog[Command] = CommandLog()
        self.history: History[World] = History()
        self.sampler = sampler.Sampler(self.parts, self.fleet, self.director)
        self.fleet.followers += [self.sampler, self.director]
        self.terminal = Terminal()
        self.orchestras = Orchestras(self.parts, self.fleet.containers)
        self._handlers = handlers(
            self.fleet,
            self.director,
            self.depot,
            self.work,
            Namer(seed, self.log),
            self.intruders,
            self.sampler.expect,
            self.watch,
            self.terminal,
            self.orchestras,
        )
        self.sim.observer = self.sampler

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
        self.history.begin()
        try:
            return self.sim.advance(until, partial(self._goes_on, keep_going))
        finally:
            self.history.end()

    def _goes_on(self, keep_going: Callable[[], bool] | None) -> bool:
        self.history.passing(self)
        return keep_going is None or keep_going()

    def step(self) -> bool:
        """Run to the next instant at which something happens that is worth telling."""
        count, limit = self.journal.count, self.now + LONGEST_STEP_S
        while self.now < limit and self.sim.step():
            if self.journal.count != count:
                return True
        return False

    # --- commands -------------------------------------------------------------------------------

    def apply(self, command: Command) -> Reply:
        """Carry a command out, or raise InputError or Refused and leave the world unchanged.

        What follows at this very instant (who dies with a kernel is dead) has followed on return.
        """
        self.history.before_command()
        try:
            # What earlier commands began at this very instant comes first, as in a replay.
            self.sim.advance(self.now)
            reply = self._handlers[type(command)](command)
            self.sim.advance(self.now)
        finally:
            self.history.after_command()
        self.log.add(self.now, command)
        return reply

    # --- looking things up ----------------------------------------------------------------------

    @property
    def machines(self) -> dict[str, Machine]:
        """Hosts and virtual machines by name."""
        return self.fleet.machines

    @property
    def current_machine(self) -> str | None:
        """The machine that commands mean when they name none."""
        return self.fleet.current

    @property
    def containers(self) -> dict[str, Container]:
        """All containers by name."""
        return self.fleet.containers

    @property
    def services(self) -> dict[str, Service]:
        """All services by name."""
        return self.director.services

    @property
    def traffic_words(self) -> dict[str, str]:
        """What is sent to each service, as people say it."""
        return self.director.words

    @property
    def build_caches(self) -> dict[str, BuildCache]:
        """What builders remember, by machine."""
        return self.depot.caches

    @property
    def jobs(self) -> list[Job]:
        """Jobs under way, and the last ones that are over."""
        return self.work.all

    @property
    def intrusions(self) -> dict[str, tuple[str, ...]]:
        """Whom an intruder has made reachable, by the container that it came in by."""
        return self.intruders.reached

    def machine(self, name: str | None) -> Machine:
        """The machine of this name, or the current one."""
        return self.fleet.machine(name)

    def hosts(self) -> list[Host]:
        """All hosts in the order of their creation."""
        return self.fleet.hosts()

    def vms(self) -> list[VirtualMachine]:
        """All virtual machines in the order of their creation."""
        return self.fleet.vms()

    def container(self, name: str) -> Container:
        """The container of this name, or of an id that begins so."""
        return self.fleet.container(name)

    def service(self, name: str) -> Service:
        """The service of this name."""
        return self.director.service(name)

    @property
    def extent(self) -> int:
        """Machines, containers and objects of clusters: what a copy of it costs grows with."""
        kept = sum(one.store.count for one in self.orchestras.clusters.values())
        return len(self.machines) + len(self.containers) + kept

    def cost(self) -> float:
        """What hosts and transfers have cost so far, in the currency of their prices."""
        return self.fleet.cost() + self.depot.egress_usd

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
        return self.with_past(self.log.before(to), to)

    def undone(self, count: int = 1) -> World:
        """A new world in which the last commands were never given, when the first of them was."""
        kept = len(self.log) - count
        if count < 1 or kept < 0:
            raise Refused("there is nothing to undo")
        return self.with_past(self.log.first(kept), self.log[kept].time)

    def with_past(
        self, log: CommandLog[Command], to: float, history: History[World] | None = None
    ) -> World:
        """A new world that carried out another log and stands at ``to``.

        ``history``: that of a world which came by on the way; this one's own by default.
        """
        return (history or self.history).again(self, log, to)

    def expect_return(self) -> None:
        """Somebody may want to come back to this instant: keep a copy close to it."""
        self.history.before_line(self)

    def branched(self) -> World:
        """A world of its own that is as this one is now: what would come of something else?"""
        return self.history.branched(self)

    @classmethod
    def replayed(
        cls, seed: int, log: CommandLog[Command], to: float, calibration: Calibration
    ) -> World:
        """A world made by carrying out a log of commands from time zero, advanced to ``to``."""
        world = cls(seed, calibration)
        world.carry_out(log, to)
        return world

    def blank(self) -> Self:
        """A world of the same seed and constants in which nothing has happened yet."""
        return type(self)(self.seed, self.parts.calibration)

    def carry_out(self, log: CommandLog[Command], to: float, *, after: int = 0) -> None:
        """Carry out a log but for its first ``after`` commands, and go on to ``to``."""
        for index in range(after, len(log)):
            self.advance(log[index].time)
            self.apply(log[index].command)
            self.log.restate(log[index])
        self.advance(to)
