"""The cluster autoscaler: every ten seconds, while there are groups that it may change."""

from __future__ import annotations

from math import floor

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.down import Shrinking
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.groups import Group, Provider
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import (
    GroupSpec,
    Settings,
)
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.up import (
    SOURCE,
    Growing,
    Growth,
    status,
)
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.server.server import Server


class ClusterAutoscaler:
    """Grows and shrinks groups of nodes."""

    def __init__(
        self, server: Server, scheduler: Scheduler, provider: Provider, settings: Settings
    ) -> None:
        self.server = server
        self.sim = server.sim
        self.provider = provider
        self.settings = settings
        self.groups: dict[str, Group] = {}
        self.growing = Growing(server, scheduler, provider, settings)
        self.shrinking = Shrinking(server, scheduler, provider, settings)
        self.last: Growth | None = None
        """The last decision about pods that waited."""
        self.added_at = float("-inf")
        self._waiting: dict[Key, Pod] = {}
        self._running = False
        server.store.watch(Pod, self._pod_changed)
        server.store.watch(Node, self._node_changed)
        for pod in server.store.all(Pod):
            self._pod_changed(None, pod)

    def add_group(self, spec: GroupSpec, members: tuple[str, ...] = ()) -> Group:
        """From now on a group may change; some of its nodes may be there already."""
        before = self.groups.get(spec.name)
        group = self.groups[spec.name] = Group(spec)
        if before is not None:
            group.coming, group.leaving = before.coming, before.leaving
        for name in members:
            group.nodes[name] = self.sim.now
        if not self._running:
            self._running = True
            period = self.settings.scan_s
            self.sim.at((floor(self.sim.now / period + 1e-9) + 1) * period, self._scan)
        return group

    def set(self, settings: Settings) -> None:
        """From now on it is set so."""
        self.settings = self.growing.settings = self.shrinking.settings = settings

    # --- what changes -----------------------------------------------------------------------------

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and self._waits(new):
            self._waiting[new.key] = new
        elif self._waiting:
            pod = new if new is not None else old
            if pod is not None:
                self._waiting.pop(pod.key, None)

    def _waits(self, pod: Pod) -> bool:
        """Whether a pod fits nowhere, is worth a node, and nobody makes room for it."""
        status = pod.status
        return (
            not pod.node
            and status.unschedulable_reason == "Unschedulable"
            and not status.nominated_node
            and not pod.deleting
            and not status.over
            and pod.priority >= self.settings.expendable_below
        )

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            if old is not None:
                for group in self.groups.values():
                    group.gone(old.name)
        elif old is None:
            for group in self.groups.values():
                if new.name in group.coming:
                    group.came(new.name, self.sim.now)

    # --- scanning ---------------------------------------------------------------------------------

    def _scan(self) -> None:
        self._running = bool(self.groups)
        if not self._running:
            return
        self.sim.at(self.sim.now + self.settings.scan_s, self._scan)
        groups = list(self.groups.values())
        if self.unhealthy():
            self.shrinking.unneeded = {}
            about = status("ClusterUnhealthy", "Cluster is unhealthy")
            self.server.recorder.note(about, "Warning", SOURCE)
            return
        for group in groups:
            self._give_up(group)
        grown = self._fill_up(groups)
        if self._waiting:
            self.last = self.growing.decide(list(self._waiting.values()), groups)
            grown = grown or bool(self.last.chosen)
        self.shrinking.look(groups)
        if grown:
            self.added_at = self.sim.now
        else:
            self.shrinking.act(groups, self.added_at)

    def unhealthy(self) -> bool:
        """Whether so many nodes are not ready that nothing is done (``IsClusterHealthy``)."""
        nodes = [row.node for row in self.growing.scheduler.columns.rows.values()]
        unready = sum(not one.ready for one in nodes)
        set_ = self.settings
        return unready > set_.unready_is_fine and unready > set_.most_unready * len(nodes)

    def _fill_up(self, groups: list[Group]) -> bool:
        """Groups that have fewer nodes than they are to have at least."""
        grown = False
        for group in groups:
            while group.size < group.spec.least and self.sim.now >= group.backoff_until:
                group.coming[self.provider.order(group.spec.name)] = self.sim.now
                grown = True
        return grown

    def _give_up(self, group: Group) -> None:
        """Nodes that did not come in time are not waited for, and the group is left alone."""
        limit = self.settings.provision_s
        late = [name for name, since in group.coming.items() if self.sim.now - since >= limit]
        if not late:
            return
        for name in late:
            del group.coming[name]
            self.provider.give_up(name)
        group.failed(self.sim.now, self.settings)
        self.shrinking.failed_at = self.sim.now
        text = f"Nodes added to group {group.spec.name} failed to register within {_span(limit)}"
        self.server.recorder.note(status("ScaleUpTimedOut", text), "Warning", SOURCE)


def _span(seconds: float) -> str:
    """As Go prints a duration: ``15m0s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
