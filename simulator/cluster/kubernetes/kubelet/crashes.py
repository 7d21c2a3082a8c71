"""How long a container that ended waits for its next start (kubelet, ``MaxContainerBackOff``)."""

from __future__ import annotations

FIRST_S, MOST_S = 10.0, 300.0
RESET_S = 600.0
"""A run this long makes the back-off begin again."""


def next_wait_s(before_s: float, restarts: int, ran_s: float) -> float:
    """Seconds until the next start, after a run of ``ran_s``.

    ``before_s``: what it waited for the run that ended. The first restart comes at once and does
    not count.
    """
    if restarts == 0:
        return 0.0
    if before_s == 0.0 or ran_s >= RESET_S:
        return FIRST_S
    return min(MOST_S, 2 * before_s)
