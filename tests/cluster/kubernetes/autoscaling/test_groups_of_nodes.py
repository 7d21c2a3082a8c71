"""Stories of the cluster autoscaler: what comes, what does not, what goes again."""

import pytest
from msgspec.structs import replace

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.autoscaler import ClusterAutoscaler
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.blockers import of_pod
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.expanders import Option, best
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.packing import Estimate
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import (
    DEFAULT,
    GroupSpec,
    Settings,
)
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Condition, Meta, Owner
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.engine.checkpoint import Checkpoint
from simulator.engine.simulation import Simulation
from simulator.report.bench.scheduled import HOSTNAME, node_of, spec_of

SHAPE = Resources(3900, 15 << 30, 100 << 30, (), 110)
READY = Condition("Ready", "True", "KubeletReady", "", 0.0, 0.0)
OWNER = Owner("ReplicaSet", "web", "uid-web", "apps/v1", controller=True)


def node(name, shape=SHAPE):
    made = node_of(name, shape, {HOSTNAME: name})
    return replace(made, status=replace(made.status, conditions=(READY,)))


class Machines:
    """A provider: machines boot, or never come."""

    def __init__(self, server, boot_s=90.0):
        self.server, self.boot_s, self.ordered = server, boot_s, 0

    def order(self, group):
        self.ordered += 1
        name = f"{group}-new{self.ordered}"
        if self.boot_s is not None:
            sim = self.server.sim
            sim.at(sim.now + self.boot_s, self._join, name)
        return name

    def _join(self, name):
        self.server.create(node(name))

    def give_up(self, name):
        pass

    def remove(self, name):
        pass


class World:
    def __init__(self, nodes=2, most=3, least=1, boot_s=90.0, settings=DEFAULT):
        self.sim, self.store = Simulation(1), Store()
        self.server = Server(self.sim, self.store, Recorder(self.sim.clock), Naming(1, "test"))
        self.scheduler = Scheduler(self.server, Profile(), 1)
        self.templates = Templates()
        self.autoscaler = ClusterAutoscaler(
            self.server, self.scheduler, Machines(self.server, boot_s), settings
        )
        names = tuple(f"pool-{number}" for number in range(nodes))
        for name in names:
            self.server.create(node(name))
        spec = GroupSpec(name="pool", least=least, most=most, template=node("pool"))
        self.group = self.autoscaler.add_group(spec, names)

    def pod(self, name, cpu="2", priority=0, owner=OWNER, namespace="default", **more):
        template = self.templates.of(spec_of(cpu, **more), {"app": "web"})
        owners = (owner,) if owner else ()
        meta = Meta(name, namespace, labels=template.labels, owners=owners)
        made = Pod(kind="Pod", api_version="v1", meta=meta, template=template, priority=priority)
        return self.server.create(made)

    def fill(self):
        """Each node takes one pod of 3 CPU."""
        for number in range(len(self.group.nodes)):
            self.pod(f"old-{number}", "3")
        self.wait(1.0)

    def wait(self, seconds):
        self.sim.advance(self.sim.now + seconds)

    def where(self, name):
        found = self.store.get(Pod, "default", name)
        return "" if found is None else found.node

    def said(self, name):
        return [
            (one.reason, one.message)
            for one in self.server.recorder
            if one.name == name and one.source == "cluster-autoscaler"
        ]


def test_a_pod_that_fits_nowhere_gets_a_node_and_the_next_hears_that_the_group_is_full():
    world = World()
    world.fill()
    world.pod("a")
    world.pod("b")
    world.wait(11.0)
    said = ("TriggeredScaleUp", "pod triggered scale-up: [{pool 2->3 (max: 3)}]")
    assert (world.said("a"), world.said("b")) == ([said], [])
    world.wait(10.0)
    full = "pod didn't trigger scale-up: 1 max node group size reached"
    assert (world.said("a"), world.said("b")) == ([said], [("NotTriggerScaleUp", full)])
    world.wait(90.0)
    assert (world.where("a"), world.where("b")) == ("pool-new1", "")


def test_a_pod_that_no_node_of_a_group_takes_hears_why():
    world = World()
    world.pod("huge", "5")
    world.wait(21.0)
    text = "pod didn't trigger scale-up: 1 Insufficient cpu"
    assert world.said("huge") == [("NotTriggerScaleUp", text)]
    assert world.group.size == 2


def test_for_pods_below_the_cutoff_no_node_comes_and_nothing_is_said():
    world = World()
    world.fill()
    world.pod("filler", priority=-11)
    world.wait(100.0)
    assert (world.said("filler"), world.group.size) == ([], 2)


def test_a_node_that_never_comes_is_given_up_after_a_quarter_of_an_hour_and_the_group_backs_off():
    world = World(boot_s=None)
    world.fill()
    world.pod("a")
    world.wait(915.0)
    assert [one.reason for one in world.server.recorder if one.type == "Warning"][-1:] == [
        "ScaleUpTimedOut"
    ]
    world.wait(20.0)
    backing = "pod didn't trigger scale-up: 1 in backoff after failed scale-up"
    assert world.said("a")[-1] == ("NotTriggerScaleUp", backing)
    world.wait(300.0)
    assert len(world.group.coming) == 1


def test_an_empty_node_goes_after_ten_minutes_and_the_least_stay():
    world = World(nodes=3, least=2)
    world.wait(605.0)
    assert len(world.group.nodes) == 3
    world.wait(10.0)
    assert list(world.group.nodes) == ["pool-1", "pool-2"]
    texts = [one.message for one in world.server.recorder if one.reason == "ScaleDownEmpty"]
    assert texts == ['Scale-down: removing empty node "pool-0"']
    assert world.store.get(Node, "", "pool-0") is None
    world.wait(2000.0)
    assert len(world.group.nodes) == 2


def test_a_node_with_little_on_it_is_drained_where_its_pods_find_room():
    world = World(nodes=2)
    world.pod("a", "1")
    world.wait(1.0)
    world.pod("b", "1")
    world.wait(605.0)
    assert {world.where("a"), world.where("b")} == {"pool-0", "pool-1"}
    assert len(world.autoscaler.shrinking.unneeded) == 1
    (name,) = world.autoscaler.shrinking.unneeded
    moved = "a" if world.where("a") == name else "b"
    world.wait(20.0)
    assert ("ScaleDown", "deleting pod for node scale down") in world.said(moved)
    taints = world.store.get(Node, "", name).spec.taints
    assert [one.key for one in taints] == ["ToBeDeletedByClusterAutoscaler"]


@pytest.mark.parametrize(
    ("owner", "annotations", "volumes", "namespace", "why"),
    [
        (None, {}, [], "default", "NotReplicated"),
        (OWNER, {}, [], "default", ""),
        (OWNER, {}, [], "kube-system", "UnmovableKubeSystemPod"),
        (OWNER, {}, [{"name": "v", "emptyDir": {}}], "default", "LocalStorageRequested"),
        (OWNER, {}, [{"name": "v", "emptyDir": {"medium": "Memory"}}], "default", ""),
        (OWNER, {"safe-to-evict": "false"}, [], "default", "NotSafeToEvictAnnotation"),
        (None, {"safe-to-evict": "false"}, [], "default", "NotReplicated"),
        (OWNER, {"safe-to-evict": "false"}, [], "kube-system", "UnmovableKubeSystemPod"),
        (None, {"safe-to-evict": "true"}, [], "kube-system", ""),
        (
            OWNER,
            {"safe-to-evict-local-volumes": "w,v"},
            [{"name": "v", "emptyDir": {}}],
            "default",
            "",
        ),
    ],
)
def test_what_keeps_a_node(owner, annotations, volumes, namespace, why):
    spec = {**spec_of("1"), "volumes": volumes}
    template = Templates().of(spec, {})
    words = {f"cluster-autoscaler.kubernetes.io/{key}": word for key, word in annotations.items()}
    meta = Meta("p", namespace, owners=(owner,) if owner else (), annotations=words)
    pod = Pod(kind="Pod", api_version="v1", meta=meta, template=template)
    assert of_pod(pod, Settings(), lambda _: False) == why


def test_expanders_choose_by_what_they_are_called_after():
    def option(name, cpu, nodes, pods, price=0.0, priority=0):
        template = node(name, Resources(cpu, 16 << 30, 0, (), 110))
        spec = GroupSpec(
            name=name, least=0, most=9, template=template, price_per_hour=price, priority=priority
        )
        return Option(spec, Estimate(nodes, tuple(pods), (0,)))

    world = World()
    pods = [world.pod(f"p{number}", "1") for number in range(4)]
    options = [
        option("small", 2000, 1, pods[:2], price=0.1),
        option("large", 16000, 1, pods, price=0.8, priority=5),
        option("fitting", 4000, 1, pods[:3], price=0.12),
    ]
    for words, name in (
        ("least-waste", "small"),
        ("least-nodes", "small"),
        ("most-pods", "large"),
        ("price", "fitting"),
        ("priority", "large"),
    ):
        assert best(options, words, lambda _: 0).group.name == name
    assert best(options, "random", lambda n: n - 1).group.name == "fitting"


def test_a_copy_of_the_world_goes_on_alike():
    world = World()
    world.fill()
    world.pod("a")
    world.wait(50.0)
    copy = Checkpoint.of(world, world.sim).restore()
    for one in (world, copy):
        one.wait(100.0)
    assert world.where("a") == copy.where("a") == "pool-new1"


def test_trials_leave_the_scheduler_as_it_was():
    world = World(nodes=4)
    for number in range(4):
        world.pod(f"p{number}", "1")
    world.wait(1.0)
    columns = world.scheduler.columns
    before = {name: (row.cpu, list(row.pods)) for name, row in columns.rows.items()}
    world.autoscaler.shrinking.look([world.group])
    world.autoscaler.growing.decide([], [world.group])
    after = {name: (row.cpu, sorted(row.pods)) for name, row in columns.rows.items()}
    assert {name: (cpu, sorted(pods)) for name, (cpu, pods) in before.items()} == after
