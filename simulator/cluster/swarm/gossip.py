"""Gossip between nodes: how they learn of each other's tasks, and that a node is gone.

Each node asks another one every second, and whom it gets no answer of, it suspects; a suspect that
says nothing is dead after a while, and what it told the others of its tasks is void (moby,
``libnetwork/networkdb``, on hashicorp/memberlist's ``DefaultLANConfig``). Managers have no part in
that, and notice later: by heartbeats.
"""

from __future__ import annotations

from math import log10

HEARD_S = 0.1
"""Until all nodes have heard of a task that came or went: an assumption for few machines, of which
each tells three others every 0.2 s."""
PROBE_S = 1.0
"""From one question to the next, and how long an answer is waited for."""
SUSPICION = 4
"""For how many such periods a suspect is waited for, among up to ten nodes."""


def missed_s(nodes: int, share: float) -> float:
    """Seconds from the loss of a node until no other one sends anything to it.

    ``share``: of a period, until somebody asks it next, 0 to 1.
    """
    scale = max(1.0, log10(max(1, nodes)))
    return (share + 1 + SUSPICION * scale) * PROBE_S
