"""Published densities: as many instances as the figures of one testbed give for a whole host."""

from __future__ import annotations

import pytest
from shipped import SHIPPED, shipped_runtime

from simulator.machine.density import GIB, Need, Room, density
from simulator.machine.runtimes import MB


@pytest.mark.parametrize(
    ("arrangement", "application_mb", "memory_gib", "expected"),
    [
        ("docker", 76.7, 128, 1659),
        ("gvisor", 76.7, 128, 1026),
        ("gvisor", 45.7, 64, 591),
    ],
)
def test_as_many_applications_fit_as_was_measured_of_one(
    arrangement: str, application_mb: float, memory_gib: int, expected: int
) -> None:
    host = Room(cores=64, memory_bytes=memory_gib * GIB)
    need = Need(round(application_mb * MB))
    found = density(shipped_runtime(arrangement), need, host, SHIPPED)
    assert found.count == pytest.approx(expected, rel=0.001)


def test_an_application_in_a_sandbox_is_never_smaller_than_in_a_container() -> None:
    sandbox = shipped_runtime("gvisor")
    held = [round(step * 13.7 * MB) for step in range(100)]
    assert all(sandbox.private_for(each) > 4.09 * MB for each in held)
