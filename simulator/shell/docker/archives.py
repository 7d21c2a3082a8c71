"""``docker save``, ``load``, ``commit``, ``diff`` and ``cp``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import InputError, Refused
from simulator.image.directory import read_directory
from simulator.image.model import DIRECTORY
from simulator.shell import kinds, lookup
from simulator.shell.docker.images import REFERENCE
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.world.image_commands import (
    CommitContainer,
    CopyIntoContainer,
    LoadImages,
    SaveImages,
)

if TYPE_CHECKING:
    from simulator.shell.session import Session

_CONTAINER = Argument("CONTAINER", kinds.CONTAINER, "name or id")
_ARCHIVE = kinds.text("archive")
_MAX_BYTES = 1 << 50


@verb(
    "docker save",
    "Save images to an archive: every layer whole and uncompressed (no real file is written)",
    arguments=(Argument("IMAGE", kinds.IMAGE, "name or id", repeat=True),),
    flags=(Flag(("-o", "--output"), "name of the archive", _ARCHIVE),),
    aliases=("docker image save",),
    examples=("docker save -o web.tar web", "docker -H b load -i web.tar"),
    known="--platform",
)
def save(session: Session, call: Call) -> Iterable[str]:
    """Save; the archive is known to all machines by its name."""
    if not call["output"]:
        raise InputError("docker save: cowardly refusing to save to a terminal", expected="-o NAME")
    for name in call["IMAGE"]:
        lookup.image(session.reader, name, call["host"])
    return session.do(
        SaveImages(archive=call["output"], references=call["IMAGE"], machine=call["host"])
    )


@verb(
    "docker load",
    "Load the images of an archive; one that was saved on another machine travels first",
    flags=(
        Flag(("-i", "--input"), "name of the archive", _ARCHIVE),
        Flag(("-q", "--quiet"), "", ignored=True),
    ),
    aliases=("docker image load",),
    examples=("docker load -i web.tar",),
    known="--platform",
)
def load(session: Session, call: Call) -> Iterable[str]:
    """Load."""
    lookup.machine(session.reader, call["host"])
    if not call["input"]:
        raise InputError(
            "docker load: requested load from stdin, but stdin is empty", expected="-i"
        )
    return session.do(LoadImages(archive=call["input"], machine=call["host"]))


@verb(
    "docker commit",
    "Make an image of what a container has written on top of its own",
    arguments=(_CONTAINER, Argument("REPOSITORY", REFERENCE, "name of the image", optional=True)),
    flags=(
        Flag(("-m", "--message"), "a note in its history", kinds.TEXT, default=""),
        Flag(("-c", "--change"), "an instruction, for example 'CMD [\"app\"]'", kinds.TEXT,
             repeat=True),
        Flag(("-a", "--author"), "", kinds.TEXT, ignored=True),
        Flag(("-p", "--pause"), "", default=True, ignored=True),
    ),
    aliases=("docker container commit",),
    examples=("docker commit -m 'by hand' web web:patched",),
)  # fmt: skip
def commit(session: Session, call: Call) -> Iterable[str]:
    """Commit."""
    view = lookup.container(session.reader, call["CONTAINER"], call["host"])
    return session.do(
        CommitContainer(
            container=view.name,
            reference=call["REPOSITORY"],
            message=call["message"],
            changes=call["change"],
        )
    )


@verb(
    "docker diff",
    "What a container has added (A), changed (C) and deleted (D) in its writable layer",
    arguments=(_CONTAINER,),
    aliases=("docker container diff",),
    examples=("docker exec web touch /tmp/a", "docker diff web"),
)
def diff(session: Session, call: Call) -> Iterable[str]:
    """One line a path."""
    view = lookup.container(session.reader, call["CONTAINER"], call["host"])
    layer = session.world.fleet.writable(view.name)
    return [f"{kind} {path}" for kind, path in layer.diff()]


@verb(
    "docker cp",
    "Copy real files into a container's writable layer: their names and sizes",
    arguments=(
        Argument("SRC_PATH", kinds.text("path", "file"), "a file or folder here"),
        Argument("CONTAINER:DEST_PATH", kinds.text("path"), "where it goes"),
    ),
    flags=(
        Flag(("-a", "--archive"), "", ignored=True),
        Flag(("-q", "--quiet"), "", ignored=True),
        Flag(("-L", "--follow-link"), "", refused="links are never followed"),
    ),
    aliases=("docker container cp",),
    examples=("docker cp app.py web:/app/",),
)
def cp(session: Session, call: Call) -> Iterable[str]:
    """Copy in; files inside have no content, so that nothing can be copied out."""
    source, goal = call["SRC_PATH"], call["CONTAINER:DEST_PATH"]
    if ":" in source and ":" not in goal:
        raise Refused(
            "copying out of a container is not modelled: files in it have sizes, not contents"
        )
    name, colon, path = goal.partition(":")
    if not colon or not path:
        raise InputError(
            "must specify at least one container source", found=goal, expected="CONTAINER:PATH"
        )
    view = lookup.container(session.reader, name, call["host"])
    below = session.world.fleet.writable(view.name).below
    path = posixpath.join("/", path)
    files = tuple(_files(session.path(source), path, path.endswith("/") or below.is_folder(path)))
    return session.do(CopyIntoContainer(container=view.name, files=files))


def _files(source: Path, goal: str, into: bool) -> Iterable[tuple[str, int]]:
    """Paths in the container and sizes of a real file, or of all files of a folder."""
    if source.is_dir():
        root = posixpath.join(goal, source.resolve().name) if into else goal
        for path, one in read_directory(source).files.items():
            if one.kind != DIRECTORY:
                yield posixpath.join(root, path), one.size_bytes
    elif source.is_file():
        yield posixpath.join(goal, source.name) if into else goal, source.stat().st_size
    else:
        raise InputError("docker cp: no such file or directory", found=str(source))
