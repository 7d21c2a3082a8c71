"""The terminal front end. Importing this package loads nothing heavy; ``run`` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.tui.opening import Opened

__all__ = ["run"]


def run(
    lesson: str | None = None,
    scenario: str | None = None,
    seed: int | None = None,
    *,
    ascii_only: bool | None = None,
    theme: str | None = None,
    opener: Callable[[str, int | None], Opened] | None = None,
) -> int:
    """Open the workbench: at a lesson, at a scenario file, or at the home screen.

    ``ascii_only`` None reads the environment variable ``DRYDOCK_ASCII``. ``opener`` opens what is
    named in another way than for practice. Returns an exit code.
    """
    from simulator.tui.quiet import quiet

    with quiet():
        from simulator.tui.app import DrydockApp, Start
        from simulator.tui.glyphs import choose
        from simulator.tui.opening import open_entry

        choose(ascii_only)
        start = Start(lesson=lesson, scenario=scenario, seed=seed)
        app = DrydockApp(start, theme_name=theme, opener=opener or open_entry)
        app.run()
    return app.return_code or 0
