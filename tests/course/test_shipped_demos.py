"""Each shipped demonstration is played to its end, and what it says is what the model does."""

from __future__ import annotations

import io

import pytest

from simulator.course.demo.plain import auto
from simulator.course.demo.reading import read_demo, shipped
from simulator.course.demo.stage import Stage


@pytest.mark.parametrize("name", shipped())
def test_what_a_shipped_demonstration_claims_is_so(name):
    show = Stage(read_demo(shipped()[name]))
    writer = io.StringIO()
    code, text = auto(show, writer), writer.getvalue()
    assert "NOT SO" not in text
    assert "(not measured yet)" not in text
    assert code == 0
    assert show.demo.spoken_s() + show.shown_s() < 600
    assert show.demo.minutes < 10
