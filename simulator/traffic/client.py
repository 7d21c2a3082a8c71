"""What the clients of a service do when they have waited long enough."""

from __future__ import annotations

import msgspec


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
