"""What the clients of a service do when they have waited long enough."""

from __future__ import annotations

import math

import msgspec

from simulator.errors import InputError


class ClientPolicy(msgspec.Struct, frozen=True):
    """Patience and persistence of the clients of one service.

    A client gives up ``timeout_s`` after it sent a request (the server goes on working on it).
    After a failure it tries again up to ``retries`` times, waiting ``backoff_s * 2**k`` (at most
    ``backoff_max_s``), times a factor drawn from [1 - jitter, 1]. ``retry_budget`` limits retries
    to that share of the first attempts (a token bucket, as in gRPC and Finagle); None is no limit.
    """

    timeout_s: float | None = None
    retries: int = 0
    backoff_s: float = 0.1
    backoff_max_s: float = 10.0
    jitter: float = 0.0
    retry_budget: float | None = None

    def check(self) -> None:
        """Raise InputError for a number that means nothing."""
        _within("timeout", 0.0 if self.timeout_s is None else self.timeout_s, 0.0, math.inf)
        if self.timeout_s == 0:
            raise InputError("timeout", found=self.timeout_s, expected="more than 0")
        _within("retries", self.retries, 0, 1_000_000)
        _within("back-off", self.backoff_s, 0.0, math.inf)
        _within("longest back-off", self.backoff_max_s, 0.0, math.inf)
        _within("jitter", self.jitter, 0.0, 1.0)
        if self.retry_budget is not None:
            _within("retry budget", self.retry_budget, 0.0, math.inf)


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high or math.isinf(value):
        raise InputError(
            f"{what} out of range", found=value, expected=f"{low:g} to {high:g}, and finite"
        )
