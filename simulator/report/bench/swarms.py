"""Docker Swarm: as a whole, and its scheduler alone against a plain loop that asks every node."""

from __future__ import annotations

from simulator.cluster.swarm.objects import RUNNING, Description, Node, Service, Task
from simulator.cluster.swarm.scheduler.plain import PlainLoop
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import (
    NANO,
    Mode,
    NodeSpec,
    Placement,
    Resources,
    ServiceSpec,
    TaskSpec,
)
from simulator.cluster.swarm.state import State
from simulator.engine.simulation import Simulation
from simulator.node.spec import ContainerSpec
from simulator.report.bench.clock import best, cpu_s
from simulator.report.bench.measured import Measured, cost, rate, ratio
from simulator.report.bench.swarm_chance import SwarmChance
from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.swarm_commands import CreateSwarmService, MakeSwarm

SIZES = {"nodes": 1.0}
"""By how much all is smaller: a test makes it less."""
NODES, SERVICES, EACH = 5000, 20, 200
SHAPE = Resources(nano_cpus=32 * NANO, memory_bytes=64 << 30)
ASKS = Resources(nano_cpus=NANO // 10, memory_bytes=100 << 20)
PROMISED, TIMES = 5000.0, 50.0
PATIENCE_S = 600
"""Simulated seconds in which all must run."""


def _size(count: int) -> int:
    return max(3, round(count * SIZES["nodes"]))


class Court:
    """A scheduler with nodes in three zones, and nobody else."""

    def __init__(self, nodes: int) -> None:
        self.sim = Simulation()
        self.state = State(self.sim, 1, "bench")
        self.scheduler = Scheduler(self.state)
        self.made = 0
        for number in range(nodes):
            spec = NodeSpec(labels={"zone": f"z{number % 3}"})
            what = Description(hostname=f"n{number}", resources=SHAPE)
            self.state.node_changed(Node(f"n{number}", spec, what, "", 0.0))
        self.decide()

    def wanted(self, count: int, placement: Placement) -> list[Task]:
        """So many tasks of a service more."""
        self.made += 1
        container = ContainerSpec(image="app")
        task = TaskSpec(container=container, reservations=ASKS, placement=placement)
        service = Service(f"s{self.made}", ServiceSpec(name=f"s{self.made}", task=task), 0.0)
        self.state.service_changed(service)
        return [self.state.new_task(service, slot) for slot in range(1, count + 1)]

    def decide(self) -> None:
        """What waits gets nodes."""
        self.sim.advance(self.sim.now)

    def plain(self) -> None:
        """The plain loop decides about what waits, and changes nothing."""
        state = self.state
        loop = PlainLoop(state.nodes.values(), state.tasks.values(), state.services, {}, 0.0)
        assert all(node for node, _ in loop.decide().values())


def _row(what: str, placement: Placement) -> list[Measured]:
    court = Court(_size(NODES))

    def filled() -> float:
        for _ in range(SERVICES):
            tasks = court.wanted(_size(EACH), placement)
        took = cpu_s(court.decide)
        assert all(one.node for one in tasks)
        return SERVICES * _size(EACH) / took

    fast = best(filled)
    court.wanted(3, placement)
    slow = 3 / cpu_s(court.plain)
    return [
        rate(f"{what}, tasks on 5,000 nodes", fast, PROMISED),
        ratio(f"{what}: the plain loop", fast / slow, TIMES),
    ]


def placing() -> list[Measured]:
    """20 services of 200 tasks each, that fit everywhere."""
    return _row("20 services of 200", Placement())


def spreading() -> list[Measured]:
    """The same, spread over zones, with a constraint."""
    constraint = "node.labels.zone!=z2"
    placement = Placement(constraints=(constraint,), preferences=("node.labels.zone",))
    return _row("spread over zones", placement)


def agreement(swarms: int = 1000) -> list[Measured]:
    """Random swarms on which both choose alike, else this fails."""
    found = sum(SwarmChance(seed).agree() > 0 for seed in range(swarms))
    what = "random swarms with identical choices, of 1,000"
    return [Measured(what=what, value=float(found), unit="", promised=float(swarms))]


# --- the whole ------------------------------------------------------------------------------------


def made(nodes: int) -> World:
    """A swarm of so many machines, three of them managers."""
    world = World()
    group = NodeGroup(count=nodes, cores=32, memory_bytes=64 << 30, zones=3)
    world.apply(MakeSwarm(groups=(group,), managers=3))
    return world


def filled(world: World, services: int, each: int) -> None:
    """Create services, and go on until all their tasks run."""
    task = TaskSpec(container=ContainerSpec(image="nginx"), reservations=ASKS)
    for number in range(services):
        spec = ServiceSpec(name=f"s{number}", task=task, mode=Mode(replicas=each))
        world.apply(CreateSwarmService(spec=spec))
    (swarm,) = world.orchestras.swarms.values()
    for _ in range(PATIENCE_S):
        world.advance(world.now + 1.0)
        if sum(one.state == RUNNING for one in swarm.state.tasks.values()) == services * each:
            return
    raise AssertionError("not all tasks run")


def thousand_nodes() -> list[Measured]:
    """1,000 nodes, 10,000 tasks of 100 services."""
    world = made(_size(1000))
    took = cpu_s(lambda: filled(world, _size(100), 100))
    return [cost("1,000 nodes, 10,000 tasks of 100 services: asked for to all running", took, 4.0)]


def largest() -> list[Measured]:
    """5,000 nodes, 100,000 tasks: started, and left alone."""
    world = made(_size(5000))
    took = cpu_s(lambda: filled(world, _size(1000), 100))
    idle = 60.0 / cpu_s(lambda: world.advance(world.now + 60.0))
    what = "5,000 nodes, 100,000 tasks"
    return [
        cost(f"{what} of 1,000 services", took, 40.0),
        ratio(f"{what}, idle: real time", idle, 20.0),
    ]
