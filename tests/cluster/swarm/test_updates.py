"""Updates and what stops them, without machines."""

import pytest
from office import Office

from simulator.cluster.swarm.objects import READY, RUNNING, SHUTDOWN
from simulator.cluster.swarm.specs import (
    Endpoint,
    Placement,
    RestartPolicy,
    UpdateConfig,
)

NEVER = {"restart": RestartPolicy(condition="none")}


def updated(office, replicas, **how):
    """A service of image a that is being exchanged for b."""
    office.service(replicas, update=UpdateConfig(**how), rollback=UpdateConfig(), task=NEVER)
    office.go(1)
    office.update(image="b")


def test_slots_are_taken_one_after_the_other():
    office = Office()
    office.idle = {"b"}
    updated(office, 3)
    assert (office.running("a"), len(office.tasks(image="b"))) == (2, 1)
    office.start(office.tasks(image="b")[0])
    assert (office.running("a"), office.running("b")) == (1, 1)


def test_a_delay_lies_between_two_slots():
    office = Office()
    updated(office, 3, delay_s=10.0)
    assert office.running("b") == 1
    office.go(9.5)
    assert office.running("b") == 1
    office.go(1)
    assert office.running("b") == 2


def test_an_update_that_pauses_lets_its_other_workers_finish():
    office = Office()
    office.idle = {"b"}
    updated(office, 4, parallelism=2, order="start-first")
    first, second = office.tasks(image="b")
    office.fail(first)
    assert office.status() == "paused"
    office.start(second)
    assert [task.desired for task in office.tasks(image="a") if task.slot == second.slot] == [
        SHUTDOWN
    ]
    office.go(60)
    assert (office.running("a"), office.running("b")) == (3, 1)


def test_a_paused_update_takes_no_slot_any_more():
    office = Office()
    office.idle = {"b"}
    updated(office, 4, parallelism=2)
    first, second = office.tasks(image="b")
    office.fail(first)
    office.start(second)
    office.go(60)
    assert (office.running("a"), office.running("b"), office.status()) == (2, 1, "paused")


def test_what_fails_after_the_last_slot_was_taken_counts_when_all_workers_are_done():
    office = Office()
    office.idle = {"b"}
    updated(office, 3, parallelism=3)
    first, second, third = office.tasks(image="b")
    office.fail(first)
    assert office.status() == "updating"
    office.start(second)
    office.start(third)
    assert office.status() == "paused"


def test_what_failed_too_long_before_all_workers_are_done_counts_no_more():
    office = Office()
    office.idle = {"b"}
    updated(office, 3, parallelism=3)
    first, second, third = office.tasks(image="b")
    office.fail(first)
    office.go(6)
    office.start(second)
    office.start(third)
    office.go(6)
    assert office.status() == "completed"


def test_a_delay_longer_than_the_monitor_is_how_long_the_last_tasks_are_watched():
    office = Office()
    updated(office, 1, delay_s=10.0)
    office.go(3)
    office.fail(office.tasks(image="b")[0])
    office.go(6)
    assert office.status() == "updating"
    office.go(2)
    assert office.status() == "paused"


@pytest.mark.parametrize(("ratio", "state"), [(0.0, "paused"), (0.5, "completed")])
def test_so_many_failures_are_borne(ratio, state):
    office = Office()
    office.idle = {"b"}
    updated(office, 2, max_failure_ratio=ratio)
    office.fail(office.tasks(image="b")[0])
    if len(office.tasks(image="b")) > 1:
        office.start(office.tasks(image="b")[1])
    office.go(6)
    assert office.status() == state


def test_failures_that_do_not_matter_stop_nothing():
    office = Office()
    office.idle = {"b"}
    updated(office, 2, failure_action="continue")
    for number in range(2):
        office.fail(office.tasks(image="b")[number])
    office.go(6)
    assert office.status() == "completed"


def test_an_update_that_fails_is_rolled_back_as_part_of_the_same_story():
    office = Office()
    office.idle = {"b"}
    updated(office, 3, failure_action="rollback")
    began = office.state.services["web"].status.started
    office.go(1)
    bad = office.tasks(image="b")[0]
    office.fail(bad)
    status = office.state.services["web"].status
    assert (status.state, status.started) == ("rollback_started", began)
    assert status.message == (
        f"update rolled back due to failure or early termination of task {bad.id}"
    )
    office.go(6)
    assert (office.running("a"), office.status()) == (3, "rollback_completed")


def test_a_rollback_that_fails_pauses_in_the_words_of_an_update():
    office = Office()
    office.service(2, update=UpdateConfig(failure_action="rollback"), task=NEVER)
    office.go(1)
    office.idle = {"a", "b"}
    office.update(image="b")
    office.fail(office.tasks(image="b")[0])
    assert office.status() == "rollback_started"
    back = [task for task in office.tasks(image="a") if task.state == READY]
    office.fail(back[0])
    status = office.state.services["web"].status
    assert (status.state, status.message) == (
        "rollback_paused",
        f"update paused due to failure or early termination of task {back[0].id}",
    )


def test_labels_of_a_service_and_constraints_that_hold_exchange_no_task():
    office = Office()
    office.service(2)
    office.set_node("n1", labels={"disk": "ssd"})
    office.set_node("n2", labels={"disk": "ssd"})
    office.set_node("n3", labels={"disk": "ssd"})
    before = [task.id for task in office.tasks()]
    office.update(labels={"team": "x"})
    office.update(placement=Placement(constraints=("node.labels.disk==ssd",)))
    office.go(10)
    assert [task.id for task in office.tasks()] == before


def test_another_way_to_a_service_exchanges_its_tasks():
    office = Office()
    office.service(1)
    before = office.tasks()[0]
    office.update(endpoint=Endpoint(mode="dnsrr"))
    office.go(10)
    assert before.state == SHUTDOWN
    assert office.running() == 1


def test_a_node_that_loses_a_label_loses_tasks_whose_service_asks_for_it_by_now():
    office = Office()
    for name in ("n1", "n2"):
        office.set_node(name, labels={"disk": "ssd"})
    office.service(1, task={"placement": Placement(constraints=("node.hostname!=n3",))})
    task = office.tasks()[0]
    office.update(placement=Placement(constraints=("node.labels.disk==ssd",)))
    office.go(1)
    assert task.state == RUNNING
    office.set_node(task.node, labels={})
    assert (task.message, task.error) == (
        "task rejected by constraint enforcer", "assigned node no longer meets constraints",
    )  # fmt: skip
    office.go(10)
    (now,) = office.tasks(state=RUNNING)
    assert now.node != task.node


def test_nothing_follows_what_ends_on_a_paused_node_in_a_global_service():
    office = Office(2)
    office.service(kind="global")
    office.set_node("n1", availability="pause")
    for task in office.tasks():
        office.fail(task)
    office.go(10)
    assert [task.node for task in office.tasks(state=RUNNING)] == ["n2"]
