"""Stack files of the person's folder: which are meant, and what is said of what they hold.

Source: docker/cli, ``cli/command/stack/loader.go``.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from simulator.cluster.swarm.stacks.reading import (
    DEPRECATED,
    FORBIDDEN,
    Forbidden,
    StackFile,
    read,
)
from simulator.errors import InputError
from simulator.image.reference import Reference
from simulator.node.mounts import HOME
from simulator.shell import kinds
from simulator.shell.compose.source import Folder
from simulator.shell.grammar import Call, Flag
from simulator.shell.results import OfClient
from simulator.shell.swarm.handed import standard_input

if TYPE_CHECKING:
    from simulator.shell.session import Session

STDIN = "-"
FILE = Flag(("-c", "--compose-file"), "a stack file (several: one over the other), or -",
            kinds.FILE, repeat=True)  # fmt: skip
VARIABLE = Flag(("--shell-variable",), "NAME=VALUE in front of the line", kinds.PAIR, repeat=True)


class StackFolder(Folder):
    """The folder of the first stack file; ``-`` is what the line hands over."""

    def __init__(self, session: Session, call: Call) -> None:
        self.call = call
        named = [str(one) for one in call["compose_file"]]
        self.names = [one for each in named for one in each.split(",") if one]
        first = "" if not self.names or self.names == [STDIN] else self.names[0]
        super().__init__(session, posixpath.dirname(first))

    def read(self, path: str) -> str:
        """Its text."""
        if path == STDIN:
            return standard_input(self.session, self.call)
        if not self.exists(path):
            raise InputError(f"open {path}: no such file or directory")
        return super().read(path)

    @property
    def files(self) -> tuple[str, ...]:
        """The stack files, as seen from their folder."""
        base = self.folder or "."
        return tuple(
            one if one == STDIN or one.startswith(("/", "~")) else posixpath.relpath(one, base)
            for one in self.names
        )

    @property
    def variables(self) -> dict[str, str]:
        """Those of the shell, and no others."""
        given = dict(self.call["shell_variable"])
        return {"HOME": HOME, "PWD": HOME, "USER": "root", **given}


def stack_of(folder: StackFolder, *, interpolate: bool = True) -> StackFile:
    """The stack of the files that are meant; InputError, or in the words of the tool."""
    try:
        return read(folder, folder.files, folder.home, folder.variables, interpolate=interpolate)
    except Forbidden as error:
        told = _explained({key: FORBIDDEN[key] for key in error.keys})
        raise OfClient(f"compose file contains unsupported options:\n\n{told}\n") from None


def _explained(keys: dict[str, str]) -> str:
    return "\n\n".join(sorted(f"{key}: {text}" for key, text in keys.items()))


def ignored(file: StackFile) -> list[str]:
    """What the tool says it ignores."""
    lines: list[str] = []
    if file.unsupported:
        lines += [f"Ignoring unsupported options: {', '.join(file.unsupported)}", ""]
    if file.deprecated:
        told = _explained({key: DEPRECATED[key] for key in file.deprecated})
        lines += ["Ignoring deprecated options:", "", *told.split("\n"), ""]
    return lines


def check_images(file: StackFile) -> None:
    """Refuse services without an image, or with one that has no name of an image."""
    for key, service in file.services.items():
        image = service.get("image")
        if not image:
            raise InputError(f"invalid image reference for service {key}: no image specified")
        try:
            Reference.parse(str(image))
        except InputError:
            raise InputError(f"invalid image reference for service {key}: invalid reference format",
                             found=image) from None  # fmt: skip
