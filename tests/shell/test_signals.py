"""Signals as people send them: stop, kill and rm of containers whose process 1 differs."""

from __future__ import annotations

import pytest

from simulator.machine.events import ContainerStopping
from simulator.shell import Session
from simulator.world import World

DOCKERFILE = """FROM python:3.12
COPY start.sh app.py /
ENTRYPOINT {entrypoint}
"""


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    (tmp_path / "app.py").write_text("import time\n")
    (tmp_path / "start.sh").write_text("#!/bin/sh\npython /app.py\n")
    (tmp_path / "start.sh").chmod(0o755)
    for line in ("host add a", "docker pull -q alpine"):
        assert session.execute(line).error is None
    return session


def built(session, entrypoint):
    (session.folder / "Dockerfile").write_text(DOCKERFILE.format(entrypoint=entrypoint))
    assert session.execute("docker build -q -t own .").error is None
    return "own"


def stop(session, name, line="docker stop"):
    """Exit code, and the seconds that the stop took."""
    session.world.advance(session.world.now + 20.0)
    began = session.world.now
    assert session.execute(f"{line} {name}").error is None
    return session.world.container(name).exit_code, round(session.world.now - began, 3)


@pytest.mark.parametrize("entrypoint", ['["/start.sh"]', '["python", "/app.py"]', "python /app.py"])
def test_what_does_not_handle_sigterm_as_process_1_is_waited_for_and_killed(session, entrypoint):
    image = built(session, entrypoint)
    assert session.execute(f"docker run -d --name c {image}").error is None
    assert stop(session, "c") == (137, 10.0)


@pytest.mark.parametrize("entrypoint", ['["/start.sh"]', '["python", "/app.py"]'])
def test_an_init_in_front_passes_the_signal_on_and_the_default_action_applies(session, entrypoint):
    image = built(session, entrypoint)
    assert session.execute(f"docker run -d --name c --init {image}").error is None
    assert stop(session, "c") == (143, 0.0)


def test_an_init_is_process_1_and_the_program_its_child(session):
    session.execute("docker run -d --name s --init alpine sleep 1000")
    inside = session.execute("docker exec s ps -ef").lines
    assert [line.split()[1:3] for line in inside[1:3]] == [["1", "0"], ["7", "1"]]
    assert "docker-init -- sleep 1000" in inside[1]
    assert [line.split()[-2:] for line in session.execute("docker top s").lines[1:]] == [
        ["sleep", "1000"],
        ["sleep", "1000"],
    ]
    assert session.execute("docker inspect -f '{{.HostConfig.Init}}' s").text == "true"


def test_a_java_machine_ends_with_128_and_the_signal(session):
    assert session.execute("docker run -d --name t tomcat").error is None
    assert stop(session, "t") == (143, 0.0)


def test_the_signal_that_the_image_asks_for_is_sent_and_named(session):
    assert session.execute("docker run -d --name n nginx").error is None
    assert stop(session, "n") == (0, 0.0)
    (asked,) = [one.event for one in session.world.journal if type(one.event) is ContainerStopping]
    assert asked.signal == "QUIT"


def test_containers_are_stopped_side_by_side(session):
    for name in ("a", "b", "c"):
        assert session.execute(f"docker run -d --name {name} alpine sleep 1000").error is None
    began = session.world.now
    result = session.execute("docker stop a nosuch b c")
    assert result.lines == ("a", "b", "c")
    assert "No such container: nosuch" in (result.error or "")
    assert session.world.now - began == pytest.approx(10.0)


def test_a_signal_that_changes_nothing_leaves_the_container_up(session):
    session.execute("docker run -d --name s alpine sleep 1000")
    assert session.execute("docker kill -s TERM s").error is None
    assert session.world.container("s").state == "running"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("docker run -m 1m alpine true", 125),
        ("docker run --user nosuch alpine true", 125),
        ("docker run alpine nosuch", 127),
        ("docker run alpine /etc", 126),
        ("docker run alpine sh -c 'exit 7'", 7),
        ("docker run --workload 'exit code=139 after=1s' alpine", 139),
    ],
)
def test_the_client_ends_with_the_code_of_the_container_or_one_of_its_own(session, line, code):
    assert session.execute(line).error.endswith(f"(exit code {code})")


def test_another_signal_than_the_containers_own_can_ask_it_to_stop(session):
    session.execute("docker run -d --name s --init alpine sleep 1000")
    assert stop(session, "s", "docker stop --signal SIGINT") == (130, 0.0)
    assert "SIGWHAT" in session.execute("docker stop -s SIGWHAT s").error


def test_what_does_not_run_cannot_be_killed(session):
    session.execute("docker create --name s alpine sleep 1000")
    error = session.execute("docker kill s").error
    assert error.startswith("Error response from daemon: cannot kill container: s: container ")
    assert error.endswith(" is not running")


def test_what_is_being_started_is_still_what_it_was_before(session):
    session.execute("docker run -d --name s --restart always alpine sleep 1000")
    session.execute("fault power a")
    session.execute("fault recover a")
    assert session.execute("docker ps -q").text == ""
    assert "Exited (255)" in session.execute("docker ps -a").text
    assert session.execute("docker inspect -f '{{.State.Status}}' s").text == "exited"


def test_why_says_what_a_stop_would_come_to(session):
    image = built(session, '["/start.sh"]')
    session.execute(f"docker run -d --name script {image}")
    session.execute("docker run -d --name web nginx")
    why = session.execute("why script").text
    assert "process 1: /bin/sh /start.sh; SIGTERM does nothing to it (a shell that waits" in why
    assert "takes 10 s and ends with code 137" in why
    assert "at SIGQUIT it ends when what is inside is done with code 0" in (
        session.execute("why web").text
    )
    session.execute("advance 1s; fault hang web")
    why = session.execute("why web").text
    assert "its program stands still" in why
    assert "SIGQUIT does nothing to it" in why


def test_a_script_that_waits_for_its_server_ends_at_the_trap(session):
    (session.folder / "start.sh").write_text(
        "#!/bin/sh\ntrap 'kill -TERM \"$child\"; exit 9' TERM\npython /app.py & child=$!\n"
        'wait "$child"\n'
    )
    image = built(session, '["/start.sh"]')
    assert session.execute(f"docker run -d --name c {image}").error is None
    assert stop(session, "c") == (9, 0.0)


def test_npm_start_runs_the_server_of_its_project(session):
    (session.folder / "server.js").write_text("require('http').createServer().listen(80)\n")
    (session.folder / "package.json").write_text('{"scripts": {"start": "node server.js"}}')
    (session.folder / "Dockerfile").write_text(
        'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n'
    )
    assert session.execute("docker build -q -t own .").error is None
    assert session.execute("docker run -d --name c own").error is None
    session.execute("advance 5s")
    assert session.world.container("c").ready_at is not None
    assert stop(session, "c") == (1, 0.0)


def test_any_signal_can_be_sent_and_one_that_is_none_is_refused(session):
    session.execute("docker run -d --name s --init alpine sleep 1000")
    assert session.execute("docker kill -s WINCH s").error is None
    assert session.world.container("s").state == "running"
    assert session.execute("docker kill --signal=RTMIN+3 s").error is None
    session.execute("advance 1s")
    assert session.world.container("s").exit_code == 128 + 37
    assert "invalid signal: SIGFOO" in session.execute("docker kill -s SIGFOO s").error


def test_a_stop_that_waits_for_ever_kills_nobody(session):
    session.execute("docker run -d --name s alpine sleep 30")
    session.world.advance(5.0)
    assert session.execute("docker stop -t -1 s").error is None
    assert session.world.container("s").exit_code == 0
