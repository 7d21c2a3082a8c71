"""Where the person sits: at drydock's own prompt, or at a program inside a container."""

from __future__ import annotations

from simulator.node.carrying import Running


class Terminal:
    """The one terminal of a world: the next typed line goes to whom it shows."""

    def __init__(self) -> None:
        self.running: Running | None = None
        """The program that lines are typed at."""

    @property
    def prompt(self) -> str | None:
        """What the program shows; None where lines are drydock's."""
        running = self.running
        if running is None or running.ended or not running.container.running:
            return None
        return running.prompt if running.prompt is not None else ""

    def sit(self, running: Running) -> None:
        """From now on lines go to this program."""
        self.running = running

    def leave(self, running: Running) -> None:
        """It has ended."""
        if self.running is running:
            self.running = None
