"""``drydock bench``: how fast the model is, in figures that compare with something.

Each measurement runs in a process of its own, so that memory is its own and no measurement warms
another, and counts CPU seconds of one core. Figures that matter are ratios taken in one run:
machines differ, ratios less so.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

import msgspec

from simulator.errors import unknown
from simulator.report.bench.measured import Measured

GROUPS: dict[str, tuple[str, ...]] = {
    "paths": ("paths.fifo", "paths.quota", "paths.sharing", "paths.contended", "paths.growth"),
    "size": (
        "size.one_host", "size.thousand_hosts", "size.five_thousand_hosts", "size.big_service",
        "size.least_connections", "size.empty_hosts", "size.cluster", "size.tenants",
        "size.removals", "size.hour",
    ),
    "scheduler": (
        "scheduling.basic", "scheduling.node_affinity", "scheduling.pod_affinity",
        "scheduling.anti_affinity", "scheduling.preferred", "scheduling.spreading",
        "scheduling.default_spread", "scheduling.mixed", "scheduling.preemption",
        "scheduling.unschedulable", "scheduling.agreement",
    ),
    "clusters": (
        "clusters.thousand_nodes", "clusters.fifty_thousand", "clusters.largest",
        "clusters.steady",
    ),
    "swarm": (
        "swarms.thousand_nodes", "swarms.largest", "swarms.placing", "swarms.spreading",
        "swarms.agreement",
    ),
    "compose": ("projects.up",),
    "sweep": ("sweeps.overhead", "sweeps.processes", "sweeps.parent"),
    "start": ("starting.commands",),
}  # fmt: skip
"""Measurements by group: functions of the modules here."""


class Results(msgspec.Struct, frozen=True):
    """Everything measured, and on what."""

    machine: str
    python: str
    numpy: str
    groups: dict[str, list[Measured]]


def measure_one(name: str) -> list[Measured]:
    """Run one measurement in this process."""
    module, _, function = name.partition(".")
    run: Callable[[], list[Measured]] = getattr(
        import_module(f"simulator.report.bench.{module}"), function
    )
    return run()


def measure(groups: Iterable[str], say: Callable[[str], object]) -> Results:
    """Run the groups, each measurement in a process of its own; ``say`` is told of each."""
    import numpy as np

    found: dict[str, list[Measured]] = {}
    for group in groups:
        found[group] = []
        for name in GROUPS[group]:
            say(name)
            found[group] += _in_a_process(name)
    machine = f"{platform.machine()}, {_processor()}"
    return Results(machine, platform.python_version(), np.__version__, found)


def _in_a_process(name: str) -> list[Measured]:
    command = [sys.executable, "-m", "simulator.report.bench", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=list[Measured])


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = [line.partition(":")[2].strip() for line in lines if "model name" in line]
        return named[0] if named else platform.processor() or "unknown processor"
    except OSError:
        return platform.processor() or "unknown processor"


def main(groups: Sequence[str], as_json: bool) -> int:
    """Measure and print; all groups when none is named."""
    for group in groups:
        if group not in GROUPS:
            raise unknown("group of measurements", group, GROUPS)
    from simulator.report.bench.table import lines

    results = measure(groups or GROUPS, lambda name: print(f"... {name}", file=sys.stderr))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(results), indent=2).decode())
    else:
        print("\n".join(lines(results)))
    return 0
