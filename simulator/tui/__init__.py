"""The terminal front end. Importing this package loads nothing heavy; ``run`` does."""

from __future__ import annotations

__all__ = ["run"]


def run(
    lesson: str | None = None,
    scenario: str | None = None,
    seed: int | None = None,
    *,
    ascii_only: bool | None = None,
    theme: str | None = None,
) -> int:
    """Open the workbench: at a lesson, at a scenario file, or at the home screen.

    ``ascii_only`` None reads the environment variable ``DRYDOCK_ASCII``. Returns an exit code.
    """
    from simulator.tui.quiet import quiet

    with quiet():
        from simulator.tui.app import DrydockApp, Start
        from simulator.tui.glyphs import choose

        choose(ascii_only)
        app = DrydockApp(Start(lesson=lesson, scenario=scenario, seed=seed), theme_name=theme)
        app.run()
    return app.return_code or 0
