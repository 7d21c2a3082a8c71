"""Orchestrators and a scheduler without machines: an agent that obeys, or does as a test says."""

from msgspec.structs import replace

from simulator.cluster.swarm.objects import (
    ASSIGNED,
    COMPLETE,
    FAILED,
    READY,
    RUNNING,
    SHUTDOWN,
    Description,
    Node,
    Service,
)
from simulator.cluster.swarm.orchestrators.enforcing import Enforcing
from simulator.cluster.swarm.orchestrators.everywhere import Everywhere
from simulator.cluster.swarm.orchestrators.jobs import Jobs
from simulator.cluster.swarm.orchestrators.reaper import Reaper
from simulator.cluster.swarm.orchestrators.replicated import Replicated
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.orchestrators.updates import Updates
from simulator.cluster.swarm.scheduler.scheduler import Scheduler
from simulator.cluster.swarm.specs import Endpoint, Mode, NodeSpec, ServiceSpec, TaskSpec
from simulator.cluster.swarm.state import State
from simulator.engine.simulation import Simulation
from simulator.node.spec import ContainerSpec


class Office:
    """Managers of a swarm. ``idle``: images whose tasks get ready, and do not start."""

    def __init__(self, nodes=3):
        self.sim = Simulation()
        self.state = State(self.sim, 1, "s")
        self.restarts = Restarts(self.state)
        self.updates = Updates(self.state, self.restarts)
        Replicated(self.state, self.restarts, self.updates)
        Everywhere(self.state, self.restarts, self.updates)
        Jobs(self.state, self.restarts)
        Enforcing(self.state)
        Reaper(self.state)
        Scheduler(self.state)
        self.idle = set()
        for number in range(1, nodes + 1):
            self.join(f"n{number}")

    def join(self, name):
        node = Node(name, NodeSpec(), Description(hostname=name), "", self.sim.now)
        self.state.node_changed(node)
        return node

    # --- what is wanted ---------------------------------------------------------------------------

    def service(self, replicas=1, name="web", image="a", kind="replicated", at_once=0, **spec):
        task = TaskSpec(container=ContainerSpec(image=image), **spec.pop("task", {}))
        mode = Mode(kind=kind, replicas=replicas, max_concurrent=at_once or replicas)
        wanted = ServiceSpec(name=name, task=task, mode=mode, **spec)
        service = Service(name, wanted, self.sim.now)
        service.spec_version = self.state.touch()
        self.state.service_changed(service)
        self.go(0.1)
        return service

    def scale(self, name, replicas):
        spec = self.state.services[name].spec
        self.update(name, mode=replace(spec.mode, replicas=replicas))

    def update(self, name="web", image=None, placement=None, endpoint=None, labels=None, mode=None):
        service = self.state.services[name]
        task = service.spec.task
        if image is not None:
            task = replace(task, container=replace(task.container, image=image))
        if placement is not None:
            task = replace(task, placement=placement)
        service.previous, service.previous_version = service.spec, service.spec_version
        changes = {} if labels is None else {"labels": labels}
        endpoint = endpoint or service.spec.endpoint or Endpoint()
        mode = mode or service.spec.mode
        service.spec = replace(service.spec, task=task, endpoint=endpoint, mode=mode, **changes)
        service.status, service.spec_version = None, self.state.touch()
        self.state.service_changed(service)
        self.go(0.0)

    def set_node(self, name, **changes):
        node = self.state.nodes[name]
        node.spec = replace(node.spec, **changes)
        self.state.node_changed(node)
        self.go(0.0)

    # --- what agents do ---------------------------------------------------------------------------

    def go(self, seconds, step=0.5):
        """Let time pass; agents do what is wanted of them."""
        end = self.sim.now + seconds
        self._obey()
        while self.sim.now < end:
            self.sim.advance(min(end, self.sim.now + step))
            self._obey()

    def _obey(self):
        before = None
        while before != self.state.version:
            before = self.state.version
            self.sim.advance(self.sim.now)
            for task in list(self.state.tasks.values()):
                self._obeyed(task)
            self.sim.advance(self.sim.now)
            if any(self._does(task) for task in self.state.tasks.values()):
                before = None

    def _does(self, task):
        if not task.node or task.state < ASSIGNED or task.over:
            return False
        if task.desired > COMPLETE:
            return task.state <= RUNNING
        if task.state < READY:
            return True
        idle = task.spec.container.image in self.idle
        return task.state < RUNNING <= task.desired and not idle

    def _obeyed(self, task):
        if not self._does(task):
            return
        if task.desired > COMPLETE:
            self.state.move(task, SHUTDOWN, "shutdown")
        elif task.state < READY:
            self.state.move(task, READY, "prepared")
        else:
            self.state.move(task, RUNNING, "started")

    def fail(self, task):
        self.state.move(task, FAILED, "started", "task: non-zero exit (1)")
        self.go(0.0)

    def start(self, task):
        self.state.move(task, RUNNING, "started")
        self.go(0.0)

    # --- what there is ----------------------------------------------------------------------------

    def tasks(self, name="web", image=None, state=None):
        return [
            task for task in self.state.tasks_of(name)
            if image in (None, task.spec.container.image) and state in (None, task.state)
        ]  # fmt: skip

    def running(self, image=None, name="web"):
        return len(self.tasks(name, image, RUNNING))

    def status(self, name="web"):
        status = self.state.services[name].status
        return None if status is None else status.state
