"""Constants that a scenario sets have the effect that the formula behind each gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.machine.events import ContainerExited, ContainerRestarting
from simulator.scenario import build, load
from simulator.world import World
from simulator.world.commands import StopContainer


def played(folder: Path, constants: str, container: str, until_s: float) -> World:
    """A scenario of one container on a host that has the image, with these constants."""
    path = folder / "s.yaml"
    path.write_text(
        "format: 1\nhosts: [{name: h, cores: 8}]\nimages: [{pull: alpine}]\n"
        f"calibration: {{{constants}}}\n"
        f"containers: [{{image: alpine, name: one, {container}}}]\n"
    )
    world = build(load(path)).world
    world.advance(until_s)
    return world


def times(world: World, kind: type) -> list[float]:
    return [entry.time for entry in world.journal if isinstance(entry.event, kind)]


@pytest.mark.parametrize(("period_s", "elapsed_s"), [(0.1, 0.440), (0.02, 0.488), (0.2, 0.440)])
def test_a_quota_holds_in_the_period_of_the_scenario(
    tmp_path: Path, period_s: float, elapsed_s: float
) -> None:
    # 200 ms of work at 0.4 cores: whole quotas each cost a period, the last one only itself.
    world = played(
        tmp_path, f"cpu.quota.period_s: {period_s}", 'cpus: 0.4, workload: "batch cpu=200ms"', 30.0
    )
    one = world.container("one")
    assert one.finished_at - one.started_at == pytest.approx(elapsed_s, abs=1e-9)


def test_restarts_wait_as_the_scenario_has_it(tmp_path: Path) -> None:
    world = played(
        tmp_path,
        "control.docker.restart_first_s: 0.5, control.docker.restart_max_s: 3",
        'restart: always, workload: "exit after=10ms code=1"',
        30.0,
    )
    delays = [
        entry.event.delay_s
        for entry in world.journal
        if isinstance(entry.event, ContainerRestarting)
    ]
    assert delays[:5] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_the_grace_before_the_kill_is_the_scenarios(tmp_path: Path) -> None:
    world = played(tmp_path, "control.docker.stop_grace_s: 2.5", 'workload: "hog threads=1"', 5.0)
    asked = world.now
    world.apply(StopContainer(name="one"))
    world.advance(asked + 30.0)
    assert times(world, ContainerExited) == [asked + 2.5]


def test_a_system_call_and_a_packet_through_a_published_port_cost_what_the_scenario_says(
    tmp_path: Path,
) -> None:
    constants = "cpu.syscall.native_s: 0.001, net.nat.packet_latency_s: 0.002"
    world = played(
        tmp_path, constants, 'ports: ["80:80"], workload: "server cpu=1ms syscalls=4 packets=2"', 5
    )
    one = world.container("one")
    packet_s = 2 * world.parts.calibration.value("net.native.packet_cpu_s")
    assert one.work_seconds() == pytest.approx(0.005 + packet_s)
    assert one.costs.packet_latency_s == 0.002
