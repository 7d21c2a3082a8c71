"""The density table: a workload on one host under every arrangement, in lines for people."""

from __future__ import annotations

from simulator.calibration import Calibration
from simulator.machine.density import Room, densities, need_of
from simulator.machine.runtimes import runtime
from simulator.machine.workload import parse_workload
from simulator.units import format_binary_bytes, format_span


def density_lines(
    text: str,
    calibration: Calibration,
    *,
    cores: float,
    memory_bytes: int,
    price_per_hour: float = 0.0,
    cpu_cores: float = 0.0,
    guest_bytes: int | None = None,
    pods_max: int | None = None,
    kvm: bool = True,
) -> list[str]:
    """The table for a workload in words; InputError for one that cannot be read.

    ``kvm``: whether the host has ``/dev/kvm``, which guests need.
    """
    workload = parse_workload(text)
    need = need_of(workload, cpu_cores, guest_bytes)
    room = Room(cores, memory_bytes, pods_max=pods_max, price_per_hour=price_per_hour)
    priced = price_per_hour > 0
    lines = [
        f"{workload} on {cores:g} cores and {format_binary_bytes(memory_bytes)}: "
        f"{format_binary_bytes(need.memory_bytes)} each, {need.pids} processes",
        f"{'ARRANGEMENT':<18}{'FIT':>8}  {'BOUND BY':<14}{'EACH':>10}{'OVERHEAD':>11}"
        f"{'ALL STARTED':>13}" + (f"{'PRICE/H EACH':>14}" if priced else ""),
    ]
    for name, found in densities(need, room, calibration):
        if not kvm and runtime(name, calibration).needs_kvm:
            lines.append(f"{name:<18}       -  needs /dev/kvm, which this machine does not have")
            continue
        if isinstance(found, str):
            lines.append(f"{name:<18}       -  {found}")
            continue
        lines.append(
            f"{name:<18}{found.count:>8}  {found.bound:<14}"
            f"{format_binary_bytes(found.each_bytes):>10}"
            f"{format_binary_bytes(found.overhead_bytes):>11}"
            f"{format_span(found.start_s):>13}"
            + (f"{found.cost_per_hour:>14.4g}" if priced else "")
        )
    return lines
