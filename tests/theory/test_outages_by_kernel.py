"""Correlation, not probability: n tenants on one kernel against n tenants on n kernels.

With the same failure rate of every kernel the expected number of tenants hit is the same; the
variance is n times as large where they share one (Poisson events of size n).
"""

import numpy as np
import pytest
from harbour import harbour, run

from simulator.machine.interference import outages
from simulator.world.commands import InjectFault

TENANTS = 8
RATE = 0.02
"""Panics of one kernel per hour; several an hour are rare, as in reality."""


def test_expected_outages_are_equal_and_variances_in_the_ratio_of_the_tenants():
    together, apart = outages(TENANTS, 1, RATE), outages(TENANTS, TENANTS, RATE)
    assert together.expected == pytest.approx(apart.expected)
    assert together.variance == pytest.approx(TENANTS * apart.variance)
    assert (together.event_size, apart.event_size) == (TENANTS, 1)


def tenants_hit(own_kernels):
    """Tenants that fall when one kernel panics in the living world."""
    world = harbour(cores=16, memory_bytes=64 << 30)
    kind = "firecracker" if own_kernels else "runc"
    for number in range(TENANTS):
        run(world, f"t{number}", "idle", runtime=kind)
    world.advance(10.0)
    world.apply(InjectFault(kind="panic", target="t0.vm" if own_kernels else "h"))
    world.advance(11.0)
    return sum(not one.running for one in world.containers.values())


def test_random_panics_of_kernels_in_the_model_show_it():
    hit = {own: tenants_hit(own) for own in (False, True)}
    assert hit == {False: TENANTS, True: 1}
    stream = np.random.default_rng(12345)
    hours = 400_000
    together = stream.poisson(RATE, hours) * hit[False]
    apart = stream.poisson(RATE, (hours, TENANTS)).sum(axis=1) * hit[True]
    assert together.mean() == pytest.approx(apart.mean(), rel=0.05)
    assert together.var() / apart.var() == pytest.approx(TENANTS, rel=0.05)


def test_a_run_of_random_panics_with_seeded_streams_repeats_and_counts_every_tenant():
    def journal(seed):
        world = harbour(seed, cores=16, memory_bytes=64 << 30)
        for number in range(TENANTS):
            run(world, f"t{number}", "idle", restart="always", runtime="firecracker")
        world.advance(10.0)
        stream = world.sim.streams("panics")
        fallen = 0
        for _ in range(12):
            world.advance(world.now + float(stream.exponential(60.0)) + 5.0)
            target = f"t{int(stream.integers(TENANTS))}.vm"
            world.apply(InjectFault(kind="panic", target=target))
            world.advance(world.now + 1e-6)
            fallen += sum(not one.running for one in world.containers.values())
        return fallen, world.journal.digest

    assert journal(3) == journal(3)
    assert journal(3)[0] == 12
