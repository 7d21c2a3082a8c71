"""Hooks of containers: commands are carried out where somebody knows what they do.

A hook that only sleeps takes that long, a request takes no time. In containers of which only words
are known (an annotation, an assumption) commands take what they sleep.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.objects.containers import Handler
from simulator.errors import DrydockError
from simulator.node.carrying import Execution

_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)")
_ONLY_SLEEPS = re.compile(r"(?:(?:/bin/)?(?:ba)?sh -c )?(?:/bin/|/usr/bin/)?sleep \d+(?:\.\d+)?s?")
Then = Callable[[Life, Run, int, int], None]
"""Told of a container, with the attempt that the hook was for, and the hook's exit code."""


class Hooks:
    """Carries hooks out."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self.sim = house.sim

    def carry_out(self, life: Life, run: Run, hook: Handler, then: Then) -> None:
        """Do what a hook says, and call ``then`` when it is over."""
        if not needs_command(run, hook) or not self._execute(life, run, hook, then):
            self.sim.at(self.sim.now + hook_s(hook), then, life, run, run.attempt, 0)

    def _execute(self, life: Life, run: Run, hook: Handler, then: Then) -> bool:
        """Whether its command could be begun in the container."""
        container = self.house.warm(life, run)
        if container is None or hook.exec is None:
            return False
        processes = self.house.box(life).daemon.processes
        args = (life, run, run.attempt, then)
        try:
            under_way = processes.execute(
                container, hook.exec.command, {}, None, interactive=False, tty=False,
                then=self._over, args=args,
            )  # fmt: skip
        except DrydockError:
            return False
        if under_way.ended:
            self._over(under_way, *args)
        return True

    def _over(self, execution: Execution, life: Life, run: Run, attempt: int, then: Then) -> None:
        if execution.ended and run.attempt == attempt:
            self.sim.at(self.sim.now, then, life, run, attempt, execution.code or 0)


def needs_command(run: Run, hook: Handler | None) -> bool:
    """Whether a hook is more than time: a command of a program that is known."""
    if hook is None or hook.exec is None or run.work is None or run.work.words:
        return False
    return _ONLY_SLEEPS.fullmatch(" ".join(hook.exec.command)) is None


def hook_s(hook: Handler | None) -> float:
    """Seconds that a hook takes: what it sleeps; what else it does takes no time."""
    if hook is None:
        return 0.0
    if hook.sleep is not None:
        return float(hook.sleep.seconds)
    if hook.exec is not None:
        return sum(float(one) for one in _SLEEP.findall(" ".join(hook.exec.command)))
    return 0.0
