"""What all parts of the kubelets share: nodes, pods' lives, and how the API is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from simulator.calibration import Calibration
from simulator.cluster.kubernetes.events import PodUnready
from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.sources import Sources
from simulator.cluster.kubernetes.kubelet.volumes import Volumes
from simulator.cluster.kubernetes.kubelet.warming import Warming
from simulator.cluster.kubernetes.kubelet.work import Works
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.supply import Supply
from simulator.machine.container import Container


class Listener(Protocol):
    """Who wants to know when containers of pods answer."""

    def listening(self, pod: Pod) -> None:
        """A container of a pod begins to answer."""


class Household:
    """The common ground of all kubelets of a cluster."""

    def __init__(
        self,
        server: Server,
        supply: Supply,
        works: Works,
        constants: Calibration,
    ) -> None:
        self.server = server
        self.sim = server.sim
        self.constants = constants
        self.supply = supply
        self.works = works
        self.boxes: dict[str, Box] = {}
        self.dropped: dict[str, Box] = {}
        """Nodes that were taken away, for what was still to happen on them."""
        self.by_container: dict[Container, tuple[Life, str]] = {}
        """Whose the containers on the machines are."""
        self.changes = 0
        """How often a container came to its machine, or went."""
        self.warm_all = False
        """Whether every container is there from its start: a test of what must not matter."""
        self.listener: Listener | None = None
        self.sources = Sources(server.store)
        self.volumes = Volumes(server.store, self.sources)
        self.warming = Warming(server.store, self.volumes, self._ended)
        self.ended: Callable[[Life, Run, int, str], None] = _nothing
        """Told of a container that has ended by itself, with its code and reason."""
        self.deadline: Callable[[Life], None] = _no_deadline
        self.loaded: Callable[[Box], None] = _no_box
        """Told of a node on which a container was made warm."""
        self.rests: Callable[[Box], None] = _no_box
        """Told of a node of which containers hold more that are rows only."""
        self._dirty: list[Life] = []

    def life(self, key: Key, node: str) -> Life | None:
        """The life of a pod on a node."""
        box = self.boxes.get(node)
        return None if box is None else box.lives.get(key)

    def box(self, life: Life) -> Box:
        """The node of a pod's life, which may be none of the cluster's any more."""
        found = self.boxes.get(life.node)
        return self.dropped[life.node] if found is None else found

    def node_address(self, box: Box) -> str:
        """Under which address a node's machine is reached."""
        return box.address_of_node

    # --- telling ----------------------------------------------------------------------------------

    def event(self, life: Life, type_: str, reason: str, message: str) -> None:
        """An event of a pod."""
        about = ("Pod", life.namespace, life.name, life.uid, reason, message)
        self.server.recorder.note(about, type_, "kubelet")

    def publish(self, life: Life) -> None:
        """Write a pod's status when this instant is over, once."""
        if life.dirty:
            return
        life.dirty = True
        if not self._dirty:
            self.sim.at(self.sim.now, self._write)
        self._dirty.append(life)

    def _write(self) -> None:
        dirty, self._dirty = self._dirty, []
        for life in dirty:
            life.dirty = False
            if self.box(life).silent_since is not None:
                continue
            pod = self.pod(life)
            if pod is not None:
                self.server.store.put(life.published(pod))

    def pod(self, life: Life) -> Pod | None:
        """The pod of a life, if the API still has it."""
        pod = self.server.store.get(Pod, *life.key)
        return pod if pod is not None and pod.meta.uid == life.uid else None

    def not_ready(self, life: Life, reason: str) -> None:
        """A pod is to get no more requests."""
        if life.ready_since is not None:
            life.ready_since, life.unready_reason = None, reason
            self.sim.emit(PodUnready(life.title, reason))

    # --- warm containers --------------------------------------------------------------------------

    def warm(self, life: Life, run: Run) -> Container | None:
        """The container of a running one, on its machine."""
        if run.container is not None:
            return run.container
        box = self.box(life)
        made = self.warming.warm(box, life, run)
        if made is not None:
            self.by_container[made] = life, run.wanted.name
            self.let_go(box, run)
            self.loaded(box)
        return made

    def rest(self, life: Life, run: Run) -> None:
        """A running one is a row only: its memory is held all the same."""
        assert run.work is not None
        box = self.box(life)
        run.held = run.work.workload.memory_bytes
        box.cold_bytes += run.held
        self.rests(box)

    def let_go(self, box: Box, run: Run) -> None:
        """It is on its machine, or has ended: what it held as a row is no more."""
        box.cold_bytes -= run.held
        run.held = 0
        self.changes += 1

    def cool(self, life: Life, run: Run) -> None:
        """Its container leaves the machine."""
        self.let_go(self.box(life), run)
        if run.container is not None:
            self.by_container.pop(run.container, None)
            self.warming.forget(self.box(life), run)

    def _ended(self, life: Life, name: str, attempt: int) -> None:
        """A machine says that a container is over."""
        run = life.run(name)
        if run is None or run.attempt != attempt or run.container is None or run.since is None:
            return
        box = self.box(life)
        if not box.up:
            return
        container = run.container
        code = container.exit_code if container.exit_code is not None else 0
        self.ended(life, run, code, "OOMKilled" if container.oom_killed else "")

    def heard_ready(self, container: Container) -> None:
        """A machine says that a container answers."""
        known = self.by_container.get(container)
        if known is not None and self.listener is not None:
            pod = self.pod(known[0])
            if pod is not None:
                self.listener.listening(pod)

    def deadline_passed(self, life: Life) -> None:
        """A pod has run for as long as it may."""
        self.deadline(life)

    def restarts_of(self, pod: Pod) -> int:
        """How often containers of a pod were started anew."""
        return sum(one.restarts for one in pod.status.containers)

    def failed_pod(self, life: Life, reason: str, message: str) -> None:
        """A pod is over, for a reason that is not its containers'."""
        pod = self.pod(life)
        if pod is not None:
            status = replace(pod.status, reason=reason, message=message)
            self.server.store.put(replace(pod, status=status))


def _nothing(life: Life, run: Run, code: int, reason: str) -> None:
    """Nobody has to know."""


def _no_deadline(life: Life) -> None:
    """Nobody has to know."""


def _no_box(box: Box) -> None:
    """Nobody has to know."""
