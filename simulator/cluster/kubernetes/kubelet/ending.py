"""How containers of pods end: by themselves, with their pod when it is deleted, or their node."""

from __future__ import annotations

from simulator.cluster.kubernetes.events import PodDeleted
from simulator.cluster.kubernetes.kubelet import groups
from simulator.cluster.kubernetes.kubelet.crashes import next_wait_s
from simulator.cluster.kubernetes.kubelet.fetching import NEXT_SYNC_S
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.lives import Starting
from simulator.cluster.kubernetes.objects.containers import Probe
from simulator.cluster.kubernetes.objects.pod import Ended, Pod
from simulator.units import format_span

WARM_STEPS = 2
"""Steps from the death of a container on a machine until its kubelet hears of it."""


class Ending:
    """Ends containers, starts them anew where their pod says so, and lets go of pods."""

    def __init__(self, house: Household, starting: Starting) -> None:
        self.house = house
        self.sim = house.sim
        self.starting = starting

    # --- by themselves ----------------------------------------------------------------------------

    def ended(self, life: Life, run: Run, code: int, reason: str) -> None:
        """A container has ended."""
        assert run.since is not None
        now = self.sim.now
        word = reason or ("Completed" if code == 0 else "Error")
        ran = now - run.since
        text = self._last_words(life, run)
        run.ended = Ended(code, word, run.since, now, text)
        run.since, run.ready, run.started, run.hooking = None, False, False, False
        self.house.cool(life, run)
        if life.stopping:
            self._stopped_one(life)
            return
        if self._wants_restart(life, run, code):
            self._wait(life, run, ran)
        elif run in life.inits and code != 0:
            self.over(life, "Failed")
        elif run not in life.inits and all(one.ended for one in life.mains):
            failed = any(one.ended and one.ended.exit_code for one in life.mains)
            self.over(life, "Failed" if failed else "Succeeded")
        self.starting.settle(life)
        self.starting.advance(life)

    def _last_words(self, life: Life, run: Run) -> str:
        if run.container is None:
            return ""
        return self.house.volumes.last_words(self.house.box(life), life, run)

    def _wants_restart(self, life: Life, run: Run, code: int) -> bool:
        if run.wanted.is_sidecar:
            return True
        policy = life.template.spec.restart_policy
        if policy == "Never":
            return False
        if run in life.inits or policy == "OnFailure":
            return code != 0
        return True

    def _wait(self, life: Life, run: Run, ran: float) -> None:
        """Its next start: at once the first time, later each time."""
        run.wait_s = next_wait_s(run.wait_s, run.restarts, ran)
        if run.wait_s > NEXT_SYNC_S:
            run.timer = self.sim.at(self.sim.now + NEXT_SYNC_S, self._backs_off, life, run)
        else:
            run.timer = self.sim.at(self.sim.now + run.wait_s, self._restart, life, run)

    def _backs_off(self, life: Life, run: Run) -> None:
        if not self.house.box(life).up:
            return
        name = run.wanted.name
        where = f"{life.name}_{life.namespace}({life.uid})"
        run.last, run.ended = run.ended, None
        run.waiting = "CrashLoopBackOff"
        run.message = (
            f"back-off {format_span(run.wait_s)} restarting failed container={name} pod={where}"
        )
        text = f"Back-off restarting failed container {name} in pod {where}"
        self.house.event(life, "Warning", "BackOff", text)
        self.house.publish(life)
        run.timer = self.sim.at(self.sim.now + run.wait_s - NEXT_SYNC_S, self._restart, life, run)

    def _restart(self, life: Life, run: Run) -> None:
        run.timer = None
        if life.stopping or life.over or not self.house.box(life).up:
            return
        run.restarts += 1
        run.attempt += 1
        if run.ended is not None:
            run.last, run.ended = run.ended, None
            run.waiting = "ContainerCreating"
        self.starting.again(life, run)

    def over(self, life: Life, phase: str) -> None:
        """A pod has ended; its sidecars end with it."""
        life.phase = phase
        self._forget_timers(life)
        for run in life.inits:
            if run.running:
                self._kill_now(life, run, 0, "Completed")
        life.over = True
        groups.leave(self.house.box(life), life)
        self.house.not_ready(life, "PodCompleted" if phase == "Succeeded" else "PodFailed")
        self.house.publish(life)

    def unwell(self, life: Life, run: Run, word: str, probe: Probe) -> None:
        """A probe failed too often: the container is stopped, and started anew."""
        text = f"Container {run.wanted.name} failed {word} probe, will be restarted"
        self.house.event(life, "Normal", "Killing", text)
        grace = probe.termination_grace_period_seconds
        if grace is None:
            grace = life.template.spec.termination_grace_period_seconds
        self._end_within(life, run, float(grace))

    def _end_within(self, life: Life, run: Run, grace_s: float) -> None:
        """Its preStop hook, SIGTERM, and SIGKILL when its grace is over."""
        run.kill_at = self.sim.now + grace_s
        hook = run.wanted.lifecycle.pre_stop
        if hook is None:
            self._terminate(life, run, grace_s)
            return
        self.starting.hooks.carry_out(life, run, hook, self._hook_over)
        self.sim.at(run.kill_at, self._hook_too_long, life, run, run.attempt)

    def _hook_over(self, life: Life, run: Run, attempt: int, code: int) -> None:
        if run.attempt != attempt or not run.running or life.over:
            return
        if code:
            self.house.event(life, "Warning", "FailedPreStopHook", "PreStopHook failed")
        self._terminate(life, run, max(0.0, run.kill_at - self.sim.now))

    def _hook_too_long(self, life: Life, run: Run, attempt: int) -> None:
        """Its grace went by in its hook."""
        if run.attempt == attempt and run.running and not life.over:
            self._terminate(life, run, 0.0)

    def hook_failed(self, life: Life, run: Run) -> None:
        """Its postStart hook failed: it is killed."""
        self.house.event(life, "Normal", "Killing", "FailedPostStartHook")
        self._end_within(life, run, float(life.template.spec.termination_grace_period_seconds))

    def deadline_passed(self, life: Life) -> None:
        """``activeDeadlineSeconds`` are over."""
        if life.over or life.stopping:
            return
        text = "Pod was active on the node longer than the specified deadline"
        self.house.event(life, "Normal", "DeadlineExceeded", text)
        self.fail(life, "DeadlineExceeded", text)

    def fail(self, life: Life, reason: str, message: str) -> None:
        """A pod is ended by its kubelet: deadline, eviction."""
        for run in life.runs:
            if run.running:
                self._kill_now(life, run, 137, "Error")
        self.over(life, "Failed")
        self.house.failed_pod(life, reason, message)

    # --- deleted ----------------------------------------------------------------------------------

    def stop(self, pod: Pod) -> None:
        """A pod is to go: hooks, SIGTERM, and SIGKILL when its grace is over."""
        life = self.house.life(pod.key, pod.node)
        box = self.house.boxes.get(pod.node)
        if life is None or box is None or life.uid != pod.meta.uid:
            if box is not None and box.silent_since is None:
                self.house.server.gone(pod)
            return
        if not box.up or box.silent_since is not None:
            return
        grace = pod.meta.grace_s if pod.meta.grace_s is not None else 30.0
        until = self.sim.now + grace
        if life.stopping and until >= life.grace_until:
            return
        first = not life.stopping
        life.stopping, life.grace_until = True, until
        self.sim.at(until, self._grace_over, life, until)
        if first:
            self._forget_timers(life)
            for run in life.mains:
                if run.running:
                    text = f"Stopping container {run.wanted.name}"
                    self.house.event(life, "Normal", "Killing", text)
                    self.sim.at(self.sim.now, self._term, life, run.wanted.name)
            self._stopped_one(life)

    def _term(self, life: Life, name: str) -> None:
        run = life.run(name)
        if run is not None and run.running:
            self._end_within(life, run, max(0.0, life.grace_until - self.sim.now))

    def _terminate(self, life: Life, run: Run, grace_s: float) -> None:
        """SIGTERM, and SIGKILL later, to a container that may be no more than a row."""
        if run.container is not None:
            run.container.stop(grace_s)
            return
        assert run.work is not None
        end = run.work.at_term
        if end is None or end.after_s > grace_s:
            code, seconds = 137, grace_s
        else:
            code, seconds = end.code, end.after_s
        steps = WARM_STEPS if seconds else WARM_STEPS - 1
        self.sim.at(self.sim.now + seconds, self._cold_end, life, run, run.attempt, code, steps)

    def _cold_end(
        self, life: Life, run: Run, attempt: int, code: int, steps: int = WARM_STEPS
    ) -> None:
        """It ends after as many steps of this instant as one on a machine would take."""
        if run.attempt != attempt or not run.running or not self.house.box(life).up:
            return
        if run.container is not None:
            run.container.crash(code, "stopped")
        elif steps:
            self.sim.at(self.sim.now, self._cold_end, life, run, attempt, code, steps - 1)
        else:
            self.ended(life, run, code, "")

    def _grace_over(self, life: Life, until: float) -> None:
        if life.grace_until != until or life.over:
            return
        for run in life.runs:
            if run.running:
                self._kill_now(life, run, 137, "Error")
        self._stopped_one(life)

    def _kill_now(self, life: Life, run: Run, code: int, word: str) -> None:
        now = self.sim.now
        run.ended = Ended(code, word, run.since if run.since is not None else now, now)
        run.since, run.ready = None, False
        self.house.let_go(self.house.box(life), run)
        container = run.container
        if container is not None:
            self.house.by_container.pop(container, None)
            run.container = None
            daemon = self.house.box(life).daemon
            if daemon.machine.up and daemon.containers.get(container.id) is container:
                daemon.force_remove(container, _done)

    def _stopped_one(self, life: Life) -> None:
        """Sidecars follow the others, the last first; when all are over the pod is gone."""
        if any(run.running for run in life.mains):
            return
        sidecars = [run for run in life.inits if run.running]
        if sidecars:
            self._terminate(life, sidecars[-1], max(0.0, life.grace_until - self.sim.now))
            return
        self.let_go(life)

    def let_go(self, life: Life) -> None:
        """Nothing of a pod runs any more: it is gone."""
        box = self.house.box(life)
        life.over = True
        self.house.not_ready(life, "PodDeleted")
        if box.lives.get(life.key) is life:
            del box.lives[life.key]
        groups.leave(box, life)
        self.house.volumes.forget(box, life)
        pod = self.house.pod(life)
        if pod is not None:
            self.house.server.gone(pod)
        self.sim.emit(PodDeleted(life.title))

    def vanished(self, pod: Pod) -> None:
        """A pod is gone from the API: what runs of it is killed."""
        life = self.house.life(pod.key, pod.node)
        if life is None or life.uid != pod.meta.uid:
            return
        self._forget_timers(life)
        for run in life.runs:
            if run.running:
                self._kill_now(life, run, 137, "Error")
        life.stopping = True
        self.let_go(life)

    def abandon(self, life: Life) -> None:
        """Its node is none any more: nothing of it runs, and nobody is told."""
        self._forget_timers(life)
        life.over = life.stopping = True
        for run in life.runs:
            if run.running:
                self._kill_now(life, run, 137, "Error")

    def _forget_timers(self, life: Life) -> None:
        if life.deadline is not None:
            life.deadline.cancel()
        for run in life.runs:
            if run.timer is not None and run.waiting not in ("", "ContainerCreating"):
                run.timer.cancel()
                run.timer = None


def _done() -> None:
    """Nobody waits for it."""
