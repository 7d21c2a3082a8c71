"""Jobs: how many pods, when, and how they end."""

import pytest

from tests.kube_control import Control, template


def started(image="work", seconds=5.0, code=0, policy="Never", **spec):
    world = Control(start_s=0.0)
    world.runs[image] = (seconds, code)
    body = {"template": template(image, {"app": "job"}, restartPolicy=policy), **spec}
    world.apply("Job", "sum", body, "batch/v1")
    return world


def conditions(world):
    found = world.get("Job", "sum").status.conditions
    return [(one.type, one.reason, one.message) for one in found]


REACHED = "Reached expected number of succeeded pods"


def test_a_job_is_complete_when_its_pod_has_succeeded():
    world = started()
    world.until(60.0)
    assert conditions(world) == [
        ("SuccessCriteriaMet", "CompletionsReached", REACHED),
        ("Complete", "CompletionsReached", REACHED),
    ]
    status = world.get("Job", "sum").status
    assert (status.active, status.succeeded, status.completion_time) == (0, 1, 5.0)
    assert world.events("Completed") == ["Job completed"]


def test_as_many_pods_at_once_as_stated_until_enough_have_succeeded():
    world = started(parallelism=2, completions=5)
    world.until(60.0)
    assert [time for time, _ in world.made] == [0.0, 0.0, 5.0, 5.0, 10.0]
    assert world.get("Job", "sum").status.succeeded == 5


def test_a_failing_job_makes_one_pod_more_than_its_limit_later_each_time():
    world = started(seconds=1.0, code=1, backoffLimit=3)
    world.until(600.0)
    assert [time for time, _ in world.made] == [0.0, 11.0, 32.0, 73.0]
    text = "Job has reached the specified backoff limit"
    assert conditions(world)[-1] == ("Failed", "BackoffLimitExceeded", text)
    assert len(world.pods()) == 4
    assert world.events("BackoffLimitExceeded") == [text]


def test_without_a_limit_it_makes_seven():
    world = started(seconds=1.0, code=1)
    world.until(3600.0)
    assert len(world.made) == 7


def test_a_pod_that_restarts_goes_when_its_restarts_reach_the_limit():
    world = started(seconds=1.0, code=1, policy="OnFailure", backoffLimit=3)
    world.until(600.0)
    assert (len(world.made), world.pods()) == (1, [])
    assert conditions(world)[-1][:2] == ("Failed", "BackoffLimitExceeded")


def test_each_index_is_done_once():
    world = started(parallelism=3, completions=4, completionMode="Indexed")
    world.until(1.0)
    assert sorted(name.split("-")[1] for _, name in world.made) == ["0", "1", "2"]
    world.until(60.0)
    status = world.get("Job", "sum").status
    assert (status.completed_indexes, status.succeeded) == ("0-3", 4)


def test_indexes_that_fail_too_often_are_given_up_and_the_others_go_on():
    world = started(
        seconds=1.0, code=1, parallelism=2, completions=2, completionMode="Indexed",
        backoffLimitPerIndex=1,
    )  # fmt: skip
    world.until(600.0)
    assert len(world.made) == 4
    assert world.get("Job", "sum").status.failed_indexes == "0,1"
    assert conditions(world)[-1] == ("Failed", "FailedIndexes", "Job has failed indexes")


def test_the_deadline_ends_a_job_and_its_pods():
    world = started(seconds=1000.0, activeDeadlineSeconds=30)
    world.until(100.0)
    text = "Job was active longer than specified deadline"
    assert conditions(world)[-1] == ("Failed", "DeadlineExceeded", text)
    assert world.pods() == []


@pytest.mark.parametrize(
    ("action", "pods", "reason"),
    [("FailJob", 1, "PodFailurePolicy"), ("Count", 3, "BackoffLimitExceeded")],
)
def test_what_an_exit_code_means_is_said_by_the_failure_policy(action, pods, reason):
    rules = [{"action": action, "onExitCodes": {"operator": "In", "values": [42]}}]
    world = started(seconds=1.0, code=42, backoffLimit=2, podFailurePolicy={"rules": rules})
    world.until(600.0)
    assert (len(world.made), conditions(world)[-1][1]) == (pods, reason)


def test_the_failure_policy_says_which_pod_and_which_rule():
    rules = [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]
    world = started(seconds=1.0, code=42, podFailurePolicy={"rules": rules})
    world.until(60.0)
    pod = world.made[0][1]
    assert conditions(world)[-1][2] == (
        f"Container app for pod default/{pod} failed with exit code 42 matching FailJob rule at "
        "index 0"
    )


def test_a_job_that_is_suspended_has_no_pods_until_it_is_resumed():
    world = started(suspend=True)
    world.until(10.0)
    assert (world.made, conditions(world)) == ([], [("Suspended", "JobSuspended", "Job suspended")])
    world.patch("Job", "sum", {"spec": {"suspend": False}})
    world.until(60.0)
    assert world.get("Job", "sum").status.succeeded == 1
    world_events = (world.events("Suspended"), world.events("Resumed"))
    assert world_events == (["Job suspended"], ["Job resumed"])


def test_a_job_is_deleted_when_its_time_after_its_end_is_over():
    world = started(ttlSecondsAfterFinished=20)
    world.until(24.0)
    assert world.pods("Job") == ["sum"]
    world.until(30.0)
    assert (world.pods("Job"), world.pods()) == ([], [])
