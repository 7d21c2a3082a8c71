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
        *_swarm_lines(session, machine.name),
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


def _swarm_lines(session: Session, machine: str) -> list[str]:
    """Whether it is a member of a swarm, and what it knows of it."""
    swarm = session.world.orchestras.swarm_of(machine)
    node = None if swarm is None else swarm.member(machine)
    if swarm is None or node is None:
        return [" Swarm: inactive"]
    lines = [" Swarm: active", f"  NodeID: {node.id}", f"  Is Manager: {str(node.manager).lower()}"]
    if node.manager and swarm.state.leaderless:
        lines.append("  Error: the swarm does not have a leader")
    elif node.manager:
        lines += [
            f"  ClusterID: {swarm.state.id}",
            f"  Managers: {len(swarm.managers.members())}",
            f"  Nodes: {len(swarm.state.nodes)}",
        ]
    return [*lines, f"  Node Address: {node.address}"]


def _linux_lines(system: str) -> list[str]:
    """How layers are kept, and which cgroups a kernel has."""
    if system == "windows":
        return [" Storage Driver: windowsfilter"]
    return [" Storage Driver: overlayfs", " Cgroup Version: 2"]
