"""Every shipped scenario runs to its end without an error, and loses no request."""

from __future__ import annotations

import pytest

from simulator.cli.catalogue import scenario_path, scenarios
from simulator.report import collect, text
from simulator.scenario import load
from simulator.shell import parse_at
from simulator.trials.playing import Run


@pytest.fixture(scope="module")
def summaries():
    return {}


@pytest.fixture(params=[one.name for one in scenarios()])
def result(request, summaries):
    if request.param not in summaries:
        run = Run(load(scenario_path(request.param), check=parse_at))
        assert run.go()
        summaries[request.param] = collect.of_run(run)
    return summaries[request.param]


def test_it_runs_to_its_end_without_an_error(result):
    assert result.finished
    assert result.errors == []
    assert result.title
    assert text.to_text(result)


def test_no_request_is_lost(result):
    for one in result.services:
        ended = one.ok + one.timeout + one.refused + one.reset + one.unavailable
        assert one.arrived == ended + one.in_flight
        assert 0 <= one.in_flight <= 2000


def test_no_machine_does_more_than_it_can(result):
    for one in result.machines:
        assert one.cpu_peak_cores <= one.cores * (1 + 1e-6)
        assert one.memory_peak_bytes <= one.memory_bytes


def by_name(result, name):
    return next(one for one in result.services if one.name == name)


def values(result, name, start, end):
    series = result.series[name]
    pairs = zip(series.times_s, series.values, strict=True)
    return [v for t, v in pairs if start < t - result.start_s <= end]


@pytest.mark.parametrize("result", ["surge"], indirect=True)
def test_a_surge_is_over_when_enough_containers_are_there(result):
    calm = max(values(result, "service/web/p95", 0, 55))
    worst = max(values(result, "service/web/p95", 70, 130))
    after = max(values(result, "service/web/p95", 200, 270))
    assert worst > 5 * calm
    assert after < 2 * calm


@pytest.mark.parametrize("result", ["vm-or-container"], indirect=True)
def test_a_virtual_machine_comes_later_than_a_container(result):
    container, machine = by_name(result, "in-containers"), by_name(result, "in-vms")
    assert machine.latency.p99_s > 2 * container.latency.p99_s
    vm = next(one for one in result.machines if one.name == "vm1")
    assert vm.memory_peak_bytes > 200 << 20


@pytest.mark.parametrize("result", ["noisy-neighbour"], indirect=True)
def test_a_weight_is_a_wall_against_a_hungry_neighbour(result):
    calm = max(values(result, "service/db/p95", 0, 28))
    assert max(values(result, "service/db/p95", 40, 60)) > 5 * calm
    assert max(values(result, "service/db/p95", 90, 110)) < 2 * calm
    assert max(values(result, "service/db/p95", 120, 170)) < 2 * calm


@pytest.mark.parametrize("result", ["retry-storm"], indirect=True)
def test_retries_keep_a_service_down_after_its_cause_is_gone(result):
    assert max(values(result, "service/web/ok", 80, 119)) == 0.0
    assert min(values(result, "service/web/ok", 150, 235)) > 100.0


@pytest.mark.parametrize("result", ["memory-wall"], indirect=True)
def test_a_leak_is_killed_and_its_neighbour_does_not_notice(result):
    leaky = next(one for one in result.containers if one.name == "leaky")
    assert leaky.restarts >= 3
    assert leaky.memory_peak_bytes <= leaky.memory_limit_bytes
    assert by_name(result, "quiet").error_rate == 0.0
