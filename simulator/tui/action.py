"""What an action is: an id, its keys, and the words that explain it."""

from __future__ import annotations

from dataclasses import dataclass

HOME, WORKBENCH, CHART = "home", "workbench", "chart"
ALL = (HOME, WORKBENCH, CHART)


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does.

    ``keys`` are Textual's names, the first one is shown. ``bar`` is the rank in the key row, 0
    for not there. ``lesson`` actions exist only while a lesson runs. ``destructive`` ones ask.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    group: str
    screens: tuple[str, ...] = (WORKBENCH,)
    destructive: bool = False
    bar: int = 0
    lesson: bool = False
    action: str = ""

    @property
    def call(self) -> str:
        """The action as Textual calls it."""
        return self.action or self.id
