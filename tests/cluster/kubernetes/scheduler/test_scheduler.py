"""The scheduler on a store: what it binds, whom it ends, when it tries again."""

from msgspec.structs import replace

from simulator.cluster.kubernetes.events import PodScheduled
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Namespace, Node, NodeSpec
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.objects.selectors import (
    NodeSelector,
    NodeSelectorTerm,
    Requirement,
)
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.scheduler.pending import backoff_s
from simulator.cluster.kubernetes.scheduler.plugins.volume_binding import (
    CONFLICT,
    UNBOUND,
    Needs,
)
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.engine.checkpoint import Checkpoint
from simulator.engine.simulation import Simulation
from simulator.report.bench.scheduled import HOSTNAME, REQUIRED, node_of, spec_of, term

SMALL = Resources(4000, 8 << 30, 0, (), 110)


class World:
    """An API server with a scheduler, and nothing else."""

    shape = SMALL

    def __init__(self, nodes=1):
        self.sim, self.store = Simulation(1), Store()
        self.server = Server(self.sim, self.store, Recorder(self.sim.clock), Naming(1, "test"))
        self.scheduler = Scheduler(self.server, Profile(), 1)
        self.templates = Templates()
        self.server.create(namespace("default"))
        for number in range(nodes):
            self.node(f"n{number}")

    def node(self, name, resources=SMALL):
        return self.server.create(node_of(name, resources, {HOSTNAME: name}))

    def pod(self, name, cpu="1", labels=None, priority=0, **more):
        template = self.templates.of(spec_of(cpu, **more), labels or {"app": "web"})
        meta = Meta(name, "default", labels=template.labels)
        made = Pod(kind="Pod", api_version="v1", meta=meta, template=template, priority=priority)
        return self.server.create(made)

    def get(self, name):
        return self.store.get(Pod, "default", name)

    def where(self, *names):
        return [self.get(name).node for name in names]

    def until(self, time):
        self.sim.advance(time)

    def events(self, reason):
        return [one for one in self.server.recorder if one.reason == reason]

    def scheduled(self):
        return [one.event.subject for one in self.sim.journal if type(one.event) is PodScheduled]


def namespace(name, **labels):
    return Namespace(kind="Namespace", api_version="v1", meta=Meta(name, labels=labels))


def test_the_most_important_pod_is_bound_first_and_then_the_oldest():
    world = World()
    for name, priority in (("a", 0), ("b", 100), ("c", 0), ("d", 0)):
        world.pod(name, priority=priority)
    world.until(1.0)
    assert world.scheduled() == [f"default/{name}" for name in "bacd"]
    text = world.events("Scheduled")[0].message
    assert text == "Successfully assigned default/b to n0"


def test_a_pod_without_a_node_waits_until_something_helps_and_costs_nothing_meanwhile():
    world = World()
    world.pod("big", cpu="5")
    world.until(400.0)
    decided = world.scheduler.cycle.cycles
    assert decided == 2  # at once, and after five minutes
    assert world.get("big").status.unschedulable.startswith("0/1 nodes are available: 1 Insuff")
    world.pod("other", cpu="1")
    world.server.delete(world.get("other"), grace_s=0)
    world.node("n1", Resources(8000, 8 << 30, 0, (), 110))
    world.until(402.0)
    assert world.where("big") == ["n1"]


def test_back_off_grows_to_ten_seconds():
    assert [backoff_s(attempts) for attempts in range(1, 7)] == [1, 2, 4, 8, 10, 10]


def test_a_pod_is_not_tried_again_before_its_back_off_is_over_whatever_happens():
    world = World()
    world.pod("big", cpu="5")
    world.until(0.5)
    world.node("n1", Resources(8000, 8 << 30, 0, (), 110))
    world.until(0.999)
    assert world.where("big") == [""]
    world.until(1.0)
    assert world.where("big") == ["n1"]


def test_a_pod_with_a_gate_is_not_tried():
    world = World()
    world.pod("gated", schedulingGates=[{"name": "example.com/wait"}])
    world.until(1.0)
    status = world.get("gated").status
    assert (status.unschedulable_reason, status.unschedulable) == (
        "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates",
    )  # fmt: skip
    assert not world.scheduler.cycle.cycles
    free = world.templates.of(spec_of("1"), {"app": "web"})
    world.server.update(replace(world.get("gated"), template=free))
    world.until(2.0)
    assert world.where("gated") == ["n0"]


def test_a_more_important_pod_takes_the_place_of_another_when_that_has_ended():
    world = World()
    world.pod("low", cpu="3")
    world.until(1.0)
    world.pod("high", cpu="3", priority=10)
    world.until(2.0)
    low, high = world.get("low"), world.get("high")
    assert low.deleting
    condition = low.status.conditions[-1]
    assert (condition.type, condition.reason) == ("DisruptionTarget", "PreemptionByScheduler")
    assert (high.node, high.status.nominated_node) == ("", "n0")
    assert world.events("Preempted")[0].message == f"Preempted by pod {high.meta.uid} on node n0"
    world.server.gone(low)
    world.until(4.0)
    assert world.where("high") == ["n0"]


def test_what_a_nominated_pod_needs_is_kept_for_it_but_not_from_more_important_ones():
    world = World()
    world.pod("low", cpu="3")
    world.until(1.0)
    world.pod("high", cpu="3", priority=10)
    world.until(2.0)
    world.server.gone(world.get("low"))
    world.pod("quick", cpu="3", priority=5)
    world.pod("higher", cpu="3", priority=20)
    world.until(2.5)
    assert world.where("quick", "higher") == ["", "n0"]


def test_two_runs_with_the_same_seed_choose_alike_and_a_copy_goes_on_alike():
    def run(copied):
        world = World(nodes=20)
        for number in range(50):
            world.pod(f"a{number}", cpu="500m")
        world.until(1.0)
        if copied:
            world = Checkpoint.of(world, world.sim).restore()
        for number in range(50):
            world.pod(f"b{number}", cpu="500m")
        world.until(2.0)
        return world.where(*(f"b{number}" for number in range(50)))

    assert run(copied=False) == run(copied=True)


def test_labels_of_a_namespace_decide_whom_a_term_means():
    world = World(nodes=2)
    anti = {**term(HOSTNAME, app="web"), "namespaceSelector": {"matchLabels": {"team": "x"}}}
    world.server.create(namespace("other", team="y"))
    world.pod("a")
    world.until(1.0)
    affinity = {"podAntiAffinity": {REQUIRED: [anti]}}
    before = world.store.get(Namespace, "", "default")
    world.server.update(replace(before, meta=replace(before.meta, labels={"team": "x"})))
    world.pod("b", affinity=affinity)
    world.until(2.0)
    assert sorted(world.where("a", "b")) == ["n0", "n1"]


def test_a_cordoned_node_takes_no_pods_until_it_is_free_again():
    world = World()
    node = world.store.get(Node, "", "n0")
    world.server.update(replace(node, spec=NodeSpec(unschedulable=True)))
    world.pod("a")
    world.until(1.0)
    assert "1 node(s) were unschedulable" in world.get("a").status.unschedulable
    world.server.update(replace(world.store.get(Node, "", "n0"), spec=NodeSpec()))
    world.until(3.0)
    assert world.where("a") == ["n0"]


class Claims:
    """One claim, which may be bound to a node."""

    def __init__(self):
        self.needs_ = Needs(problem=UNBOUND)
        self.there = []

    def needs(self, pod):
        return self.needs_

    def bind(self, pod, node):
        self.there.append((pod.name, node))

    def bound(self, pod):
        return bool(self.there)


def test_a_pod_goes_where_its_claims_allow():
    world, claims = World(nodes=3), Claims()
    world.scheduler.use_claims(claims)
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    world.pod("db", volumes=[volume])
    world.until(1.0)
    assert world.get("db").status.unschedulable == (
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    here = NodeSelectorTerm((Requirement(HOSTNAME, "In", ("n2",)),))
    claims.needs_ = Needs(nodes=((NodeSelector((here,)), CONFLICT),))
    world.scheduler.claims_changed()
    world.until(3.0)
    assert claims.there == [("db", "n2")]
    assert world.get("db").node == ""  # its claim is bound first
    world.scheduler.volumes_bound(("default", "db"))
    world.until(4.0)
    assert world.where("db") == ["n2"]


def test_whether_a_new_node_would_help_is_told_without_making_one():
    world = World()
    big = world.pod("big", cpu="6")
    world.until(1.0)
    shape = node_of("would-be", Resources(8000, 8 << 30, 0, (), 110), {HOSTNAME: "would-be"})
    small = node_of("would-be", SMALL, {HOSTNAME: "would-be"})
    before = world.scheduler.cycle.cycles, world.scheduler.cycle.start
    assert world.scheduler.would_fit(big, shape) is None
    assert world.scheduler.would_fit(big, small).reasons == ("Insufficient cpu",)
    assert (world.scheduler.cycle.cycles, world.scheduler.cycle.start) == before
    assert list(world.scheduler.state.columns.rows) == ["n0"]
    with world.scheduler.trial() as trial:
        trial.add_node(shape)
        trial.place(big, "would-be")
        assert trial.refusal(big, "would-be").reasons == ("Insufficient cpu",)
    assert world.scheduler.would_fit(big, shape) is None


def test_a_pod_is_explained_node_by_node_with_what_would_have_to_change():
    world = World(nodes=2)
    world.server.update(replace(world.store.get(Node, "", "n1"), spec=NodeSpec(unschedulable=True)))
    world.pod("a", cpu="3")
    world.until(1.0)
    told = world.scheduler.explain(world.pod("b", cpu="2"))
    first, second = told.nodes
    (change,) = first.refusals[0].changes
    assert (change.what, change.details) == ("free", ("cpu", 1000, 4000))
    assert [one.plugin for one in second.refusals] == ["NodeUnschedulable"]
    assert second.refusals[0].changes[0].what == "uncordon"
    placed = world.scheduler.explain(world.get("a"))
    assert placed.best == ("n0",)
    scores = {one.plugin: (one.score, one.weight) for one in placed.nodes[0].scores}
    assert scores["NodeResourcesFit"] == (59, 1)
    assert world.scheduler.state.columns.rows["n0"].cpu == 3000


def test_pods_of_a_node_that_comes_back_are_counted_again():
    world = World()
    world.pod("a", cpu="3")
    world.until(1.0)
    node = world.store.get(Node, "", "n0")
    world.store.drop(node)
    world.node("n0")
    world.pod("b", cpu="3")
    world.until(2.0)
    assert world.where("a", "b") == ["n0", ""]
