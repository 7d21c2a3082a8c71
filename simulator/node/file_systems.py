"""What ``df`` and ``mount`` tell in a container and on a machine: file systems, and how full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.machine.disk_space import DiskSpace
from simulator.machine.memory_space import MemorySpace
from simulator.node.files import Files, Mounted

DISK = "/dev/vda1"
"""The disk of a machine, as it is called where a folder of it is mounted."""
_NAMED = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
"""Files of the daemon's own that every container has mounted."""


@dataclass(frozen=True, slots=True)
class FileSystemUse:
    """One line of ``df``. Bytes, and files with folders and links (inodes)."""

    source: str
    type: str
    target: str
    size_bytes: int
    used_bytes: int
    inodes: int
    used_inodes: int
    read_only: bool = False

    @property
    def free_bytes(self) -> int:
        """What can still be written."""
        return max(0, self.size_bytes - self.used_bytes)


def file_systems(files: Files) -> tuple[FileSystemUse, ...]:
    """All of a container, the root first; the file systems of the kernel itself have no size."""
    root = files.root
    found = [_use(root, "overlay", "overlay")]
    for one in files.mounts:
        if isinstance(one.tree.space, MemorySpace):
            name = "shm" if one.target == "/dev/shm" else "tmpfs"
            found.append(_use(one, name, "tmpfs"))
        else:
            found.append(_use(one, DISK, "ext4"))
    taken = {one.target for one in files.mounts}
    named = [Mounted(path, root.tree) for path in _NAMED if path not in taken]
    found += [_use(one, DISK, "ext4") for one in named]
    return tuple(found)


def mount_lines(files: Files) -> tuple[str, ...]:
    """What ``mount`` prints of what was mounted for a container."""
    found = []
    for one in file_systems(files)[1:]:
        options = ["ro" if one.read_only else "rw"]
        if one.type == "tmpfs":
            options += ["nosuid", "nodev", "noexec", "relatime", f"size={one.size_bytes // 1024}k"]
        else:
            options.append("relatime")
        found.append(f"{one.source} on {one.target} type {one.type} ({','.join(options)})")
    return tuple(found)


def mount_tables(lines: Sequence[str]) -> dict[str, str]:
    """The kernel's own files of what is mounted, from lines of ``mount``."""
    rows = []
    for line in lines:
        source, _, rest = line.partition(" on ")
        target, _, rest = rest.partition(" type ")
        kind, _, options = rest.partition(" ")
        rows.append(f"{source} {target} {kind} {options.strip('()')} 0 0\n")
    return dict.fromkeys(("/proc/mounts", "/proc/self/mounts"), "".join(rows))


def of_machine(space: DiskSpace) -> tuple[FileSystemUse, ...]:
    """The disk of a machine, which its containers share."""
    return (_filled(space, DISK, "ext4", "/"),)


def _use(one: Mounted, source: str, kind: str) -> FileSystemUse:
    space = one.tree.space
    if not isinstance(space, DiskSpace):
        return FileSystemUse(source, kind, one.target, 0, 0, 0, 0, one.read_only)
    return _filled(space, source, kind, one.target, one.read_only)


def _filled(
    space: DiskSpace, source: str, kind: str, target: str, read_only: bool = False
) -> FileSystemUse:
    size, used = space.size_bytes, space.used_bytes
    return FileSystemUse(
        source, kind, target, size, used, space.inodes, space.used_inodes, read_only
    )


def under(files: Files, path: str) -> FileSystemUse:
    """The one that a path lies on: ``df PATH``."""
    place = files.mount_at(path)
    return next(one for one in file_systems(files) if one.target == place.target)
