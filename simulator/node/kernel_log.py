"""What the kernel of a machine said, of what is modelled: the lines of ``dmesg``."""

from __future__ import annotations

from simulator.machine.events import OomKilled
from simulator.machine.events_trouble import ConnectionsDropped, ForkRefused, ProcessKilled
from simulator.machine.host import Machine
from simulator.machine.procfiles import version_file
from simulator.node.seats import BUILD


def kernel_log(machine: Machine) -> list[tuple[float, str]]:
    """Seconds since the world began, and a line, for each thing that it said."""
    version = version_file(machine.kernel.os, machine.kernel.version, BUILD)
    lines = [(0.0, version)]
    for entry in machine.parts.sim.journal:
        text = _line(machine, entry.event)
        if text:
            lines.append((entry.time, text))
    return lines


def _line(machine: Machine, event: object) -> str:
    if isinstance(event, ConnectionsDropped):
        mine = event.subject == machine.name
        return "nf_conntrack: nf_conntrack: table full, dropping packet" if mine else ""
    if not isinstance(event, OomKilled | ProcessKilled | ForkRefused):
        return ""
    container = machine.kernel.containers.get(event.subject)
    if container is None:
        return ""
    scope = f"/system.slice/docker-{container.cpu.name}.scope"
    if isinstance(event, ForkRefused):
        return f"cgroup: fork rejected by pids controller in {scope}"
    return f"Memory cgroup out of memory: Killed a process of {scope} ({event.subject})"
