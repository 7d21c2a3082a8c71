"""What is mounted in a container: from what it was asked to be and its image, to trees of files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from simulator.errors import Refused
from simulator.image.model import DIRECTORY, FileEntry, Image
from simulator.image.trees import Tree
from simulator.image.union import FileSystem
from simulator.machine.container import Container
from simulator.machine.memory_space import SHM_BYTES, MemorySpace
from simulator.node.file_view import Mounted
from simulator.node.mount_words import (
    BIND,
    TMPFS,
    VOLUME,
    Mount,
    parse_mount,
    parse_tmpfs,
    parse_volume,
    parse_volumes_from,
)
from simulator.node.spec import ContainerSpec
from simulator.node.volumes import ROOT_FOLDER, Volume, Volumes


@dataclass(frozen=True, slots=True)
class MountPoint:
    """One row of ``Mounts`` of ``docker inspect``."""

    type: str
    name: str
    source: str
    destination: str
    mode: str
    rw: bool
    propagation: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """A mount of a container that is there, with the files that it shows."""

    mount: Mount
    tree: Tree
    base: str = "/"
    volume: Volume | None = None

    @property
    def mounted(self) -> Mounted:
        """As the container's file system takes it."""
        return Mounted(self.mount.target, self.tree, self.base, self.mount.read_only)

    @property
    def point(self) -> MountPoint:
        """As ``docker inspect`` shows it."""
        one, volume = self.mount, self.volume
        name, source = ("", one.source) if volume is None else (volume.name, volume.mountpoint)
        return MountPoint(
            one.type, name, source, one.target, one.mode, not one.read_only, one.propagation
        )


def asked(spec: ContainerSpec) -> tuple[Mount, ...]:
    """All mounts that a specification asks for by itself; Refused, InputError for bad words."""
    found: dict[str, Mount] = {}
    mounts = [parse_volume(text) for text in spec.binds]
    mounts += [parse_mount(text) for text in spec.mounts]
    mounts += [parse_tmpfs(text) for text in spec.tmpfs]
    for one in mounts:
        if one.target in found:
            raise Refused(f"Duplicate mount point: {one.target}")
        found[one.target] = one
    return tuple(found.values())


class Mounts:
    """The mounts of all containers of one daemon, by identity."""

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes
        self._attached: dict[str, tuple[Attached, ...]] = {}
        self._shared_memory: dict[str, tuple[Attached, ...]] = {}

    def of(self, container: Container) -> tuple[Attached, ...]:
        """What is mounted in a container, by its path there."""
        return self._attached.get(container.id, ())

    def points(self, container: Container) -> tuple[MountPoint, ...]:
        """Its rows of ``Mounts``."""
        return tuple(one.point for one in self.of(container) if one.mount.in_list)

    def visible(self, container: Container, shm_bytes: int | None) -> tuple[Mounted, ...]:
        """All that its file system has mounted, /dev/shm included."""
        known = self._shared_memory.get(container.id)
        if known is None:
            taken = {one.mount.target for one in self.of(container)}
            sizes = {"/dev": SHM_BYTES, "/dev/shm": shm_bytes or SHM_BYTES}
            known = tuple(
                self._in_memory(container, Mount(TMPFS, target, size_bytes=size))
                for target, size in sizes.items()
                if target not in taken
            )
            self._shared_memory[container.id] = known
        return tuple(one.mounted for one in (*self.of(container), *known))

    # --- coming and going -----------------------------------------------------------------------

    def check(self, mounts: Sequence[Mount]) -> None:
        """Refuse what is wanted of the host and is not there."""
        for one in mounts:
            if one.type == BIND and not one.creates and not self._volumes.host.exists(one.source):
                raise Refused(
                    'invalid mount config for type "bind": bind source path does not exist: '
                    f"{one.source}"
                )
            volume = self._volumes.all.get(one.source) if one.subpath else None
            inside = posixpath.join("/", one.subpath)
            if one.subpath and not (volume and volume.tree.is_folder(inside)):
                path = f"{ROOT_FOLDER}/{one.source}/_data/{one.subpath}"
                raise Refused(f"cannot access path {path}: lstat {path}: no such file or directory")

    def inherited(self, words: Sequence[str], names: dict[str, Container]) -> tuple[Attached, ...]:
        """The mounts that ``--volumes-from`` takes over; Refused for a container that is none."""
        found: dict[str, Attached] = {}
        for text in words:
            name, read_only = parse_volumes_from(text)
            giver = names.get(name) or _by_id(name, names)
            if giver is None:
                raise Refused(f"No such container: {name}")
            for one in self.of(giver):
                if one.mount.type != TMPFS:
                    mount = replace(one.mount, read_only=one.mount.read_only or read_only)
                    found[mount.target] = replace(one, mount=mount)
        return tuple(found.values())

    def attach(
        self, container: Container, asked: Sequence[Mount], inherited: Sequence[Attached] = ()
    ) -> None:
        """Mount what was asked for, and the volumes that the image wants; there is room for what
        new ones get of the image."""
        found = {one.mount.target: one for one in inherited}
        for target, mount in _wanted(asked, container.image, found).items():
            found[target] = self._make(container, mount)
            _fill(found[target], container.image)
        for one in found.values():
            if one.volume is not None:
                one.volume.users[container.id] = None
        if found:
            self._attached[container.id] = tuple(found[target] for target in sorted(found))

    def filling(self, asked: Sequence[Mount], image: Image) -> tuple[str, int]:
        """Bytes that new volumes of a container would get of its image, and the largest's path."""
        sizes = {
            target: sum(entry.size_bytes for entry in _content(mount, image).values())
            for target, mount in _wanted(asked, image, ()).items()
            if mount.type == VOLUME and mount.source not in self._volumes.all
        }
        return max(sizes, key=lambda path: sizes[path], default=""), sum(sizes.values())

    def _make(self, container: Container, mount: Mount) -> Attached:
        if mount.type == TMPFS:
            return self._in_memory(container, mount)
        if mount.type == BIND:
            host = self._volumes.host
            if not host.exists(mount.source):
                host.put(_folder(mount.source))
            return Attached(mount, host, mount.source)
        if mount.source:
            volume = self._volumes.create(mount.source, dict(mount.labels))
        else:
            volume = self._volumes.create_anonymous(f"{container.id} {mount.target}")
        return Attached(mount, volume.tree, posixpath.join("/", mount.subpath), volume)

    def _in_memory(self, container: Container, mount: Mount) -> Attached:
        space = MemorySpace(container, mount.size_bytes)
        container.memory_spaces.append(space)
        return Attached(mount, space.tree)

    def detach(self, container: Container, *, volumes: bool) -> None:
        """A container is gone; ``volumes``: and with it its anonymous volumes, if nobody else has
        them."""
        self._shared_memory.pop(container.id, None)
        self._let_go(container, self._attached.pop(container.id, ()), volumes)

    def _let_go(self, container: Container, held: Iterable[Attached], volumes: bool) -> None:
        for one in held:
            volume = one.volume
            if volume is None:
                continue
            volume.users.pop(container.id, None)
            if volumes and volume.anonymous and not volume.users:
                self._volumes.all.pop(volume.name, None)
                volume.tree.clear()


def _by_id(text: str, names: dict[str, Container]) -> Container | None:
    hits = [one for one in names.values() if len(text) >= 4 and one.id.startswith(text)]
    return hits[0] if len(hits) == 1 else None


def _folder(path: str) -> FileEntry:

    return FileEntry(path, 0, 0o755, kind=DIRECTORY)


def _fill(made: Attached, image: Image) -> None:
    """A new volume gets what the image has at its place, owners and modes too."""
    volume = made.volume
    if volume is None or volume.tree.count:
        return
    for path, entry in _content(made.mount, image).items():
        volume.tree.put(replace(entry, path=path[len(made.mount.target) :] or "/"))


def _content(mount: Mount, image: Image) -> dict[str, FileEntry]:
    """What a new volume gets of an image: what lies at and below its place."""
    below = FileSystem(image.layers)
    if not mount.copies or mount.subpath or not below.is_folder(mount.target):
        return {}
    return below.under(mount.target)


def _wanted(asked: Sequence[Mount], image: Image, taken: Iterable[str]) -> dict[str, Mount]:
    """What was asked for by target, and the volumes that the image declares besides."""
    found = {one.target: one for one in asked}
    for path in image.config.volumes:
        target = posixpath.normpath("/" + path.strip("/"))
        if target != "/" and target not in taken:
            found.setdefault(target, Mount(VOLUME, target))
    return found
