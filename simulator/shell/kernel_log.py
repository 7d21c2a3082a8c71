"""``dmesg``: what the kernel of a machine said, of what is modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.machine.events import OomKilled
from simulator.machine.events_trouble import ConnectionsDropped, ForkRefused, ProcessKilled
from simulator.machine.procfiles import version_file
from simulator.node.seats import BUILD

if TYPE_CHECKING:
    from simulator.machine.host import Machine
    from simulator.world.world import World


def kernel_log(world: World, machine: Machine) -> list[str]:
    """A line for each thing that it said, with the seconds since the world began."""
    version = version_file(machine.kernel.os, machine.kernel.version, BUILD)
    lines = [f"[{0.0:12.6f}] {version}"]
    for entry in world.journal:
        text = _line(world, machine, entry.event)
        if text:
            lines.append(f"[{entry.time:12.6f}] {text}")
    return lines


def _line(world: World, machine: Machine, event: object) -> str:
    if isinstance(event, ConnectionsDropped):
        mine = event.subject == machine.name
        return "nf_conntrack: nf_conntrack: table full, dropping packet" if mine else ""
    if not isinstance(event, OomKilled | ProcessKilled | ForkRefused):
        return ""
    container = world.containers.get(event.subject)
    if container is None or container.machine is not machine:
        return ""
    scope = f"/system.slice/docker-{container.id}.scope"
    if isinstance(event, ForkRefused):
        return f"cgroup: fork rejected by pids controller in {scope}"
    return f"Memory cgroup out of memory: Killed a process of {scope} ({event.subject})"
