"""CPU time and memory of this process."""

from __future__ import annotations

import gc
import resource
import sys
from collections.abc import Callable
from time import process_time


def cpu_s(run: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    gc.collect()
    began = process_time()
    run()
    return process_time() - began


def per_s(count: float, run: Callable[[], object]) -> float:
    """How many of ``count`` things are done in a CPU second."""
    return count / cpu_s(run)


def best(measure: Callable[[], float], times: int = 3) -> float:
    """The largest of several measurements: what else the machine does only slows them."""
    return max(measure() for _ in range(times))


def peak_mib() -> float:
    """The most memory that this process has held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
