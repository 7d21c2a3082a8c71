"""Requests to Services: what the proxies know becomes endpoints of the model's traffic.

A Service that nobody sends anything to costs nothing here: its pods stay cold. From the first
request on it has a ``traffic.Service``, and each pod that the proxies list is made warm.
"""

from __future__ import annotations

from typing import Protocol

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.barriers import Barriers
from simulator.cluster.kubernetes.traffic.endpoints import Endpoints
from simulator.cluster.kubernetes.traffic.flows import Balancing, Fenced, Flow, Goal, Port
from simulator.engine.simulation import Simulation
from simulator.machine.container import Container
from simulator.traffic.service import Service as Stream


class Pods(Protocol):
    """Who has the containers of pods: the kubelets."""

    def server_of(self, pod: Pod, port: Port) -> Container | None:
        """The running container of a pod that answers at a port (None: at its first one), warm;
        None where nobody listens there."""

    def first(self, pod: Pod) -> Container | None:
        """The first container of a pod, warm; None where none runs."""


class Proxies:
    """Keeps the endpoints of every stream as the proxies know them."""

    def __init__(
        self, sim: Simulation, store: Store, pods: Pods, balancing: Balancing, lag_s: float
    ) -> None:
        self.sim = sim
        self.store = store
        self.pods = pods
        self.balancing = balancing
        self.endpoints = Endpoints(sim, store, lag_s, self._heard)
        self.flows: dict[str, Flow] = {}
        """By what people call them."""
        self._by_service: dict[Key, dict[str, Flow]] = {}
        self.barriers = Barriers(store, self)

    # --- streams ------------------------------------------------------------------------------

    def open(
        self, name: str, goals: list[Goal], balancer: str, *, by_ingress: bool = False
    ) -> Stream:
        """The stream of this name to these goals; it is made when it is first asked for."""
        flow = self.flows.get(name)
        if flow is None:
            stream = self.balancing.make(
                name, balancer, self.endpoints.lag_s, given=False, kept=True
            )
            flow = self.flows[name] = Flow(stream, [], by_ingress=by_ingress)
        self.aim(name, goals)
        return flow.stream

    def aim(self, name: str, goals: list[Goal]) -> None:
        """From now on a stream goes to these Services."""
        flow = self.flows[name]
        for goal in flow.goals:
            self._by_service.get(goal.service, {}).pop(name, None)
        flow.goals = goals
        for goal in goals:
            self._by_service.setdefault(goal.service, {})[name] = flow
            self._watch(goal.service)
        for goal in goals:
            self.endpoints.services[goal.service].listing.settle(self.sim.now)
        known = [self.endpoints.services[goal.service].listing.listed for goal in goals]
        for pod in dict.fromkeys((*flow.joined, *(pod for pods in known for pod in pods))):
            self._look(flow, pod)
        self._weigh(flow)

    def _watch(self, service: Key) -> None:
        """What is under way to the proxies arrives at its time."""
        behind = self.endpoints.services.get(service)
        for change in behind.listing.pending if behind is not None else ():
            self.sim.at(change.due, self._arrived, service)

    def add_line(self, name: str, line: Fenced) -> None:
        """Somebody in a pod begins to ask."""
        flow = self.flows[name]
        flow.lines.append(line)
        self.barriers.judge_all(flow, line)

    def drop_line(self, name: str, line: Fenced) -> None:
        """Nobody of a line asks any more."""
        flow = self.flows.get(name)
        if flow is not None and line in flow.lines:
            flow.lines.remove(line)

    # --- what the proxies hear ------------------------------------------------------------------

    def _heard(self, service: Key, due: float) -> None:
        if self._by_service.get(service):
            self.sim.at(due, self._arrived, service)

    def _arrived(self, service: Key) -> None:
        behind = self.endpoints.services.get(service)
        if behind is None:
            return
        changed = behind.listing.settle(self.sim.now)
        for flow in self._by_service.get(service, {}).values():
            for pod in changed:
                self._look(flow, pod)
            self._weigh(flow)

    def listening(self, pod: Pod) -> None:
        """A container of a pod begins to answer: who lists the pod finds the new one there."""
        for key in self.endpoints.selecting.services_of(pod):
            for flow in self._by_service.get(key, {}).values():
                before = flow.joined.get(pod.key)
                if (
                    before is None
                    or before[0].station is not before[1]
                    or before[1] not in flow.stream.endpoints  # it refused: nobody listened yet
                ):
                    self._leave(flow, pod.key)
                    self._look(flow, pod.key)

    def _look(self, flow: Flow, pod: Key) -> None:
        """A pod joins a stream, or leaves it, as the proxies know by now."""
        goal = next((one for one in flow.goals if self._lists(one, pod)), None)
        if goal is None:
            self._leave(flow, pod)
        elif pod not in flow.joined:
            self._join(flow, pod, goal)

    def _lists(self, goal: Goal, pod: Key) -> bool:
        behind = self.endpoints.services.get(goal.service)
        return behind is not None and behind.listing.lists(pod)

    def _join(self, flow: Flow, key: Key, goal: Goal) -> None:
        """Where nobody listens at the port, whoever asks is refused."""
        pod = self.store.get(Pod, *key)
        if pod is None:
            return
        container = self.pods.server_of(pod, self.target(goal))
        if container is not None:
            self.balancing.attach(flow.stream, container)
        else:
            container = self.pods.first(pod)
            if container is not None and container.station is not None:
                self.balancing.refuse(flow.stream, container.station)
        if container is not None and container.station is not None:
            flow.joined[key] = container, container.station, goal
            self.barriers.judge(flow, key)

    def _leave(self, flow: Flow, key: Key) -> None:
        joined = flow.joined.pop(key, None)
        if joined is not None:
            flow.fenced.pop(joined[1], None)
            self.balancing.release(flow.stream, joined[0].name, joined[1])

    def target(self, goal: Goal) -> Port:
        """The pods' port behind a Service's port."""
        service = self.store.get(Service, *goal.service)
        if service is None:
            return None
        ports = service.spec.ports
        found = next((one for one in ports if goal.port in (one.port, one.name)), None)
        if found is None:
            found = ports[0] if ports else None
        if found is None:
            return None
        return found.target_port if found.target_port is not None else found.port

    def _weigh(self, flow: Flow) -> None:
        """Each goal gets its share, whatever number of pods it has."""
        if len(flow.goals) < 2:
            return
        count: dict[Key, int] = {}
        for _, _, goal in flow.joined.values():
            count[goal.service] = count.get(goal.service, 0) + 1
        weights = {
            station: goal.weight / count[goal.service] for _, station, goal in flow.joined.values()
        }
        self.balancing.weigh(flow.stream, weights)
