"""Managers: who of them is there, who leads, and what is left of a swarm that nobody leads.

Managers agree by Raft: more than half of them must be there for anything to change. When a leader
is lost, the first of the others whose patience is over is elected (etcd/raft: an election after 10
to 20 ticks of a second without a word, drawn by each for itself).
"""

from __future__ import annotations

from statistics import NormalDist

from simulator.cluster.swarm.objects import Node
from simulator.cluster.swarm.state import State
from simulator.engine.calendar import Entry
from simulator.errors import Refused

TICK_S = 1.0
ELECTION_TICKS = 10
NO_LEADER = (
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few "
    "managers are online. Make sure more than half of the managers are online."
)


class NoLeader(Refused):
    """A swarm that nobody leads takes no orders."""

    def __init__(self) -> None:
        super().__init__(NO_LEADER)


class Managers:
    """The managers of one swarm."""

    def __init__(self, state: State, seed: int) -> None:
        self.state = state
        self.seed = seed
        self.leader = ""
        """Identity of the node that leads; nothing: none does."""
        self.down: dict[str, None] = {}
        """Managers whose machines nobody reaches."""
        self.terms = 1
        self._election: Entry | None = None
        self.elected = _nobody
        """Told when there is a leader again."""

    def members(self) -> list[Node]:
        """All managers, in the order in which they joined."""
        return [one for one in self.state.nodes.values() if one.manager]

    def reachable(self) -> list[Node]:
        """Those that are there."""
        return [one for one in self.members() if one.id not in self.down]

    @property
    def quorum(self) -> int:
        """So many must be there."""
        return len(self.members()) // 2 + 1

    @property
    def has_quorum(self) -> bool:
        """Whether enough are there to decide anything."""
        return len(self.reachable()) >= self.quorum

    def need_leader(self) -> None:
        """Refused where nobody leads."""
        if self.state.leaderless:
            raise NoLeader

    # --- who is there ---------------------------------------------------------------------------

    def first(self, node: Node) -> None:
        """The swarm begins with its first manager, which leads."""
        self.leader = node.id

    def lost(self, node: Node) -> None:
        """Nobody reaches a manager any more."""
        self.down[node.id] = None
        node.reachable = False
        self._look()

    def back(self, node: Node) -> None:
        """A manager is there again."""
        self.down.pop(node.id, None)
        node.reachable = True
        self._look()

    def changed(self) -> None:
        """Somebody became a manager, or is none any more: a leader that is demoted hands over to
        another first (swarmkit, ``manager/role_manager.go``)."""
        if self.leader and self.has_quorum and self._is_demoted(self.leader):
            self.terms += 1
            self.leader = self.reachable()[0].id
            self.elected()
        self._look()

    def _is_demoted(self, id_: str) -> bool:
        known = self.state.nodes.get(id_)
        return known is not None and not known.manager and id_ not in self.down

    def _look(self) -> None:
        there = [one.id for one in self.reachable()]
        if self.leader in there and self.has_quorum:
            return
        if self.leader:
            self.leader = ""
            self.state.leaderless = True
        if self._election is not None:
            self._election.cancel()
            self._election = None
        if self.has_quorum:
            wait = min(self._patience_s(one) for one in self.reachable())
            self._election = self.state.sim.at(self.state.now + wait, self._elect)

    def _patience_s(self, node: Node) -> float:
        """A manager's own time-out in this term: 10 to 20 s, drawn by itself."""
        name = f"raft/{self.state.id}/{node.id}/{self.terms}"
        draw = self.state.sim.streams.once(name).standard_normal(1)[0]
        share = uniform(draw)
        return TICK_S * ELECTION_TICKS * (1.0 + share)

    def _elect(self) -> None:
        self._election = None
        if not self.has_quorum:
            return
        winner = min(self.reachable(), key=lambda one: (self._patience_s(one), one.created))
        self.terms += 1
        self.leader = winner.id
        self.state.lead_again()
        self.elected()

    def force(self, node: Node) -> None:
        """A manager makes a swarm of itself alone: the others are no managers any more."""
        if self._election is not None:
            self._election.cancel()
            self._election = None
        self.terms += 1
        self.leader = node.id
        self.down.pop(node.id, None)
        self.state.lead_again()
        self.elected()


def uniform(draw: float) -> float:
    """A draw from the standard normal distribution as one between 0 and 1."""
    return NormalDist().cdf(draw)


def _nobody() -> None:
    """Nobody wants to know."""
