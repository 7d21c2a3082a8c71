"""All kubelets of a cluster, and what others may ask of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.calibration import Calibration
from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.ending import Ending
from simulator.cluster.kubernetes.kubelet.falling import Falling
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.lives import Starting
from simulator.cluster.kubernetes.kubelet.pressure import Pressure
from simulator.cluster.kubernetes.kubelet.probing import Probing
from simulator.cluster.kubernetes.kubelet.pulling import Pulls
from simulator.cluster.kubernetes.kubelet.work import Works
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.supply import Supplied, Supply
from simulator.machine.container import Container
from simulator.machine.workload import Workload
from simulator.node.node import Node as Daemon

FORGOTTEN_S = 70.0
"""After which the pods of a node that was deleted are gone (podgc: 40 s, and a round of 20 s)."""


class Kubelets:
    """Runs the pods that are bound to the nodes it knows."""

    def __init__(
        self,
        server: Server,
        supply: Supply,
        constants: Calibration,
        read_program: Callable[[str], Workload],
    ) -> None:
        self.server = server
        self.sim = server.sim
        works = Works(read_program)
        self.house = Household(server, supply, works, constants)
        self.pulls = Pulls(self.sim, supply, constants, self._pulled)
        self.probing = Probing(self.house)
        self.starting = Starting(self.house, self.pulls, self.probing)
        self.ending = Ending(self.house, self.starting)
        self.falling = Falling(self.house, self.starting, self.ending)
        self.pressure = Pressure(self.house, self.ending)
        self.starting.hook_failed = self.ending.hook_failed
        self.house.ended = self.ending.ended
        self.house.loaded = self.pressure.note
        self.house.rests = self.pressure.rests
        self.pulls.full = self.pressure.pulled
        self.house.deadline = self.ending.deadline_passed
        self.probing.changed = self.starting.go_on
        self.probing.unwell = self.ending.unwell
        server.store.watch(Pod, self._changed)
        server.store.watch(Node, self._node_changed)

    def _pulled(
        self, life: Life, run: Run, found: Supplied | str, seconds: float, waited: float
    ) -> None:
        self.starting.fetching.pulled(life, run, found, seconds, waited)

    # --- pods -------------------------------------------------------------------------------------

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None and old.node:
                self.sim.at(self.sim.now, self.ending.vanished, old)
        elif new.node and (old is None or not old.node):
            self.starting.take_on(new)
        elif new.node and new.deleting and (old is None or old.meta is not new.meta):
            self.sim.at(self.sim.now, self.ending.stop, new)

    # --- nodes ------------------------------------------------------------------------------------

    def add(self, name: str, daemon: Daemon, address: str) -> Box:
        """A machine is a node from now on."""
        box = Box(name, daemon, len(self.house.boxes))
        box.address_of_node = address
        self.house.boxes[name] = box
        return box

    def drop(self, name: str) -> None:
        """A machine is a node no more: what ran on it is killed, and nobody hears of that."""
        box = self.house.boxes.pop(name, None)
        if box is None:
            return
        self.house.dropped[name] = box
        for life in list(box.lives.values()):
            self.ending.abandon(life)
        box.lives.clear()
        box.gone = True

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None and old is not None:
            self.sim.at(self.sim.now + FORGOTTEN_S, self._forget, old.name)

    def _forget(self, name: str) -> None:
        """A node was deleted a while ago, and its pods with it."""
        if self.server.store.get(Node, "", name) is None:
            self.drop(name)

    # --- what others ask --------------------------------------------------------------------------

    def server_of(self, pod: Pod, port: int | str | None) -> Container | None:
        """The container of a pod that answers at a port, warm; None where none does."""
        life = self.house.life(pod.key, pod.node)
        run = None if life is None else serving(life, port)
        if life is None or run is None or not run.running:
            return None
        container = self._warm(life, run)
        return None if container is None or container.ready_at is None else container

    def listens(self, pod: Pod, port: int | str | None) -> bool:
        """Whether a container of a pod has a port; who asks makes nothing warm."""
        life = self.house.life(pod.key, pod.node)
        return life is not None and serving(life, port) is not None

    def _warm(self, life: Life, run: Run) -> Container | None:
        container = self.house.warm(life, run)
        self.probing.watch(life, run)
        return container

    def first(self, pod: Pod) -> Container | None:
        """The first running container of a pod, warm."""
        life = self.house.life(pod.key, pod.node)
        run = None if life is None else next((one for one in life.mains if one.running), None)
        return None if life is None or run is None else self._warm(life, run)

    def container(self, pod: Pod, name: str) -> Container | None:
        """A container of a pod by name, warm: somebody looks inside."""
        life = self.house.life(pod.key, pod.node)
        run = None if life is None else life.run(name)
        return None if life is None or run is None else self._warm(life, run)

    def usage(self, pod: Pod) -> Mapping[str, tuple[float, int]]:
        """CPU-seconds used so far and bytes held now, by container; a cold one holds what its
        program does and computes nothing."""
        life = self.house.life(pod.key, pod.node)
        found = {}
        for run in life.runs if life is not None else ():
            if not run.running:
                continue
            if run.container is not None:
                memory = run.container.memory.usage
                found[run.wanted.name] = (run.container.cpu_seconds, memory)
            elif run.work is not None:
                found[run.wanted.name] = (0.0, run.work.workload.memory_bytes)
        return found

    def logs(self, pod: Pod, name: str, *, previous: bool) -> list[tuple[float, str]] | None:
        """What a container printed; None where there is no such run."""
        life = self.house.life(pod.key, pod.node)
        run = None if life is None else life.run(name)
        if run is None or (previous and run.last is None):
            return None
        assert life is not None
        if previous or not run.running:
            return run.log
        container = self.house.warm(life, run)
        return [] if container is None else list(container.log)


def serving(life: Life, port: int | str | None) -> Run | None:
    """The container that has a port by number or name; a server that names none has any."""
    servers = [run for run in life.runs if run.work is not None and run.work.serves]
    if port is None:
        return servers[0] if servers else None
    for run in servers:
        if any(port in (one.container_port, one.name) for one in run.wanted.ports):
            return run
    return next((run for run in servers if not run.wanted.ports), None)
