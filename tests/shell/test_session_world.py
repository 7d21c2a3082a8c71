"""The session over the real world: one small story, and a fuzz that must never raise."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.shell import Session, commands
from simulator.shell.verbs import trouble
from simulator.world import World, faults

IMAGE = "python:3.12-slim"
SERVER = "--workload 'server cpu=20ms workers=4'"


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    assert session.execute("host add a --cores 4 -m 8g").error is None
    return session


def ran(session, line):
    result = session.execute(line)
    assert result.error is None, result.error
    return result


def test_a_container_meets_traffic_and_is_stopped(session):
    lines = ran(session, f"docker run -d --name w --network-alias web {SERVER} {IMAGE}").lines
    assert re.fullmatch("[0-9a-f]{64}", lines[-1])
    ran(session, "traffic web constant 50/s --timeout 1s")
    ran(session, "advance 20s")
    assert "w " in ran(session, "docker stats").text
    view = session.reader.snapshot().service("web")
    assert view.outcomes["ok"] > 900
    assert "Up " in ran(session, "docker ps").text
    ran(session, "docker stop w")
    assert "Exited (" in ran(session, "docker ps -a").text
    assert ran(session, "docker inspect -f '{{.State.Status}}' w").lines == ("exited",)


def test_every_listing_works_over_the_real_world(session):
    ran(session, f"docker run -d --name w --network-alias web {SERVER} {IMAGE}")
    ran(session, "vm create v; traffic web 10/s; advance 3s")
    for line in (
        "docker ps -a", "docker images", "docker stats", "docker top w", "docker logs w",
        "docker inspect w", f"docker history {IMAGE}", "docker info", "docker version",
        "docker system df", "docker port w", "host ls", "vm ls", "service ls", "traffic ls",
        "show", "events", "why w", "why web", "why a", "docker -H v ps", "docker -H v images",
        "docker -H all ps", "step", "history", "help", "seed", "explain",
    ):  # fmt: skip
        assert ran(session, line).lines is not None


def test_undo_gives_back_the_world_of_before(session):
    ran(session, f"docker run -d --name w {SERVER} {IMAGE}")
    digest = session.world.journal.digest
    ran(session, "docker rm -f w")
    ran(session, "undo")
    assert session.world.journal.digest == digest
    assert "w" in ran(session, "docker ps").text


def test_the_same_lines_give_the_same_history(tmp_path):
    digests = set()
    for _ in range(2):
        session = Session(World(3), folder=tmp_path)
        for line in ("host add a", f"docker run -d --network-alias web {SERVER} {IMAGE}",
                     "traffic web 40/s", "advance 10s"):  # fmt: skip
            session.execute(line)
        digests.add(session.world.journal.digest)
    assert len(digests) == 1


def test_a_real_dockerfile_is_built(session, tmp_path):
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY app.py /\nCMD python app.py\n")
    (tmp_path / "app.py").write_text("import web\nprint('hello')\n")
    ran(session, "docker build -t web .")
    assert "web" in ran(session, "docker images").text
    assert ran(session, "docker build -q -t web .").lines[0].startswith("sha256:")
    assert "COPY app.py" in ran(session, "docker history web").text


def test_every_fault_of_the_world_can_be_typed_and_the_known_ones_are_described(session):
    assert set(trouble.TEXTS) <= set(faults.KINDS)
    for kind in faults.KINDS:
        assert (
            "unknown machine or container" in (session.execute(f"fault {kind} nope").error or "")
            or "No such container" in session.execute(f"fault {kind} nope").error
        )


WORDS = sorted(
    {word for verb in commands() for path in (verb.path, *verb.aliases) for word in path}
    | {name for verb in commands() for flag in verb.flags for name in flag.names}
    | {"a", "w", "web", "v", IMAGE, "10/s", "1s", "-1", "0", "64m", "K=V", "$(docker ps -q)"}
    | {";", "&&", "'", '"', "\\", "#", "{{.Names}}", "stop", "on-failure:3", "scratch"}
    - {"source", "."}
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7), st.text(max_size=8))
def test_no_line_ever_raises(fuzzed, words, noise):
    fuzzed.execute(" ".join(words) + noise, wait=False)
    fuzzed.advance(fuzzed.world.now + 0.5)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=100))
def test_no_text_ever_raises(fuzzed, text):
    fuzzed.execute(text, wait=False)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    session = Session(World(1), folder=tmp_path_factory.mktemp("fuzz"), confined=True)
    session.execute("host add a")
    session.execute(f"docker run -d --name w --network-alias web {SERVER} {IMAGE}")
    return session


def test_a_service_says_what_it_can_do_at_most_and_of_what(session):
    session.execute("service create web")
    run = "docker run -d --network-alias web --workload 'server cpu=20ms workers={}' {} --name {} "
    for workers, flags, name in ((1, "", "one"), (4, "--cpus 0.5", "held"), ("ps", "", "all")):
        session.execute(run.format(workers, flags, name) + "python:3.12-slim")
    said = session.execute("why web").text
    assert "at most 50.0/s with 1 worker;" in said
    assert "at most 25.0/s with 0.5 cores;" in said
    assert "at most 200.0/s with 4 cores;" in said
    assert "no latencies" in said


def test_percentiles_of_nothing_are_not_zero(session):
    session.execute("traffic web 50/s; advance 5s")
    row = session.execute("service ls").lines[1]
    assert row.split()[-5:] == ["-", "-", "-", "0", "0"]


def test_a_topic_is_found_although_a_command_has_its_name(session):
    assert session.execute("help services").lines[0].startswith("A service is a name")


def test_a_quota_by_period_is_read_shown_and_guarded_as_docker_does(session):
    run = f"docker run -d --name w --cpu-period 50000 --cpu-quota 25000 {SERVER} {IMAGE}"
    ran(session, run)
    shown = "{{.HostConfig.NanoCpus}} {{.HostConfig.CpuPeriod}} {{.HostConfig.CpuQuota}}"
    assert ran(session, f"docker inspect -f '{shown}' w").lines == ("0 50000 25000",)
    assert "25000 50000" in ran(session, "docker exec w cat /sys/fs/cgroup/cpu.max").text
    ran(session, "docker update --cpu-quota 100000 w")
    assert session.reader.snapshot().container("w").cpu_limit_cores == 2.0
    both = session.execute(f"docker run -d --cpus 1 --cpu-quota 5000 {SERVER} {IMAGE}")
    assert "Nano CPUs and CPU Quota cannot both be set" in str(both.error)
