"""The schedule language, and CronJobs that follow it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.cluster.kubernetes.api.schedules import parse
from simulator.errors import DrydockError, InputError
from simulator.units import EPOCH
from tests.kube_control import Control, template


def after(text, start):
    begin = datetime.fromisoformat(start).replace(tzinfo=EPOCH.tzinfo)
    found = parse(text).after((begin - EPOCH).total_seconds())
    return None if found is None else datetime.fromtimestamp(
        EPOCH.replace(tzinfo=UTC).timestamp() + found, UTC
    ).strftime("%Y-%m-%d %H:%M")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "start", "next_"),
    [
        ("*/15 * * * *", "2026-01-01 00:07:00", "2026-01-01 00:15"),
        ("0 3 * * *", "2026-01-01 03:00:00", "2026-01-02 03:00"),
        ("5,35 8-10 * * *", "2026-01-01 10:35:00", "2026-01-02 08:05"),
        ("0 0 31 * *", "2026-02-01 00:00:00", "2026-03-31 00:00"),
        ("0 0 29 feb *", "2026-03-01 00:00:00", "2028-02-29 00:00"),
        ("0 12 * * MON-fri", "2026-01-02 12:00:00", "2026-01-05 12:00"),
        ("0 0 13 * 5", "2026-01-01 00:00:00", "2026-01-02 00:00"),
        ("0 0 1-7 * *", "2026-01-07 00:00:00", "2026-02-01 00:00"),
        ("10/20 * * * *", "2026-01-01 00:31:00", "2026-01-01 00:50"),
        ("@hourly", "2026-01-01 00:59:59", "2026-01-01 01:00"),
        ("@weekly", "2026-01-01 00:00:00", "2026-01-04 00:00"),
        ("@yearly", "2026-01-01 00:00:00", "2027-01-01 00:00"),
        ("@every 1h30m", "2026-01-01 00:00:00", "2026-01-01 01:30"),
        ("0 0 30 2 *", "2026-01-01 00:00:00", None),
    ],
)
def test_the_next_time_of_a_schedule(text, start, next_):
    assert after(text, start) == next_


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7",
     "5-1 * * * *", "*/0 * * * *", "a * * * *", "@never", "@every 5", "@every 0s", "1-2-3 * * * *"],
)  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused(text):
    with pytest.raises(InputError):
        parse(text)


@settings(max_examples=50, deadline=None)
@given(st.text("0123456789*/,-@ abcjanmon?", max_size=20))
def test_whatever_is_written_is_read_or_refused(text):
    try:
        found = parse(text).after(0.0)
    except DrydockError:
        return
    assert found is None or found > 0.0


def scheduled(seconds=5.0, code=0, schedule="*/5 * * * *", **spec):
    world = Control(start_s=0.0)
    world.runs["work"] = (seconds, code)
    pods = template("work", {"app": "job"}, restartPolicy="Never")
    job = {"spec": {"template": pods, "backoffLimit": 0}}
    world.apply("CronJob", "sum", {"schedule": schedule, "jobTemplate": job, **spec}, "batch/v1")
    return world


def test_a_job_is_made_at_each_time_and_three_that_succeeded_are_kept():
    world = scheduled()
    world.until(299.0)
    assert world.made == []
    world.until(1600.0)
    assert [time for time, _ in world.made] == [300.0, 600.0, 900.0, 1200.0, 1500.0]
    assert len(world.pods("Job")) == 3
    status = world.get("CronJob", "sum").status
    assert (status.last_schedule_time, status.last_successful_time) == (1500.0, 1505.0)


def test_of_those_that_failed_one_is_kept():
    world = scheduled(code=1)
    world.until(1600.0)
    assert len(world.pods("Job")) == 1


@pytest.mark.parametrize(
    ("policy", "made", "left"),
    [
        ("Allow", [300.0, 600.0, 900.0], 3),
        ("Forbid", [300.0], 1),
        ("Replace", [300.0, 600.0, 900.0], 1),
    ],
)
def test_a_job_that_still_runs_at_the_next_time(policy, made, left):
    world = scheduled(seconds=5000.0, concurrencyPolicy=policy)
    world.until(1000.0)
    assert [time for time, _ in world.made] == made
    assert len(world.pods("Job")) == left


def test_after_forbid_the_missed_time_is_made_up_when_the_job_ends():
    world = scheduled(seconds=400.0, concurrencyPolicy="Forbid")
    world.until(1000.0)
    assert [time for time, _ in world.made] == [300.0, 700.0]


def test_nothing_is_made_while_it_is_suspended_and_too_late_is_not_made_up():
    world = scheduled(suspend=True, startingDeadlineSeconds=60)
    world.until(400.0)
    world.patch("CronJob", "sum", {"spec": {"suspend": False}})
    world.until(500.0)
    assert world.made == []
    world.until(700.0)
    assert [time for time, _ in world.made] == [600.0]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"schedule": "nonsense"}, 'spec.schedule: Invalid value: "nonsense"'),
        ({"timeZone": "Europe/Berlin"}, "only UTC and Etc/UTC are modelled"),
    ],
)
def test_a_timetable_that_cannot_be_kept_is_refused(spec, text):
    with pytest.raises(DrydockError) as caught:
        scheduled(**spec)
    assert text in str(caught.value)
