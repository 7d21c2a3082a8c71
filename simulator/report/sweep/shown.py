"""A number of a measure as people read it: a latency as a time, a share in per cent."""

from __future__ import annotations

import ast
import math

from simulator.look.expressions import parse_expression
from simulator.trials.statistics import Estimate
from simulator.units import format_binary_bytes, format_si, format_span

_TIMES = {
    "percentile",
    "mean_latency",
    "mean_wait",
    "boot_seconds",
    "start_seconds",
    "mmc_mean",
    "mmc_percentile",
}
_SERIES = {"max", "min", "mean", "last"}
_BYTES = {"memory_peak", "memory_used", "vm_memory", "image_size"}
_SHARES = {"error_rate", "wait_share", "throttled_ratio"}
_LATENCIES = ("p50", "p95", "p99", "mean")


def kind_of(text: str) -> str:
    """``s`` for a measure in seconds, ``%`` for a share, ``B`` for bytes, nothing for others."""
    match parse_expression(text).tree:
        case ast.Call(func=ast.Name(id=name)) if name in _TIMES:
            return "s"
        case ast.Call(func=ast.Name(id=name)) if name in _SHARES:
            return "%"
        case ast.Call(func=ast.Name(id=name)) if name in _BYTES:
            return "B"
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str() as series), *_]) if (
            name in _SERIES and series.rpartition(".")[2] in _LATENCIES
        ):
            return "s"
    return ""


def number(value: float, kind: str) -> str:
    """One number in its unit."""
    if kind == "s":
        return f"-{format_span(-value)}" if value < 0 else format_span(value)
    if kind == "B":
        return f"-{format_binary_bytes(-value)}" if value < 0 else format_binary_bytes(value)
    if kind == "%":
        return f"{_plain(value * 100)}%"
    return _plain(value)


def _plain(value: float) -> str:
    if abs(value) >= 1e6:
        return f"-{format_si(-value)}" if value < 0 else format_si(value)
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.3g}"


def interval(found: Estimate, kind: str) -> str:
    """``204ms to 220ms``; a dash where one seed says it."""
    if found.low is None or found.high is None:
        return "-"
    return f"{number(found.low, kind)} to {number(found.high, kind)}"


def difference(found: Estimate | None, kind: str) -> str:
    """``-35ms +-4ms``, with a star where it is none by chance: its interval leaves out 0."""
    if found is None:
        return "-"
    sign = "+" if found.mean > 0 else ""
    text = f"{sign}{number(found.mean, kind)}"
    if math.isinf(found.half):
        return text
    sure = found.low is not None and found.high is not None and not found.low <= 0 <= found.high
    return f"{text} +-{number(found.half, kind)}{' *' if sure else ''}"
