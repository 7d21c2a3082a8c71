"""What a screen asks of a swarm: members, services and tasks, at the price of what is seen."""

from pathlib import Path

import pytest
from calls import calls

from simulator.cluster.swarm.specs import Mode, NodeSpec, Resources, ServiceSpec, TaskSpec
from simulator.look.cluster_facts import View
from simulator.look.clusters import Clusters
from simulator.node.spec import ContainerSpec
from simulator.shell import Session
from simulator.shell.swarm.service_listing import counts
from simulator.world import World
from simulator.world.cluster_commands import CreateCluster, NodeGroup
from simulator.world.commands import InjectFault
from simulator.world.swarm_commands import (
    CreateSwarmService,
    MakeSwarm,
    RemoveSwarmService,
    SwarmNode,
    UpdateSwarmService,
)


def swarm_of(nodes, managers=1):
    world = World()
    world.apply(MakeSwarm((NodeGroup(count=nodes, prefix="n", cores=4),), managers))
    return world, next(iter(world.orchestras.swarms.values()))


SERVER = "server cpu=5ms memory=16MiB sigterm=handled"


def spec(name, replicas=1, kind="replicated", image="shop:1", cores=0, words=SERVER):
    task = TaskSpec(
        container=ContainerSpec(image=image, workload=words),
        reservations=Resources(nano_cpus=cores * 10**9),
    )
    return ServiceSpec(name=name, task=task, mode=Mode(kind=kind, replicas=replicas))


def go(world, seconds):
    world.advance(world.now + seconds)


@pytest.fixture(scope="module")
def shop():
    """Three nodes of which one is drained; a service that runs, one that fits nowhere."""
    world, swarm = swarm_of(3)
    for one in (spec("web", 4), spec("agent", kind="global"), spec("big", 2, cores=50)):
        world.apply(CreateSwarmService(one))
    go(world, 20)
    second = list(swarm.state.nodes.values())[1]
    world.apply(SwarmNode(second.id, NodeSpec(availability="drain")))
    go(world, 20)
    return world


def test_members_say_whether_they_lead_and_whether_they_take_tasks(shop):
    found = Clusters(shop).facts(View("nodes"), 0, 10)
    assert [(one.name, one.manager, one.availability, one.tasks) for one in found.rows] == [
        ("n1", "Leader", "active", 3), ("n2", "", "drain", 0), ("n3", "", "active", 3),
    ]  # fmt: skip
    assert (found.leader, found.nodes, found.ready_nodes) == ("n1", 3, 3)
    assert (found.running, found.tasks) == (6, 8)


def test_services_count_tasks_that_run_of_those_that_are_to_and_say_why_some_do_not(shop):
    found = Clusters(shop).facts(View("services"), 0, 10)
    assert [(one.name, one.mode, one.running, one.desired) for one in found.rows] == [
        ("web", "replicated", 4, 4), ("agent", "global", 2, 2), ("big", "replicated", 0, 2),
    ]  # fmt: skip
    assert [one.error for one in found.rows] == ["", "", found.rows[2].error]
    assert found.rows[2].error.startswith("no suitable node (insufficient resources")


def test_tasks_of_a_service_stand_slot_by_slot_the_newest_first(shop):
    found = Clusters(shop).facts(View("tasks", "service/web"), 0, 10)
    assert [(one.name, one.state, one.node) for one in found.rows] == [
        ("web.1", "running", "n1"), ("web.2", "running", "n3"), ("web.2", "shutdown", "n2"),
        ("web.3", "running", "n3"), ("web.4", "running", "n1"),
    ]  # fmt: skip
    here = Clusters(shop).facts(View("tasks", "member/n1"), 0, 10)
    assert {one.node for one in here.rows} == {"n1"}
    pending = Clusters(shop).facts(View("tasks", filter="pending"), 0, 10)
    assert [(one.name, one.node) for one in pending.rows] == [("big.1", ""), ("big.2", "")]


def test_an_update_that_is_paused_is_told_with_its_message():
    world, swarm = swarm_of(2)
    world.apply(CreateSwarmService(spec("web", 2)))
    go(world, 20)
    service = swarm.state.service_named("web")
    world.apply(UpdateSwarmService(id=service.id, spec=spec("web", 2, image="nosuch:1")))
    go(world, 60)
    row = Clusters(world).facts(View("services"), 0, 10).rows[0]
    assert row.update == service.status.state
    assert row.message == service.status.message != ""


def test_services_count_as_docker_service_ls_does_whatever_happened():
    world, swarm = swarm_of(5, managers=3)
    state = swarm.state
    job = spec("once", 5, kind="replicated-job", words="exit after=7s")
    for one in (spec("web", 6), spec("agent", kind="global"), spec("gone", 3), job):
        world.apply(CreateSwarmService(one))
    go(world, 15)
    web = state.service_named("web")
    for change in (
        UpdateSwarmService(id=web.id, spec=spec("web", 9)),
        InjectFault(kind="power", target="n4"),
        RemoveSwarmService(id=state.service_named("gone").id),
        UpdateSwarmService(id=web.id, spec=spec("web", 2, image="shop:2")),
        InjectFault(kind="recover", target="n4"),
    ):
        world.apply(change)
        for _ in range(8):
            go(world, 5)
            rows = Clusters(world).facts(View("services"), 0, 10).rows
            assert [(one.running, one.desired) for one in rows] == [
                counts(state, one)[:2] for one in state.services.values()
            ]


def test_a_swarm_without_a_leader_says_how_many_managers_are_there():
    world, _ = swarm_of(3, managers=3)
    go(world, 5)
    for name in ("n1", "n2"):
        world.apply(InjectFault(kind="power", target=name))
    go(world, 30)
    found = Clusters(world).facts(View(), 0, 10)
    assert (found.leader, found.managers, found.reachable) == ("", 3, 1)


def test_a_swarm_beside_a_cluster_is_shown_by_its_name():
    world, swarm = swarm_of(2)
    world.apply(CreateCluster("shop", groups=(NodeGroup(count=1),)))
    looking = Clusters(world)
    assert looking.facts(View(), 0, 9).name == "shop"
    assert looking.facts(View(cluster=swarm.name), 0, 9).name == swarm.name
    contexts = looking.facts(View("contexts"), 0, 9).rows
    assert [(one.name, one.kind, one.nodes, one.shown) for one in contexts] == [
        ("shop", "Kubernetes", 1, True), (swarm.name, "Swarm", 2, False),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def two_sizes():
    worlds = []
    for size in (1, 2):
        world, _ = swarm_of(20 * size)
        world.apply(CreateSwarmService(spec("web", 150 * size)))
        go(world, 20)
        worlds.append(world)
    return worlds


@pytest.mark.parametrize("kind", ["overview", "nodes", "services", "tasks"])
def test_a_frame_costs_what_is_seen_and_not_what_there_is(two_sizes, kind):
    costs = []
    for world in two_sizes:
        looking = Clusters(world)
        looking.facts(View(kind), 0, 15)
        costs.append(calls(lambda looking=looking: looking.facts(View(kind), 0, 15)))
    assert costs[1] <= costs[0] * 1.2 + 20


def test_who_looks_at_a_swarm_changes_nothing(two_sizes):
    seen, unseen = (two_sizes[0].branched() for _ in range(2))
    looking = Clusters(seen)
    for _ in range(5):
        for kind in ("overview", "nodes", "services", "tasks", "pods", "queue", "contexts"):
            looking.facts(View(kind), 0, 30)
        for world in (seen, unseen):
            go(world, 7)
    assert seen.journal.digest == unseen.journal.digest


def test_why_finds_a_node_of_a_swarm_beside_a_cluster_that_has_none_of_this_name():
    world, _ = swarm_of(2)
    world.apply(CreateCluster("shop", groups=(NodeGroup(count=1),)))
    session = Session(world, folder=Path())
    assert session.execute("why node/n2").lines[0].startswith("node n2")
    assert session.execute("why node/node-1").lines[0].startswith("node node-1")
    assert 'nodes "nowhere" not found' in (session.execute("why node/nowhere").error or "")
