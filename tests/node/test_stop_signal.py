"""``--stop-signal`` and STOPSIGNAL: what asks a container to stop."""

from __future__ import annotations

import pytest

from simulator.machine.events import ContainerStopping
from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a", "docker pull alpine", "docker pull nginx"):
        assert session.execute(line).error is None
    return session


def stopped(session, flags, image="alpine"):
    """The signal in the journal, the exit code, and how long the stop took."""
    workload = "" if image == "nginx" else '--workload "server cpu=1ms"'
    said = session.execute(f"docker run -d --name c {flags} {workload} {image}")
    assert said.error is None
    session.world.advance(session.world.now + 5.0)
    began = session.world.now
    session.execute("docker stop c")
    (asked,) = [one.event for one in session.world.journal if type(one.event) is ContainerStopping]
    return asked.signal, session.world.containers["c"].exit_code, session.world.now - began


def test_a_server_drains_at_any_signal_that_ends_programs(session):
    assert stopped(session, "--stop-signal SIGINT") == ("INT", 0, 0.0)


def test_sigkill_gives_no_grace(session):
    assert stopped(session, "--stop-signal 9") == ("KILL", 137, 0.0)


def test_a_signal_that_the_program_does_not_know_is_waited_for_in_vain(session):
    assert stopped(session, "--stop-signal SIGUSR1") == ("USR1", 137, pytest.approx(10.0))


def test_the_image_says_which_signal_when_nobody_else_does(session):
    signal, _, _ = stopped(session, "", image="nginx")
    assert signal == "QUIT"


def test_inspect_shows_what_was_asked(session):
    session.execute("docker run -d --name c --stop-signal SIGINT alpine sleep 100")
    assert session.execute("docker inspect -f '{{.Config.StopSignal}}' c").text == "SIGINT"


def test_inspect_shows_the_images_own_where_nobody_asked_for_another(session):
    session.execute("docker run -d --name c nginx")
    assert session.execute("docker inspect -f '{{.Config.StopSignal}}' c").text == "SIGQUIT"


def test_an_unknown_signal_is_refused_with_the_nearest(session):
    error = session.execute("docker run -d --stop-signal SIGTEM alpine sleep 100").error
    assert "SIGTEM" in error
    assert "SIGTERM" in error
