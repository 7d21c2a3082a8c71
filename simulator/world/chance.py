"""What chance does to machines: kernels that fail by rate, equal ones that are not equally fast.

Failures of a kernel are a Poisson process in the time in which it runs: each next one comes after
an exponential time of the stated mean (MTBF). A repair takes exactly the stated time, so that the
share of time in which the machine is up is MTBF / (MTBF + MTTR). Speeds are lognormal with mean 1.
"""

from __future__ import annotations

from simulator.errors import InputError, Refused, nearest
from simulator.machine.host import Machine, Parts
from simulator.traffic.distributions import Lognormal
from simulator.units import parse_percent
from simulator.world import faults
from simulator.world.commands import InjectFault
from simulator.world.fleet import Fleet

SPREADS = {
    "standard": "isolation.noise.cpu_cov",
    "burstable": "isolation.noise.burstable_cpu_cov",
}
"""Published coefficients of variation of the speed of fresh cloud machines (TUNA, EuroSys'25)."""
MOST_SPREAD = 1.0


def parse_spread(text: str) -> str:
    """``10%``, ``standard`` or ``burstable``: itself, or an InputError."""
    if text in SPREADS:
        return text
    try:
        value = parse_percent(text)
    except InputError as error:
        expected = "a percentage, standard or burstable"
        raise InputError(
            "bad spread of speeds", found=text, expected=expected, nearest=nearest(text, SPREADS)
        ) from error
    if value > MOST_SPREAD:
        raise InputError("spread of speeds out of range", found=text, expected="0% to 100%")
    return text


def draw_speed(parts: Parts, name: str, spread: str) -> float:
    """How fast a new machine is, as a multiple of the nominal speed; 1 without a spread."""
    if not spread:
        return 1.0
    parse_spread(spread)
    known = SPREADS.get(spread)
    cv = parts.calibration.value(known) if known else parse_percent(spread)
    if not cv:
        return 1.0
    return float(Lognormal(1.0, cv * cv).draw(parts.sim.streams(f"speed/{name}"), 1)[0])


def check_times(mtbf_s: float | None, mttr_s: float | None) -> None:
    """Refuse times between failures, or of repairs, that mean nothing."""
    for what, value in (("time between failures", mtbf_s), ("time of a repair", mttr_s)):
        if value is not None and not 0 < value < float("inf"):
            raise InputError(f"{what} out of range", found=value, expected="more than 0 seconds")
    if mttr_s is not None and mtbf_s is None:
        raise InputError("a time of repairs without failures", expected="a time between failures")


def fail_by_rate(
    fleet: Fleet, machine: Machine, mtbf_s: float | None, mttr_s: float | None
) -> None:
    """From now on its kernel panics at random, and is up again after each repair."""
    if mtbf_s is not None:
        sim = fleet.parts.sim
        wait = float(sim.streams(f"failures/{machine.name}").standard_exponential()) * mtbf_s
        sim.at(fleet.now + wait, _fail, fleet, machine, mtbf_s, mttr_s)


def _fail(fleet: Fleet, machine: Machine, mtbf_s: float, mttr_s: float | None) -> None:
    if fleet.machines.get(machine.name) is not machine:
        return
    if machine.up:
        faults.inject(fleet, InjectFault(kind="panic", target=machine.name))
        if mttr_s is not None:
            fleet.parts.sim.at(fleet.now + mttr_s, _repair, fleet, machine)
    # Without memory: what would have come while it is down changes nothing afterwards.
    fail_by_rate(fleet, machine, mtbf_s, mttr_s)


def _repair(fleet: Fleet, machine: Machine) -> None:
    if fleet.machines.get(machine.name) is machine and machine.kernel.state == "panicked":
        try:
            faults.inject(fleet, InjectFault(kind="recover", target=machine.name))
        except Refused:
            return  # somebody was quicker
