"""Programs in words, read whole: what a machine runs, and the law of the work in requests."""

from __future__ import annotations

from simulator.machine.workload import Workload, parse_workload
from simulator.traffic.laws import law_of


def read_program(text: str) -> Workload:
    """The workload of ``server cpu=20ms dist=lognormal:2``; InputError for any word of it.

    The law is of the traffic, which machines know nothing of; it is read here so that a wrong one
    is told where it was typed, and not when the first request comes.
    """
    workload = parse_workload(text)
    law_of(workload)
    return workload
