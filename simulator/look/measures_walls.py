"""Measures of walls: what shares a kernel, what falls with what, who reaches whom by a flaw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.errors import InputError, unknown
from simulator.look.finding import Finder
from simulator.machine.boundaries import Tenant
from simulator.machine.container import Container
from simulator.machine.flaws import Blast, blast, flaw
from simulator.machine.host import Machine
from simulator.machine.processes import of_container
from simulator.machine.virtual_machine import VirtualMachine
from simulator.world.security import tenant_of, tenants

if TYPE_CHECKING:
    from simulator.world.world import World


class WallMeasures:
    """Functions over the walls and limits of containers of one world."""

    _world: World

    def kernel_of(self, container: str) -> str:
        """The machine whose kernel runs a container: its own, in a virtual machine of its own."""
        return self._machine_under(container).name

    def own_kernels(self, alias: str) -> int:
        """Running containers of an alias that share their kernel with nobody: no host, no other."""
        running = [one for one in self._world.containers.values() if one.state == "running"]
        under = [_kernel_machine(one.machine) for one in running]
        tenants = Counter(machine.name for machine in under)
        return sum(
            isinstance(machine, VirtualMachine) and tenants[machine.name] == 1
            for one, machine in zip(running, under, strict=True)
            if alias in one.settings.aliases
        )

    def falls_with(self, name: str, other: str) -> bool:
        """Whether a container or VM is lost when the kernel under another container panics.

        ``other`` may be a machine, too: then it is its kernel that panics.
        """
        fallen = self._machine_under(other)
        machine: Machine | None = self._machine_under(name)
        if name in self._world.machines and isinstance(machine, VirtualMachine):
            if fallen is machine:
                return True
            machine = machine.on
        while machine is not None:
            if _kernel_machine(machine) is _kernel_machine(fallen):
                return True
            machine = machine.on if isinstance(machine, VirtualMachine) else None
        return False

    def reachable(self, container: str, other: str, flaw: str = "") -> bool:
        """Whether an intruder in a container reaches another one, or a VM.

        Without ``flaw``: by what flaws were used so far; with one: if that were used now.
        """
        return other in self._reached(container, flaw)

    def reached(self, container: str, flaw: str = "") -> int:
        """How many others an intruder in a container reaches: see ``reachable``."""
        return len(self._reached(container, flaw))

    def stopped(self, container: str, flaw: str) -> bool:
        """Whether a flaw, used now from a container, gets nowhere."""
        return self._blast(container, flaw).failed_boundary is None

    def _reached(self, container: str, word: str) -> tuple[str, ...]:
        if word:
            return self._blast(container, word).reachable
        return self._world.intrusions.get(self._container(container).name, ())

    def _blast(self, container: str, word: str) -> Blast:
        found = self._container(container)
        standing: Tenant = self._world.intruders.standing(found.name) or tenant_of(found)
        return blast(flaw(word), standing, tenants(self._world.fleet))

    # --- limits -----------------------------------------------------------------------------------

    def memory_limit(self, container: str) -> float:
        """Limit of a container's memory in bytes; infinity where there is none."""
        limit = self._container(container).limits.memory_bytes
        return float("inf") if limit is None else float(limit)

    def pids(self, container: str) -> int:
        """Processes and threads in a container now."""
        return of_container(self._container(container))

    def pids_limit(self, container: str) -> float:
        """Most processes and threads of a container; infinity where there is no limit."""
        limit = self._container(container).limits.pids
        return float("inf") if limit is None or limit < 0 else float(limit)

    def cpu_limit(self, container: str) -> float:
        """Quota of a container in cores; infinity where there is none."""
        limit = self._container(container).limits.cpus
        return float("inf") if limit is None else float(limit)

    def exit_code(self, container: str) -> int:
        """With which code a container has ended; 137 after the OOM killer."""
        code = self._container(container).exit_code
        if code is None:
            raise InputError("this container has not ended yet", found=container)
        return code

    def oom_killed(self, container: str) -> bool:
        """Whether a container was ended last by the OOM killer."""
        return bool(self._container(container).oom_killed)

    # --- finding ----------------------------------------------------------------------------------

    def _container(self, name: str) -> Container:
        found = Finder(self._world).containers(name, None)
        if not found:
            raise unknown("container", name, list(self._world.containers))
        return found[0]

    def _machine_under(self, name: str) -> Machine:
        """The machine of this name, or the one whose kernel runs a container."""
        found = self._world.machines.get(name)
        return found if found is not None else _kernel_machine(self._container(name).machine)


def _kernel_machine(machine: Machine) -> Machine:
    """The machine whose kernel serves one: a partition has none of its own."""
    while isinstance(machine, VirtualMachine) and machine.kernel.owner is not None:
        machine = machine.on
    return machine
