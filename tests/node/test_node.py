"""The daemon of a machine, without a world: what a kubelet or an agent of a swarm would call."""

import pytest
from calls import calls
from shipped import SHIPPED

from simulator.engine import FlowNetwork, Simulation
from simulator.errors import Refused
from simulator.image.catalogue import Catalogue
from simulator.image.reference import Reference
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.guests import guest_name
from simulator.machine.host import Hardware, Host, Parts
from simulator.machine.workload import parse_workload
from simulator.node.errors import NameTaken, StillRunning
from simulator.node.node import Node
from simulator.node.spec import ContainerSpec
from simulator.registry.hub import public_hub
from simulator.registry.registries import Registries

ALPINE = Reference.parse("alpine")
IDLE = ContainerSpec(image="alpine", workload="idle")


class Diary:
    """An overseer that writes down what it is told."""

    def __init__(self):
        self.told = []
        self.count = 0

    def new_id(self):
        self.count += 1
        return f"{self.count:064x}"

    def title(self, name, machine):
        return name

    def guest_name(self, container, machine):
        return guest_name(container)

    def made(self, container):
        self.told.append(f"made {container.name}")

    def ready(self, container):
        self.told.append(f"ready {container.name}")

    def unready(self, container):
        self.told.append(f"unready {container.name}")

    def renamed(self, container, before, local_before):
        self.told.append(f"{before} is {container.name}")

    def machine_at(self, word):
        return None

    def gone(self, container):
        self.told.append(f"gone {container.name}")


@pytest.fixture
def node():
    """A daemon on a machine that has the image."""
    sim = Simulation(1)
    network = FlowNetwork(sim)
    parts = Parts(sim, Fabric(sim.clock), network, SHIPPED)
    catalogue = Catalogue.load()
    hub = public_hub(network, catalogue=catalogue, limited=False, constants=SHIPPED)
    hardware = Hardware(8, 16 << 30, 100 << 30, 200e6, 125e6, "amd64", "linux", 80_000.0)
    host = Host("h", parts, hardware, kernel_version="6.8")
    host.images.store.add(catalogue.resolve(ALPINE, host.images.platform), ALPINE)
    return Node(host, Registries(hub), Diary(), parse_workload)


def create(node, name, spec=IDLE):
    image = node.machine.images.store.get(ALPINE).image
    return node.create(node.plan(spec, name), name, image)


def run(node, name, spec=IDLE):
    container = create(node, name, spec)
    node.start(container)
    later(node, 5.0)
    return container


def later(node, seconds):
    sim = node.machine.parts.sim
    sim.advance(sim.now + seconds)


def test_a_container_lives_from_its_specification_to_its_removal(node):
    done = []
    web = run(node, "web", ContainerSpec(image="alpine", workload="server cpu=1ms", cpus=0.5))
    assert (web.state, web.limits.cpus) == ("running", 0.5)
    node.stop(web, None, done.append, "stopped")
    later(node, 20.0)
    node.remove(web)
    assert done == ["stopped"]
    assert node.overseer.told == ["made web", "ready web", "unready web", "unready web", "gone web"]
    assert (node.containers, node.names, node.specs) == ({}, {}, {})


def test_a_name_is_refused_with_who_has_it_and_free_after_a_rename(node):
    first = run(node, "web")
    with pytest.raises(NameTaken) as refusal:
        node.plan(IDLE, "web")
    assert (refusal.value.name, refusal.value.holder) == ("web", first.id)
    node.rename(first, "old")
    assert run(node, "web") is node.names["web"]


def test_what_runs_is_removed_by_force_only_also_when_it_restarts(node):
    done = []
    web = run(node, "web", ContainerSpec(image="alpine", workload="exit code=1", restart="always"))
    with pytest.raises(StillRunning, match=r"container web is (running|restarting|starting)"):
        node.remove(web)
    node.force_remove(web, done.append, "gone")
    later(node, 1.0)
    assert (web.state, done) == ("removed", ["gone"])


def test_a_restart_ends_when_it_runs_again_or_was_removed_meanwhile(node):
    done = []
    web = run(node, "web")
    node.restart(web, 0.0, done.append, "again")
    later(node, 5.0)
    assert (web.state, done) == ("running", ["again"])
    node.restart(web, 5.0, done.append, "not any more")
    node.force_remove(web, done.append, "gone")
    later(node, 10.0)
    assert (web.state, sorted(done)) == ("removed", ["again", "gone", "not any more"])


def test_an_update_is_refused_as_a_whole_and_changes_the_specification_otherwise(node):
    web = run(node, "web")
    with pytest.raises(Refused, match="Range of CPUs"):
        node.update(web, {"cpus": 100.0, "restart": "always"})
    assert (node.spec(web), str(web.restart_policy)) == (IDLE, "no")
    node.update(web, {"cpus": 2.0})
    assert (node.spec(web).cpus, web.limits.cpus) == (2.0, 2.0)


def test_an_image_is_pulled_from_the_registry_that_its_name_means(node):
    under_way = node.pull(Reference.parse("busybox"))
    later(node, 60.0)
    assert under_way.done.value.ok
    assert node.machine.images.store.find(Reference.parse("busybox")) is not None
    with pytest.raises(Refused, match="no such host"):
        node.pull(Reference.parse("nowhere.example/a"))


def test_twice_the_containers_are_at_most_two_and_a_half_times_the_work(node):
    def lives(count, prefix):
        made = [create(node, f"{prefix}{number}") for number in range(count)]
        for one in made:
            node.rename(one, f"{one.local_name}-old")
        for one in made:
            node.remove(one)

    lives(1, "warm")
    few = calls(lambda: lives(20, "a"))
    assert calls(lambda: lives(40, "b")) <= 2.5 * few
