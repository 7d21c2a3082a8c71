"""``docker version`` and ``docker info``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import simulator
from simulator.shell import lookup
from simulator.shell.docker.listing import ACTIVE
from simulator.shell.grammar import Call
from simulator.shell.registry import verb
from simulator.units import format_binary_bytes

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb("docker version", "Versions of the simulator and of the kernel", examples=("docker version",))
def version(session: Session, call: Call) -> Iterable[str]:
    """Client and server are one program here."""
    machine = lookup.machine(session.reader, call["host"])
    session.say(
        (
            "Client: Drydock (simulated Docker Engine)",
            f" Version:           {simulator.__version__}",
            "",
        )
    )
    lookup.need_daemon(machine)
    versions = dict(session.world.machine(machine.name).versions)
    return [
        "Server: Docker Engine (simulated)",
        " Engine:",
        f"  Version:          {versions['docker']}",
        f"  OS/Arch:          {machine.kernel.os}/{machine.architecture}",
        f"  Kernel Version:   {machine.kernel.version}",
        *(
            line
            for name in ("containerd", "runc")
            for line in (f" {name}:", f"  Version:          {versions[name]}")
        ),
    ]


@verb(
    "docker info",
    "The machine that docker talks to",
    aliases=("docker system info",),
    examples=("docker info", "docker -H vm1 info"),
)
def info(session: Session, call: Call) -> Iterable[str]:
    """Counts, kernel, hardware."""
    machine = lookup.machine(session.reader, call["host"])
    states = [one.state for one in session.reader.containers_on(machine.name)]
    versions = dict(session.world.machine(machine.name).versions)
    return [
        "Server:",
        f" Containers: {len(states)}",
        f"  Running: {states.count('running')}",
        f"  Paused: {states.count('paused')}",
        f"  Stopped: {sum(state not in ACTIVE for state in states)}",
        f" Images: {len(session.reader.images_on(machine.name))}",
        f" Server Version: {versions['docker']}",
        *_linux_lines(machine.kernel.os),
        f" containerd version: {versions['containerd']}",
        *([f" runc version: {versions['runc']}"] if machine.kernel.os == "linux" else []),
        f" Kernel Version: {machine.kernel.version}",
        f" OSType: {machine.kernel.os}",
        f" Architecture: {machine.architecture}",
        f" CPUs: {machine.cores:g}",
        f" Total Memory: {format_binary_bytes(machine.memory_bytes)}",
        f" Name: {machine.name}",
    ]


def _linux_lines(system: str) -> list[str]:
    """How layers are kept, and which cgroups a kernel has."""
    if system == "windows":
        return [" Storage Driver: windowsfilter"]
    return [" Storage Driver: overlayfs", " Cgroup Version: 2"]
