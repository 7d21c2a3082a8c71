from __future__ import annotations

import pytest

from simulator import look
from simulator.errors import DrydockError, InputError, Refused
from simulator.scenario import build, building, load
from simulator.shell import parse_at

IMAGE = "python:3.12-slim"
WEB = f"""\
format: 1
seed: 4
until: 20s
hosts:
  - {{name: a, cores: 4, memory: 4g}}
  - {{name: b, cores: 2, memory: 2g}}
images:
  - {{pull: "{IMAGE}", tag: base}}
  - {{build: app, tag: web, on: [a]}}
services: [web]
containers:
  - {{image: web, name: w, service: web, replicas: 2, cpus: 0.5}}
  - {{image: base, name: job, on: b, workload: "batch cpu=1s"}}
traffic:
  web: {{kind: constant, rate: 20/s, timeout: 1s, retries: 1}}
script:
  - "@5s docker ps"
  - "@1s docker stats"
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text(
        f'FROM {IMAGE}\nCOPY app.py /\nLABEL drydock.workload="server cpu=5ms workers=2"\n'
    )
    (tmp_path / "app" / "app.py").write_text("import web\nprint('hello')\n")

    def to(text):
        path = tmp_path / "s.yaml"
        path.write_text(text)
        return path

    return to


def test_a_world_is_ready_when_its_script_starts(write):
    built = build(load(write(WEB), check=parse_at))
    shot = look.snapshot(built.world)
    assert sorted(one.name for one in shot.containers()) == ["job", "w-1", "w-2"]
    assert set(shot.service("web").endpoints) == {"w-1", "w-2"}
    assert shot.service("web").outcomes["arrived"] == 0
    assert built.end_s == built.start_s + 20.0
    assert built.world.seed == 4


def test_the_script_is_sorted_by_time_and_knows_its_places(write):
    built = build(load(write(WEB)))
    times = [round(line.at_s - built.start_s, 6) for line in built.script]
    assert times == [1.0, 5.0]
    assert built.script[0].place.line == 18


def test_images_reach_the_machines_they_are_meant_for(write):
    shot = look.snapshot(build(load(write(WEB))).world)
    held = {host.name: {one.reference for one in host.images} for host in shot.hosts}
    assert "web:latest" in held["a"]
    assert "web:latest" not in held["b"]
    assert "base:latest" in held["b"]


def test_an_empty_world_is_built(write):
    built = build(load(write("format: 1\n")))
    assert (built.start_s, built.script) == (0.0, [])


def test_a_constant_can_be_replaced(write):
    slow = WEB.replace("script:", "calibration: {runtime.docker.daemon_s: 9}\nscript:")
    usual, changed = build(load(write(WEB))).start_s, build(load(write(slow))).start_s
    assert changed > usual + 5.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("on: b,", "on: c,", "s.yaml:13:34: unknown machine: found 'c'"),
        ("build: app", "build: ../app", "s.yaml:9:13: this path leads out of the folder"),
        ("build: app", "build: nope", "no such Dockerfile"),
        ("image: base", "image: nosuchimage", "s.yaml:13:"),
        ("cpus: 0.5", "cpus: 64", "s.yaml:12:"),
        (f'pull: "{IMAGE}"', 'pull: "nosuchimage:1"', "s.yaml:8:"),
    ],
)
def test_what_cannot_be_built_is_told_with_its_place(write, old, new, said):
    scenario = load(write(WEB.replace(old, new)))
    with pytest.raises((InputError, Refused)) as caught:
        build(scenario)
    assert said in str(caught.value)


def test_a_broken_dockerfile_is_told_with_its_own_place(write, tmp_path):
    path = write(WEB)
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\nCPOY a b\n")
    with pytest.raises(DrydockError, match="app/Dockerfile:2"):
        build(load(path))


def test_an_interrupted_set_up_stops(write):
    built = build(load(write(WEB)), lambda: False)
    assert built.start_s < 1.0


def test_a_quota_by_period_can_be_written(write):
    text = WEB.replace("cpus: 0.5}", "cpu_period: 20000, cpu_quota: 5000}")
    built = build(load(write(text)))
    assert built.world.container("w-1").limits.cpus == 0.25


def test_twice_as_many_servers_are_asked_at_most_twice_as_often_whether_they_answer(
    write, monkeypatch
):
    asked = []
    original = building._Setup._awaited
    monkeypatch.setattr(
        building._Setup, "_awaited", lambda *args: (asked.append(args), original(*args))[1]
    )
    counts = []
    for replicas in (10, 20):
        asked.clear()
        built = build(load(write(WEB.replace("replicas: 2", f"replicas: {replicas}"))))
        assert len(built.world.services["web"].endpoints) == replicas
        counts.append(len(asked))
    assert counts[1] <= 2.5 * counts[0]


def test_hosts_that_are_alike_are_written_once_and_containers_go_to_them_in_turn(write):
    built = build(
        load(
            write(f"""\
format: 1
hosts: [{{name: n, replicas: 3, cores: 2}}, {{name: other}}]
images: [{{pull: "{IMAGE}", on: [n]}}]
containers:
  - {{image: "{IMAGE}", name: c, replicas: 5, on: n, workload: idle}}
  - {{image: "{IMAGE}", name: d, on: n-2, workload: idle}}
""")
        )
    )
    assert [one.name for one in built.world.hosts()] == ["n-1", "n-2", "n-3", "other"]
    where = [(one.name, one.daemon.name) for one in built.world.containers.values()]
    assert where == [
        ("c-1", "n-1"),
        ("c-2", "n-2"),
        ("c-3", "n-3"),
        ("c-4", "n-1"),
        ("c-5", "n-2"),
        ("d", "n-2"),
    ]


def test_a_loaded_world_can_be_had_again_from_its_commands_alone(write):
    world = build(load(write(WEB.replace("batch cpu=1s", "batch cpu=1s ios=500")))).world
    world.advance(world.now + 10.0)
    again = type(world).replayed(world.seed, world.log, world.now, world.parts.calibration)
    assert again.journal.digest == world.journal.digest


def test_containers_of_a_file_have_inits_users_and_health_checks(write):
    text = (
        "format: 1\nuntil: 10s\nhosts: [{name: a}]\ncontainers:\n"
        "  - {image: alpine, name: c, command: sleep 100, init: true, user: '1000',\n"
        "     health_cmd: 'true', health_interval: 2s, stop_signal: SIGINT, stop_timeout: 3s}\n"
    )
    world = build(load(write(text))).world
    settings = world.container("c").settings
    assert settings.first.end("TERM").code == 143
    assert (settings.identity.uid, settings.stop_signal, settings.stop_timeout_s) == (
        1000,
        "INT",
        3,
    )
    world.advance(world.now + 5.0)
    assert world.container("c").health.status == "healthy"


def test_a_scenario_says_which_image_another_one_stands_in_for(tmp_path):
    text = (
        "format: 1\nuntil: 1s\nhosts: [{name: a}]\n"
        "containers: [{image: 'nginx:1.27.3-alpine', name: w, replicas: 2}]\n"
    )
    path = tmp_path / "near.yaml"
    path.write_text(text)
    notes = build(load(path)).notes
    assert [one.partition(": ")[2] for one in notes] == [
        "nginx:1.27.3-alpine is not in the catalogue; taken as nginx:1.27-alpine, sizes may differ"
    ]
