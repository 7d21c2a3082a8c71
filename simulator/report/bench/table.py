"""The figures of the benchmark as lines of text."""

from __future__ import annotations

from simulator.report.bench import Results
from simulator.report.bench.measured import Measured
from simulator.units import format_si

HEADS = {
    "paths": "requests solved, a CPU second of one core",
    "size": "large worlds, CPU seconds of one core",
    "scheduler": "pods scheduled, a CPU second of one core",
    "clusters": "clusters of Kubernetes, CPU seconds of one core",
    "swarm": "swarms, CPU seconds of one core",
    "compose": "projects of Compose, CPU seconds of one core",
    "sweep": "many trials",
    "start": "from nothing, wall seconds",
}


def lines(results: Results) -> list[str]:
    """A head, then one line a figure: value, what was before, what is promised, whether kept."""
    found = [f"{results.machine}; Python {results.python}, numpy {results.numpy}"]
    for group, figures in results.groups.items():
        found += ["", f"{HEADS[group]:<76} {'now':>9} {'before':>9} {'promised':>11}"]
        found += [_line(one) for one in figures]
    return found


def _line(one: Measured) -> str:
    before = "" if one.before is None else amount(one.before, one.unit)
    promised = (
        ""
        if one.promised is None
        else f"{'<=' if one.at_most else '>='} " + amount(one.promised, one.unit)
    )
    missed = "" if one.kept else "  missed"
    return f"  {one.what:<74} {amount(one.value, one.unit):>9} {before:>9} {promised:>11}{missed}"


def amount(value: float, unit: str) -> str:
    """A figure in its unit: ``3.2M/s``, ``41x``, ``0.18 s``, ``140 MiB``."""
    if unit == "/s":
        return f"{format_si(value)}/s"
    if unit == "x":
        return f"{value:.1f}x" if value < 10 else f"{value:,.0f}x"
    if unit == "MiB":
        return f"{value:,.0f} MiB"
    if not unit:
        return f"{value:,.0f}"
    return f"{value:.3g} s"
