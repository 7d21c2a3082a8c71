"""How far an order to a project is: a row for each thing that it makes, changes or takes away."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.engine import Simulation

WORKING, DONE, WARNING, ERROR = "working", "done", "warning", "error"


@dataclass(slots=True)
class Row:
    """One thing, as ``Container shop-web-1``, and what is being done with it."""

    name: str
    text: str
    state: str
    begun: float
    ended: float | None = None
    details: str = ""


@dataclass(slots=True)
class Progress:
    """All rows by name in the order in which they came up, and all that was said, in turn."""

    sim: Simulation
    operation: str
    rows: dict[str, Row] = field(default_factory=dict)
    said: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, text and details of each step."""
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is otherwise here than with the real tool."""

    def on(self, name: str, text: str, state: str = DONE, details: str = "") -> None:
        """Something is being done, or done, with a thing."""
        now, row = self.sim.now, self.rows.get(name)
        if row is None:
            row = self.rows[name] = Row(name, text, state, now)
        row.text, row.state, row.details = text, state, details
        row.ended = None if state == WORKING else now
        self.said.append((name, text, details))

    def warn(self, text: str) -> None:
        """Something that the person should know."""
        self.warnings.append(text)

    def note(self, text: str) -> None:
        """Something is not as the real tool would have it."""
        self.notes.append(text)
