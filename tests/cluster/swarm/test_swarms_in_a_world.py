"""Swarms as a part of the world: copies, traffic, members that come and go."""

import pytest
from fleet_of import Endpoint, Fleet, Port

from simulator.cluster.swarm.objects import COMPLETE, RUNNING
from simulator.errors import Refused
from simulator.traffic.spec import parse_traffic
from simulator.world.commands import CreateHost, StartTraffic
from simulator.world.swarm_commands import InitSwarm, JoinSwarm, LeaveSwarm


def test_a_copy_of_a_world_with_a_swarm_goes_on_as_the_world_itself_does():
    fleet = Fleet(3)
    fleet.service(replicas=4)
    fleet.go(2)
    fleet.cut("n3")
    branch = fleet.world.branched()
    fleet.go(60)
    branch.advance(fleet.now)
    assert branch.journal.digest == fleet.world.journal.digest


def test_what_is_taken_back_was_never_asked():
    fleet = Fleet(2)
    fleet.service(replicas=2)
    fleet.go(30)
    before = fleet.world.journal.digest
    fleet.update(replicas=5)
    assert fleet.world.undone(1).journal.digest == before


def test_requests_to_a_service_are_shared_by_its_tasks_and_a_published_port_is_one_at_each_node():
    fleet = Fleet(3)
    fleet.service(replicas=3, endpoint=Endpoint(ports=(Port(target=80, published=8080),)))
    fleet.go(30)
    fleet.world.apply(StartTraffic("n2:8080", parse_traffic(["constant", "30/s"])))
    fleet.go(30)
    stream = fleet.world.services["n2:8080"]
    assert len(stream.endpoints) == 3
    fleet.update(replicas=1)
    fleet.go(30)
    assert len(stream.endpoints) == 1


def test_a_lost_node_is_sent_to_until_the_others_miss_it_and_long_before_its_managers_do():
    fleet = Fleet(5, managers=3)
    fleet.service(replicas=5)
    fleet.go(20)
    fleet.world.apply(StartTraffic("web", parse_traffic(["constant", "50/s"])))
    fleet.go(5)
    fleet.cut("n5")
    fleet.go(4)
    stream = fleet.world.services["web"]
    assert stream.tally.failed["refused"] == 40
    missed = fleet.until(lambda: fleet.swarm.mesh.running(fleet.named()) != fleet.tasks())
    assert 5 <= missed + 4 <= 6.5
    fleet.go(0.5)
    after = dict(stream.tally.failed)
    fleet.until(lambda: not fleet.node("n5").ready)
    assert fleet.now - 25 >= 10
    assert stream.tally.failed == after


def test_machines_join_with_a_token_and_leave():
    fleet = Fleet(1)
    world = fleet.world
    world.apply(CreateHost(name="late"))
    token = fleet.swarm.token("worker")
    with pytest.raises(Refused, match="A valid join token is necessary to join this cluster"):
        world.apply(JoinSwarm(token=token[:-3] + "zzz", remote="n1:2377", machine="late"))
    world.apply(JoinSwarm(token=token, remote="n1:2377", machine="late"))
    assert [node.hostname for node in fleet.state.nodes.values()] == ["n1", "late"]
    with pytest.raises(Refused, match="already part of a swarm"):
        world.apply(InitSwarm(machine="late"))
    world.apply(LeaveSwarm(machine="late"))
    assert not fleet.node("late").ready


def test_draining_a_node_sends_its_tasks_elsewhere_at_once_and_pausing_keeps_them():
    fleet = Fleet(3)
    fleet.service(replicas=6)
    fleet.go(60)
    fleet.set_node("n2", availability="pause")
    fleet.go(30)
    assert fleet.spread() == [2, 2, 2]
    fleet.set_node("n3", availability="drain")
    fleet.go(30)
    assert fleet.spread() == [4, 2, 0]


def test_a_global_service_has_a_task_on_each_node_those_included_that_come_later():
    fleet = Fleet(2)
    fleet.service("agent", kind="global")
    fleet.go(30)
    fleet.world.apply(CreateHost(name="late"))
    fleet.world.apply(
        JoinSwarm(token=fleet.swarm.token("worker"), remote="n1:2377", machine="late")
    )
    fleet.go(30)
    assert fleet.spread("agent") == [1, 1, 1]


def test_a_job_ends_when_so_many_have_completed():
    fleet = Fleet(2)
    fleet.service("job", 5, kind="replicated-job", words="exit code=0 after=3s")
    fleet.go(120)
    assert [task.state for task in fleet.tasks("job")] == [COMPLETE] * 5


def test_a_leader_that_is_demoted_hands_over_and_nobody_waits_for_an_election():
    fleet = Fleet(4, managers=3)
    assert fleet.swarm.managers.leader == fleet.node("n1").id
    fleet.set_node("n1", role="worker")
    assert fleet.swarm.managers.leader == fleet.node("n2").id
    assert not fleet.state.leaderless


def test_a_manager_alone_can_make_a_swarm_of_itself():
    fleet = Fleet(4, managers=3)
    fleet.service(replicas=4)
    fleet.go(60)
    fleet.cut("n2")
    fleet.cut("n3")
    fleet.go(5)
    fleet.world.apply(InitSwarm(machine="n1", force=True))
    fleet.go(60)
    assert fleet.running() == 4
    assert [one.hostname for one in fleet.swarm.managers.members()] == ["n1"]
    assert fleet.tasks()[0].desired <= RUNNING
