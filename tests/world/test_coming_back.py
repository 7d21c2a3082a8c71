"""What comes back when a daemon starts: after a power cut, a panic, a restart of the daemon."""

from __future__ import annotations

import pytest

from simulator.shell import Session
from simulator.world import World
from simulator.world.commands import InjectFault


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a", "docker pull -q alpine", "docker pull -q nginx"):
        assert session.execute(line).error is None
    for name, policy, image in (
        ("plain", "no", "alpine sleep 1000"),
        ("always", "always", "alpine sleep 1000"),
        ("always-stopped", "always", "alpine sleep 1000"),
        ("unless", "unless-stopped", "alpine sleep 1000"),
        ("unless-stopped", "unless-stopped", "alpine sleep 1000"),
        ("failing", "on-failure:3", "alpine sleep 1000"),
        ("clean", "on-failure", "nginx"),
    ):
        line = f"docker run -d --name {name} --restart {policy} {image}"
        assert session.execute(line).error is None
    session.execute("docker stop always-stopped unless-stopped")
    session.world.advance(session.world.now + 5.0)
    return session


def states(session):
    session.world.advance(session.world.now + 2.0)
    return {
        one.name: one.exit_code if one.state == "exited" else one.state
        for one in session.world.containers.values()
    }


@pytest.mark.parametrize("fall", ["power", "panic"])
def test_after_a_fall_what_nobody_saw_ending_has_255_and_all_but_two_come_back(session, fall):
    session.world.apply(InjectFault(kind=fall, target="a"))
    session.world.advance(session.world.now + 60.0)
    session.world.apply(InjectFault(kind="recover", target="a"))
    back = session.world.now
    assert session.world.container("plain").finished_at == back
    assert states(session) == {
        "plain": 255,
        "always": "running",
        "always-stopped": "running",
        "unless": "running",
        "unless-stopped": 137,
        "failing": "running",
        "clean": "running",
    }


@pytest.mark.parametrize("line", ["systemctl restart docker", "on a systemctl restart docker"])
def test_a_daemon_that_restarts_stops_them_first_and_exit_codes_decide(session, line):
    began = session.world.now
    assert session.execute(line).error is None
    assert 10.0 < session.world.now - began < 11.0
    assert "Starting" not in session.execute("docker ps -a").text
    assert states(session) == {
        "plain": 137,
        "always": "running",
        "always-stopped": "running",
        "unless": "running",
        "unless-stopped": 137,
        "failing": "running",
        "clean": 0,
    }


def test_good_seconds_start_the_delays_anew_but_not_the_count_of_on_failure(session):
    session.execute(
        "docker run -d --name loop --restart on-failure:2 --workload 'exit code=1 after=11s' alpine"
    )
    session.world.advance(session.world.now + 300.0)
    loop = session.world.container("loop")
    assert (loop.state, loop.restarts) == ("exited", 2)


def test_another_signal_than_the_one_to_stop_does_not_give_restarts_up(session):
    session.execute("docker run -d --name web --restart always nginx")
    session.execute("docker kill -s INT web")
    session.world.advance(session.world.now + 5.0)
    assert session.world.container("web").state == "running"
    session.execute("docker kill -s QUIT web")
    session.world.advance(session.world.now + 5.0)
    assert session.world.container("web").state == "exited"


def test_an_update_of_the_policy_holds_from_the_next_end_on(session):
    assert session.execute("docker update --restart always plain").error is None
    session.execute("fault crash plain")
    session.world.advance(session.world.now + 5.0)
    assert session.world.container("plain").state == "running"


def test_a_reboot_stops_the_containers_first_and_starts_what_comes_back(session):
    began = session.world.now
    assert "start by their restart policy" in session.execute("reboot a").text
    assert session.world.now - began > 10.0
    assert states(session) == {
        "plain": 137,
        "always": "running",
        "always-stopped": "running",
        "unless": "running",
        "unless-stopped": 137,
        "failing": "running",
        "clean": 0,
    }


@pytest.mark.parametrize("line", ["docker exec l ls", "docker pause l", "docker top l"])
def test_who_asks_a_container_that_waits_to_be_restarted_is_told_to_wait(session, line):
    session.execute("docker run -d --name l --restart always alpine sh -c 'sleep 1; exit 1'")
    session.execute("advance 20s")
    while session.world.container("l").state != "restarting":
        session.world.step()
    assert "is restarting, wait until the container is running" in session.execute(line).error
    assert session.execute("docker kill l").error is None
    session.world.advance(session.world.now + 120.0)
    assert session.world.container("l").state == "exited"
