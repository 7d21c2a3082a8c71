"""Columns: samples of many things together, in bounded memory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Table
from simulator.engine.columns import CHUNK, LEAST_SAMPLES


def filled(samples: int, owners: int = 3, **bound: int) -> Table:
    """Columns a, b, ... whose field ``x`` counts the samples, from the first of each on."""
    table = Table({"x": "", "y": "B"}, **bound)
    for time in range(1, samples + 1):
        for owner in range(owners):
            if time > owner:
                table.column(chr(97 + owner)).set(float(time), float(owner))
        table.sample(float(time))
    return table


@settings(deadline=None, max_examples=30)
@given(samples=st.integers(1, 900), owners=st.integers(1, 12))
def test_a_table_keeps_its_bound_and_the_mean_of_what_each_sample_stands_for(samples, owners):
    table = filled(samples, owners, bound_bytes=1)
    assert len(table) <= LEAST_SAMPLES
    kept = table.samples("a", "x")
    stride = kept.times[0] if len(kept) else 1.0
    expected = kept.times - (stride - 1) / 2
    assert kept.values.tolist() == pytest.approx(expected.tolist())
    assert samples - (kept.times[-1] if len(kept) else 0.0) < 2 * stride


def test_a_column_begins_with_its_owner_and_goes_with_it():
    table = filled(10)
    assert table.samples("c", "x").times.tolist() == [3, 4, 5, 6, 7, 8, 9, 10]
    table.drop("c")
    assert not table.has("c", "x")
    table.column("c").set(7.0, 7.0)
    table.sample(11.0)
    assert table.samples("c", "x").times.tolist() == [11.0]


def test_columns_of_removed_owners_are_dropped_when_the_table_is_full():
    table = Table({"x": ""}, bound_bytes=1)
    for time in range(1, 20 * CHUNK):
        table.column(f"one-{time}").set(1.0)
        table.sample(float(time))
        table.drop(f"one-{time}")
    assert table.now.shape[1] <= 2 * LEAST_SAMPLES


def test_a_renamed_owner_keeps_its_samples():
    table = filled(5)
    table.rename("a", "z")
    assert not table.has("a", "x")
    assert table.samples("z", "x").values.tolist() == [1, 2, 3, 4, 5]


def test_a_full_chunk_is_never_written_again():
    table = filled(CHUNK + 1)
    times, values = table._chunks[0]
    assert not times.flags.writeable
    assert not values.flags.writeable


def test_a_copied_table_goes_on_as_the_original_does():
    table = filled(CHUNK + 10)
    copied = pickle.loads(pickle.dumps(table))
    for one in (table, copied):
        one.columns["a"].set(5.0, 5.0)
        one.sample(1000.0)
    assert np.array_equal(
        table.samples("a", "x").values, copied.samples("a", "x").values, equal_nan=True
    )
