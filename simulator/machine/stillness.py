"""A container whose threads stand still: paused by a person, or because its program hangs.

A paused one is known to be so: nothing runs in it, and nobody is let in. A program that hangs (a
deadlock, SIGSTOP) is up for its daemon: only who asks it for something finds out.
"""

from __future__ import annotations

from simulator.errors import Refused
from simulator.machine.events import ContainerPaused, ContainerUnpaused
from simulator.machine.output import Output


class Stillness(Output):
    """A container that can be made to stand still."""

    def pause(self) -> None:
        """Freeze all its threads; requests keep arriving."""
        if self.paused:
            raise Refused(f"Container {self.name} is already paused")
        if self.state == "restarting":
            raise Refused(
                f"Container {self.name} is restarting, wait until the container is running"
            )
        if self.state != "running":
            raise Refused(f"Container {self.name} is not running")
        self.paused = True
        self._stand()
        self.state = "paused"
        if self.health is not None:
            self.health.hold()
        self.sim.emit(ContainerPaused(self.name))

    def unpause(self) -> None:
        """Let its threads go on."""
        if not self.paused:
            raise Refused(f"Container {self.name} is not paused")
        self.paused = False
        self._stand()
        self.state = "running"
        if self.health is not None:
            self.health.go_on()
        self.sim.emit(ContainerUnpaused(self.name))

    def stand_still(self, hung: bool) -> None:
        """Its program hangs, or goes on; its daemon is told nothing."""
        if hung != self.hung:
            self.hung = hung
            self._stand()

    def _stand(self) -> None:
        """Have everything of it stand still, or go on."""
        self.charge_memory()
        still = self.stands_still
        if self.station is not None:
            self.fabric.disturb(self.station)
            self.station.frozen = still
        for one in self.writings:
            one.hold(still)
        if self.log_file is not None:
            self.log_file.hold(still)
        if not still:
            self._catch_up()
        self.neighbours.refresh()
