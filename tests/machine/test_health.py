"""Health checks, and programs that hang: up for the daemon, and no use to anybody."""

from __future__ import annotations

import pytest
from harbour import harbour
from harbour import run as order

from simulator.errors import Refused
from simulator.machine.events import ContainerHealthChanged
from simulator.shell import Session
from simulator.world import World
from simulator.world.commands import (
    InjectFault,
    KillContainer,
    PauseContainer,
    StopContainer,
    UnpauseContainer,
)

SERVER = "server cpu=1ms"
CHECK = {"health_cmd": "wget -q -O - http://localhost/ || exit 1", "health_interval_s": 5.0}


def run(world, name, workload, **options):
    """A container that runs."""
    one = order(world, name, workload, **options)
    world.advance(1.0)
    assert one.state == "running"
    return one


def changes(world):
    """Each new state of health, and when."""
    return [
        (round(entry.time, 3), entry.event.status)
        for entry in world.journal
        if isinstance(entry.event, ContainerHealthChanged)
    ]


def test_a_program_that_hangs_is_unhealthy_after_three_checks_and_nothing_is_done_about_it():
    world = harbour()
    one = run(world, "one", SERVER, restart="always", **CHECK)
    start = one.started_at
    world.advance(start + 12.0)
    world.apply(InjectFault(kind="hang", target="one"))
    world.advance(start + 600.0)
    assert [(when - start, what) for when, what in changes(world)] == [
        (pytest.approx(5.0, abs=1e-3), "healthy"),
        (pytest.approx(28.0, abs=1e-3), "unhealthy"),
    ]
    assert (one.state, one.restarts, one.hung) == ("running", 0, True)
    began = world.now
    world.apply(StopContainer(name="one"))
    world.advance(began + 60.0)
    assert (one.exit_code, one.finished_at) == (137, pytest.approx(began + 10.0))


def test_what_hangs_goes_on_when_it_is_let_and_is_healthy_again():
    world = harbour()
    one = run(world, "one", SERVER, **CHECK)
    world.apply(InjectFault(kind="hang", target="one"))
    world.advance(60.0)
    assert one.health.status == "unhealthy"
    world.apply(InjectFault(kind="hang", target="one", amount=0.0))
    world.advance(70.0)
    assert one.health.status == "healthy"
    world.apply(StopContainer(name="one"))
    world.advance(70.5)
    assert one.exit_code == 0


def test_a_stated_timeout_is_waited_for_and_told_in_the_log():
    world = harbour()
    one = run(world, "one", SERVER, health_timeout_s=3.0, health_retries=2, **CHECK)
    world.apply(InjectFault(kind="hang", target="one"))
    world.advance(one.started_at + 15.9)
    assert one.health.status == "starting"
    world.advance(one.started_at + 16.1)
    assert (one.health.status, one.health.streak) == ("unhealthy", 2)
    last = one.health.log[-1]
    assert (last.code, last.end - last.start) == (-1, pytest.approx(3.0))
    assert last.output.startswith("Health check exceeded timeout (3s)")


def test_in_the_start_period_failures_do_not_count_and_checks_are_frequent():
    world = harbour()
    one = run(
        world,
        "one",
        f"{SERVER} startup=60s",
        health_start_period_s=20.0,
        health_start_interval_s=2.0,
        **CHECK,
    )
    world.advance(one.started_at + 19.0)
    assert (one.health.status, one.health.streak, len(one.health.log)) == ("starting", 0, 5)
    world.advance(one.started_at + 29.0)
    assert (one.health.status, one.health.streak) == ("starting", 2)
    world.advance(one.started_at + 31.0)
    assert one.health.status == "unhealthy"
    world.advance(one.started_at + 70.0)
    assert one.health.status == "healthy"


def test_a_container_that_is_paused_is_not_asked_and_one_that_ended_is_unhealthy():
    world = harbour()
    one = run(world, "one", SERVER, **CHECK)
    world.advance(7.0)
    world.apply(PauseContainer(name="one"))
    asked = len(one.health.log)
    world.advance(100.0)
    assert (one.health.status, len(one.health.log)) == ("healthy", asked)
    world.apply(UnpauseContainer(name="one"))
    world.advance(106.0)
    assert len(one.health.log) == asked + 1
    world.apply(KillContainer(name="one"))
    world.advance(107.0)
    assert one.health.status == "unhealthy"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("true", "healthy"),
        ("exit 1", "unhealthy"),
        ("false || exit 1", "unhealthy"),
        ("test -f /x && true", "unhealthy"),
        ("test -d /etc", "healthy"),
        ("curl -f http://localhost/", "unhealthy"),  # there is none in the image
    ],
)
def test_a_check_that_asks_nobody_does_what_its_words_say(command, status):
    world = harbour()
    one = run(world, "one", "idle", health_cmd=command, health_interval_s=1.0)
    world.apply(InjectFault(kind="hang", target="one"))
    world.advance(10.0)
    assert one.health.status == status


def test_signals_stop_a_program_and_let_it_go_on_without_its_daemon_knowing():
    world = harbour()
    one = run(world, "one", "batch cpu=10s")
    world.advance(one.started_at + 1.0)
    world.apply(KillContainer(name="one", signal="STOP"))
    world.advance(one.started_at + 101.0)
    assert (one.state, one.hung) == ("running", True)
    world.apply(KillContainer(name="one", signal="CONT"))
    world.advance(one.started_at + 109.0)
    assert one.state == "running"
    world.advance(one.started_at + 110.1)
    assert one.exit_code == 0


def test_a_sleep_that_ran_out_while_it_stood_still_ends_when_it_goes_on():
    world = harbour()
    one = run(world, "one", "exit after=5s")
    world.apply(PauseContainer(name="one"))
    world.advance(60.0)
    assert one.state == "paused"
    world.apply(UnpauseContainer(name="one"))
    world.advance(60.1)
    assert (one.state, one.finished_at) == ("exited", 60.0)


def test_who_has_no_check_has_no_health_and_nothing_waits_in_the_calendar_for_it():
    world = harbour()
    one = run(world, "one", SERVER, no_healthcheck=True, **CHECK)
    world.advance(100.0)
    assert one.health is None
    assert changes(world) == []


def test_a_hang_of_what_hangs_is_refused():
    world = harbour()
    run(world, "one", SERVER)
    world.apply(InjectFault(kind="hang", target="one"))
    with pytest.raises(Refused, match="hangs already"):
        world.apply(InjectFault(kind="hang", target="one"))


def test_health_is_shown_and_asked_for_as_docker_does(tmp_path):
    session = Session(World(1), folder=tmp_path)
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12\n"
        "HEALTHCHECK --interval=5s --retries=3 CMD curl -f http://localhost:8000/ || exit 1\n"
        'CMD ["python", "-m", "http.server"]\n'
    )
    for line in ("host add a", "docker build -q -t own .", "docker run -d --name h own"):
        assert session.execute(line).error is None
    status = "docker ps --format '{{.Status}}'"
    assert session.execute(status).text.endswith("(health: starting)")
    session.execute("advance 12s; fault hang h")
    assert session.execute(status).text.endswith("(healthy)")
    session.execute("advance 20s")
    assert session.execute(status).text.endswith("(unhealthy)")
    assert session.execute("docker exec h echo hi").text == "hi"
    streak = "docker inspect -f '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' h"
    assert session.execute(streak).text == "unhealthy 3"
    assert session.execute("docker ps -q --filter health=unhealthy").text != ""
    error = session.execute("docker run -d --no-healthcheck --health-cmd x own").error
    assert "--no-healthcheck conflicts with --health-* options" in error
    error = session.execute("docker run -d --health-interval 1us own").error
    assert "Interval in Healthcheck cannot be less than 1ms" in error
