"""A program in words is read whole before anything is made of it."""

from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.world.programs import read_program


def test_the_law_of_a_server_is_read_with_the_rest():
    assert read_program("server cpu=20ms dist=lognormal:2").dist == "lognormal:2"


@pytest.mark.parametrize("law", ["zipf", "hyperexponential:1e99", "lognormal:x", ""])
def test_an_unknown_law_is_told_before_there_is_a_request(law):
    with pytest.raises(InputError):
        read_program(f"server cpu=20ms dist={law}")
