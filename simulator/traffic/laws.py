"""The law of a server's work: how the CPU time of its requests is spread around the mean."""

from __future__ import annotations

from simulator.errors import InputError, nearest
from simulator.machine.workload import Workload
from simulator.traffic.distributions import Distribution, Mixture, parse_distribution

MIXED = ("exponential", "constant")
"""Laws that the classes of a mix may have: each takes one random number a value."""


def law_of(workload: Workload) -> Distribution:
    """Work of a request in units of the mean; InputError for a law that there is not."""
    if not workload.mix:
        return parse_distribution(workload.dist, 1.0)
    if workload.dist not in MIXED:
        raise InputError(
            "law of the classes of a mix",
            found=workload.dist,
            expected=" or ".join(MIXED),
            nearest=nearest(workload.dist, MIXED),
        )
    shares = tuple(share for share, _ in workload.mix)
    means = tuple(mean / workload.cpu_s for _, mean in workload.mix)
    return Mixture(shares, means, workload.dist == "exponential")
