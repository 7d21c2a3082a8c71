"""What becomes of pods whose machine goes off, and comes back."""

from __future__ import annotations

from simulator.cluster.kubernetes.kubelet.ending import Ending
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.lives import Starting
from simulator.cluster.kubernetes.objects.pod import Ended


class Falling:
    """Machines that fall with all their pods, and kubelets that begin again."""

    def __init__(self, house: Household, starting: Starting, ending: Ending) -> None:
        self.house = house
        self.sim = house.sim
        self.starting = starting
        self.ending = ending

    def node_fell(self, node: str) -> None:
        """A machine is off: nothing runs on it, and nobody hears of that."""
        box = self.house.boxes[node]
        for life in box.lives.values():
            for run in life.runs:
                if run.container is not None:
                    self.house.by_container.pop(run.container, None)

    def node_returned(self, node: str) -> None:
        """A machine is up again: pods that were to go are gone, the others start anew."""
        box = self.house.boxes[node]
        box.starts = 0
        box.pulling.clear()
        box.pulls.clear()
        box.boots += 1
        for life in list(box.lives.values()):
            pod = self.house.pod(life)
            for run in life.runs:
                self._fallen(life, run)
            if pod is None or pod.deleting:
                life.stopping = True
                self.ending.let_go(life)
            elif life.over:
                continue
            elif any(one.ended and one.ended.exit_code == 255 for one in life.runs):
                self.ending.over(life, "Failed")
            else:
                self.starting.settle(life)
                self.starting.resume(life, box)

    def _fallen(self, life: Life, run: Run) -> None:
        run.pulling = False
        if run.timer is not None:
            run.timer.cancel()
            run.timer = None
        if run.since is None:
            return
        now, container = self.sim.now, run.container
        self.house.let_go(self.house.box(life), run)
        gone = Ended(255, "Unknown", run.since, now)
        run.since, run.ready, run.started, run.container = None, False, False, None
        daemon = self.house.box(life).daemon
        if container is not None and daemon.containers.get(container.id) is container:
            daemon.force_remove(container, _done)
        run.attempt += 1
        if life.template.spec.restart_policy == "Never" and not run.wanted.is_sidecar:
            run.ended = gone
            return
        run.last, run.restarts, run.waiting = gone, run.restarts + 1, "ContainerCreating"


def _done() -> None:
    """Nobody waits for it."""
