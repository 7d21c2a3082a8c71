"""Docker Swarm: its scheduler alone, against the plain loop that asks every node and every task."""

from __future__ import annotations

from simulator.cluster.swarm.objects import Description, Node, Service, Task
from simulator.cluster.swarm.scheduler.plain import PlainLoop
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import (
    NANO,
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
from simulator.report.bench.measured import Measured, rate, ratio
from simulator.report.bench.swarm_chance import SwarmChance

SIZES = {"nodes": 1.0}
"""By how much all is smaller: a test makes it less."""
NODES, SERVICES, EACH = 5000, 20, 200
SHAPE = Resources(nano_cpus=32 * NANO, memory_bytes=64 << 30)
ASKS = Resources(nano_cpus=NANO // 10, memory_bytes=100 << 20)
PROMISED, TIMES = 5000.0, 50.0


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
