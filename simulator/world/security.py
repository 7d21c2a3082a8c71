"""Security in a living world: a container's switches, everybody's walls, and flaws used on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.engine import Event
from simulator.machine.boundaries import (
    Boundary,
    Tenant,
)
from simulator.machine.container import Container
from simulator.machine.flaws import blast, escalated, flaw
from simulator.machine.host import Machine
from simulator.machine.virtual_machine import VirtualMachine
from simulator.world.commands import ApplyFlaw
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.machine_facts import FlawUsed


@dataclass(frozen=True, slots=True)
class FlawApplied(Event):
    """Somebody used a flaw from inside a container. Empty ``failed``: it was stopped."""

    subject: str
    flaw: str
    failed: str
    standing_at: str
    reachable: tuple[str, ...]
    explanation: str

    @property
    def level(self) -> str:
        """Bad where a wall fell, good where it held."""
        return "bad" if self.failed else "good"

    def sentence(self) -> str:
        """In words."""
        return f"from {self.subject}: {self.explanation}"


# --- walls ----------------------------------------------------------------------------------------


def machine_chain(machine: Machine) -> tuple[Boundary, ...]:
    """What lies beneath the processes on a machine's kernel, that kernel first."""
    if not isinstance(machine, VirtualMachine):
        return (_kernel_of(machine), Boundary("hardware", machine.name))
    beneath = machine_chain(machine.on)
    versions = machine.on.versions
    if machine.kernel.owner is not None:
        # It has no kernel of its own: a partition of the one beneath.
        partition = Boundary("container", machine.name, ("partition",), versions)
        return (partition, *beneath)
    walls = [wall for wall in machine.runtime.walls if wall.kind in ("vmm", "jail")]
    monitor = [Boundary(wall.kind, machine.name, wall.software, versions) for wall in walls]
    return (_kernel_of(machine), *monitor, *beneath)


def _kernel_of(machine: Machine) -> Boundary:
    """The kernel of a machine, of its version."""
    system = machine.hardware.os
    return Boundary("kernel", machine.name, (system,), ((system, machine.kernel.version),))


def tenant_of(container: Container) -> Tenant:
    """A container with its walls, inside out."""
    beneath = machine_chain(container.machine)
    inner = [
        Boundary(wall.kind, container.name, wall.software, container.daemon.versions)
        for wall in container.runtime.walls
        if wall.kind not in ("vmm", "jail")
    ]
    if container.guest is None and not inner:
        return Tenant(container.name, beneath, container.settings.hardening)
    return Tenant(container.name, (*inner, *beneath), container.settings.hardening)


def tenants(fleet: Fleet) -> list[Tenant]:
    """Everybody who can be reached: running containers, and VMs that people use as machines."""
    found = [tenant_of(one) for one in fleet.containers.values() if one.running]
    found += [Tenant(vm.name, machine_chain(vm)) for vm in fleet.vms() if vm.up and not vm.owner]
    return found


class Intruders:
    """Where those stand that came in by a container, and whom they reach, by the container."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._standing: dict[str, tuple[Tenant, float]] = {}
        """Each with when it came there."""
        self._reached: dict[str, tuple[str, ...]] = {}
        """Whom the newest successful flaw of each has made reachable."""

    def came(self, name: str, tenant: Tenant, reached: tuple[str, ...]) -> None:
        """The one of a container stands somewhere else, and has made these reachable."""
        self._standing[name] = (tenant, self._fleet.now)
        self._reached[name] = reached

    def standing(self, name: str) -> Tenant | None:
        """Where the one of a container stands; None for one that did not get anywhere.

        A machine that falls, or boots anew, is rid of who stood on its kernel.
        """
        tenant, since = self._standing.get(name, (None, 0.0))
        if tenant is None:
            return None
        place = next(wall for wall in tenant.chain if wall.kind in ("kernel", "hardware"))
        machine = self._fleet.machines.get(place.name)
        return tenant if machine is not None and machine.fell_at < since else None

    @property
    def reached(self) -> dict[str, tuple[str, ...]]:
        """Whom the newest successful flaw of each has made reachable, where it still stands."""
        return {
            name: reached
            for name, reached in self._reached.items()
            if self.standing(name) is not None
        }


# --- flaws ----------------------------------------------------------------------------------------


def apply_flaw(fleet: Fleet, intruders: Intruders, command: ApplyFlaw) -> Reply:
    """Use a flaw from inside a container, or from where an earlier one has led."""
    found = flaw(command.flaw)
    container = fleet.running(command.container)
    attacker = _standing_now(intruders.standing(container.name), tenant_of(container))
    result = blast(found, attacker, tenants(fleet), command.switches)
    standing = str(result.standing_at) if result.standing_at is not None else ""
    failed = str(result.failed_boundary) if result.failed_boundary is not None else ""
    if failed:
        intruders.came(container.name, escalated(attacker, result), result.reachable)
    fleet.parts.sim.emit(
        FlawApplied(
            container.name, found.id, failed, standing, result.reachable, result.explanation
        )
    )
    walls = tuple(str(wall) for wall in attacker.chain)
    told = FlawUsed(attacker.name, walls, result.explanation, failed, standing, result.reachable)
    return Reply((told,))


def _standing_now(standing: Tenant | None, outside: Tenant) -> Tenant:
    """Who stands somewhere already, among walls of the versions that they are of now."""
    if standing is None:
        return outside
    now = {wall: wall for wall in outside.chain}
    return replace(standing, chain=tuple(now.get(wall, wall) for wall in standing.chain))
