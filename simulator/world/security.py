"""Security in a living world: a container's switches, everybody's walls, and flaws used on them."""

from __future__ import annotations

from dataclasses import dataclass

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
        system = machine.hardware.os
        return (Boundary("kernel", machine.name, (system,)), Boundary("hardware", machine.name))
    beneath = machine_chain(machine.on)
    if machine.kernel.owner is not None:
        # It has no kernel of its own: a partition of the one beneath.
        partition = Boundary("container", machine.name, ("partition",))
        return (partition, *beneath)
    walls = [wall for wall in machine.runtime.walls if wall.kind in ("vmm", "jail")]
    own = Boundary("kernel", machine.name, (machine.hardware.os,))
    monitor = [Boundary(wall.kind, machine.name, wall.software) for wall in walls]
    return (own, *monitor, *beneath)


def tenant_of(container: Container) -> Tenant:
    """A container with its walls, inside out."""
    beneath = machine_chain(container.machine)
    inner = [
        Boundary(wall.kind, container.name, wall.software)
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

    def __init__(self) -> None:
        self.standing: dict[str, Tenant] = {}
        self.reached: dict[str, tuple[str, ...]] = {}
        """Whom the newest successful flaw of each has made reachable."""


# --- flaws ----------------------------------------------------------------------------------------


def apply_flaw(fleet: Fleet, intruders: Intruders, command: ApplyFlaw) -> Reply:
    """Use a flaw from inside a container, or from where an earlier one has led."""
    found = flaw(command.flaw)
    container = fleet.running(command.container)
    attacker = intruders.standing.get(container.name) or tenant_of(container)
    result = blast(found, attacker, tenants(fleet), command.switches)
    standing = str(result.standing_at) if result.standing_at is not None else ""
    failed = str(result.failed_boundary) if result.failed_boundary is not None else ""
    intruders.standing[container.name] = escalated(attacker, result)
    if failed:
        intruders.reached[container.name] = result.reachable
    fleet.parts.sim.emit(
        FlawApplied(
            container.name, found.id, failed, standing, result.reachable, result.explanation
        )
    )
    return Reply(tuple(_report(attacker, failed, standing, result.reachable, result.explanation)))


def _report(
    attacker: Tenant, failed: str, standing: str, reachable: tuple[str, ...], text: str
) -> list[str]:
    walls = " > ".join(str(wall) for wall in attacker.chain)
    lines = [f"walls around {attacker.name}: {walls}", text]
    if not failed:
        return [*lines, "no wall failed; nobody is reachable"]
    who = ", ".join(reachable) or "nobody else"
    return [*lines, f"failed: {failed}", f"now stands at: {standing}", f"reachable: {who}"]
