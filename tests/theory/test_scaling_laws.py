"""The laws of Amdahl and Gunther (result A13)."""

from __future__ import annotations

from math import inf

import pytest
from experiment import agree, means
from harbour import harbour, run
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.machine.scaling import amdahl, usl, usl_peak
from simulator.world.programs import read_program


@pytest.mark.parametrize(("n", "expected"), [(8, 6.46), (44, 13.60), (128, 9.89)])
def test_throughput_rises_to_a_peak_and_falls_again(n, expected):
    assert usl(n, 0.03, 0.0005) == pytest.approx(expected, rel=0.001)
    assert usl_peak(0.03, 0.0005) == pytest.approx(44.0, rel=0.002)


@given(n=st.integers(1, 1000), a=st.floats(0, 1), b=st.floats(1e-6, 1))
def test_no_number_of_workers_beats_the_peak(n, a, b):
    assert usl(n, a, b) <= usl(max(1.0, usl_peak(a, b)), a, b) * (1 + 1e-9)


@given(n=st.integers(1, 1000), share=st.floats(0, 1))
def test_amdahl_is_scaling_with_contention_alone(n, share):
    assert amdahl(n, 1 - share) == pytest.approx(usl(n, share, 0.0))


def test_a_tenth_that_cannot_be_divided_bounds_the_speed_up_at_ten():
    assert amdahl(1, 0.9) == 1.0
    assert amdahl(1e9, 0.9) == pytest.approx(10.0)
    assert usl_peak(0.1, 0.0) == inf


@pytest.mark.parametrize("bad", [(0, 0.1, 0.1), (2, -0.1, 0.1), (2, 0.1, 1.5), (inf, 0.1, 0.1)])
def test_numbers_that_mean_nothing_are_refused(bad):
    with pytest.raises(InputError):
        usl(*bad)


@pytest.mark.parametrize("threads", [1, 8, 44, 128])
def test_a_job_of_threads_that_hinder_each_other_is_as_much_quicker_as_the_law_says(threads):
    world = harbour(cores=128)
    run(world, "job", f"batch cpu=10s threads={threads} usl=0.03,0.0005")
    world.advance(30.0)
    job = world.container("job")
    took = job.finished_at - job.started_at
    assert 10.0 / took == pytest.approx(usl(threads, 0.03, 0.0005), rel=1e-9)
    assert job.cpu_seconds == pytest.approx(took * threads)  # the cores were held all the same


def test_a_server_whose_threads_hinder_each_other_is_the_birth_death_chain_of_its_rates():
    """With n inside, n <= c at work, it serves at mu * usl(n): an M/M/c with rates of its own."""
    lam, mu, workers, a, b = 300.0, 100.0, 8, 0.05, 0.01
    weights = [1.0]
    for n in range(1, 400):
        weights.append(weights[-1] * lam / (mu * usl(min(n, workers), a, b)))
    inside = sum(n * weight for n, weight in enumerate(weights)) / sum(weights)
    workload = f"server cpu=10ms workers={workers} queue=unlimited usl={a},{b}"
    found = means(workload, f"{lam}", 8_000)
    assert agree(found, inside / lam, 0.06)


def test_a_law_of_scaling_that_means_nothing_is_refused():
    for wrong in ("usl=2", "usl=0.1,0.1,0.1", "usl=x"):
        with pytest.raises(InputError, match=r"usl|share|values"):
            read_program(f"server cpu=1ms {wrong}")
