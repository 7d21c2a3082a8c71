from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import SHIPPED

from simulator import calibration
from simulator.calibration import Calibration
from simulator.errors import InputError


@pytest.mark.parametrize("name", calibration.names())
def test_every_constant_has_a_unit_a_source_and_a_range_that_holds_it(name: str) -> None:
    found = SHIPPED.constant(name)
    assert found.unit
    assert found.source
    assert found.evidence in calibration.EVIDENCE
    assert math.isfinite(found.value)
    if found.low is not None and found.high is not None:
        assert found.low <= found.value <= found.high
    if found.p99 is not None:
        assert found.value < found.p99
    assert list(found.points) == sorted(found.points)
    assert found.explain().startswith(name)


def test_names_that_end_in_a_unit_have_that_unit() -> None:
    units = {"s": "s", "mib": "MiB", "mb": "MB", "gbps": "Gb/s", "mbps": "MB/s"}
    for name in calibration.names():
        ending = name.rsplit("_", 1)[-1] if "_" in name.rsplit(".", 1)[-1] else ""
        if ending in units and not name.endswith(("_per_s", "_bytes_s")):
            assert SHIPPED.constant(name).unit.startswith(units[ending]), name


def test_a_constant_explains_itself() -> None:
    text = calibration.explain("runtime.runc.create_s")
    assert "0.0334 s" in text
    assert "containers/crun" in text
    assert "primary document" in text


def test_an_unknown_constant_names_the_nearest_one() -> None:
    with pytest.raises(InputError, match=r"did you mean 'runtime\.runc\.create_s'"):
        SHIPPED.value("runtime.runc.creat_s")


@given(st.text(max_size=40))
def test_no_name_raises_anything_but_an_input_error(name: str) -> None:
    if name not in calibration.names():
        with pytest.raises(InputError):
            SHIPPED.value(name)


def test_a_scenario_sets_a_constant_for_itself_only() -> None:
    mine = Calibration({"boot.firecracker.total_s": 0.322})
    assert mine.value("boot.firecracker.total_s") == 0.322
    assert mine.constant("boot.firecracker.total_s").p99 == pytest.approx(0.344)
    assert "shipped value is 0.161" in mine.explain("boot.firecracker.total_s")
    assert SHIPPED.value("boot.firecracker.total_s") == 0.161
    assert mine.value("boot.cloud_hypervisor.total_s") == 0.102


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, "fast", None, True])
def test_a_constant_cannot_be_set_to_nonsense(bad: object) -> None:
    with pytest.raises(InputError, match=r"bad value for the constant 'cpu\.vm\.user_factor'"):
        Calibration({"cpu.vm.user_factor": bad})


def test_a_table_is_read_linearly_between_its_points_and_flat_outside() -> None:
    kernel = SHIPPED.constant("memory.guest.kernel_mib")
    assert kernel.at(512) == 21.9
    assert kernel.at(768) == pytest.approx(25.9)
    assert kernel.at(1) == 15.9
    assert kernel.at(1e9) == 206


def test_the_lognormal_of_a_constant_has_its_median_and_its_99th_percentile() -> None:
    mu, sigma = SHIPPED.constant("boot.firecracker.total_s").lognormal()
    assert math.exp(mu) == pytest.approx(0.161)
    assert math.exp(mu + 2.3263 * sigma) == pytest.approx(0.172, rel=1e-4)


def test_importing_the_calibration_reads_no_file() -> None:
    code = "import simulator.calibration as c; print(c._read.cache_info().currsize)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "0"
