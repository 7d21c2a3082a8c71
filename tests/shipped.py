"""The shipped constants, for tests of what needs some and is not about changing them."""

from __future__ import annotations

from functools import partial

from simulator.calibration import Calibration
from simulator.machine.benchmarks import demand_of
from simulator.machine.runtimes import nested, runtime

SHIPPED = Calibration()

shipped_runtime = partial(runtime, calibration=SHIPPED)
shipped_nested = partial(nested, calibration=SHIPPED)
shipped_demand = partial(demand_of, calibration=SHIPPED)
