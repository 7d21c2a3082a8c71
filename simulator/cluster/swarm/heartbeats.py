"""Heartbeats: how long after a machine is lost the managers notice, and what follows.

Each node says every five seconds, give or take half of one, that it is there; after three times
the period that it was given without a word it is down (swarmkit, ``manager/dispatcher``). The tasks
of a node that stays down are given up after a day.
"""

from __future__ import annotations

from math import floor

from simulator.cluster.swarm.agents.agents import Agents
from simulator.cluster.swarm.agents.seat import Seat
from simulator.cluster.swarm.managers import Managers, uniform
from simulator.cluster.swarm.objects import ORPHANED, RUNNING, Node
from simulator.cluster.swarm.state import State
from simulator.engine.calendar import Entry

EPSILON_S = 0.5
GRACE = 3
ORPHANED_S = 86_400.0
RETURN_S = 1.0
"""From a machine that runs again to an agent that registers: an assumption."""
FAILURE = 'heartbeat failure for node in "unknown" state'


class Heartbeats:
    """Notices that nodes are lost, and that they are back."""

    def __init__(self, state: State, agents: Agents, managers: Managers) -> None:
        self.state = state
        self.agents = agents
        self.managers = managers
        self._due: dict[str, Entry] = {}
        self._orphans: dict[str, Entry] = {}
        managers.elected = self._new_leader

    # --- machines -------------------------------------------------------------------------------

    def machine_changed(self, seat: Seat) -> None:
        """A member's machine is off, or runs again."""
        node = seat.node
        if not seat.up:
            self.agents.machine_down(seat)
            if node.manager:
                self.managers.lost(node)
            self._expect_silence(node)
            return
        seat.missed = False
        if node.manager:
            self.managers.back(node)
        self.state.sim.at(self.state.now + RETURN_S, self._registers, seat)

    def _expect_silence(self, node: Node) -> None:
        if node.id not in self._due and node.ready:
            self._due[node.id] = self.state.at(self._gone_at(node), self._missed, node.id)

    def _gone_at(self, node: Node) -> float:
        """Three periods after the last heartbeat that arrived."""
        now, period = self.state.now, self.state.spec.heartbeat_s
        number = floor((now - node.created) / period)
        beats = [self._beat(node, one) for one in range(max(0, number - 1), number + 2)]
        last, given = max(one for one in beats if one[0] <= now)
        return last + GRACE * given

    def _beat(self, node: Node, number: int) -> tuple[float, float]:
        """When a node's heartbeat arrives, and the period that it is given with the answer."""
        period = self.state.spec.heartbeat_s
        if number <= 0:
            return node.created, period
        draws = self.state.sim.streams.once(f"heartbeat/{node.id}/{number}").standard_normal(2)
        early, given = ((2 * uniform(one) - 1) * EPSILON_S for one in draws)
        return node.created + number * period + early, period + given

    def _missed(self, id_: str) -> None:
        self._due.pop(id_, None)
        node, seat = self.state.nodes.get(id_), self.agents.seats.get(id_)
        if node is None or seat is None or seat.up or not node.ready:
            return
        node.ready = False
        node.down_why = "heartbeat failure"
        self.state.node_changed(node)
        self._orphans[id_] = self.state.at(self.state.now + ORPHANED_S, self._give_up, id_)

    def _give_up(self, id_: str) -> None:
        """Nobody knows what became of its tasks, and nobody waits any longer."""
        self._orphans.pop(id_, None)
        for task in self.state.tasks_on(id_):
            if task.state <= RUNNING:
                self.state.move(task, ORPHANED, task.message)

    def _registers(self, seat: Seat) -> None:
        node = seat.node
        if not seat.up or self.state.nodes.get(node.id) is not node:
            return
        if self.state.leaderless:
            self.state.at(self.state.now, self._registers, seat)
            return
        for table in (self._due, self._orphans):
            entry = table.pop(node.id, None)
            if entry is not None:
                entry.cancel()
        if not node.ready:
            node.ready, node.down_why = True, ""
            self.agents.heard_again(seat)
            self.state.node_changed(node)
        else:
            self.agents.heard_again(seat)

    def _new_leader(self) -> None:
        """A new leader gives all nodes their time to register, and notices those that do not."""
        period = self.state.spec.heartbeat_s
        for id_, seat in self.agents.seats.items():
            if seat.up:
                self.agents.heard_again(seat)
                continue
            before = self._due.pop(id_, None)
            if before is not None:
                before.cancel()
            if seat.node.ready:
                due = self.state.now + GRACE * period
                self._due[id_] = self.state.at(due, self._missed, id_)

    def forget(self, id_: str) -> None:
        """A node is a member no more."""
        for table in (self._due, self._orphans):
            entry = table.pop(id_, None)
            if entry is not None:
                entry.cancel()
