"""Fewer nodes, where what is on them finds another place (``planner.go``, ``actuator.go``)."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from msgspec.structs import replace

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler import blockers
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.groups import Group, Provider
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import Settings
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.up import SOURCE, status
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.rows import Row
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.scheduler.trial import Trial
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import EMPTY

DELETING = "ToBeDeletedByClusterAutoscaler"
CANDIDATE = "DeletionCandidateOfClusterAutoscaler"


class Shrinking:
    """Finds nodes that nobody needs, and takes them away when they were unneeded for long."""

    def __init__(
        self, server: Server, scheduler: Scheduler, provider: Provider, settings: Settings
    ) -> None:
        self.server = server
        self.scheduler = scheduler
        self.provider = provider
        self.settings = settings
        self.unneeded: dict[str, float] = {}
        """Since when each node is not needed."""
        self.reasons: dict[str, str] = {}
        """Why each of the others stays."""
        self.blocking: dict[str, Pod] = {}
        """The pods for which they stay, where it is one."""
        self._checked: dict[str, tuple[float, str, Pod]] = {}
        """When a node was found to stay for its pods' sake, why, and for which pod."""
        self.deleted_at = self.failed_at = float("-inf")

    # --- looking ----------------------------------------------------------------------------------

    def look(self, groups: Sequence[Group]) -> None:
        """Which nodes are not needed now."""
        self.reasons, self.blocking = {}, {}
        busy: list[tuple[str, Row]] = []
        found: list[str] = []
        for group in groups:
            for name in group.nodes:
                row = self.scheduler.columns.rows.get(name)
                if row is None or name in group.leaving:
                    continue
                why = self._plain_reason(row)
                if why:
                    self.reasons[name] = why
                elif any(blockers.moves(pod) for pod in row.pods.values()):
                    busy.append((name, row))
                else:
                    found.append(name)
        found += self._movable(busy, found)
        now = self.server.sim.now
        self.unneeded = {name: self.unneeded.get(name, now) for name in found}
        for name in [one for one in self._checked if one in self.unneeded]:
            del self._checked[name]

    def _plain_reason(self, row: Row) -> str:
        """Why a node stays, without asking where its pods would go."""
        why = blockers.of_node(row.node)
        if why:
            return why
        if not row.node.ready and not self.settings.scale_down_unready:
            return "ScaleDownUnreadyDisabled"
        used = utilization(row, self.settings.without_daemons)
        if row.node.ready and used >= self.settings.threshold:
            return "NotUnderutilized"
        for pod in filter(blockers.moves, row.pods.values()):
            why = blockers.of_pod(pod, self.settings, self._has_budget)
            if why:
                self.blocking[row.node.name] = pod
                return why
        checked = self._checked.get(row.node.name)
        if checked is not None and self.server.sim.now - checked[0] < self.settings.recheck_s:
            self.blocking[row.node.name] = checked[2]
            return checked[1]
        return ""

    def _movable(self, busy: list[tuple[str, Row]], empty: list[str]) -> list[str]:
        """Of nodes with pods, those whose pods all find another place, one after the other."""
        leave = set(empty)
        known = [one for one in busy if one[0] in self.unneeded]
        chosen = (known + [one for one in busy if one[0] not in self.unneeded])[
            : self.settings.candidates
        ]
        found: list[str] = []
        with self.scheduler.trial() as trial:
            for name, row in chosen:
                why = self._why_not(trial, row, leave | {name}, found)
                if why:
                    self.reasons[name] = why
                    self._checked[name] = self.server.sim.now, why, self.blocking[name]
                else:
                    found.append(name)
        return found

    def _why_not(self, trial: Trial, row: Row, without: set[str], leaving: list[str]) -> str:
        pods = [pod for pod in row.pods.values() if blockers.moves(pod)]
        broken = self.scheduler.preemption.runs.budgets.broken_by(pods)
        if any(broken):
            self.blocking[row.node.name] = next(
                pod for pod, is_broken in zip(pods, broken, strict=True) if is_broken
            )
            return "NotEnoughPdb"
        mark = trial.mark()
        for pod in pods:
            trial.lift(pod, row.node.name)
            free = replace(pod, node="")
            node = trial.fitting(free, {*without, *leaving})
            if not node:
                self.blocking[row.node.name] = pod
                trial.undo(mark)
                return "NoPlaceToMovePods"
            trial.place(free, node)
        return ""

    def _has_budget(self, pod: Pod) -> bool:
        table = self.server.store.table("PodDisruptionBudget")
        for one in table.namespaces.get(pod.meta.namespace, EMPTY).values():
            selector = getattr(getattr(one, "spec", None), "selector", None)
            if selector is not None and selector.matches(pod.meta.labels):
                return True
        return False

    # --- acting -----------------------------------------------------------------------------------

    def act(self, groups: Sequence[Group], added_at: float) -> None:
        """Take away what was unneeded for long enough, unless something happened just now."""
        now = self.server.sim.now
        for group in groups:
            for name in list(group.leaving):
                self._go_on(group, name)
        if self.pause(added_at)[0]:
            return
        ripe = [name for name, since in self.unneeded.items() if now - since >= self.wait_of(name)]
        self._begin(groups, ripe)

    def pause(self, added_at: float) -> tuple[str, float]:
        """By which flag no node goes now, whatever it is, and for how many seconds more."""
        now, set_ = self.server.sim.now, self.settings
        if not set_.scale_down:
            return "scale-down-enabled=false", inf
        for flag, since, wait in (
            ("scale-down-delay-after-add", added_at, set_.after_add_s),
            ("scale-down-delay-after-delete", self.deleted_at, set_.after_delete_s),
            ("scale-down-delay-after-failure", self.failed_at, set_.after_failure_s),
        ):
            if now - since < wait:
                return flag, wait - (now - since)
        return "", 0.0

    def wait_of(self, name: str) -> float:
        """For how long a node must not be needed before it goes, in seconds."""
        row = self.scheduler.columns.rows[name]
        return self.settings.unneeded_s if row.node.ready else self.settings.unready_s

    def _begin(self, groups: Sequence[Group], ripe: list[str]) -> None:
        drains = sum(len(one.leaving) for one in groups)
        emptied = 0
        for group in groups:
            for name in [one for one in ripe if one in group.nodes]:
                if group.size <= group.spec.least:
                    self.reasons[name] = "NodeGroupMinSizeReached"
                    continue
                pods = self.scheduler.columns.rows[name].pods.values()
                if any(blockers.moves(pod) for pod in pods):
                    if drains >= self.settings.drains_at_once or emptied:
                        continue
                    drains += 1
                    self._drain(group, name)
                elif emptied < self.settings.empty_at_once:
                    emptied += 1
                    self._mark(group, name)
                    self._note("ScaleDownEmpty", f'Scale-down: removing empty node "{name}"')
                    self._remove(group, name)

    def _mark(self, group: Group, name: str) -> Node | None:
        group.leaving[name] = self.server.sim.now
        self.unneeded.pop(name, None)
        node = self.server.store.get(Node, "", name)
        if node is None:
            return None
        taint = Taint(DELETING, "NoSchedule", str(round(self.server.sim.now)))
        spec = replace(node.spec, taints=(*node.spec.taints, taint))
        node = self.server.store.put(replace(node, spec=spec))
        text = "marked the node as toBeDeleted/unschedulable"
        self.server.recorder.event(node, "Normal", "ScaleDown", text, SOURCE)
        return node

    def _drain(self, group: Group, name: str) -> None:
        self._mark(group, name)
        rows = self.scheduler.columns.rows[name]
        for pod in [one for one in rows.pods.values() if blockers.moves(one)]:
            text = "deleting pod for node scale down"
            self.server.recorder.event(pod, "Normal", "ScaleDown", text, SOURCE)
            own = float(pod.spec.termination_grace_period_seconds)
            self.server.delete(pod, min(own, self.settings.graceful_s))

    def _go_on(self, group: Group, name: str) -> None:
        """A node that is drained goes when its pods have gone."""
        row = self.scheduler.columns.rows.get(name)
        here = [] if row is None else [one for one in row.pods.values() if one.deleting]
        late = self.server.sim.now - group.leaving[name] > self.settings.graceful_s + 60.0
        if here and not late:
            return
        self._note("ScaleDown", f'Scale-down: node "{name}" removed with drain')
        self._remove(group, name)

    def _remove(self, group: Group, name: str) -> None:
        row = self.scheduler.columns.rows.get(name)
        for pod in list(row.pods.values()) if row is not None else ():
            self.server.delete(pod, 0.0)
        self.deleted_at = self.server.sim.now
        group.gone(name)
        node = self.server.store.get(Node, "", name)
        self.provider.remove(name)
        if node is not None:
            self.server.delete(node)

    def _note(self, reason: str, text: str) -> None:
        self.server.recorder.note(status(reason, text), "Normal", SOURCE)


def utilization(row: Row, without_daemons: bool = False) -> float:
    """What pods ask for of a node: CPU or memory, whichever is the larger part."""
    had, cpu, memory = row.node.status.allocatable, row.cpu, row.memory
    for pod in row.pods.values() if without_daemons else ():
        owner = pod.meta.controller
        if owner is not None and owner.kind == "DaemonSet":
            cpu, memory = cpu - pod.requests.cpu_millis, memory - pod.requests.memory_bytes
    part = cpu / had.cpu_millis if had.cpu_millis else 0.0
    return max(part, memory / had.memory_bytes if had.memory_bytes else 0.0)
