"""What a kubelet does with a pod from its binding until its containers run."""

from __future__ import annotations

from collections.abc import Callable

from simulator.cluster.kubernetes.events import PodReady, PodStarted
from simulator.cluster.kubernetes.kubelet import groups
from simulator.cluster.kubernetes.kubelet.box import Box
from simulator.cluster.kubernetes.kubelet.fetching import Fetching
from simulator.cluster.kubernetes.kubelet.hooks import Hooks, needs_command
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.probing import Probing
from simulator.cluster.kubernetes.kubelet.pulling import Pulls
from simulator.cluster.kubernetes.kubelet.sources import NOTHING
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import resources_of
from simulator.cluster.supply import Supplied
from simulator.errors import DrydockError
from simulator.machine.runtimes import runtime, start_time

ROOM_BYTES = 32 << 20
"""What is left of a limit where nobody has to look whether it is kept."""
CLAIM = "PersistentVolumeClaim"
MOUNT_BACKOFF = (0.5, 122.0)
"""kubelet, ``goroutinemap/exponentialbackoff``: 500 ms, doubled, up to 2 min and 2 s."""
CONFIG_RETRY_S = 10.0
"""Until a container whose variables lack something is tried again."""


class Starting:
    """Brings pods from their binding to Running and Ready."""

    def __init__(self, house: Household, pulls: Pulls, probing: Probing) -> None:
        self.house = house
        self.sim = house.sim
        self.fetching = Fetching(house, pulls, self._start, self.advance)
        self.probing = probing
        self._runtime = runtime("docker", house.constants)
        self._fresh: list[Life] = []
        self.hooks = Hooks(house)
        self.hook_failed: Callable[[Life, Run], None] = _nothing
        """Told of a container whose postStart hook failed: it is killed."""

    def take_on(self, pod: Pod) -> None:
        """A pod was bound to a node: its kubelet begins with it at this instant."""
        box = self.house.boxes.get(pod.node)
        if box is None or pod.key in box.lives:
            return
        life = Life(pod, self.sim.now)
        box.lives[pod.key] = life
        groups.join(box, life)
        if not self._fresh:
            self.sim.at(self.sim.now, self._begin)
        self._fresh.append(life)

    def _begin(self) -> None:
        fresh, self._fresh = self._fresh, []
        for life in fresh:
            box = self.house.box(life)
            if not life.over and box.up and box.silent_since is None:
                self.begin(life, box)

    def begin(self, life: Life, box: Box) -> None:
        """Its sandbox is made, and its first containers are."""
        life.ip = self._address(life, box)
        seconds = life.template.spec.active_deadline_seconds
        if seconds is not None:
            life.deadline = self.sim.at(life.started_at + seconds, self.house.deadline_passed, life)
        self._mount(life)

    def resume(self, life: Life, box: Box) -> None:
        """Its node is back."""
        if life.ip:
            self._mount(life)
        else:
            self.begin(life, box)

    def _mount(self, life: Life) -> None:
        """Its volumes are made, or it waits until they can be."""
        if life.stopping or life.over or not self.house.box(life).up:
            return
        sources = self.house.sources
        for one in sources.volumes(life.template):
            problem = sources.problem(one, life.namespace)
            if problem:
                text = f'MountVolume.SetUp failed for volume "{one.volume}" : {problem}'
                self.house.event(life, "Warning", "FailedMount", text)
                wait = min(MOUNT_BACKOFF[1], MOUNT_BACKOFF[0] * 2**life.mounts_failed)
                life.mounts_failed += 1
                self.sim.at(self.sim.now + wait, self._mount, life)
                self.house.publish(life)
                return
            if one.kind == CLAIM and not self._attached(life, one.name):
                return
        self.advance(life)

    def _attached(self, life: Life, claim: str) -> bool:
        """Whether a claim's volume is on its node; if not, it looks again when it may be."""
        claims = self.house.sources.claims
        wait, said = (
            (0.0, "")
            if claims is None
            else claims.ready_in(life.namespace, claim, life.node, life.name)
        )
        if said:
            self.house.event(life, "Warning", "FailedAttachVolume", said)
        if wait:
            self.sim.at(self.sim.now + wait, self._mount, life)
            self.house.publish(life)
        return not wait

    def _address(self, life: Life, box: Box) -> str:
        if life.template.spec.host_network:
            return self.house.node_address(box)
        return life.ip or box.address()

    def advance(self, life: Life) -> None:
        """Begin with whatever comes next: the next init container, or all others in turn."""
        if life.stopping or life.over:
            return
        for run in life.inits:
            if run.wanted.is_sidecar:
                if run.started:
                    continue
            elif run.ended is not None and run.ended.exit_code == 0:
                continue
            self.fetching.ensure(life, run)
            return
        if life.initialized_at is None:
            life.initialized_at = self.sim.now
            for run in life.mains:
                run.waiting = "ContainerCreating"
        for run in life.mains:
            if run.hooking:
                return
            if not (run.running or run.ended or run.timer or run.pulling):
                self.fetching.ensure(life, run)
                return

    def again(self, life: Life, run: Run) -> None:
        """A container is started anew, whatever came of the others."""
        self.fetching.ensure(life, run)

    # --- starting ---------------------------------------------------------------------------------

    def _start(self, life: Life, run: Run, box: Box, found: Supplied) -> None:
        """Create it: a drawn time, the same whether it will be warm or not."""
        run.image = found.image
        needed = self.house.sources.env(life.template, run.wanted)
        for one in needed:
            problem = self.house.sources.problem(one, life.namespace)
            if problem:
                self.fetching.cannot(life, run, "CreateContainerConfigError", problem)
                run.timer = self.sim.at(
                    self.sim.now + CONFIG_RETRY_S, self.fetching.again, life, run
                )
                return
        run.known = self.house.sources.given(needed, life.namespace) if needed else NOTHING
        try:
            run.work = self.house.works.of(life.template, run.wanted, found.image, found.assumed)
        except DrydockError as error:
            self.fetching.cannot(life, run, "CreateContainerConfigError", str(error))
            return
        box.used_at[found.image.digest] = self.sim.now
        box.starts += 1
        name = f"start/{life.title}/{run.wanted.name}/{run.attempt}"
        stages = start_time(self._runtime, self.sim.streams.once(name), box.starts, len(box.lives))
        seconds = sum(each for _, each in stages)
        run.timer = self.sim.at(self.sim.now + seconds, self._runs, life, run)

    def _runs(self, life: Life, run: Run) -> None:
        """Its first process runs."""
        run.timer = None
        box = self.house.box(life)
        box.starts -= 1
        if life.stopping or life.over or not box.up:
            return
        run.since, run.waiting, run.message = self.sim.now, "", ""
        if run.ended is not None:
            run.last, run.ended = run.ended, None
        self.house.event(life, "Normal", "Created", f"Created container: {run.wanted.name}")
        self.house.event(life, "Normal", "Started", f"Started container {run.wanted.name}")
        assert run.work is not None
        if self.house.warm_all or acts(run) or is_tight(run):
            self.house.warm(life, run)
        else:
            self.house.rest(life, run)
        hook = run.wanted.lifecycle.post_start
        if hook is None:
            self._well_begun(life, run)
        else:
            run.hooking = True
            self.hooks.carry_out(life, run, hook, self._hooked)

    def _hooked(self, life: Life, run: Run, attempt: int, code: int) -> None:
        """Its postStart hook is over; until then the API is told nothing of it."""
        if run.attempt != attempt or not run.running or life.stopping:
            return
        run.hooking = False
        if code:
            self.house.event(life, "Warning", "FailedPostStartHook", "PostStartHook failed")
            self.hook_failed(life, run)
        else:
            self._well_begun(life, run)

    def _well_begun(self, life: Life, run: Run) -> None:
        self.probing.begin(life, run)
        begun = all(each.running or each.ended is not None for each in life.mains)
        if begun and life.phase == "Pending":
            life.phase = "Running"
            self.sim.emit(PodStarted(life.title, life.node))
        self.go_on(life)

    def go_on(self, life: Life) -> None:
        """A probe has changed something: others may have waited for it."""
        self.settle(life)
        self.advance(life)

    def settle(self, life: Life) -> None:
        """Its readiness follows from that of its containers; tell the API what changed."""
        ready = (
            life.phase == "Running"
            and all(each.ready for each in life.mains)
            and all(each.ready for each in life.inits if each.wanted.is_sidecar)
        )
        if ready and life.ready_since is None:
            life.ready_since, life.unready_reason = self.sim.now, ""
            self.sim.emit(PodReady(life.title))
        elif not ready and life.ready_since is not None:
            self.house.not_ready(life, "ContainersNotReady")
        self.house.publish(life)


def acts(run: Run) -> bool:
    """Whether something happens in it by itself: its program, or commands of its kubelet."""
    wanted, work = run.wanted, run.work
    assert work is not None
    if work.own or needs_command(run, wanted.lifecycle.post_start):
        return True
    probes = (wanted.liveness_probe, wanted.readiness_probe, wanted.startup_probe)
    return not work.words and any(one is not None and one.exec is not None for one in probes)


def is_tight(run: Run) -> bool:
    """Whether what it holds comes near its limit, so that its kernel may have to act."""
    if "memory" not in run.wanted.resources.limits:
        return False
    limit = resources_of(run.wanted.resources.limits).memory_bytes
    return bool(limit and run.work and run.work.workload.memory_bytes * 1.1 + ROOM_BYTES > limit)


def _nothing(life: Life, run: Run) -> None:
    """Nobody has to know."""
