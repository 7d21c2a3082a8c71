"""What the columns choose is what the plain loop chooses, and costs less."""

import pytest
from calls import calls

from simulator.cluster.swarm.objects import Description, Node, Service
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import (
    NANO,
    Endpoint,
    NodeSpec,
    Placement,
    Port,
    Resources,
    ServiceSpec,
    TaskSpec,
)
from simulator.cluster.swarm.state import State
from simulator.engine.simulation import Simulation
from simulator.node.spec import ContainerSpec
from simulator.report.bench.swarm_chance import SwarmChance


@pytest.mark.parametrize("seed", range(0, 1000, 50))
def test_columns_choose_the_nodes_that_the_plain_loop_chooses(seed):
    for one in range(seed, seed + 50):
        assert SwarmChance(one).agree(3) > 0


PLENTY = Resources(nano_cpus=64 * NANO, memory_bytes=64 << 30, generic=(("gpu", 100),))
LITTLE = Resources(nano_cpus=NANO // 100, memory_bytes=1 << 20, generic=(("gpu", 1),))
SORTS = {
    "plain": {},
    "reserved": {"reservations": LITTLE},
    "constraint": {"placement": Placement(constraints=("node.labels.zone!=z0",))},
    "spread": {"placement": Placement(preferences=("node.labels.zone",))},
    "at most": {"placement": Placement(max_replicas=50)},
    "host port": {},
}


class Court:
    """Nodes, a scheduler, and nobody else."""

    def __init__(self, nodes):
        self.sim = Simulation()
        self.state = State(self.sim, 1, "s")
        self.scheduler = Scheduler(self.state)
        for number in range(nodes):
            labels = {"zone": f"z{number % 3}"}
            what = Description(hostname=f"n{number}", resources=PLENTY)
            self.state.node_changed(Node(f"n{number}", NodeSpec(labels=labels), what, "", 0.0))
        self.sim.advance(0.0)

    def place(self, sort, count, name="web"):
        host = Endpoint(ports=(Port(target=80, published=80, mode="host"),))
        spec = ServiceSpec(
            name=name, task=TaskSpec(container=ContainerSpec(image="app"), **SORTS[sort]),
            endpoint=host if sort == "host port" else Endpoint(),
        )  # fmt: skip
        service = Service(name, spec, 0.0)
        self.state.services[name] = service
        tasks = [self.state.new_task(service, slot) for slot in range(1, count + 1)]
        self.sim.advance(self.sim.now)
        assert all(one.node for one in tasks)

    def cost(self, sort, count):
        self.place(sort, 1, "first")
        return calls(lambda: self.place(sort, count))


@pytest.mark.parametrize("sort", SORTS)
def test_a_task_costs_the_same_on_twice_the_nodes(sort):
    assert Court(400).cost(sort, 100) <= 1.1 * Court(200).cost(sort, 100)


@pytest.mark.parametrize("sort", SORTS)
def test_twice_the_tasks_cost_at_most_twice_as_much(sort):
    assert Court(200).cost(sort, 120) <= 2.1 * Court(200).cost(sort, 60)


def test_a_task_costs_the_same_beside_twice_the_services():
    def beside(services):
        court = Court(50)
        for number in range(services):
            court.place("plain", 2, f"s{number}")
        return court.cost("plain", 50)

    assert beside(80) <= 1.1 * beside(40)
