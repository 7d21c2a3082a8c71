"""The flags of ``docker run`` that are about files, and how ``docker inspect`` shows them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from simulator.errors import InputError, Refused
from simulator.machine.memory_space import SHM_BYTES
from simulator.node.log_words import DRIVERS
from simulator.node.mount_words import Mount, parse_mount, parse_tmpfs
from simulator.node.mounting import MountPoint
from simulator.node.spec import ContainerSpec
from simulator.node.volumes import Volume
from simulator.shell import kinds
from simulator.shell.grammar import Flag, Kind


def _mount(value: str) -> str:
    """A mount whose fields a client takes; what a daemon refuses it refuses later."""
    with suppress(Refused):
        parse_mount(value)
    return value


def _driver(value: str) -> str:
    if value != "local":
        raise InputError(
            "of volume drivers only 'local' is modelled, whose volumes lie on the machine's disk",
            found=value,
            expected="local",
        )
    return value


FLAGS = (
    Flag(
        ("-v", "--volume"),
        "[VOLUME|HOST PATH:]PATH[:ro]: files that outlive it, or a folder of the host",
        kinds.text("list"),
        repeat=True,
        sets="binds",
    ),
    Flag(
        ("--mount",),
        "the same as type=volume|bind|tmpfs,source=...,target=...[,readonly]",
        Kind("mount", _mount),
        repeat=True,
        sets="mounts",
    ),
    Flag(
        ("--tmpfs",),
        "PATH[:size=64m]: a file system in its memory",
        kinds.text("list"),
        repeat=True,
        sets="tmpfs",
    ),
    Flag(
        ("--volumes-from",),
        "a container whose mounts it gets (:ro: only to read)",
        Kind("list", kinds.TEXT.parse, "container"),
        repeat=True,
        sets="volumes_from",
        shown="VolumesFrom",
    ),
    Flag(("--volume-driver",), "local is the only one", Kind("string", _driver)),
    Flag(
        ("--log-driver",),
        "where its output goes: json-file, local or none",
        Kind("string", kinds.TEXT.parse, choices=DRIVERS),
        sets="log_driver",
    ),
    Flag(
        ("--log-opt",),
        "max-size=10m, max-file=3: how much of it is kept",
        Kind("list", kinds.TEXT.parse),
        repeat=True,
        sets="log_opts",
    ),
    Flag(
        ("--storage-opt",),
        "",
        kinds.TEXT,
        refused="it works only for overlay over xfs with the mount option 'pquota', and disks here "
        "are ext4; what has a size of its own is memory: --tmpfs PATH:size=64m",
    ),
    Flag(("--shm-size",), "size of /dev/shm (64 MiB)", kinds.BYTES, sets="shm_bytes"),
)


def host_config(spec: ContainerSpec) -> dict[str, Any]:
    """What was asked, by Docker's names within HostConfig."""
    found: dict[str, Any] = {
        "Binds": [text for text in spec.binds if ":" in text] or None,
        "VolumeDriver": "",
        "LogConfig": {
            "Type": spec.log_driver or "json-file",
            "Config": dict(text.split("=", 1) for text in spec.log_opts),
        },
        "ShmSize": spec.shm_bytes or SHM_BYTES,
    }
    if spec.mounts:
        found["Mounts"] = [_asked(parse_mount(text)) for text in spec.mounts]
    if spec.tmpfs:
        found["Tmpfs"] = {one.target: one.mode for one in map(parse_tmpfs, spec.tmpfs)}
    return found


def _asked(one: Mount) -> dict[str, Any]:
    found: dict[str, Any] = {"Type": one.type}
    if one.source:
        found["Source"] = one.source
    found["Target"] = one.target
    if one.read_only:
        found["ReadOnly"] = True
    if one.size_bytes is not None:
        found["TmpfsOptions"] = {"SizeBytes": one.size_bytes}
    return found


def volume_document(one: Volume, created: str) -> dict[str, Any]:
    """A volume with Docker's key names; ``created``: the date."""
    return {
        "CreatedAt": created,
        "Driver": "local",
        "Labels": dict(one.labels) or None,
        "Mountpoint": one.mountpoint,
        "Name": one.name,
        "Options": None,
        "Scope": "local",
    }


def mount_points(points: tuple[MountPoint, ...]) -> list[dict[str, Any]]:
    """``Mounts`` of ``docker inspect``."""
    rows = []
    for one in points:
        named = {"Name": one.name} if one.name else {}
        driver = {"Driver": "local"} if one.name else {}
        rows.append(
            {
                "Type": one.type,
                **named,
                "Source": one.source,
                "Destination": one.destination,
                **driver,
                "Mode": one.mode,
                "RW": one.rw,
                "Propagation": one.propagation,
            }
        )
    return rows
