"""The HorizontalPodAutoscaler's controller: every 15 seconds, each one by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import floor, nan
from typing import Any

import msgspec

from simulator.cluster.kubernetes.autoscaling import behavior, saying
from simulator.cluster.kubernetes.autoscaling.behavior import Change
from simulator.cluster.kubernetes.autoscaling.metrics import Metrics
from simulator.cluster.kubernetes.autoscaling.replicas import Wish
from simulator.cluster.kubernetes.autoscaling.rules import rules_of, tolerance_of, windows
from simulator.cluster.kubernetes.autoscaling.sources import Sources
from simulator.cluster.kubernetes.autoscaling.wishes import Unknown, Wishes
from simulator.cluster.kubernetes.controllers.conditions import set_condition
from simulator.cluster.kubernetes.objects.autoscaling import (
    AutoscalerStatus,
    HorizontalPodAutoscaler,
)
from simulator.cluster.kubernetes.objects.meta import Condition, Key
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.server import ownership
from simulator.cluster.kubernetes.server.scaling import with_replicas
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.traffic.routes import Routes

MANAGER = "kube-controller-manager"
SOURCE = "horizontal-pod-autoscaler"
SYNC_S = 15.0
"""kube-controller-manager, ``--horizontal-pod-autoscaler-sync-period``."""
TURNS = 120
"""Looks that are remembered for who wants to see them: half an hour."""


class Trace(msgspec.Struct, frozen=True):
    """One decision, as it came about."""

    time: float
    current: int
    wishes: tuple[tuple[str, Wish], ...]
    """Each metric that could be read, with what it asked for."""
    failed: tuple[tuple[str, str], ...]
    desired: int
    """The largest wish."""
    stabilized: int
    result: int
    limit: str
    """Which limit held it: ``ScaleUpLimit``, ``TooManyReplicas`` …"""


class Turn(msgspec.Struct, frozen=True, gc=False):
    """One look of an autoscaler: how many there were and are to be, and the ratio of the metric
    that it went by to its target; nan where none could be had."""

    time: float
    current: int
    result: int
    ratio: float


class Memory:
    """What an autoscaler remembers between its decisions."""

    def __init__(self, now: float, replicas: int) -> None:
        self.wishes = [(now, replicas)]
        """The first is what it found: it does not go below that before the window is over."""
        self.ups: list[Change] = []
        self.downs: list[Change] = []
        self.trace: Trace | None = None
        self.turns: deque[Turn] = deque(maxlen=TURNS)
        """The last looks, oldest first."""

    def turn(self, now: float, current: int, result: int) -> None:
        """It has looked, and this came of it."""
        trace = self.trace
        ratio = nan
        if trace is not None and trace.time == now and trace.wishes:
            ratio = max((wish for _, wish in trace.wishes), key=lambda each: each.replicas).ratio
        self.turns.append(Turn(now, current, result, ratio))


class Autoscalers:
    """All HorizontalPodAutoscalers of a cluster."""

    def __init__(
        self, server: Server, metrics: Metrics, routes: Routes, sources: Sources, profile: Profile
    ) -> None:
        self.server = server
        self.sim = server.sim
        self.wishes = Wishes(server.store, metrics, routes, sources, server.sim.clock, profile)
        self.memories: dict[Key, Memory] = {}
        self.by_distance = not profile.hpa_own_tolerance
        self._running = False
        server.store.watch(HorizontalPodAutoscaler, self._changed)

    def _changed(
        self, old: HorizontalPodAutoscaler | None, new: HorizontalPodAutoscaler | None
    ) -> None:
        if new is None and old is not None:
            self.memories.pop(old.key, None)
        elif new is not None and old is None and not self._running:
            self._running = True
            self.sim.at((floor(self.sim.now / SYNC_S + 1e-9) + 1) * SYNC_S, self._sync_all)

    def _sync_all(self) -> None:
        """Once a period, while there is any."""
        every = list(self.server.store.all(HorizontalPodAutoscaler))
        for one in every:
            self.sync(one)
        self._running = bool(every)
        if self._running:
            self.sim.at(self.sim.now + SYNC_S, self._sync_all)

    # --- one of them ------------------------------------------------------------------------------

    def sync(self, one: HorizontalPodAutoscaler) -> None:
        """Decide, scale, and say why."""
        target = one.spec.scale_target_ref
        scaled: Any = self.server.store.find(target.kind, one.namespace, target.name)
        if scaled is None or not hasattr(getattr(scaled, "spec", None), "replicas"):
            self._no_target(one)
            return
        now, current = self.sim.now, scaled.spec.replicas
        memory = self.memories.get(one.key)
        if memory is None:
            memory = self.memories[one.key] = Memory(now, current)
        conditions = set_condition(
            one.status.conditions, "AbleToScale", "True", "SucceededGetScale",
            "the HPA controller was able to get the target's current scale", now,
        )  # fmt: skip
        if current == 0 and one.spec.min_replicas != 0:
            conditions = set_condition(
                conditions, "ScalingActive", "False", "ScalingDisabled",
                "scaling is disabled since the replica count of the target is zero", now,
            )  # fmt: skip
            self._tell(one, current, current, conditions, one.status.current)
            return
        if not one.spec.min_replicas <= current <= one.spec.max_replicas:
            self._back_into_bounds(one, scaled, memory, conditions)
            return
        self._decide(one, scaled, memory, conditions)

    def _back_into_bounds(
        self, one: HorizontalPodAutoscaler, scaled: Any, memory: Memory,
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        current = scaled.spec.replicas
        if current > one.spec.max_replicas:
            wanted = one.spec.max_replicas
            reason = "Current number of replicas above Spec.MaxReplicas"
        else:
            wanted = one.spec.min_replicas
            reason = "Current number of replicas below Spec.MinReplicas"
        self._rescale(one, scaled, wanted, reason, memory)
        self._tell(one, current, wanted, saying.rescaled(conditions, wanted, self.sim.now),
                   one.status.current, scaled=True)  # fmt: skip

    def _decide(
        self, one: HorizontalPodAutoscaler, scaled: Any, memory: Memory,
        conditions: tuple[Condition, ...],
    ) -> None:  # fmt: skip
        now, current = self.sim.now, scaled.spec.replicas
        found, failed, shown = self._ask(one, scaled, current)
        if failed:
            self._tell_failures(one, failed)
        blind = not found or (bool(failed) and max(wish.replicas for _, wish, _ in found) < current)
        if blind:
            first = failed[0][1] if failed else None
            reason = first.reason if first is not None else "InvalidMetricSourceType"
            text = (
                f"the HPA was unable to compute the replica count: {first}"
                if first is not None
                else "no metrics"
            )
            conditions = set_condition(conditions, "ScalingActive", "False", reason, text, now)
            if not found:
                self._tell(one, current, current, conditions, shown)
                return
            self._tell(one, current, current, conditions, shown)
            return
        name, best, _ = max(found, key=lambda each: each[1].replicas)
        conditions = set_condition(
            conditions, "ScalingActive", "True", "ValidMetricFound",
            f"the HPA was able to successfully calculate a replica count from {name}", now,
        )  # fmt: skip
        self._limit(one, scaled, memory, conditions, best.replicas, name,
                    tuple((each, wish) for each, wish, _ in found),
                    tuple((each, str(why)) for each, why in failed), shown)  # fmt: skip

    def _ask(
        self, one: HorizontalPodAutoscaler, scaled: Any, current: int
    ) -> tuple[list[tuple[str, Wish, str]], list[tuple[str, Unknown]], tuple[str, ...]]:
        found, failed, shown = [], [], []
        tolerance = tolerance_of(one, by_distance=self.by_distance)
        for metric in one.spec.metrics:
            try:
                found.append(self.wishes.of(one, scaled, metric, current, tolerance))
                shown.append(found[-1][2])
            except Unknown as why:
                failed.append((metric.type, why))
                shown.append("")
        return found, failed, tuple(shown)

    def _limit(
        self, one: HorizontalPodAutoscaler, scaled: Any, memory: Memory,
        conditions: tuple[Condition, ...], desired: int, name: str,
        wishes: tuple[tuple[str, Wish], ...], failed: tuple[tuple[str, str], ...],
        shown: tuple[str, ...],
    ) -> None:  # fmt: skip
        now, current = self.sim.now, scaled.spec.replicas
        rules = rules_of(one)
        stable = behavior.stabilized(current, desired, memory.wishes, windows(rules), now)
        memory.wishes.append((now, desired))
        oldest = now - behavior.age_limit(rules)
        memory.wishes = [each for each in memory.wishes if each[0] > oldest]
        if one.spec.behavior is None:
            got = behavior.plain(current, stable, one.spec.min_replicas, one.spec.max_replicas)
        else:
            got = behavior.limited(
                current, stable, one.spec.min_replicas, one.spec.max_replicas, rules,
                memory.ups, memory.downs, now,
            )  # fmt: skip
        memory.trace = Trace(
            now, current, wishes, failed, desired, stable, got.replicas, got.condition
        )
        conditions = saying.decided(conditions, stable, desired, got, now)
        if got.replicas != current:
            reason = f"{name} above target"
            if got.replicas < current:
                reason = "All metrics below target"
            self._rescale(one, scaled, got.replicas, reason, memory)
            conditions = saying.rescaled(conditions, got.replicas, now)
        self._tell(one, current, got.replicas, conditions, shown, scaled=got.replicas != current)

    # --- what follows -----------------------------------------------------------------------------

    def _rescale(
        self, one: HorizontalPodAutoscaler, scaled: Any, wanted: int, reason: str, memory: Memory
    ) -> None:
        by = wanted - scaled.spec.replicas
        after = with_replicas(scaled, wanted)
        self.server.update(ownership.scaled(scaled, after, MANAGER, self.sim.now))
        text = f"New size: {wanted}; reason: {reason}"
        self.server.recorder.event(one, "Normal", "SuccessfulRescale", text, SOURCE)
        now, kept = self.sim.now, behavior.age_limit(rules_of(one))
        (memory.ups if by > 0 else memory.downs).append(Change(abs(by), now))
        memory.ups = [each for each in memory.ups if each.time > now - kept]
        memory.downs = [each for each in memory.downs if each.time > now - kept]

    def _tell_failures(
        self, one: HorizontalPodAutoscaler, failed: list[tuple[str, Unknown]]
    ) -> None:
        event: Callable[..., None] = self.server.recorder.event
        for _, why in failed:
            event(one, "Warning", why.reason, str(why), SOURCE)
        count = len(one.spec.metrics)
        text = f"invalid metrics ({len(failed)} invalid out of {count}), first error is: "
        event(one, "Warning", "FailedComputeMetricsReplicas", f"{text}{failed[0][1]}", SOURCE)

    def _no_target(self, one: HorizontalPodAutoscaler) -> None:
        target = one.spec.scale_target_ref
        word = f"{target.kind.lower()}s" + (
            f".{target.api_version.partition('/')[0]}" if "/" in target.api_version else ""
        )
        text = f'{word} "{target.name}" not found'
        self.server.recorder.event(one, "Warning", "FailedGetScale", text, SOURCE)
        full = f"the HPA controller was unable to get the target's current scale: {text}"
        conditions = set_condition(
            one.status.conditions, "AbleToScale", "False", "FailedGetScale", full, self.sim.now
        )
        self._tell(one, 0, 0, conditions, one.status.current)

    def _tell(
        self, one: HorizontalPodAutoscaler, current: int, desired: int,
        conditions: tuple[Condition, ...], shown: tuple[str, ...], *, scaled: bool = False,
    ) -> None:  # fmt: skip
        last = self.sim.now if scaled else one.status.last_scale
        if one.key in self.memories:
            self.memories[one.key].turn(self.sim.now, current, desired)
        conditions = tuple(sorted(conditions, key=lambda each: each.type))
        status = AutoscalerStatus(current, desired, last, shown, conditions)
        if status != one.status:
            self.server.update_status(one, status)
