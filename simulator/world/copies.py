"""``docker cp``: files into a container and out of it, mounts included, whether it runs or not.

What is copied out lands in a folder of the machine: no real file is written.
"""

from __future__ import annotations

import posixpath

from simulator.errors import InputError, Refused
from simulator.image.context import MAX_CONTENT_BYTES
from simulator.image.model import DIRECTORY, FileEntry
from simulator.image.problems import NoSpace, NoSuchFile, NotADirectory
from simulator.node.file_view import Content
from simulator.node.files import Files
from simulator.node.mount_words import host_path
from simulator.units import format_bytes
from simulator.world.fleet import Fleet
from simulator.world.image_commands import CopyFromContainer, CopyIntoContainer
from simulator.world.jobs import Reply
from simulator.world.storage_facts import FilesCopied

MAX_COPIED = 100_000


def copy_into(fleet: Fleet, command: CopyIntoContainer) -> Reply:
    """Put files where the container has them; all of them or none."""
    container = fleet.container(command.container)
    storage = fleet.node_of(container).storage
    if len(command.files) > MAX_COPIED:
        raise InputError("too many files", found=len(command.files), expected=f"to {MAX_COPIED:,}")
    for path, size in command.files:
        if not path.startswith("/") or size < 0:
            raise InputError("bad path in a container", found=path, expected="an absolute path")
    if container.settings.read_only:
        raise Refused("container rootfs is marked read-only")
    total = sum(size for _, size in command.files)
    if total > container.daemon.images.room_bytes():
        raise Refused(f"no space left on device: {format_bytes(total)} needed")
    texts = dict(command.texts)
    entries = [
        FileEntry(posixpath.normpath(path), size, text=_text(texts, path, size))
        for path, size in command.files
    ]
    storage.merge(container, entries)
    goal = command.goal or container.name
    return Reply((FilesCopied(total, goal),))


def _text(texts: dict[str, str], path: str, size: int) -> str | None:
    text = texts.get(path)
    return text if text is not None and size <= MAX_CONTENT_BYTES else None


def copy_from(fleet: Fleet, command: CopyFromContainer) -> Reply:
    """Put files of a container into a folder of its machine."""
    container = fleet.container(command.container)
    storage = fleet.node_of(container).storage
    files = storage.files(container)
    try:
        source = files.stat(command.path)
    except (NoSuchFile, NotADirectory):
        raise Refused(
            f"Could not find the file {command.path} in container {command.container}"
        ) from None
    host = storage.volumes.host
    root = host_path(command.goal)
    root = posixpath.normpath(posixpath.join(host_path("."), root))
    if command.goal.endswith("/") or host.is_folder(root):
        root = posixpath.join(root, source.name)
    found = _below(files, source)
    total = sum(one.size_bytes for one in found)
    if total > container.daemon.space.free_bytes:
        raise NoSpace(root)
    for one in found:
        host.put(_entry(one, root + one.path[len(source.path) :]))
    return Reply((FilesCopied(total, root),))


def _below(files: Files, source: Content) -> list[Content]:
    found: list[Content] = []
    files.walk(source.path, found.append)
    if len(found) > MAX_COPIED:
        raise Refused(f"too many files to copy: {len(found):,}, at most {MAX_COPIED:,}")
    return found


def _entry(one: Content, path: str) -> FileEntry:
    size = one.size_bytes if one.kind != DIRECTORY or one.files > 1 else 0
    return FileEntry(
        path, size, one.mode, "", one.kind, one.uid, one.gid, one.target, max(1, one.files),
        one.text,
    )  # fmt: skip
