"""Starting one more process where the table of processes is full: fork(2) fails with EAGAIN."""

from __future__ import annotations

from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.machine.host import Machine
from simulator.machine.processes import of_container

AGAIN = "Resource temporarily unavailable"


def check_exec(container: Container) -> None:
    """Refuse another process in a container, in the words of its runtime, where none can be."""
    limit = container.limits.pids
    full = limit is not None and of_container(container) >= limit
    if full or is_full(container.machine) or is_full(container.daemon):
        raise Refused(
            "OCI runtime exec failed: exec failed: unable to start container process: "
            f"nsexec: unable to spawn stage-1: {AGAIN}: unknown"
        )


def check_shell(machine: Machine) -> None:
    """Refuse a command on a machine, in the words of a shell, where no process can be made."""
    if is_full(machine):
        raise Refused(f"bash: fork: {AGAIN}")


def is_full(machine: Machine) -> bool:
    """Whether nobody on a machine gets a process any more."""
    return machine.host.tenancy.is_stalled(machine.kernel)
