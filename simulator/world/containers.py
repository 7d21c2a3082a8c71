"""Commands on containers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.calibration import Calibration
from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.model import Image, Platform
from simulator.image.reference import Reference
from simulator.image.workload import infer_workload
from simulator.machine import bandwidth, guests, slices
from simulator.machine.container import Container
from simulator.machine.host import Machine, VirtualMachine
from simulator.machine.restart import RestartPolicy
from simulator.machine.runtimes import Runtime, runtime
from simulator.machine.settings import Limits, Settings
from simulator.machine.weights import (
    UNLIMITED,
    io_weight_from_blkio,
    swap_limit,
    weight_from_shares,
)
from simulator.machine.workload import Workload, parse_workload
from simulator.world import portability
from simulator.world.commands import (
    KillContainer,
    PauseContainer,
    RemoveContainer,
    RenameContainer,
    RestartContainer,
    RunContainer,
    StartContainer,
    StopContainer,
    UnpauseContainer,
    UpdateContainer,
)
from simulator.world.images import check_available, have_image, is_here
from simulator.world.jobs import Job, Reply
from simulator.world.machines import check_name
from simulator.world.names import random_name
from simulator.world.programs import read_program
from simulator.world.security import hardening_of

if TYPE_CHECKING:
    from simulator.world.world import World

RUNTIMES = {"runc": "docker", "runsc": "gvisor-ptrace", "kata-fc": "firecracker"}
"""Runtimes as ``docker run --runtime`` names them, and the arrangement that each makes."""


def run(world: World, command: RunContainer) -> Reply:
    """Pull if needed, create, start; everything that can be refused is refused first."""
    machine = world.machine(command.machine)
    machine.need_up()
    reference = Reference.parse(command.image)
    platform = Platform.parse(command.platform) if command.platform else None
    name = command.name or random_name(world)
    check_name("container", name)
    if name in world.containers:
        other = world.containers[name]
        raise Refused(
            f'Conflict. The container name "/{name}" is already in use by container '
            f'"{other.id[:12]}". You have to remove (or rename) that container to be able to '
            "reuse that name."
        )
    limits = limits_of(command, machine)
    limits.check(machine)
    hardening_of(command)
    if command.cgroup_parent is not None:
        slices.find(machine.kernel, command.cgroup_parent)
        if _runtime(command.runtime, world.parts.calibration).has_own_kernel:
            raise Refused(
                f"a container under {command.runtime} has a kernel of its own; the "
                f"cgroup {command.cgroup_parent} is one of {machine.name}"
            )
    restart = RestartPolicy.parse(command.restart)
    if restart.kind != "no" and command.remove:
        raise Refused("Conflicting options: --restart and --rm")
    workload = read_program(command.workload) if command.workload else None
    kind = _runtime(command.runtime, world.parts.calibration)
    refuse_guest_of_one(machine)
    if kind.has_own_kernel and guests.guest_name(name) in world.machines:
        raise Refused(f"there is already a machine named {guests.guest_name(name)}")
    check_available(world, machine, reference, platform, command.pull)
    stored = machine.images.store.find(reference)
    make = _Maker(world, machine, command, name, limits, restart, workload, kind)
    if stored is not None and is_here(machine, reference, platform, command.pull):
        container = make(stored.image)
        job = world.new_job(f"docker run {name}")
        if not command.start:
            job.lines.append(container.id)
            job.finish()
            return Reply((), job)
        container.start()
        _report_when_up(container, job, command.detach)
        return Reply((), job)
    job = world.new_job(f"docker run {name}")
    world.sim.start(_pull_and_run(world, machine, command, platform, reference, make, job))
    return Reply((), job)


def refuse_guest_of_one(machine: Machine) -> None:
    """A guest that was made for one container runs nothing else."""
    owner = machine.owner if isinstance(machine, VirtualMachine) else ""
    if owner:
        raise Refused(
            f"{machine.name} is the virtual machine of container {owner} and runs nothing else"
        )


def limits_of(command: RunContainer, machine: Machine) -> Limits:
    """The limits that a ``docker run`` asks for on a machine."""
    shares = command.cpu_shares
    io_weight = command.io_weight
    usual = machine.parts.usual_period_s
    limits = bandwidth.stated(
        Limits(), command.cpus, command.cpu_period_us, command.cpu_quota_us, usual * 1e6
    )
    return replace(
        limits,
        cpu_weight=100 if not shares else weight_from_shares(shares, _mapping(machine)),
        cpuset=command.cpuset,
        memory_bytes=command.memory_bytes,
        pids=command.pids_limit,
        memory_low_bytes=command.memory_low_bytes or 0,
        nofile=command.nofile,
        memory_high_bytes=command.memory_high_bytes,
        swap_bytes=_swap(command, machine),
        io_weight=100.0 if not io_weight else float(io_weight_from_blkio(io_weight)),
        io_bytes_s=command.io_bytes_s,
    )


def _mapping(machine: Machine) -> str:
    """How the runtime on a machine makes weights of shares."""
    return machine.hardware.weight_mapping


def _swap(command: RunContainer, machine: Machine) -> int:
    """Swap beside the memory limit: as much again when nothing is said, as Docker has it."""
    memory, there = command.memory_bytes, machine.hardware.swap_bytes
    total = command.memory_swap_bytes
    if memory is None or not there:
        return 0
    wanted = memory if not total else swap_limit(memory, total)
    return there if wanted == UNLIMITED else min(there, wanted)


def _runtime(name: str, calibration: Calibration) -> Runtime:
    found = runtime(RUNTIMES.get(name, name), calibration)
    if found.kernel == "shared":
        raise Refused(
            f"'{name}' lets virtual machines share a kernel: create them with "
            f"'vm create NAME --hypervisor {found.name}', then run containers in them with --host"
        )
    return found


class _Maker:
    """Makes the container once its image is there."""

    def __init__(
        self,
        world: World,
        machine: Machine,
        command: RunContainer,
        name: str,
        limits: Limits,
        restart: RestartPolicy,
        workload: Workload | None,
        kind: Runtime,
    ) -> None:
        self.world, self.machine, self.command = world, machine, command
        self.name, self.limits, self.restart = name, limits, restart
        self.workload, self.kind = workload, kind

    def __call__(self, image: Image) -> Container:
        world, machine, command = self.world, self.machine, self.command
        found = portability.on_machine(machine, image)
        dies = portability.fails_at_start(found)
        if not found.ok and not dies:
            raise Refused(found.reason)
        argv = command_line(image, command)
        workload = self.workload or self._infer(image, argv)
        if dies:
            workload = parse_workload(portability.FAILED_START)
        settings = Settings(
            image_name=command.image,
            command=argv,
            workload=workload,
            limits=self.limits,
            restart=self.restart,
            env={**image.config.environment, **command.env},
            labels={**dict(image.config.labels), **command.labels},
            ports=command.ports,
            aliases=command.aliases,
            stop_timeout_s=command.stop_timeout_s,
            oom_score_adj=command.oom_score_adj,
            remove=command.remove,
            hostname=command.hostname or "",
            read_only=command.read_only,
            hardening=hardening_of(command),
            user=command.user or "",
            cgroup_parent=command.cgroup_parent or "",
            slowdown=found.slowdown,
        )
        home = self._home(workload)
        id_ = world.new_id()
        container = Container(
            id_, self.name, home, image, self.kind, settings, world.hooks, daemon=machine
        )
        world.containers[self.name] = container
        machine.images.store.acquire(image.digest, container.id, running=True, now_s=world.now)
        if dies:
            container.log.append((world.now, portability.says_at_start(found)))
        return container

    def _home(self, workload: Workload) -> Machine:
        """The machine that it runs on: its daemon's, or a guest made for it alone."""
        if not self.kind.has_own_kernel:
            return self.machine
        guest = guests.make(self.kind, self.name, self.machine, self.limits, workload)
        self.world.machines[guest.name] = guest
        return guest

    def _infer(self, image: Image, argv: tuple[str, ...]) -> Workload:
        label = self.command.labels.get("drydock.workload")
        if label is not None:
            return read_program(label)
        changed = bool(self.command.command or self.command.entrypoint)
        return read_program(infer_workload(image, argv if changed else None))


def command_line(image: Image, command: RunContainer) -> tuple[str, ...]:
    """Entrypoint and arguments as Docker joins them."""
    config = image.config
    if command.entrypoint is not None:
        first: tuple[str, ...] = (command.entrypoint,) if command.entrypoint else ()
        return (*first, *command.command)
    if command.command:
        return (*(config.entrypoint or ()), *command.command)
    return config.argv


def _pull_and_run(
    world: World,
    machine: Machine,
    command: RunContainer,
    platform: Platform | None,
    reference: Reference,
    make: _Maker,
    job: Job,
) -> Process:
    error = yield from have_image(world, machine, reference, platform, job, command.pull)
    if error is not None:
        job.finish(error)
        return
    if not command.name and make.name in world.containers:
        make.name = random_name(world)
    if make.name in world.containers:
        job.finish(f'Conflict. The container name "/{make.name}" is already in use.')
        return
    try:
        machine.need_up()
        container = make(machine.images.store.get(reference).image)
    except (Refused, InputError) as refusal:
        job.finish(str(refusal))
        return
    if command.start:
        container.start()
        _report_when_up(container, job, command.detach)
    else:
        job.lines.append(container.id)
        job.finish()


def _report_when_up(container: Container, job: Job, detach: bool) -> None:
    """The prompt comes back when the container has started, or without -d when it has ended."""
    if detach:
        container.when_begun(_say_id, container, job)
    else:
        container.when_over(_say_log, container, job)


def _say_id(container: Container, job: Job) -> None:
    job.lines.append(container.id)
    job.finish()


def _say_log(container: Container, job: Job) -> None:
    job.lines += [text for _, text in container.log]
    job.finish()


# --- orders to one that exists ----------------------------------------------------------------


def start(world: World, command: StartContainer) -> Reply:
    """Start it again."""
    container = world.container(command.name)
    container.daemon.need_up()
    if container.paused:
        raise Refused("cannot start a paused container, try unpause instead")
    container.start()
    job = world.new_job(f"docker start {container.name}")
    job.lines.append(command.name)
    container.when_begun(job.finish)
    return Reply((), job)


def _start_again(container: Container, job: Job) -> None:
    """The second half of a restart, unless somebody removed it meanwhile."""
    if container.state == "removed":
        job.finish(f"No such container: {container.name}")
        return
    container.start()
    container.when_begun(job.finish)


def _stop_job(world: World, name: str, grace_s: float | None, verb: str, *, again: bool) -> Reply:
    container = world.container(name)
    if grace_s is not None and not 0 <= grace_s <= 1e6:
        raise InputError("bad grace period", found=grace_s, expected="seconds, 0 or more")
    job = world.new_job(f"docker {verb} {container.name}")
    job.lines.append(name)
    container.stop(grace_s)
    if again:
        container.when_over(_start_again, container, job)
    else:
        container.when_over(job.finish)
    return Reply((), job)


def stop(world: World, command: StopContainer) -> Reply:
    """SIGTERM, grace, SIGKILL."""
    return _stop_job(world, command.name, command.grace_s, "stop", again=False)


def restart(world: World, command: RestartContainer) -> Reply:
    """Stop, then start."""
    world.container(command.name).machine.need_up()
    return _stop_job(world, command.name, command.grace_s, "restart", again=True)


SIGNALS = ("KILL", "TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "STOP", "CONT")


def kill(world: World, command: KillContainer) -> Reply:
    """Send a signal."""
    container = world.container(command.name)
    signal = command.signal.upper().removeprefix("SIG")
    if signal not in SIGNALS:
        raise InputError("invalid signal", found=command.signal, expected=", ".join(SIGNALS))
    container.kill(signal)
    return Reply((command.name,))


def pause(world: World, command: PauseContainer) -> Reply:
    """Freeze it."""
    world.container(command.name).pause()
    return Reply((command.name,))


def unpause(world: World, command: UnpauseContainer) -> Reply:
    """Thaw it."""
    world.container(command.name).unpause()
    return Reply((command.name,))


def remove(world: World, command: RemoveContainer) -> Reply:
    """Delete it; a running one only by force."""
    container = world.container(command.name)
    if container.running or container.state == "restarting":
        if not command.force:
            raise Refused(
                f'cannot remove container "/{container.name}": container is {container.state}: '
                "stop the container before removing or force remove"
            )
        job = world.new_job(f"docker rm {container.name}")
        job.lines.append(command.name)
        _remove_when_over(world, container, job)
        return Reply((), job)
    drop(world, container)
    return Reply((command.name,))


def _remove_when_over(world: World, container: Container, job: Job) -> None:
    """Kill it, also when somebody starts it again meanwhile, and delete it."""
    if container.running:
        container.kill()
    elif container.state == "restarting":
        container.stop(0.0)
    else:
        if container.state != "removed":
            drop(world, container)
        job.finish()
        return
    container.when_over(_remove_when_over, world, container, job)


def drop(world: World, container: Container) -> None:
    """Forget a container that has ended, and its hold on the image."""
    store = container.daemon.images.store
    store.release(container.image.digest, container.id, now_s=world.now)
    world.forget(container)


def update(world: World, command: UpdateContainer) -> Reply:
    """Change limits in place."""
    container = world.container(command.name)
    policy = RestartPolicy.parse(command.restart) if command.restart is not None else None
    limits = container.limits
    usual = container.machine.parts.usual_period_s
    limits = bandwidth.stated(
        limits, command.cpus, command.cpu_period_us, command.cpu_quota_us, usual * 1e6
    )
    if command.cpu_shares is not None:
        limits = replace(
            limits, cpu_weight=weight_from_shares(command.cpu_shares, _mapping(container.machine))
        )
    if command.memory_bytes is not None:
        limits = replace(limits, memory_bytes=command.memory_bytes or None)
    if command.pids_limit is not None:
        limits = replace(limits, pids=command.pids_limit)
    container.update(limits, policy)
    return Reply((command.name,))


def rename(world: World, command: RenameContainer) -> Reply:
    """Another name for a container."""
    container = world.container(command.name)
    check_name("container", command.new_name)
    if command.new_name in world.containers:
        raise Refused(f'Conflict. The container name "/{command.new_name}" is already in use')
    kernel = container.machine.kernel
    del world.containers[container.name], kernel.containers[container.name]
    for service in world.services.values():
        service.rename(container.name, command.new_name)
    container.name = command.new_name
    world.sampler.renamed(container)
    world.containers[container.name] = kernel.containers[container.name] = container
    return Reply()
