"""CPU bandwidth as Docker's flags state it: ``--cpus``, or ``--cpu-quota`` in a ``--cpu-period``.

The rules and sentences are the Docker daemon's (moby, ``daemon/daemon_unix.go``): cores and periods
exclude each other, a period is 1 ms to 1 s, a quota at least 1 ms, and -1 is no quota. A quota may
exceed the cores of the machine; then it never binds.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import InputError, Refused
from simulator.machine.settings import Limits
from simulator.machine.weights import MAX_PERIOD_US, MIN_PERIOD_US, MIN_QUOTA_US


def check(cpus: float | None, period_us: int | None, quota_us: int | None) -> None:
    """Raise InputError for numbers that the daemon does not take, or does not take together."""
    for what, given in (("Period", period_us), ("Quota", quota_us)):
        if cpus and given:
            raise InputError(
                f"Conflicting options: Nano CPUs and CPU {what} cannot both be set",
                expected=f"--cpus or --cpu-{what.lower()}",
            )
    if period_us and not MIN_PERIOD_US <= period_us <= MAX_PERIOD_US:
        raise InputError(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
            found=period_us,
            expected=f"{MIN_PERIOD_US} to {MAX_PERIOD_US} microseconds",
        )
    if quota_us and quota_us < MIN_QUOTA_US and quota_us != -1:
        raise InputError(
            "CPU cfs quota can not be less than 1ms (i.e. 1000)",
            found=quota_us,
            expected=f"{MIN_QUOTA_US} microseconds or more, or -1 for no quota",
        )


def stated(
    limits: Limits, cpus: float | None, period_us: int | None, quota_us: int | None, usual_us: float
) -> Limits:
    """``limits`` with what is stated here; None leaves a number, 0 and -1 take it away.

    ``usual_us`` is the kernel's period where none is stated. Raises InputError as ``check`` does,
    and Refused when cores are to be changed where a quota is set, or the other way round.
    """
    check(cpus, period_us, quota_us)
    in_cores = limits.cpus is not None and not limits.cpu_quota_us
    for what, given, before in (
        ("Period", period_us, limits.cpu_period_us),
        ("Quota", quota_us, limits.cpu_quota_us),
    ):
        if cpus and before:
            raise Refused(
                f"Conflicting options: Nano CPUs cannot be updated as CPU {what} "
                "has already been set"
            )
        if given and in_cores:
            raise Refused(
                f"Conflicting options: CPU {what} cannot be updated as NanoCPUs "
                "has already been set"
            )
    if cpus is not None:
        return replace(limits, cpus=cpus or None)
    if period_us is None and quota_us is None:
        return limits
    period = limits.cpu_period_us if period_us is None else period_us
    quota = limits.cpu_quota_us if quota_us is None else max(0, quota_us)
    cores = quota / (period or usual_us) if quota else (limits.cpus if in_cores else None)
    return replace(limits, cpus=cores, cpu_period_us=period, cpu_quota_us=quota)
