"""What NetworkPolicies do to streams of requests: who is fenced off from which endpoint.

Nothing is asked, and nobody watches pods, before there is a policy. From then on each endpoint is
judged when it joins, and all of them when policies, labels or namespaces change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import NetworkPolicy
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.fences import CONTROLLER, OUTSIDE, Fences, number_of

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.traffic.flows import Fenced, Flow, Flows


class Barriers:
    """Asks the policies for streams, and tells the streams."""

    def __init__(self, store: Store, flows: Flows) -> None:
        self.store = store
        self.flows = flows
        self.fences = Fences(store)
        self._watching = False
        store.watch(NetworkPolicy, self._policy_changed)

    def _policy_changed(self, old: NetworkPolicy | None, new: NetworkPolicy | None) -> None:
        if not self._watching:
            self._watching = True
            self.store.watch(Pod, self._labels_changed)
            self.store.watch(Namespace, self._labels_changed)
        self._all_again()

    def _labels_changed(self, old: Any, new: Any) -> None:
        if old is not None and new is not None and old.meta.labels != new.meta.labels:
            self._all_again()

    def _all_again(self) -> None:
        for flow in self.flows.flows.values():
            for key in flow.joined:
                self.judge(flow, key)

    # --- one endpoint -----------------------------------------------------------------------------

    def judge(self, flow: Flow, key: Key) -> None:
        """Who reaches an endpoint of a stream, as policies are now."""
        if not self._watching:
            return
        station, pod = flow.joined[key][1], self.store.get(Pod, *key)
        if pod is None:
            return
        port = self.port_of(flow, key, pod)
        origin = CONTROLLER if flow.by_ingress else OUTSIDE
        stopped = not self.fences.lets_in(origin, pod, port)
        if stopped != (station in flow.fenced):
            _put(flow.fenced, station, stopped)
            self.flows.balancing.fence(flow.stream, station, stopped)
        for line in flow.lines:
            self._judge_line(flow, line, key, pod, port)

    def judge_all(self, flow: Flow, line: Fenced) -> None:
        """Which endpoints somebody in a pod reaches who begins to ask."""
        for key in flow.joined if self._watching else ():
            pod = self.store.get(Pod, *key)
            if pod is not None:
                self._judge_line(flow, line, key, pod, self.port_of(flow, key, pod))

    def _judge_line(self, flow: Flow, line: Fenced, key: Key, pod: Pod, port: int) -> None:
        asker = self.store.get(Pod, *line.pod)
        if asker is not None:
            stopped = key != line.pod and not self.fences.lets(asker, pod, port)
            for caller in line.callers:
                self.flows.balancing.bar(flow.stream, caller, flow.joined[key][1], stopped)

    def port_of(self, flow: Flow, key: Key, pod: Pod) -> int:
        """The port of a pod that a stream goes to."""
        return number_of(pod, self.flows.target(flow.joined[key][2]))


def _put(among: dict[Any, None], one: Any, inside: bool) -> None:
    """Have it among others, or not."""
    among.pop(one, None)
    if inside:
        among[one] = None
