from __future__ import annotations

from pathlib import Path

import pytest
from shell_fakes import FakeReader, FakeWorld, container

from simulator.shell import Session
from simulator.world import commands


@pytest.fixture
def session(tmp_path):
    return Session(FakeWorld(), reading=FakeReader, folder=tmp_path)


def test_a_line_waits_until_its_job_is_done(session):
    result = session.execute("docker run -d --name web nginx")
    assert session.world.now == 1.0
    assert result.lines == (container("web").id,)
    assert result.job is None


def test_a_line_that_does_not_wait_returns_its_job(session):
    result = session.execute("docker run -d --name web nginx", wait=False)
    assert (session.world.now, result.lines) == (0.0, ())
    assert result.job is not None
    session.advance(5.0)
    (late,) = session.results
    assert (late.time, late.lines, late.later) == (1.0, (container("web").id,), True)
    assert session.world.now == 5.0


def test_the_rest_of_a_line_goes_on_when_its_job_is_done(session):
    session.execute("docker run -d --name web nginx && docker stop web; host add b", wait=False)
    assert len(session.world.commands) == 1
    session.advance(30.0)
    assert [(entry.time, type(entry.command).__name__) for entry in session.world.log] == [
        (0.0, "RunContainer"),
        (1.0, "StopContainer"),
        (11.0, "CreateHost"),
    ]


def test_advance_inside_a_line_that_does_not_wait_holds_the_rest_back(session):
    session.execute("advance 5s && host add b", wait=False)
    session.advance(30.0)
    assert [entry.time for entry in session.world.log] == [5.0]


def test_nothing_of_a_line_is_carried_out_when_its_end_cannot_be_read(session):
    result = session.execute("host add b; docker run --memroy 5 nginx")
    assert "unknown flag" in result.error
    assert result.column == 24
    assert session.world.commands == []


def test_and_or_look_at_success(session):
    session.execute("docker stop nope && host add b")
    session.execute("docker stop nope || host add c")
    session.execute("host add d || host add e")
    assert [command.name for command in session.world.commands] == ["c", "d"]


def test_each_target_is_tried_and_each_failure_is_told(session):
    session.world.containers = [container("a"), container("b")]
    result = session.execute("docker kill a nope b")
    assert [command.name for command in session.world.commands] == ["a", "b"]
    assert result.error == "Error response from daemon: No such container: nope"


def test_an_id_prefix_names_a_container(session):
    session.world.containers = [container("web")]
    session.execute(f"docker kill {container('web').id[:6]}")
    assert session.world.commands == [commands.KillContainer(name="web")]


def test_a_wrong_name_is_told_with_the_nearest(session):
    session.world.containers = [container("web")]
    result = session.execute("docker stop wbe")
    assert result.error == (
        "Error response from daemon: No such container: wbe; did you mean 'web'?"
    )


def test_what_the_world_refuses_comes_from_the_daemon(session):
    session.world.fails = "no space left on device"
    result = session.execute("docker pull nginx")
    assert result.error == "Error response from daemon: no space left on device"


def test_a_failing_job_is_an_error_of_its_line(session):
    result = session.execute("docker run -d nginx", wait=False)
    result.job.error = "exec format error"
    session.advance(2.0)
    says = "Error response from daemon: exec format error (exit code 125)"
    assert session.results[0].error == says


def test_undo_takes_back_the_last_line_with_all_its_commands(session):
    session.execute("host add b")
    session.execute("host add c; host add d")
    result = session.execute("undo")
    assert [command.name for command in session.world.commands] == ["b"]
    assert result.error is None
    session.execute("undo")
    assert "nothing to undo" in session.execute("undo").error


def test_rewind_forgets_what_was_typed_later(session):
    session.execute("host add b; advance 60s; host add c")
    session.execute("rewind 30s")
    assert session.world.now == 30.0
    assert [command.name for command in session.world.commands] == ["b"]


def test_a_substitution_is_replaced_by_what_its_line_prints(session):
    session.world.containers = [container("a"), container("b", created_at=1.0)]
    session.execute("docker rm -f $(docker ps -aq)")
    assert [command.name for command in session.world.commands] == ["b", "a"]


def test_source_runs_a_file_and_refuses_a_file_that_runs_itself(session, tmp_path):
    (tmp_path / "setup.txt").write_text("# two hosts\nhost add b\nhost add \\\n  c\n")
    (tmp_path / "loop.txt").write_text("source loop.txt\n")
    session.execute("source setup.txt")
    assert [command.name for command in session.world.commands] == ["b", "c"]
    assert "would run itself" in session.execute("source loop.txt").error


def test_an_error_in_a_sourced_file_has_its_place(session, tmp_path):
    (tmp_path / "bad.txt").write_text("host add b\n\nhost ad c\n")
    result = session.execute("source bad.txt")
    assert result.error.startswith("bad.txt:3:6: host: 'ad' is not a host command")
    assert session.world.commands == []


def test_a_confined_session_does_not_leave_its_folder(tmp_path):
    session = Session(FakeWorld(), reading=FakeReader, folder=tmp_path, confined=True)
    assert "leads out of the folder" in session.execute("source ../x.txt").error
    assert "leads out of the folder" in session.execute("docker build -t x /etc").error
    assert "leads out of the folder" in session.execute("traffic web file /etc/passwd").error


def test_building_reads_the_real_folder(session, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\nCOPY a.txt /\n")
    (tmp_path / "app" / "a.txt").write_text("hello")
    (tmp_path / "app" / ".dockerignore").write_text("*.log\n")
    (tmp_path / "app" / "x.log").write_text("x")
    session.execute("docker build -t web app")
    (command,) = session.world.commands
    assert command.tags == ("web",)
    assert command.context.name == "app"
    assert "a.txt" in command.context.files
    assert "x.log" not in command.context.files


def test_an_env_file_is_read_with_places(session, tmp_path):
    (tmp_path / "env").write_text("# comment\nA=1\nB=2=3\n")
    session.execute("docker run -d --env-file env -e A=9 nginx")
    assert session.world.commands[0].env == {"A": "9", "B": "2=3"}
    (tmp_path / "bad").write_text("A=1\n=2\n")
    assert session.execute("docker run --env-file bad nginx").error.startswith("bad:2:1:")


def test_history_and_transcript_remember_lines(session):
    session.execute("host add b")
    session.execute("nonsense")
    session.execute("advance 5s")
    assert session.history == ["host add b", "nonsense", "advance 5s"]
    assert session.transcript == [(0.0, "host add b"), (0.0, "advance 5s")]


def test_a_person_can_take_the_prompt_back(session):
    session.keep_going = lambda: False
    session.execute("docker run -d nginx; advance 100s; host add b")
    assert session.world.now == 1.0
    assert len(session.world.commands) == 1


def test_state_of_play_is_of_the_session(session):
    session.execute("speed 10; pause")
    assert (session.speed, session.paused) == (10.0, True)
    session.execute("play; speed max")
    assert (session.speed, session.paused) == (float("inf"), False)
    assert "expected 1 to 600, or max" in session.execute("speed 601").error


def test_without_a_host_docker_says_so(session):
    session.world.hosts = 0
    assert "Cannot connect to the Docker daemon" in session.execute("docker ps").error
    assert session.execute("show").error is None
    assert session.execute("host ls").error is None


def test_paths_are_relative_to_the_folder(session):
    assert session.path("a") == Path(session.folder) / "a"
    assert "bad path" in session.execute("source 'a\0'").error
