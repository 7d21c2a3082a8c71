"""A real folder with a Dockerfile: what a build, an advice and a plan read of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.dockerfile import Dockerignore
from simulator.files import is_file, read_text
from simulator.image.context import BuildContext
from simulator.image.directory import Progress, read_directory

MAX_DOCKERFILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Project:
    """Name and text of the Dockerfile, and the files that a build could copy."""

    dockerfile_name: str
    dockerfile: str
    context: BuildContext


def read_project(
    folder: Path, dockerfile: Path | None = None, progress: Progress | None = None
) -> Project:
    """Read a folder that others may have filled; InputError and nothing else.

    ``dockerfile`` is the path that a person named, by default the folder's own ``Dockerfile``.
    Beside it ``NAME.dockerignore`` counts, or else the folder's ``.dockerignore``. Links that lead
    out of the folder are not followed. ``progress`` is called with files and bytes read so far.
    """
    path = dockerfile or folder / "Dockerfile"
    home = folder if path.is_relative_to(folder) else path.parent
    text = read_text(path, limit_bytes=MAX_DOCKERFILE_BYTES, what="Dockerfile", within=home)
    ignore = _ignored(path.with_name(path.name + ".dockerignore"), home)
    if ignore is None:
        ignore = _ignored(folder / ".dockerignore", folder)
    return Project(path.name, text, read_directory(folder, ignore, progress))


def _ignored(path: Path, home: Path) -> Dockerignore | None:
    if not is_file(path):
        return None
    text = read_text(path, limit_bytes=MAX_DOCKERFILE_BYTES, what=".dockerignore", within=home)
    return Dockerignore.parse(text, path.name)
