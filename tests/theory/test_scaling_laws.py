"""The laws of Amdahl and Gunther (result A13)."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.machine.scaling import amdahl, usl, usl_peak


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
