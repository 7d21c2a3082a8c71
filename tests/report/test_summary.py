from __future__ import annotations

import json

import msgspec
import pytest

from simulator.report import collect, summary, text
from simulator.scenario import load
from simulator.shell import parse_at
from simulator.trials.playing import Run
from simulator.world import World

SCENARIO = """\
format: 1
title: Two containers
seed: 2
until: 20s
hosts: [{name: a, cores: 4, memory: 4g, price: 3600}]
containers:
  - {image: "python:3.12-slim", name: w, service: web, replicas: 2, memory: 64m,
     cpus: 0.5, workload: "server cpu=20ms workers=2"}
traffic: {web: constant 40/s}
script:
  - "@2s docker ps -q"
  - "@3s docker run -d --name late --workload 'batch cpu=1s' python:3.12-slim"
  - "@4s docker stop nope"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "s.yaml"
    path.write_text(SCENARIO)
    run = Run(load(path, check=parse_at))
    assert run.go()
    return run


@pytest.fixture(scope="module")
def result(run):
    return collect.of_run(run)


def test_requests_are_conserved(result):
    (web,) = result.services
    ended = web.ok + web.timeout + web.refused + web.reset + web.unavailable
    assert web.arrived == ended + web.in_flight
    assert web.arrived == pytest.approx(800, abs=2)


def test_every_denominator_is_there(result):
    (host,) = result.machines
    assert (host.cores, host.memory_bytes, host.kind) == (4, 4 << 30, "host")
    first = next(one for one in result.containers if one.name == "w-1")
    assert (first.cpu_limit_cores, first.memory_limit_bytes) == (0.5, 64 << 20)
    assert 0 < first.cpu_mean_cores <= 0.5 + 1e-9


HOGS = """\
format: 1
until: 20s
hosts: [{name: a, cores: 1}]
containers:
  - {image: alpine, name: x, workload: "hog threads=2", cpus: 0.5}
  - {image: alpine, name: y, workload: "hog threads=2"}
script: ["@5s docker restart -t 0 x"]
"""


def test_a_full_machine_is_full_and_nobody_has_more_than_its_limit(tmp_path):
    path = tmp_path / "hogs.yaml"
    path.write_text(HOGS)
    done = Run(load(path, check=parse_at))
    done.go()
    result = collect.of_run(done)
    (host,) = result.machines
    assert host.cpu_mean_cores == pytest.approx(1.0)
    x, y = result.containers
    assert 0.45 < x.cpu_mean_cores <= 0.5
    assert x.cpu_seconds + y.cpu_seconds == pytest.approx(20.0, abs=0.5)


def test_the_text_accounts_for_every_request_and_says_what_is_of_what(result):
    lines = text.to_text(result, charts=False)
    assert "IN FLIGHT" in lines[3] or result.services[0].in_flight == 0
    assert any("of all that ended" in line for line in lines)


def test_cost_is_price_times_time(result):
    assert result.cost == pytest.approx(result.end_s, rel=1e-6)


def test_the_script_and_what_came_of_it_is_told_in_order(result):
    lines = [(round(one.time_s - result.start_s, 1), one.line.split()[1]) for one in result.script]
    assert lines[0] == (2.0, "ps")
    assert lines == sorted(lines)
    late = [one for one in result.script if one.later]
    assert len(late) == 1


def test_a_line_that_fails_is_told_with_its_place(result):
    (failed,) = result.errors
    assert failed.error.endswith("No such container: nope")
    assert "s.yaml:13:10: " in failed.error


def test_the_json_matches_its_schema_and_reads_back(result):
    text_ = summary.to_json(result)
    assert msgspec.json.decode(text_, type=summary.Summary) == result
    document = summary.schema()
    required = document["$defs"]["Summary"]["required"]
    assert set(required) <= set(json.loads(text_))


def test_the_same_seed_gives_the_same_summary(run, result):
    again = Run(run.scenario)
    again.go()
    assert collect.of_run(again) == result


def test_the_text_is_aligned_ascii(result):
    lines = text.to_text(result)
    assert lines[0] == "Two containers"
    assert "\n".join(lines).isascii()
    header = next(line for line in lines if line.startswith("SERVICE"))
    row = lines[lines.index(header) + 1]
    assert row[header.index("REQUESTS") :].split()[0] == str(result.services[0].arrived)
    assert any("of 4 cores" in line for line in lines)


def test_an_interrupted_run_is_summed_up_as_far_as_it_went(run):
    stopped = Run(run.scenario)
    assert not stopped.go(lambda now, end: now < 10.0)
    so_far = collect.of_run(stopped)
    assert not so_far.finished
    assert so_far.end_s < 12.0
    assert "INTERRUPTED" in text.to_text(so_far)[1]


def test_a_run_interrupted_in_its_set_up_is_summed_up_too(run):
    stopped = Run(run.scenario)
    assert not stopped.go(lambda now, end: False)
    assert text.to_text(collect.of_run(stopped))


def test_an_empty_world_is_summed_up():
    lines = text.to_text(collect.summarise(World(1)))
    assert any("no hosts" in line for line in lines)


def test_a_service_without_endpoints_or_traffic_is_told(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("format: 1\nuntil: 5s\nhosts: [{name: a}]\nservices: [idle, lost]\n"
                    "traffic: {lost: 10/s}\n")  # fmt: skip
    run = Run(load(path))
    run.go()
    lines = "\n".join(text.to_text(collect.of_run(run)))
    assert "no requests were sent to idle" in lines
    assert "lost has no endpoints now" in lines
