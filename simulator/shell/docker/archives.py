"""``docker save``, ``load``, ``commit``, ``diff`` and ``cp``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import InputError, Refused
from simulator.files import is_file, is_folder
from simulator.image.context import MAX_CONTENT_BYTES
from simulator.image.directory import read_directory
from simulator.image.model import DIRECTORY, FILE
from simulator.image.trees import Tree
from simulator.node.files import Files
from simulator.node.mount_words import HOME, host_path
from simulator.shell import kinds, lookup
from simulator.shell.docker.images import REFERENCE
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.world.image_commands import (
    CommitContainer,
    CopyFromContainer,
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
        Flag(("-a", "--author"), "", kinds.TEXT,
             refused="images keep no author; a label does: -c 'LABEL maintainer=NAME'"),
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
    "Copy files into a container, or out of it into a folder of its machine",
    arguments=(
        Argument("SRC_PATH", kinds.text("path", "file"), "what is here, or CONTAINER:PATH"),
        Argument("DEST_PATH", kinds.text("path"), "where it goes: CONTAINER:PATH, or PATH"),
    ),
    flags=(
        Flag(("-a", "--archive"), "", ignored=True),
        Flag(("-q", "--quiet"), "do not say what was copied"),
        Flag(("-L", "--follow-link"), "", refused="links are never followed"),
    ),
    aliases=("docker container cp",),
    examples=("docker cp app.py web:/srv/", "docker cp web:/etc/hostname /root/"),
)
def cp(session: Session, call: Call) -> Iterable[str]:
    """Real files come in by their names, sizes and small texts; none is ever written."""
    source, goal = call["SRC_PATH"], call["DEST_PATH"]
    out, into = _in_container(source), _in_container(goal)
    if out and into:
        raise Refused("copying between containers is not supported")
    if "-" in (source, goal):
        raise Refused("archives from and to streams ('-') are not modelled")
    if out is not None:
        view = lookup.container(session.reader, out[0], call["host"])
        said = session.do(CopyFromContainer(container=view.name, path=out[1], goal=goal))
        return [] if call["quiet"] else said
    if into is None:
        raise InputError(
            "must specify at least one container source", found=goal, expected="CONTAINER:PATH"
        )
    view = lookup.container(session.reader, into[0], call["host"])
    said = copied_into(session, source, view.name, into[1], goal)
    return [] if call["quiet"] else said


def copied_into(session: Session, source: str, name: str, path: str, goal: str) -> list[str]:
    """Copy what is called ``source`` here to a path in a container; what was said of it."""
    container = session.world.container(name)
    node = session.world.fleet.node_of(container)
    files = node.files(container)
    found = list(_sources(session, node.storage.volumes.host, source, _Goal(files, path, goal)))
    sizes = tuple((path, size) for path, size, _ in found)
    texts = tuple((path, text) for path, _, text in found if text is not None)
    return session.do(CopyIntoContainer(container=name, files=sizes, texts=texts, goal=goal))


def _in_container(text: str) -> tuple[str, str] | None:
    """``CONTAINER:PATH``; a path with a colon in it begins with ``/`` or ``.``."""
    name, colon, path = text.partition(":")
    if not colon or not name or not path or text.startswith(("/", ".")):
        return None
    return name, posixpath.join("/", path)


@dataclass(frozen=True, slots=True)
class _Goal:
    """Where files go in a container."""

    files: Files
    path: str
    typed: str

    def root(self, name: str, folder: bool, content: bool) -> str:
        """The path in the container of what is called ``name`` here, by the rules of cp.

        ``content``: of a folder only what is in it (``FOLDER/.``).
        """
        path = posixpath.normpath(self.path)
        if self.files.is_folder(path):
            return path if content else posixpath.join(path, name)
        above = path if self.path.endswith("/") and not folder else posixpath.dirname(path)
        if not self.files.is_folder(above):
            name = self.typed.partition(":")[0]
            raise Refused(f"Could not find the file {above} in container {name}")
        return path


_Source = tuple[str, int, str | None]


def _sources(session: Session, host: Tree, source: str, goal: _Goal) -> Iterable[_Source]:
    """Paths in the container, sizes and small texts: of what lies on the machine, or is real."""
    content = source.endswith("/.")
    there = posixpath.normpath(posixpath.join(HOME, host_path(source)))
    if host.owns(there) or host.children(there):
        yield from _of_host(host, there, goal, content)
        return
    real = session.path(source)
    if is_folder(real):
        root = goal.root(real.resolve().name, True, content)
        for path, one in read_directory(real).files.items():
            if one.kind != DIRECTORY:
                yield posixpath.join(root, path), one.size_bytes, one.content
    elif is_file(real):
        yield goal.root(real.name, False, False), real.stat().st_size, _real_text(real)
    else:
        raise InputError("docker cp: no such file or directory", found=source)


def _of_host(host: Tree, there: str, goal: _Goal, content: bool) -> Iterable[_Source]:
    folder = host.is_folder(there)
    root = goal.root(posixpath.basename(there), folder, content)
    waiting = [there]
    while waiting:
        path = waiting.pop()
        entry = host.lookup(path)
        if entry is not None and entry.kind == FILE:
            yield root + path[len(there) :], entry.size_bytes, entry.text
        waiting.extend(posixpath.join(path, name) for name in reversed(host.children(path)))


def _real_text(path: Path) -> str | None:
    if path.stat().st_size > MAX_CONTENT_BYTES:
        return None
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
