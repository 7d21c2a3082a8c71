"""Random swarms, on which the columns and the plain loop must choose alike."""

from __future__ import annotations

from random import Random

from simulator.cluster.swarm.objects import (
    ASSIGNED,
    COMPLETE,
    FAILED,
    REJECTED,
    REMOVE,
    RUNNING,
    SHUTDOWN,
    Description,
    Node,
    Service,
    Task,
)
from simulator.cluster.swarm.scheduler.plain import FailureKey, PlainLoop
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import (
    NANO,
    Endpoint,
    Mode,
    NodeSpec,
    Placement,
    Port,
    Resources,
    ServiceSpec,
    TaskSpec,
)
from simulator.cluster.swarm.state import State
from simulator.engine.simulation import Simulation
from simulator.node.spec import ContainerSpec

RARELY = 0.15
ZONES, RACKS, DISKS = ("a", "b", "c"), ("1", "2"), ("ssd", "SSD", "hdd")
CONSTRAINTS = (
    "node.labels.disk==ssd", "node.labels.zone!=a", "node.role == worker", "node.hostname!=n1",
    "node.platform.arch==aarch64", "engine.labels.gen!=2", "node.ip==10.0.0.0/29", "node.cpu==4",
)  # fmt: skip
PREFERENCES = ("node.labels.zone", "node.labels.rack", "engine.labels.gen", "node.id")
DRIVERS = (("Volume", "nfs"), ("Log", "gelf"), ("Network", "weave"))
PLATFORMS = ((("amd64", "linux"),), (("aarch64", ""),), (("", "windows"), ("arm64", "linux")))


class SwarmChance:
    """One random swarm, and what happens to it."""

    def __init__(self, seed: int, nodes: int = 9) -> None:
        self.draw = Random(seed)
        self.sim = Simulation(seed)
        self.state = State(self.sim, seed, "chance")
        self.scheduler = Scheduler(self.state)
        self.failures: dict[FailureKey, list[float]] = {}
        self.joined = 0
        for _ in range(self.draw.randint(1, nodes)):
            self.join()
        for number in range(self.draw.randint(1, 4)):
            self.serve(number)
        self.asked = 0

    def _maybe(self, share: float = RARELY) -> bool:
        return self.draw.random() < share

    # --- nodes ----------------------------------------------------------------------------------

    def join(self) -> None:
        """One more node."""
        number, draw = self.joined, self.draw
        self.joined += 1
        resources = None if self._maybe() else Resources(
            nano_cpus=draw.choice((1, 2, 4)) * NANO, memory_bytes=draw.choice((1, 2, 4)) << 30,
            generic=(("gpu", draw.randint(1, 3)),) if self._maybe(0.4) else (),
        )  # fmt: skip
        description = Description(
            hostname=f"n{number}", resources=resources, arch=draw.choice(("x86_64", "aarch64")),
            engine_labels={} if self._maybe(0.4) else {"gen": draw.choice(RACKS)},
            plugins=None if self._maybe(0.6) else self._plugins(), platform=not self._maybe(0.1),
        )  # fmt: skip
        id_, address = self.state.naming.id(), f"10.0.0.{number + 1}"
        node = Node(id_, self._spec(), description, address, self.sim.now)
        node.ready = not self._maybe(0.1)
        self.state.node_changed(node)

    def _plugins(self) -> tuple[tuple[str, str], ...]:
        tag = self.draw.choice(("", ":latest", ":2"))
        return tuple((kind, name + tag) for kind, name in DRIVERS if self._maybe(0.5))

    def _spec(self) -> NodeSpec:
        draw = self.draw
        labels = {"zone": draw.choice(ZONES), "rack": draw.choice(RACKS),
                  "disk": draw.choice(DISKS)}  # fmt: skip
        kept = {key: value for key, value in labels.items() if not self._maybe(0.2)}
        availability = draw.choice(("pause", "drain")) if self._maybe(0.1) else "active"
        return NodeSpec(availability=availability, labels=kept,
                        role=draw.choice(("worker", "manager")))  # fmt: skip

    # --- services -------------------------------------------------------------------------------

    def serve(self, number: int) -> None:
        """One more service, without tasks yet."""
        everywhere = number > 0 and self._maybe(0.2)
        mode = Mode(kind="global" if everywhere else "replicated")
        task, endpoint = self._task(), self._endpoint()
        spec = ServiceSpec(name=f"s{number}", mode=mode, task=task, endpoint=endpoint)
        service = Service(self.state.naming.id(), spec, self.sim.now)
        self.state.service_changed(service)

    def _endpoint(self) -> Endpoint:
        if not self._maybe(0.2):
            return Endpoint()
        mode = self.draw.choice(("host", "host", "ingress"))
        protocol = self.draw.choice(("tcp", "udp"))
        return Endpoint(ports=(Port(target=80, published=8080, protocol=protocol, mode=mode),))

    def _task(self) -> TaskSpec:
        draw = self.draw
        reserved = Resources(
            nano_cpus=draw.choice((0, NANO // 4, NANO)), memory_bytes=draw.choice((0, 1, 3)) << 28,
            generic=(("gpu", draw.randint(1, 2)),) if self._maybe() else (),
        )  # fmt: skip
        placement = Placement(
            constraints=tuple(draw.sample(CONSTRAINTS, draw.choice((0, 0, 0, 1, 1, 2)))),
            preferences=tuple(draw.sample(PREFERENCES, draw.choice((0, 0, 1, 2, 3)))),
            max_replicas=draw.choice((0, 0, 0, 1, 2)),
            platforms=draw.choice(PLATFORMS) if self._maybe(0.1) else (),
        )  # fmt: skip
        drivers = (draw.choice(DRIVERS),) if self._maybe() else ()
        container = ContainerSpec(image="app")
        return TaskSpec(container=container, reservations=reserved, placement=placement,
                        drivers=drivers)  # fmt: skip

    # --- a day in its life ----------------------------------------------------------------------

    def ask(self) -> None:
        """A service wants more tasks: of any nodes, or one for each."""
        service = self.draw.choice(list(self.state.services.values()))
        if self._maybe(0.1):
            service.spec_version += 1
        if service.spec.mode.is_global:
            for node in list(self.state.nodes):
                self.state.new_task(service, 0, node)
            service = next(iter(self.state.services.values()))  # somebody must make it decide
        for _ in range(self.draw.choice((1, 1, 2, 5, 12))):
            self.asked += 1
            self.state.new_task(service, self.asked)

    def shake(self) -> None:
        """Something changes: nodes come, go or are otherwise, tasks start, end or fail."""
        draw = self.draw
        if self._maybe(0.2):
            self.join()
        if self.state.nodes and self._maybe(0.3):
            node = draw.choice(list(self.state.nodes.values()))
            if self._maybe(0.2):
                self.state.drop_node(node)
            else:
                node.spec, node.ready = self._spec(), not self._maybe(0.1)
                self.state.node_changed(node)
        for task in list(self.state.tasks.values()):
            if task.state <= RUNNING and self._maybe(0.1):
                self._goes_on(task)
        if self._maybe(0.2):
            self._breaks(draw.choice(list(self.state.services.values())))
        self.sim.advance(self.sim.now + draw.choice((0.0, 1.0, 30.0, 120.0)))

    def _breaks(self, service: Service) -> None:
        # On one node it fails again and again, so that this node comes last.
        if not self.state.nodes or service.spec.mode.is_global:
            return
        node = self.draw.choice(list(self.state.nodes.values()))
        for _ in range(self.draw.randint(3, 7)):
            self.asked += 1
            task = self.state.new_task(service, self.asked)
            self.state.assign(task, node, ASSIGNED, "assigned")
            self._fails(task)

    def _goes_on(self, task: Task) -> None:
        kind = self.draw.choice(("wanted", "failed", "failed", "over", "gone"))
        if kind == "wanted":
            self.state.want(task, self.draw.choice((COMPLETE, SHUTDOWN, REMOVE)))
        elif kind == "gone":
            self.state.drop_task(task)
        elif not task.node or task.state < ASSIGNED:
            return
        elif kind == "over":
            self.state.move(task, self.draw.choice((COMPLETE, SHUTDOWN)), "over")
        else:
            self._fails(task)

    def _fails(self, task: Task) -> None:
        # A service that fails, often so often that its node is avoided.
        if task.slot and task.node in self.state.nodes:
            times = self.failures.setdefault((task.node, task.service, task.spec_version), [])
            times += [self.sim.now]
        self.state.move(task, self.draw.choice((FAILED, REJECTED)), "failed")

    def agree(self, rounds: int = 8) -> int:
        """How many tasks were decided about; an AssertionError where the two choose otherwise."""
        decided = 0
        for _ in range(rounds):
            self.shake()
            self.ask()
            state = self.state
            plain = PlainLoop(
                state.nodes.values(),
                state.tasks.values(),
                state.services,
                self.failures,
                self.sim.now,
            )
            expected = plain.decide()
            self.sim.advance(self.sim.now)
            actual = {name: self._outcome(state.tasks[name]) for name in expected}
            assert expected == actual, (expected, actual)
            decided += len(expected)
        return decided

    def _outcome(self, task: Task) -> tuple[str, str]:
        return task.node, task.error
