"""``drydock demo``: a scripted scene before a class, in large type or as plain text."""

from __future__ import annotations

import sys

from simulator.cli.terminal import can_show_screens
from simulator.course.demo.reading import find, read_demo
from simulator.course.demo.stage import Stage


def demo(name: str, seed: int | None, auto: bool, plain: bool) -> int:
    """Show it; with ``auto`` and ``plain``, 1 when a claim of the narration is not so."""
    from simulator.course.demo import plain as text

    stage = Stage(read_demo(find(name)), seed)
    if plain or not can_show_screens():
        if auto:
            return text.auto(stage, sys.stdout)
        return text.Show(stage, sys.stdin, sys.stdout).run()
    from simulator.tui.quiet import quiet

    with quiet():  # keys that are typed meanwhile wait for the screen
        from simulator.tui.show import run

        return run(stage, auto=auto)
