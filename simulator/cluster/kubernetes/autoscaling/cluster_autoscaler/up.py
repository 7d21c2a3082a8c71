"""More nodes for pods that fit nowhere (``orchestrator.go``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from simulator.cluster.columns import drawn
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.expanders import Option, best
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.groups import Group, Provider
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.packing import (
    HOSTNAME,
    Alike,
    alike,
    estimate,
)
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import Settings
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.recorder import About
from simulator.cluster.kubernetes.scheduler.scheduler import Scheduler
from simulator.cluster.kubernetes.server.server import Server

SOURCE = "cluster-autoscaler"
AT_MOST = "max node group size reached"
IN_BACKOFF = "in backoff after failed scale-up"


class Growth(msgspec.Struct, frozen=True):
    """One decision: what could have grown, what did, and why the others did not."""

    time: float
    pending: int
    options: tuple[Option, ...] = ()
    chosen: str = ""
    nodes: int = 0
    reasons: Mapping[str, tuple[str, ...]] = {}
    """By pod that no group helps: the reason of each group."""


def status(reason: str, text: str) -> About:
    """What an event about the autoscaler itself is about: the map that it keeps its state in."""
    return "ConfigMap", "kube-system", "cluster-autoscaler-status", "", reason, text


class Growing:
    """Orders nodes."""

    def __init__(
        self, server: Server, scheduler: Scheduler, provider: Provider, settings: Settings
    ) -> None:
        self.server = server
        self.scheduler = scheduler
        self.provider = provider
        self.settings = settings
        self.decisions = 0

    def decide(self, pods: Sequence[Pod], groups: Sequence[Group]) -> Growth:
        """Order nodes for pods that wait, or say why none would help."""
        now = self.server.sim.now
        waiting = self._still_waiting(alike(pods), groups)
        if not waiting:
            return Growth(now, len(pods))
        options, reasons = self._options(waiting, groups)
        helpless = {
            index: tuple(each) for index, each in reasons.items() if len(each) == len(groups)
        }
        chosen = self._grow(options, groups) if options else None
        for index, why in helpless.items():
            self._tell(waiting[index].pods, why)
        said = {pod.name: why for index, why in helpless.items() for pod in waiting[index].pods[:1]}
        if chosen is None:
            return Growth(now, len(pods), reasons=said)
        return Growth(
            now, len(pods), tuple(options), chosen.group.name, chosen.estimate.nodes, said
        )

    # --- who waits in vain ------------------------------------------------------------------------

    def _still_waiting(self, pods: list[Alike], groups: Sequence[Group]) -> list[Alike]:
        """Without those for whom there is room already, or will be on nodes that were ordered."""
        with self.scheduler.trial() as trial:
            for group in groups:
                for name in group.coming:
                    trial.add_node(_named(group.spec.template, name))
            found = []
            for each in pods:
                left = list(each.pods)
                while left:
                    node = trial.fitting(left[0])
                    if not node:
                        found.append(Alike(tuple(left)))
                        break
                    trial.place(left.pop(0), node)
        return found

    # --- what would help --------------------------------------------------------------------------

    def _options(
        self, waiting: list[Alike], groups: Sequence[Group]
    ) -> tuple[list[Option], dict[int, list[str]]]:
        options: list[Option] = []
        reasons: dict[int, list[str]] = {index: [] for index in range(len(waiting))}
        for group in groups:
            skipped = self._skipped(group)
            refused = [skipped] * len(waiting) if skipped else self._refusals(waiting, group)
            helped = []
            for index, why in enumerate(refused):
                if why:
                    reasons[index].append(why)
                else:
                    helped.append(waiting[index])
            if helped:
                options += self._option(helped, group)
        return options, reasons

    def _skipped(self, group: Group) -> str:
        if group.size >= group.spec.most:
            return AT_MOST
        return IN_BACKOFF if self.server.sim.now < group.backoff_until else ""

    def _refusals(self, waiting: list[Alike], group: Group) -> list[str]:
        """What an empty node of a group says to each; nothing: it takes them."""
        with self.scheduler.trial() as trial:
            node = _template(group)
            trial.add_node(node)
            for pod in self._daemons(group):
                trial.place(_copy(pod, node.name), node.name)
            found = [trial.refusal(each.sample, node.name) for each in waiting]
        return ["" if one is None else ", ".join(one.reasons) for one in found]

    def _option(self, waiting: list[Alike], group: Group) -> list[Option]:
        with self.scheduler.trial() as trial:
            most = group.spec.most - group.size
            names = [row.node.name for row in self.scheduler.columns.order]
            found = estimate(
                trial, _template(group), waiting, most, self._daemons(group), existing=names
            )
        return [Option(group.spec, found)] if found.pods else []

    def _daemons(self, group: Group) -> list[Pod]:
        """Pods that each node of a group has, as the first one that is there has them."""
        for name in group.nodes:
            row = self.scheduler.columns.rows.get(name)
            if row is not None:
                return [pod for pod in row.pods.values() if of_daemon_set(pod)]
        return []

    # --- growing ----------------------------------------------------------------------------------

    def _grow(self, options: list[Option], groups: Sequence[Group]) -> Option:
        self.decisions += 1
        seed, number = self.scheduler.cycle.seed, self.decisions
        chosen = best(options, self.settings.expander, lambda n: drawn(seed, number, n))
        group = next(one for one in groups if one.spec.name == chosen.group.name)
        before, now = group.size, self.server.sim.now
        for _ in range(chosen.estimate.nodes):
            group.coming[self.provider.order(group.spec.name)] = now
        name, most = group.spec.name, group.spec.most
        said = f"[{{{name} {before}->{group.size} (max: {most})}}]"
        for pod in chosen.estimate.pods:
            self._event(pod, "TriggeredScaleUp", f"pod triggered scale-up: {said}")
        about = f"group {name} size set to {group.size} instead of {before} (max: {most})"
        self.server.recorder.note(status("ScaledUpGroup", f"Scale-up: {about}"), "Normal", SOURCE)
        return chosen

    def _tell(self, pods: Sequence[Pod], why: tuple[str, ...]) -> None:
        counted: dict[str, int] = {}
        for one in why:
            counted[one] = counted.get(one, 0) + 1
        text = ", ".join(f"{count} {reason}" for reason, count in counted.items())
        for pod in pods:
            self._event(pod, "NotTriggerScaleUp", f"pod didn't trigger scale-up: {text}")

    def _event(self, pod: Pod, reason: str, text: str) -> None:
        self.server.recorder.event(pod, "Normal", reason, text, SOURCE)


def of_daemon_set(pod: Pod) -> bool:
    """Whether a pod comes with its node, and goes with it."""
    owner = pod.meta.controller
    return owner is not None and owner.kind == "DaemonSet"


def _template(group: Group) -> Node:
    return _named(group.spec.template, f"template-node-for-{group.spec.name}")


def _named(node: Node, name: str) -> Node:
    labels = {**node.meta.labels, HOSTNAME: name}
    return replace(node, meta=replace(node.meta, name=name, labels=labels, uid=name))


def _copy(pod: Pod, node: str) -> Pod:
    return replace(pod, meta=replace(pod.meta, uid=f"{pod.meta.uid}/{node}"))
