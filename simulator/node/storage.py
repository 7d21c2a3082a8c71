"""What one daemon keeps of files: writable layers, volumes, and what is mounted where."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from simulator.errors import Refused
from simulator.image.model import DIRECTORY, FileEntry, Image
from simulator.image.problems import NoSpace, NoSuchFile
from simulator.image.trees import Tree
from simulator.image.union import FileSystem
from simulator.image.writable import WritableLayer
from simulator.machine import pagecache
from simulator.machine.container import Container
from simulator.machine.disk_space import DiskSpace
from simulator.machine.host import Machine
from simulator.machine.memory_space import MemorySpace
from simulator.machine.writing import Place
from simulator.node.files import Files
from simulator.node.mount_words import Mount
from simulator.node.mounting import Attached, MountPoint, Mounts, asked
from simulator.node.spec import ContainerSpec
from simulator.node.volumes import Volumes

PAGE_BYTES = 4096
_LINE_BYTES = {
    "json-file": len('{"log":"\\n","stream":"stdout","time":"2026-01-01T00:00:00.000000000Z"}\n')
}
"""What a driver writes around each line: its stream and its time, as JSON."""


class Storage:
    """The files of all containers of one daemon."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._layers: dict[str, WritableLayer] = {}
        self._shm: dict[str, int] = {}
        """Sizes of /dev/shm, where one was asked for."""
        self._logs = Tree(FileSystem(), f"logs {machine.name}", machine.space)
        self._swept: dict[str, None] = {}
        """Containers whose anonymous volumes are to go with them."""
        self.volumes = Volumes(machine)
        self._mounts = Mounts(self.volumes)

    # --- coming and going -----------------------------------------------------------------------

    def plan(self, spec: ContainerSpec, names: dict[str, Container]) -> None:
        """Refuse mounts that cannot be, before anything is made."""
        if spec.shm_bytes is not None and spec.shm_bytes < 0:
            raise Refused(f"SHM size can not be less than 0: {spec.shm_bytes}")
        self._mounts.check(self._asked(spec))
        self._mounts.inherited(spec.volumes_from, names)

    def _asked(self, spec: ContainerSpec) -> tuple[Mount, ...]:
        return asked(spec) if spec.binds or spec.mounts or spec.tmpfs else ()

    def check_room(self, spec: ContainerSpec, image: Image) -> None:
        """Refuse a container that its disk has no room for, with what its new volumes get."""
        space = self._machine.space
        if space.free_bytes < PAGE_BYTES:
            raise Refused("mkdir /var/lib/docker/overlay2: no space left on device")
        if image.config.volumes or spec.binds or spec.mounts:
            target, needed = self._mounts.filling(self._asked(spec), image)
            if needed > space.free_bytes:
                raise Refused(f"failed to populate volume: copy {target}: no space left on device")

    def attach(
        self, container: Container, spec: ContainerSpec, names: dict[str, Container]
    ) -> None:
        """Give a new container its mounts."""
        if spec.shm_bytes:
            self._shm[container.id] = spec.shm_bytes
        wanted = self._asked(spec)
        inherited = self._mounts.inherited(spec.volumes_from, names)
        if wanted or inherited or container.image.config.volumes:
            self._mounts.attach(container, wanted, inherited)
            self._make_places(container, [one.target for one in wanted])

    def _make_places(self, container: Container, targets: list[str]) -> None:
        """Folders to mount on where the image has none: the runtime makes them in the layer."""
        layer = self.layer(container)
        bare = Files(layer)
        for target in targets:
            if not bare.exists(target):
                with suppress(NoSpace):
                    layer.put(FileEntry(target, 0, 0o755, kind=DIRECTORY))

    def forget(self, container: Container, *, volumes: bool) -> None:
        """A container is gone; ``volumes``: and with it the anonymous ones of its volumes."""
        layer = self._layers.pop(container.id, None)
        if layer is not None:
            layer.clear()
        self._shm.pop(container.id, None)
        if self._logs.owns(_log_path(container)):
            self._logs.drop(_log_path(container))
        swept = container.id in self._swept
        self._swept.pop(container.id, None)
        self._mounts.detach(container, volumes=volumes or swept)

    def sweep(self, container: Container) -> None:
        """When it is removed its anonymous volumes go, too."""
        self._swept[container.id] = None

    # --- looking --------------------------------------------------------------------------------

    def mounts(self, container: Container) -> tuple[Attached, ...]:
        """What is mounted in a container."""
        return self._mounts.of(container)

    def points(self, container: Container) -> tuple[MountPoint, ...]:
        """The same as ``docker inspect`` shows it."""
        return self._mounts.points(container)

    def files(self, container: Container) -> Files:
        """What the processes of a container see of files, and may write."""
        mounts = self._mounts.visible(container, self._shm.get(container.id))
        return Files(
            self.layer(container),
            mounts,
            read_only=container.settings.read_only,
            wrote=partial(self.wrote, container),
            now_s=container.sim.now,
        )

    def wrote(self, container: Container, tree: Tree, size_bytes: int) -> None:
        """A program of a container has written so much: to the disk, if it is no memory."""
        if container.running and not isinstance(tree.space, MemorySpace):
            pagecache.put(container, size_bytes)

    def layer(self, container: Container) -> WritableLayer:
        """The writable layer of a container, empty at first."""
        found = self._layers.get(container.id)
        if found is None:
            found = WritableLayer(container.image, container.name, self._machine.space)
            self._layers[container.id] = found
        return found

    def written_bytes(self, container: Container | None = None) -> int:
        """Bytes of the writable layer of one container, or of all."""
        if container is not None:
            layer = self._layers.get(container.id)
            return 0 if layer is None else layer.size_bytes
        return sum(layer.size_bytes for layer in self._layers.values())

    def kept_bytes(self, container: Container) -> int:
        """Bytes of the volumes that a container has, which outlive it."""
        held = {one.volume.name: one.volume for one in self.mounts(container) if one.volume}
        return sum(one.tree.size_bytes for one in held.values())

    def take_over(self, new: Container, giver: Storage, old: Container) -> None:
        """The volumes of a new container get what those of another daemon's hold."""
        trees = {one.mount.target: one.tree for one in giver.mounts(old) if one.volume}
        for one in self.mounts(new):
            source = trees.get(one.mount.target)
            if one.volume is not None and source is not None:
                for entry in source.entries:
                    one.tree.put(entry)

    # --- writing --------------------------------------------------------------------------------

    def place(self, container: Container, folder: str, name: str) -> Place:
        """Where a file lies that a program lets grow: in its own folder where none is named."""
        config = container.image.config
        usual = config.volumes[0] if config.volumes else config.workdir or "/"
        tree, inner = self.files(container).writable(posixpath.join(folder or usual, name))
        space = tree.space
        assert isinstance(space, DiskSpace)
        return Place(tree, inner, space)

    def check_writable(self, container: Container, paths: Iterable[str]) -> None:
        """Refuse paths that lie on what can only be read; ReadOnly."""
        files = self.files(container)
        for path in paths:
            files.writable(path)

    def log_place(self, container: Container) -> Place:
        """Where the output of a container is kept."""
        return Place(self._logs, _log_path(container), self._machine.space)

    def printed(self, container: Container, text: str) -> None:
        """A container has printed a line: its daemon keeps it, while there is room for it."""
        settings, path = container.settings.log, _log_path(container)
        if not settings.most_bytes:
            return
        size = len(text.encode(errors="replace")) + _LINE_BYTES.get(settings.driver, 1)
        entry = self._logs.lookup(path)
        held = 0 if entry is None else entry.size_bytes
        with suppress(NoSpace):
            self._logs.put(FileEntry(path, int(min(held + size, settings.most_bytes)), 0o640))

    def log_bytes(self, container: Container) -> int:
        """Bytes that are kept of the output of a container."""
        entry = self._logs.lookup(_log_path(container))
        return 0 if entry is None else entry.size_bytes

    def merge(
        self, container: Container, written: Sequence[FileEntry], removed: Iterable[str] = ()
    ) -> int:
        """Take over what a command wrote and removed, each on the mount where it lies; the bytes
        that had to be copied up. ReadOnly, NoSpace."""
        files, layer = self.files(container), self.layer(container)
        placed = [(entry, *files.writable(entry.path)) for entry in written]
        gone = [(path, *files.writable(path)) for path in dict.fromkeys(removed)]
        copied = layer.merge((), [path for path, tree, _ in gone if tree is layer])
        for _, tree, inner in gone:
            if tree is not layer:
                with suppress(NoSuchFile):
                    tree.drop(inner)
        for entry, tree, inner in placed:
            if tree is layer:
                copied += layer.merge((entry,))
            else:
                tree.put(replace(entry, path=inner))
        return copied


def _log_path(container: Container) -> str:
    local = container.settings.log.driver == "local"
    name = "local-logs/container.log" if local else f"{container.id}-json.log"
    return f"/{container.id}/{name}"
