"""The daemon of a machine, started anew: what ``systemctl restart docker`` does there."""

from __future__ import annotations

from simulator.machine.daemon import Stopping, come_back
from simulator.machine.events import DaemonRestarted
from simulator.machine.host import Machine
from simulator.world.commands import RestartDaemon
from simulator.world.fleet import Fleet
from simulator.world.jobs import Job, Jobs, Reply


class _Restart:
    """One restart under way."""

    def __init__(self, machine: Machine, job: Job) -> None:
        self.machine = machine
        self.job = job
        self.left = 0
        """Containers whose starts are under way."""

    def go_on(self) -> None:
        """All containers have ended: the daemon is back, if its machine still runs."""
        back = come_back(self.machine) if self.machine.up else []
        if self.machine.up:
            self.machine.parts.sim.emit(DaemonRestarted(self.machine.name, len(back)))
        self.left = len(back)
        for container in back:
            container.when_begun(self._begun)
        if not back:
            self.job.finish()

    def _begun(self) -> None:
        """The daemon answers when all that come back have been started."""
        self.left -= 1
        if not self.left:
            self.job.finish()


def restart(fleet: Fleet, jobs: Jobs, command: RestartDaemon) -> Reply:
    """Stop all containers side by side, then start those whose policy says so."""
    machine = fleet.machine(command.machine)
    machine.need_up()
    job = jobs.new(f"restart of the daemon of {machine.name}")
    Stopping(machine, _Restart(machine, job).go_on)
    return Reply((), job)
