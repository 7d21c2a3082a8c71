"""What operators of swarms met, told as stories."""

import pytest
from fleet_of import Endpoint, Fleet, Placement, Port, UpdateConfig

from simulator.cluster.swarm.managers import NoLeader
from simulator.cluster.swarm.objects import PENDING, REJECTED, RUNNING

CRASHES = "exit code=1 after=8s"


def test_a_node_that_returns_gets_nothing_back_until_somebody_forces_it():
    fleet = Fleet(3)
    fleet.service(replicas=6)
    fleet.go(60)
    assert fleet.spread() == [2, 2, 2]
    fleet.cut("n3")
    assert 8.0 <= fleet.until(lambda: not fleet.node("n3").ready) <= 17.0
    assert fleet.running() == 4
    assert 5.0 <= fleet.until(lambda: fleet.running() == 6) <= 7.0
    fleet.go(280)
    fleet.mend("n3")
    fleet.go(120)
    assert fleet.spread() == [3, 3, 0]
    lost = fleet.node("n3").id
    assert [task for task in fleet.tasks() if task.node == lost and not task.over] == []
    fewest = 6

    def done():
        nonlocal fewest
        fewest = min(fewest, fleet.running())
        return fleet.status() == "completed"

    fleet.update(force=1)
    fleet.until(done)
    assert fleet.spread() == [2, 2, 2]
    assert fewest == 5


def test_a_new_service_goes_to_the_empty_node():
    fleet = Fleet(3)
    fleet.service(replicas=4, placement=Placement(constraints=("node.hostname!=n3",)))
    fleet.go(30)
    fleet.service("new")
    fleet.go(30)
    assert fleet.spread("new") == [0, 0, 1]


def test_an_image_that_is_not_there_pauses_the_update_at_the_first_slot():
    fleet = Fleet(3)
    fleet.service(replicas=5)
    fleet.go(60)
    fleet.update(image="shop:nope")
    fleet.until(lambda: fleet.status() == "paused")
    assert fleet.named().status.message.startswith(
        "update paused due to failure or early termination of task "
    )
    assert fleet.running() == 4
    rejected = [task for task in fleet.tasks() if task.state == REJECTED]
    assert rejected[0].error == "No such image: shop:nope"
    fleet.go(120)
    assert fleet.running() == 4
    assert len([task for task in fleet.tasks() if task.slot == rejected[0].slot]) <= 5
    fleet.roll_back()
    fleet.until(lambda: fleet.running() == 5)
    fleet.until(lambda: fleet.status() == "rollback_completed")


@pytest.mark.parametrize(("how", "left"), [
    (UpdateConfig(parallelism=2), 3), (UpdateConfig(order="start-first"), 5),
])  # fmt: skip
def test_what_is_left_of_a_paused_update_depends_on_its_order_and_parallelism(how, left):
    fleet = Fleet(3)
    fleet.service(replicas=5, update=how)
    fleet.go(60)
    fleet.update(image="shop:nope")
    fleet.until(lambda: fleet.status() == "paused")
    fleet.go(30)
    assert fleet.running() == left


def test_an_update_completes_although_everything_crashes_a_little_later():
    fleet = Fleet(2)
    fleet.service(replicas=4)
    fleet.go(60)
    fleet.update(words=CRASHES)
    fleet.until(lambda: fleet.status() == "completed")
    fleet.go(60)
    assert fleet.words()["failed"] >= 4


@pytest.mark.parametrize(("how", "old"), [
    (UpdateConfig(monitor_s=20.0), 0), (UpdateConfig(monitor_s=20.0, delay_s=10.0), 3),
])  # fmt: skip
def test_only_the_delay_keeps_an_update_from_going_on_to_the_next_slot(how, old):
    fleet = Fleet(2)
    fleet.service(replicas=4, update=how)
    fleet.go(60)
    fleet.update(words=CRASHES)
    fleet.until(lambda: fleet.status() == "paused")
    version = fleet.named().spec_version
    kept = [one for one in fleet.tasks() if one.spec_version != version and one.desired <= RUNNING]
    assert len(kept) == old


def test_a_host_port_and_start_first_wait_for_each_other_for_ever():
    fleet = Fleet(3)
    port = Endpoint(ports=(Port(target=80, published=8080, mode="host"),))
    fleet.service(replicas=3, endpoint=port, update=UpdateConfig(order="start-first"))
    fleet.go(60)
    assert fleet.spread() == [1, 1, 1]
    fleet.update(image="shop:2")
    fleet.go(300)
    waiting = [task for task in fleet.tasks() if task.state == PENDING]
    assert [task.error for task in waiting] == [
        "no suitable node (host-mode port already in use on 3 nodes)"
    ]
    assert (fleet.status(), fleet.running()) == ("updating", 3)


def test_without_a_majority_nothing_changes_and_what_runs_goes_on():
    fleet = Fleet(5, managers=3)
    fleet.service(replicas=6, words="server cpu=5ms workers=8 memory=16MiB")
    fleet.go(60)
    before = len(fleet.tasks())
    fleet.cut("n2")
    fleet.cut("n3")
    fleet.go(30)
    with pytest.raises(NoLeader, match="The swarm does not have a leader"):
        fleet.update(replicas=9)
    alive = [one for one in fleet.world.containers.values() if one.running]
    assert {one.daemon.name for one in alive} == {"n1", "n4", "n5"}
    alive[-1].crash(1)
    fleet.go(120)
    assert len(fleet.tasks()) == before
    assert sum(one.running for one in fleet.world.containers.values()) == len(alive) - 1
    fleet.mend("n2")
    assert 10.0 <= fleet.until(lambda: not fleet.state.leaderless) <= 21.0
    fleet.until(lambda: fleet.running() == 6)
    fleet.update(replicas=7)
    fleet.until(lambda: fleet.running() == 7)
