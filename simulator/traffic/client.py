"""What the clients of a service do when they have waited long enough."""

from __future__ import annotations

import math

import msgspec

from simulator.errors import InputError

MOST_PARTS = 10_000
"""Parts of one request."""


class ClientPolicy(msgspec.Struct, frozen=True):
    """Patience and persistence of the clients of one service.

    A client gives up ``timeout_s`` after it sent a request (the server goes on working on it).
    After a failure it tries again up to ``retries`` times, waiting ``backoff_s * 2**k`` (at most
    ``backoff_max_s``), times a factor drawn from [1 - jitter, 1]. ``retry_budget`` limits retries
    to that share of the first attempts (a token bucket, as in gRPC and Finagle); None is no limit.

    Each request goes to ``fan_out`` endpoints (None: to one, or to none where others are called)
    and to one endpoint of each service in ``calls``; it is answered when all of them have answered,
    or ``quorum`` of them. What has no answer after ``hedge_s`` is sent once more, to another
    endpoint. With ``cancel``, what nobody waits for any more is withdrawn from its server.
    Clients keep the addresses of the endpoints for ``dns_ttl_s``; 0: they ask a balancer.
    A connection carries ``keepalive`` requests, one after the other.
    """

    timeout_s: float | None = None
    retries: int = 0
    backoff_s: float = 0.1
    backoff_max_s: float = 10.0
    jitter: float = 0.0
    retry_budget: float | None = None
    fan_out: int | None = None
    quorum: int | None = None
    calls: tuple[str, ...] = ()
    hedge_s: float | None = None
    cancel: bool = False
    dns_ttl_s: float = 0.0
    keepalive: int = 1

    @property
    def asked(self) -> int:
        """Endpoints of the service itself that a request goes to."""
        return (0 if self.calls else 1) if self.fan_out is None else self.fan_out

    @property
    def in_parts(self) -> bool:
        """Whether requests have parts or copies that somebody must keep together."""
        return self.asked != 1 or bool(self.calls) or self.hedge_s is not None or self.cancel

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
        _within("fan-out", self.asked, 0 if self.calls else 1, MOST_PARTS)
        if self.quorum is not None:
            _within("quorum", self.quorum, 1, self.asked + len(self.calls))
        _within("lifetime of addresses", self.dns_ttl_s, 0.0, math.inf)
        _within("requests a connection", self.keepalive, 1, 1_000_000_000)
        if self.hedge_s is not None:
            _within("hedging delay", self.hedge_s, 0.0, math.inf)


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high or math.isinf(value):
        raise InputError(
            f"{what} out of range", found=value, expected=f"{low:g} to {high:g}, and finite"
        )
