"""Service-time laws: moments against closed forms, and draws that do not depend on slices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import Streams
from simulator.errors import InputError
from simulator.traffic.distributions import (
    NAMES,
    Constant,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Mixture,
    Pareto,
    Uniform,
    empirical,
    parse_distribution,
)

LAWS = [
    Constant(0.02),
    Exponential(0.02),
    Gamma(0.02, 3.0),
    Gamma(0.02, 0.4),
    Hyperexponential(0.02, 4.0),
    Hyperexponential(0.02, 1.0),
    Lognormal(0.02, 2.0),
    Uniform(0.02, 0.5),
    Pareto(0.02, 2.5),
    Pareto(0.02, 1.0, bound=100.0),
    Pareto(0.02, 2.0, bound=1000.0),
    Pareto(0.02, 0.5, bound=10.0),
    empirical([0.01, 0.02, 0.05]),
]
ids = [type(law).__name__ + str(i) for i, law in enumerate(LAWS)]


@pytest.mark.parametrize("law", LAWS, ids=ids)
def test_the_sample_has_the_stated_mean_and_variation(law):
    values = law.draw(np.random.default_rng(7), 400_000)
    error = 5 * law.mean * math.sqrt(law.cs2 / len(values)) + 1e-15
    assert abs(values.mean() - law.mean) <= error
    squares = values * values
    # Fourth moments of a heavy tail are too large for a sample to settle.
    tolerance = 0.5 if isinstance(law, Pareto) and law.bound > 100 else 0.03
    assert squares.mean() / law.mean**2 == pytest.approx(1 + law.cs2, rel=tolerance)


@pytest.mark.parametrize("law", LAWS, ids=ids)
@pytest.mark.parametrize("first", [0, 1, 7, 64, 1000])
def test_drawing_n_and_then_m_is_drawing_both_at_once(law, first):
    whole = law.draw(np.random.default_rng(3), 1017)
    stream = np.random.default_rng(3)
    parts = np.concatenate((law.draw(stream, first), law.draw(stream, 1017 - first)))
    assert whole.tobytes() == parts.tobytes()


@given(st.lists(st.integers(0, 50), max_size=12), st.sampled_from(LAWS))
def test_any_slicing_gives_the_same_values(sizes, law):
    stream = np.random.default_rng(11)
    parts = [law.draw(stream, n) for n in sizes]
    whole = law.draw(np.random.default_rng(11), sum(sizes))
    assert whole.tobytes() == np.concatenate([np.empty(0), *parts]).tobytes()


@given(st.floats(1e-6, 10), st.floats(1, 1e4))
def test_the_two_kinds_of_a_hyperexponential_carry_half_of_the_work_each(mean, cs2):
    law = Hyperexponential(mean, cs2)
    p = law.share
    short, long = mean / (2 * p), mean / (2 * (1 - p))
    assert p * short == pytest.approx((1 - p) * long)
    second = 2 * (p * short**2 + (1 - p) * long**2)
    assert second / mean**2 - 1 == pytest.approx(cs2, rel=1e-6)


def test_a_bounded_pareto_stays_within_its_bounds():
    law = Pareto(1.0, 0.5, bound=10.0)
    values = law.draw(np.random.default_rng(1), 100_000)
    assert values.min() >= law.low
    assert values.max() <= law.low * 10
    median = law.low * (1 - 0.5 * (1 - 10**-0.5)) ** -2
    assert np.median(values) == pytest.approx(median, rel=0.02)


@pytest.mark.parametrize("bound", [100.0, 1e6])
@pytest.mark.parametrize("alpha", [1.0, 2.0])
def test_the_moments_of_a_pareto_are_continuous_where_alpha_is_whole(alpha, bound):
    at, beside = Pareto(1.0, alpha, bound), Pareto(1.0, alpha + 1e-7, bound)
    assert at.cs2 == pytest.approx(beside.cs2, rel=1e-4)
    assert at.low == pytest.approx(beside.low, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("exponential", Exponential(2.0)),
        (" Constant ", Constant(2.0)),
        ("hyperexponential:4", Hyperexponential(2.0, 4.0)),
        ("hyperexponential", Hyperexponential(2.0, 4.0)),
        ("lognormal:2", Lognormal(2.0, 2.0)),
        ("pareto:2.5", Pareto(2.0, 2.5)),
        ("erlang:3", Gamma(2.0, 3.0)),
        ("uniform:0.5", Uniform(2.0, 0.5)),
    ],
)
def test_a_law_is_named_by_a_word_and_a_number(text, law):
    assert parse_distribution(text, 2.0) == law


@pytest.mark.parametrize(
    "text",
    ["", "exponental", "constant:3", "gamma", "erlang:2.5", "erlang:0", "hyperexponential:0.5",
     "lognormal:", "lognormal:x", "pareto:0", "pareto:nan", "uniform:2", "lognormal:-1"],
)  # fmt: skip
def test_what_is_no_law_is_refused(text):
    with pytest.raises(InputError):
        parse_distribution(text, 1.0)


def test_a_misspelt_law_names_the_nearest():
    with pytest.raises(InputError) as caught:
        parse_distribution("exponental", 1.0)
    assert caught.value.nearest == "exponential"


@given(
    st.text(max_size=20) | st.builds("{}:{}".format, st.sampled_from(NAMES), st.text(max_size=6))
)
def test_no_text_raises_anything_but_the_input_error(text):
    try:
        law = parse_distribution(text, 1.0)
    except InputError:
        return
    assert law.mean == pytest.approx(1.0)


@pytest.mark.parametrize("values", [[], [1.0, -1.0], [math.nan], [math.inf], [0.0]])
def test_measured_values_are_positive_numbers(values):
    with pytest.raises(InputError):
        empirical(values)


@pytest.mark.parametrize("mean", [0.0, -1.0, math.nan, math.inf])
def test_a_mean_is_positive(mean):
    with pytest.raises(InputError):
        parse_distribution("exponential", mean)


@pytest.mark.parametrize("exponential", [True, False])
def test_a_mixture_has_the_moments_of_its_classes_however_it_is_drawn(exponential):
    law = Mixture((0.7, 0.2, 0.1), (0.5, 1.0, 4.5), exponential)
    whole = law.draw(Streams(1)("mix"), 400_000)
    assert whole.mean() == pytest.approx(law.mean, rel=0.01)
    assert whole.var() / whole.mean() ** 2 == pytest.approx(law.cs2, rel=0.03)
    stream = Streams(1)("mix")
    pieces = np.concatenate([law.draw(stream, n) for n in (1, 17, 982)])
    assert (pieces == whole[:1000]).all()
