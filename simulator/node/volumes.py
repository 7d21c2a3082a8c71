"""The volumes of one daemon, and the folders of its machine that containers are given.

A volume is a tree of files of its own on the daemon's disk: what is in it stays until somebody
removes the volume. Folders of the host are one tree, which holds what containers have made there
and what every Linux host has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.errors import Refused
from simulator.image.model import DIRECTORY, FileEntry, Layer
from simulator.image.trees import Tree
from simulator.image.union import FileSystem
from simulator.machine.host import Machine
from simulator.node.mount_words import check_volume_name

ROOT_FOLDER = "/var/lib/docker/volumes"
ANONYMOUS_LABEL = "com.docker.volume.anonymous"
MAX_VOLUMES = 100_000
_FOLDERS = (
    "/bin", "/boot", "/dev", "/dev/disk", "/dev/shm", "/etc", "/etc/ssl", "/etc/ssl/certs",
    "/home", "/lib",
    "/lib/modules", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",
    "/sys/fs/cgroup", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/share",
    "/usr/src", "/var", "/var/lib", "/var/lib/docker", "/var/lib/docker/containers",
    "/var/lib/docker/image", "/var/lib/docker/overlay2", "/var/lib/docker/volumes", "/var/log",
    "/var/run", "/var/tmp",
)  # fmt: skip
_FILES = {
    "/dev/kmsg": 0o644,
    "/dev/null": 0o666,
    "/etc/machine-id": 0o444,
    "/etc/os-release": 0o644,
    "/etc/hostname": 0o644,
    "/etc/hosts": 0o644,
    "/etc/localtime": 0o644,
    "/etc/passwd": 0o644,
    "/etc/group": 0o644,
    "/etc/resolv.conf": 0o644,
    "/etc/timezone": 0o644,
    "/run/docker.sock": 0o660,
    "/var/run/docker.sock": 0o660,
}
HOST_FILES = FileSystem(
    [
        Layer.of(
            [FileEntry(path, 0, 0o755, kind=DIRECTORY) for path in _FOLDERS]
            + [FileEntry(path, 0, mode) for path, mode in _FILES.items()],
            "a Linux host",
            size_bytes=0,
        )
    ]
)
"""What may be mounted from every host, of its own size nothing."""


class NoSuchVolume(Refused):
    """This daemon has no volume of the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"get {name}: no such volume")
        self.name = name


class VolumeInUse(Refused):
    """A container has the volume mounted, whether it runs or not."""

    def __init__(self, name: str, users: tuple[str, ...]) -> None:
        super().__init__(f"remove {name}: volume is in use - [{', '.join(users)}]")
        self.users = users


@dataclass(slots=True, eq=False)
class Volume:
    """One volume, and the containers (by identity) that have it mounted."""

    name: str
    tree: Tree
    created_at: float
    labels: dict[str, str] = field(default_factory=dict)
    users: dict[str, None] = field(default_factory=dict)

    @property
    def anonymous(self) -> bool:
        """Whether nobody gave it its name."""
        return ANONYMOUS_LABEL in self.labels

    @property
    def mountpoint(self) -> str:
        """Where its files lie on the host."""
        return f"{ROOT_FOLDER}/{self.name}/_data"


class Volumes:
    """The table of volumes of one daemon."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.all: dict[str, Volume] = {}
        """By name, in the order of creation."""
        self._host: Tree | None = None

    @property
    def host(self) -> Tree:
        """The files of the machine itself that containers may be given."""
        if self._host is None:
            self._host = Tree(HOST_FILES, f"host {self._machine.name}", self._machine.space)
        return self._host

    @property
    def host_bytes(self) -> int:
        """Bytes that containers have written to folders of the host."""
        return 0 if self._host is None else self._host.size_bytes

    def get(self, name: str) -> Volume:
        """The volume of this name; NoSuchVolume."""
        found = self.all.get(name)
        if found is None:
            raise NoSuchVolume(name)
        return found

    def create(self, name: str, labels: Mapping[str, str] | None = None) -> Volume:
        """A volume of this name: the one that is there, or a new and empty one."""
        found = self.all.get(name)
        if found is not None:
            return found
        check_volume_name(name)
        if len(self.all) >= MAX_VOLUMES:
            raise Refused(f"there are {MAX_VOLUMES} volumes already")
        tree = Tree(FileSystem(), f"volume {name}", self._machine.space)
        made = Volume(name, tree, self._machine.parts.sim.now, dict(labels or {}))
        self.all[name] = made
        return made

    def create_anonymous(self, seed: str) -> Volume:
        """A new volume with a name that depends on what it is made for."""
        name = hashlib.sha256(f"volume {seed}".encode()).hexdigest()
        return self.create(name, {ANONYMOUS_LABEL: ""})

    def remove(self, name: str) -> Volume:
        """Delete a volume with all that is in it; VolumeInUse while a container has it."""
        found = self.get(name)
        if found.users:
            raise VolumeInUse(name, tuple(found.users))
        del self.all[name]
        found.tree.clear()
        return found

    def prune(self, *, everything: bool) -> list[tuple[str, int]]:
        """Delete the anonymous volumes (or all) that no container has: names, and their bytes."""
        idle = [one for one in self.all.values() if not one.users and (everything or one.anonymous)]
        gone = [(one.name, one.tree.size_bytes) for one in idle]
        for one in idle:
            self.remove(one.name)
        return gone

    @property
    def size_bytes(self) -> int:
        """Bytes of all volumes."""
        return sum(one.tree.size_bytes for one in self.all.values())
