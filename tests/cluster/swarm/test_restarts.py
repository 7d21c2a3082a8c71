"""What follows tasks that end, without machines."""

import pytest
from office import Office

from simulator.cluster.swarm.objects import COMPLETE, FAILED, READY, RUNNING, SHUTDOWN
from simulator.cluster.swarm.specs import RestartPolicy


def only(office, **which):
    (task,) = office.tasks(state=RUNNING, **which)
    return task


def ended(office, times, state=FAILED):
    """The only running task ends so often; how often there was one."""
    for number in range(times):
        running = office.tasks(state=RUNNING)
        if not running:
            return number
        office.state.move(running[0], state, "ended")
        office.go(5.5)
    return times


def policy(**given):
    office = Office()
    office.service(1, task={"restart": RestartPolicy(**given)})
    office.go(1)
    return office


def test_the_next_task_is_ready_at_once_and_begins_after_the_delay():
    office = policy()
    office.fail(only(office))
    (new,) = office.tasks(state=READY)
    office.go(4.5)
    assert new.state == READY
    office.go(1)
    assert new.state == RUNNING


def test_a_task_that_fails_before_its_delay_is_over_waits_for_it_first():
    office = policy()
    office.fail(only(office))
    (new,) = office.tasks(state=READY)
    office.fail(new)
    assert office.tasks(state=READY) == []
    office.go(5.5)
    assert len(office.tasks(state=READY)) == 1
    office.go(5.5)
    assert office.running() == 1


@pytest.mark.parametrize(("condition", "code", "follows"), [
    ("any", COMPLETE, True), ("any", FAILED, True), ("on-failure", COMPLETE, False),
    ("on-failure", FAILED, True), ("none", COMPLETE, False), ("none", FAILED, False),
])  # fmt: skip
def test_a_condition_tells_what_is_followed(condition, code, follows):
    office = policy(condition=condition)
    office.state.move(only(office), code, "ended")
    office.go(6)
    assert (office.running() == 1) is follows
    assert all(task.desired == SHUTDOWN for task in office.tasks(state=code))


@pytest.mark.parametrize("most", [1, 3])
def test_so_many_attempts_and_no_more(most):
    office = policy(max_attempts=most)
    assert ended(office, 10) == most + 1
    assert len(office.tasks()) == most + 1


def test_attempts_count_within_their_window_only():
    office = policy(max_attempts=2, window_s=60.0)
    for _ in range(6):
        office.fail(only(office))
        office.go(50)
    assert office.running() == 1
    assert ended(office, 5) < 3


def test_another_version_of_a_service_begins_to_count_anew():
    office = policy(max_attempts=1)
    assert ended(office, 5) == 2
    office.update(image="b")
    office.go(6)
    assert ended(office, 5) == 2


def test_slots_count_their_attempts_each_for_itself():
    office = Office()
    office.service(2, task={"restart": RestartPolicy(max_attempts=1)})
    office.go(1)
    for _ in range(2):
        for task in office.tasks(state=RUNNING):
            office.fail(task)
        office.go(6)
    assert [len([one for one in office.tasks() if one.slot == slot]) for slot in (1, 2)] == [2, 2]


def test_five_tasks_of_a_slot_are_remembered_those_that_run_included():
    office = policy()
    ended(office, 12)
    assert [task.state for task in office.tasks()] == [FAILED] * 4 + [RUNNING]


def test_of_limited_attempts_all_are_remembered():
    office = policy(max_attempts=8)
    ended(office, 20)
    assert [task.state for task in office.tasks()] == [FAILED] * 9


def test_from_a_node_that_is_drained_tasks_go_without_delay_but_one_after_the_other():
    office = policy()
    task = only(office)
    office.set_node(task.node, availability="drain")
    assert only(office).node != task.node
    assert task.state == SHUTDOWN


def test_fewer_replicas_leave_the_nodes_even():
    office = Office(3)
    office.service(7)
    office.go(1)
    service = office.state.services["web"]
    office.scale("web", 3)
    counts = sorted(len([one for one in office.tasks() if one.node == node])
                    for node in office.state.nodes)  # fmt: skip
    assert (counts, service.spec.mode.replicas) == ([1, 1, 1], 3)


def test_those_that_do_not_run_go_first():
    office = Office(3)
    office.service(3)
    office.go(1)
    office.idle = {"a"}
    office.scale("web", 5)
    office.scale("web", 3)
    office.go(1)
    assert [task.slot for task in office.tasks()] == [1, 2, 3]
    assert office.running() == 3


def test_free_slots_are_filled_from_below():
    office = Office(3)
    office.service(4)
    office.go(1)
    office.state.drop_task(next(task for task in office.tasks() if task.slot == 2))
    office.go(1)
    assert sorted(task.slot for task in office.tasks()) == [1, 2, 3, 4]


# --- global services ------------------------------------------------------------------------------


def test_a_global_service_is_updated_node_by_node():
    office = Office(3)
    office.service(kind="global")
    office.go(1)
    office.idle = {"b"}
    office.update(image="b")
    assert (office.running("a"), len(office.tasks(image="b"))) == (2, 1)
    for _ in range(3):
        office.start(office.tasks(image="b", state=READY)[0])
    office.go(6)
    assert office.status() == "completed"
    assert sorted(task.node for task in office.tasks(state=RUNNING)) == ["n1", "n2", "n3"]


def test_a_global_service_follows_labels():
    office = Office(2)
    office.service(kind="global", task={"placement": labelled()})
    office.go(1)
    assert office.running() == 0
    office.set_node("n2", labels={"disk": "ssd"})
    office.go(1)
    assert only(office).node == "n2"
    office.set_node("n2", labels={})
    office.go(10)
    assert office.running() == 0


def labelled():
    from simulator.cluster.swarm.specs import Placement

    return Placement(constraints=("node.labels.disk==ssd",))


def test_what_fails_on_a_node_is_tried_there_again():
    office = Office(2)
    office.service(kind="global")
    office.go(1)
    office.fail(office.tasks()[0])
    office.go(5.5)
    assert sorted(task.node for task in office.tasks(state=RUNNING)) == ["n1", "n2"]


# --- jobs -----------------------------------------------------------------------------------------


def test_a_job_runs_so_many_at_once_until_so_many_have_completed():
    office = Office()
    office.service(5, kind="replicated-job", at_once=2)
    office.go(1)
    most = 0
    for _ in range(5):
        most = max(most, office.running())
        office.state.move(office.tasks(state=RUNNING)[0], COMPLETE, "finished")
        office.go(1)
    assert (most, [task.state for task in office.tasks()]) == (2, [COMPLETE] * 5)
    assert len({task.slot for task in office.tasks()}) == 5


def test_what_fails_in_a_job_is_tried_again_after_its_delay_and_what_completes_is_not():
    office = Office()
    office.service(2, kind="replicated-job")
    office.go(1)
    first, second = office.tasks()
    office.state.move(first, COMPLETE, "finished")
    office.fail(second)
    office.go(4)
    assert office.running() == 0
    office.go(2)
    assert [task.slot for task in office.tasks(state=RUNNING)] == [second.slot]


def test_a_job_gives_up_after_its_attempts():
    office = Office()
    office.service(1, kind="replicated-job", task={"restart": RestartPolicy(max_attempts=2)})
    office.go(1)
    assert ended(office, 10) == 3


def test_a_job_whose_policy_is_none_is_tried_once_a_place():
    office = Office()
    office.service(1, kind="replicated-job", task={"restart": RestartPolicy(condition="none")})
    office.go(1)
    office.fail(only(office))
    office.go(20)
    assert office.running() == 0


def test_tasks_of_a_job_stay_where_they_are_when_their_node_is_drained():
    office = Office()
    office.service(3, kind="replicated-job")
    office.go(1)
    office.set_node("n1", availability="drain")
    office.go(10)
    assert sorted(task.node for task in office.tasks(state=RUNNING)) == ["n1", "n2", "n3"]


def test_a_place_that_is_given_up_is_taken_again_when_another_task_of_the_job_ends():
    office = Office()
    office.service(2, kind="replicated-job", task={"restart": RestartPolicy(condition="none")})
    office.go(1)
    first, second = office.tasks()
    office.fail(first)
    office.go(20)
    assert len(office.tasks()) == 2
    office.state.move(second, COMPLETE, "finished")
    office.go(1)
    assert [task.slot for task in office.tasks(state=RUNNING)] == [first.slot]


def test_a_job_that_is_begun_anew_stops_what_runs_and_keeps_what_has_completed():
    office = Office()
    service = office.service(2, kind="replicated-job")
    office.go(1)
    first, second = office.tasks()
    office.state.move(first, COMPLETE, "finished")
    service.iteration += 1
    office.update(image="b")
    office.go(1)
    assert first.id in office.state.tasks
    assert second.id not in office.state.tasks
    assert office.running("b") == 2


def test_a_global_job_ends_once_on_each_node():
    office = Office(3)
    office.service(kind="global-job")
    office.go(1)
    for task in office.tasks():
        office.state.move(task, COMPLETE, "finished")
    office.go(10)
    assert [task.state for task in office.tasks()] == [COMPLETE] * 3
