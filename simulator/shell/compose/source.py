"""The person's folder as Compose reads it: files, variables, and what containers see of it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cluster.compose.files import dotenv
from simulator.cluster.compose.project import HostFile, Project
from simulator.errors import InputError, Place
from simulator.files import is_file, is_folder, read_bytes, read_text
from simulator.node.mounts import HOME

if TYPE_CHECKING:
    from simulator.shell.session import Session

MOST_BYTES = 1 << 20
"""Largest file that is read, and largest that containers see."""
MOST_FILES = 500
"""Files of all folders that are mounted; of what is beyond containers see nothing."""
MOST_TEXT = 64 << 10
"""Bytes of a file whose text is known in containers."""


class Folder:
    """The folder of a project, for the reader of its files."""

    def __init__(self, session: Session, folder: str) -> None:
        """``folder``: relative to that of the session."""
        self.session = session
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where a file of the project really is."""
        return self.session.path(posixpath.normpath(posixpath.join(self.folder, name)))

    def exists(self, path: str) -> bool:
        """Whether there is a regular file."""
        return is_file(self.path(path))

    def read(self, path: str) -> str:
        """Its text."""
        real = self.path(path)
        if not is_file(real):
            where = posixpath.normpath(posixpath.join(self.home, path))
            raise InputError(f"open {where}: no such file or directory")
        try:
            return read_text(real, limit_bytes=MOST_BYTES)
        except InputError as error:
            raise InputError(
                error.problem, place=Place(path), found=error.found, expected=error.expected
            ) from None

    @property
    def home(self) -> str:
        """The folder as the machine has it."""
        return posixpath.normpath(posixpath.join(HOME, self.folder))


def environment(
    folder: Folder, files: tuple[str, ...], shell: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    """Variables for ``${...}``: the shell's win over those of env files, later files over earlier.

    ``files``: those that were named; nothing: ``.env`` of the project, if there is one.
    """
    around = {"HOME": HOME, "PWD": folder.home, "USER": "root", **dict(shell)}
    found: dict[str, str] = {}
    for name in files or ((".env",) if folder.exists(".env") else ()):
        if files and not folder.exists(name):
            raise InputError(f"couldn't find env file: {name}")
        read = dotenv.parse(folder.read(name), name, {**found, **around})
        found |= {key: value for key, value in read.items() if value is not None}
    return {**found, **around}


def contents(folder: Folder, paths: Iterable[str]) -> tuple[HostFile, ...]:
    """The files of the folder that containers are to see, who name these paths of the machine."""
    found: dict[str, HostFile] = {}
    for path in paths:
        inside = posixpath.relpath(path, folder.home)
        if not path.startswith(HOME) or len(found) >= MOST_FILES:
            continue
        for name, real in _files(folder.path(inside), path):
            if len(found) < MOST_FILES and name not in found:
                read = _host_file(name, real)
                if read is not None:
                    found[name] = read
    return tuple(found.values())


def sources(project: Project) -> Iterator[str]:
    """The paths of the machine that services of a project name."""
    yield from bound(project.services)
    for kind in (project.secrets, project.configs):
        for value in kind.values():
            if value.get("file") is not None:
                yield str(value["file"])


def bound(services: Mapping[str, Any]) -> Iterator[str]:
    """The paths of the machine that services mount."""
    for service in services.values():
        for one in service.get("volumes") or ():
            if one["type"] == "bind":
                yield str(one.get("source") or "")


def _files(real: Path, path: str) -> Iterator[tuple[str, Path]]:
    """A file, or those below a folder, each with its path on the machine; links are left out."""
    if is_file(real):
        yield path, real
    elif is_folder(real):
        for one in sorted(real.iterdir()):
            if not one.is_symlink() and one.name != ".git":
                yield from _files(one, f"{path}/{one.name}")


def _host_file(name: str, real: Path) -> HostFile | None:
    try:
        body = read_bytes(real, limit_bytes=MOST_BYTES)
        mode = real.stat().st_mode & 0o777
    except (InputError, OSError):
        return None
    text: str | None = None
    if len(body) <= MOST_TEXT:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = None
    return HostFile(name, len(body), text, mode)


def with_contents(project: Project, variables: dict[str, str]) -> dict[str, Any]:
    """Secrets and configs whose text comes from a variable, with that text."""
    made: dict[str, Any] = {}
    for kind in ("secrets", "configs"):
        some = dict(getattr(project, kind))
        for name, value in some.items():
            variable = value.get("environment")
            if variable is None:
                continue
            if variable in variables:
                some[name] = {**value, "content": variables[variable]}
        made[kind] = some
    return made
