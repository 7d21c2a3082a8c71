"""File names for patterns."""

from __future__ import annotations

from simulator.image.problems import FileProblem
from simulator.programs.shell.core import Machine
from simulator.programs.shell.expansion import Glob, globbed

NAMES_A_STEP = 4
"""Names that a pattern is compared with in one step of a shell."""


def glob_of(machine: Machine) -> Glob:
    """What patterns mean where a machine is."""

    def names(folder: str) -> list[str]:
        listed = {
            path[len(folder.rstrip("/")) + 1 :].partition("/")[0]
            for path in machine.view.seat.files
            if path.startswith(folder.rstrip("/") + "/")
        }
        try:
            listed |= {one.name for one in machine.files.entries(folder, machine.user)}
        except FileProblem:
            pass
        machine.spend(len(listed) // NAMES_A_STEP)
        return sorted(listed)

    def is_folder(path: str) -> bool:
        return machine.files.is_folder(path) or any(
            known.startswith(f"{path}/") for known in machine.view.seat.files
        )

    return lambda pattern: globbed(pattern, machine.scope.cwd, names, is_folder)
