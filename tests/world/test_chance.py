"""Failures by rate, and equal machines that are not equally fast."""

from __future__ import annotations

import math

import numpy as np
import pytest
from harbour import add_host, harbour, run, send, serve

from simulator.errors import InputError
from simulator.shell import Session
from simulator.world import World
from simulator.world.commands import CreateCgroup, CreateHost, CreateVm, RemoveHost


def count(world: World, event: str) -> int:
    return sum(type(entry.event).__name__ == event for entry in world.journal)


def test_a_program_fails_by_itself_at_its_rate_and_is_started_again():
    world = harbour()
    run(world, "web", "server cpu=1ms mtbf=2s", restart="always")
    world.advance(2_000.0)
    exits = [e.event for e in world.journal if type(e.event).__name__ == "ContainerExited"]
    assert {(one.code, one.reason) for one in exits} == {(1, "failed by itself")}
    # Its back-off grows to a minute, since it seldom lives for long.
    assert 30 < len(exits) < 100


def test_the_lives_of_programs_are_exponential():
    world = harbour(cores=64)
    for number in range(300):
        run(world, f"c{number}", "idle mtbf=100s")
    world.advance(101.0)
    left = sum(one.running for one in world.containers.values())
    assert left / 300 == pytest.approx(math.exp(-1), abs=0.06)


def test_a_kernel_that_fails_is_up_for_its_share_of_the_time():
    world = World(5)
    world.apply(CreateHost(name="h", mtbf_s=30.0, mttr_s=10.0))
    up = 0
    for second in range(1, 6_001):
        world.advance(float(second))
        up += world.machine("h").up
    assert up / 6_000 == pytest.approx(30 / (30 + 10), abs=0.05)
    assert count(world, "KernelPanicked") == pytest.approx(6_000 / 40, rel=0.2)


def test_one_kernel_for_all_and_one_for_each_lose_as_many_tenants_but_not_together():
    def panics(shared: bool) -> list[int]:
        world = harbour(cores=64, memory_bytes=256 << 30, **({"mtbf_s": 400.0} if shared else {}))
        for number in range(8):
            if shared:
                run(world, f"t{number}", "idle")
            else:
                world.apply(CreateVm(name=f"v{number}", mtbf_s=400.0))
        world.advance(2_000.0)
        return [
            entry.event.containers if shared else 1
            for entry in world.journal
            if type(entry.event).__name__ == "KernelPanicked"
        ]

    assert panics(shared=True) == [8]
    apart = panics(shared=False)
    assert set(apart) == {1}
    assert len(apart) > 4


def test_a_host_that_is_gone_fails_no_more():
    world = World(1)
    world.apply(CreateHost(name="h", mtbf_s=1.0, mttr_s=1.0))
    world.apply(RemoveHost(name="h"))
    world.advance(100.0)
    assert count(world, "KernelPanicked") == 0


def test_equal_machines_differ_in_speed_by_the_spread_and_it_shows_in_latency():
    world = World(3)
    for number in range(400):
        world.apply(CreateHost(name=f"h{number}", speed_spread="10%"))
    speeds = np.array([world.machine(f"h{number}").speed for number in range(400)])
    assert speeds.mean() == pytest.approx(1.0, abs=0.01)
    assert speeds.std() == pytest.approx(0.1, abs=0.01)
    fast = harbour()
    add_host(fast, "slow", speed_spread="50%")
    speed = fast.machine("slow").speed
    serve(fast, "server cpu=10ms dist=constant", machine="slow")
    send(fast, "constant 5 for=2s")
    fast.advance(10.0)
    fast.fabric.settle()
    assert fast.services["web"].tally.latencies.mean == pytest.approx(0.010 / speed)


def test_a_guest_is_as_fast_as_its_host_lets_it_be():
    world = World(3)
    world.apply(CreateHost(name="h", speed_spread="burstable"))
    world.apply(CreateVm(name="same"))
    world.apply(CreateVm(name="other", speed_spread="5%"))
    host = world.machine("h").speed
    assert host != 1.0
    assert world.machine("same").speed == host
    assert world.machine("other").speed / host != 1.0


@pytest.mark.parametrize("wrong", ["-1%", "200%", "burst", "lots"])
def test_a_spread_that_means_nothing_is_refused(wrong):
    with pytest.raises(InputError, match="spread"):
        World(1).apply(CreateHost(name="h", speed_spread=wrong))


def test_repairs_need_failures():
    with pytest.raises(InputError, match="repairs without failures"):
        World(1).apply(CreateHost(name="h", mttr_s=5.0))


def test_the_weight_of_a_cgroup_can_be_a_nice_value():
    world = harbour(cores=1)
    for name, nice in (("gentle", 5), ("usual", 0)):
        world.apply(CreateCgroup(name=name, nice=nice))
        run(world, name, "hog", cgroup_parent=name)
    world.advance(50.0)
    world.fabric.settle()
    used = [world.container(name).cpu_seconds for name in ("gentle", "usual")]
    assert used[0] / used[1] == pytest.approx(335 / 1024, rel=0.02)


def test_what_is_typed_has_its_effect_or_is_refused_by_name(tmp_path):
    session = Session(World(1), folder=tmp_path)
    line = "host add a --speed-spread standard --mtbf 12h --mttr 5m"
    assert session.execute(line).error is None
    assert session.world.machine("a").speed != 1.0
    assert session.execute("cgroup create low --nice 19").error is None
    refused = {
        "cgroup create x --nice 5 --cpu-weight 7": "weight given twice",
        "host add b --speed-spread burstabel": "did you mean 'burstable'",
        "host add b --mtbf 0s": "must be more than nothing",
        "docker run -d --workload 'hog nice=5' alpine": "--cpu-shares",
        "docker run -d --link web alpine": "links are a legacy",
    }
    for typed, said in refused.items():
        assert said in str(session.execute(typed).error)


def test_host_networking_saves_the_translation_that_a_published_port_costs(tmp_path):
    world = harbour()
    session = Session(world, folder=tmp_path)
    work = "--workload 'server cpu=1ms dist=constant packets=10'"
    for name, network in (("nat", ""), ("host", "--network host")):
        line = (
            f"docker run -d --name {name} -p 80:80 {network} --network-alias {name} {work} alpine"
        )
        assert session.execute(line).error is None
        send(world, "constant 10 for=2s after=3s", name)
    world.advance(20.0)
    world.fabric.settle()
    nat, direct = (world.services[name].tally.latencies.mean for name in ("nat", "host"))
    packet_s = world.parts.calibration.value("net.nat.packet_latency_s")
    assert nat - direct == pytest.approx(10 * packet_s)
