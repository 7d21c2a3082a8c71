"""Security in a living world: a container's switches, everybody's walls, and flaws used on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.engine import Event
from simulator.errors import InputError, Refused, unknown
from simulator.machine.boundaries import (
    ALL_CAPS,
    DOCKER_CAPS,
    SECCOMP_PROFILES,
    Boundary,
    Hardening,
    Tenant,
)
from simulator.machine.container import Container
from simulator.machine.flaws import blast, escalated, flaw
from simulator.machine.host import Machine, VirtualMachine
from simulator.world.commands import ApplyFlaw, RunContainer
from simulator.world.jobs import Reply

if TYPE_CHECKING:
    from simulator.world.world import World


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


# --- switches -------------------------------------------------------------------------------------


def hardening_of(command: RunContainer) -> Hardening:
    """The switches that a ``docker run`` sets; InputError for a word that is none."""
    caps = set(DOCKER_CAPS)
    for word in command.cap_drop:
        caps -= _caps(word)
    for word in command.cap_add:
        caps |= _caps(word)
    seccomp, no_new_privileges = "default", False
    for option in command.security_opt:
        name, _, value = option.replace(":", "=", 1).partition("=")
        if name == "seccomp":
            seccomp = _profile(value)
        elif name == "no-new-privileges" and value in ("", "true", "false"):
            no_new_privileges = value != "false"
        else:
            known = ("no-new-privileges", *(f"seccomp={each}" for each in SECCOMP_PROFILES))
            raise unknown("security option", option, known)
    root = command.user is None or command.user.partition(":")[0] in ("0", "root")
    if command.privileged:
        caps, seccomp = set(ALL_CAPS), "unconfined"
    return Hardening(
        seccomp=seccomp,
        caps=frozenset(caps),
        userns=command.userns,
        no_new_privileges=no_new_privileges,
        readonly_root=command.read_only,
        root=root,
        privileged=command.privileged,
    )


def _caps(word: str) -> frozenset[str]:
    name = word.upper()
    if name == "ALL":
        return ALL_CAPS
    full = name if name.startswith("CAP_") else f"CAP_{name}"
    if full not in ALL_CAPS:
        raise unknown("capability", word, [each.removeprefix("CAP_") for each in ALL_CAPS])
    return frozenset({full})


def _profile(value: str) -> str:
    if value not in SECCOMP_PROFILES:
        raise InputError(
            "seccomp profile",
            found=value,
            expected="default, strict (what the application uses) or unconfined",
        )
    return value


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


def tenants(world: World) -> list[Tenant]:
    """Everybody who can be reached: running containers, and VMs that people use as machines."""
    found = [tenant_of(one) for one in world.containers.values() if one.running]
    found += [Tenant(vm.name, machine_chain(vm)) for vm in world.vms() if vm.up and not vm.owner]
    return found


# --- flaws ----------------------------------------------------------------------------------------


def apply_flaw(world: World, command: ApplyFlaw) -> Reply:
    """Use a flaw from inside a container, or from where an earlier one has led."""
    found = flaw(command.flaw)
    container = world.container(command.container)
    if not container.running:
        raise Refused(f"container {container.name} is not running")
    attacker = world.intruders.get(container.name) or tenant_of(container)
    result = blast(found, attacker, tenants(world), command.switches)
    standing = str(result.standing_at) if result.standing_at is not None else ""
    failed = str(result.failed_boundary) if result.failed_boundary is not None else ""
    world.intruders[container.name] = escalated(attacker, result)
    if failed:
        world.intrusions[container.name] = result.reachable
    world.sim.emit(
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
