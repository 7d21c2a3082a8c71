"""From a specification and an image to a container: what is fixed when it is created.

A ``Plan`` is made and checked before anything is fetched, so that what can be refused is refused at
once; the image decides the rest when it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.calibration import Calibration
from simulator.dockerfile.signals import signal_name
from simulator.errors import Refused
from simulator.image.identity import Identity, identity
from simulator.image.model import WORKLOAD_LABEL, Image
from simulator.image.platform import Verdict
from simulator.image.workload import infer_workload, started
from simulator.machine import slices
from simulator.machine.boundaries import Hardening
from simulator.machine.host import Machine
from simulator.machine.restart import RestartPolicy
from simulator.machine.runtimes import Runtime, runtime
from simulator.machine.settings import Limits, Settings
from simulator.machine.virtualisation import need_kvm, need_linux
from simulator.machine.workload import Workload, parse_workload
from simulator.node import health, portability, resources
from simulator.node.first import first_of
from simulator.node.hardening import hardening_of
from simulator.node.limits import limits_of
from simulator.node.log_words import parse_logging
from simulator.node.spec import ContainerSpec
from simulator.programs.table import is_tool

RUNTIMES = {"runc": "docker"}
"""Runtimes as ``docker run --runtime`` names them, and the arrangement that each makes."""
ReadProgram = Callable[[str], Workload]


@dataclass(frozen=True, slots=True)
class Plan:
    """A specification that a machine can take, with its words read."""

    spec: ContainerSpec
    machine: Machine
    limits: Limits
    restart: RestartPolicy
    hardening: Hardening
    workload: Workload | None
    kind: Runtime


def plan(spec: ContainerSpec, machine: Machine, read_program: ReadProgram) -> Plan:
    """Read and check all words of a specification; InputError or Refused for what cannot be."""
    resources.verify(spec, machine.hardware)
    health.verify(spec)
    limits = limits_of(spec, machine)
    limits.check(machine.hardware)
    hardening = hardening_of(spec, machine.userns_remap)
    kind = _runtime(spec.runtime, machine.parts.calibration)
    need_linux(machine, kind, spec.runtime)
    need_kvm(machine, kind, container=True)
    if spec.cgroup_parent is not None:
        slices.find(machine.kernel, spec.cgroup_parent)
        if kind.has_own_kernel:
            raise Refused(
                f"a container under {spec.runtime} has a kernel of its own; the "
                f"cgroup {spec.cgroup_parent} is one of {machine.name}"
            )
    parse_logging(spec.log_driver, spec.log_opts)
    restart = RestartPolicy.parse(spec.restart)
    if restart.kind != "no" and spec.remove:
        raise Refused("Conflicting options: --restart and --rm")
    if spec.stop_signal is not None:
        signal_name(spec.stop_signal)
    workload = read_program(spec.workload) if spec.workload else None
    return Plan(spec, machine, limits, restart, hardening, workload, kind)


def _runtime(name: str, calibration: Calibration) -> Runtime:
    found = runtime(RUNTIMES.get(name, name), calibration)
    if found.kernel == "shared":
        raise Refused(
            f"'{name}' lets virtual machines share a kernel: create them with "
            f"'vm create NAME --hypervisor {found.name}', then run containers in them with --host"
        )
    return found


def check_runs(machine: Machine, image: Image, kind: Runtime | None = None) -> Verdict:
    """How an image runs on a machine; Refused where not even a container can be made of it.

    ``kind``: the runtime, which may bring a kernel of its own.
    """
    own = kind.kernel_version if kind is not None and kind.has_own_kernel else ""
    found = portability.on_machine(machine, image, kernel_version=own)
    if not found.ok and not portability.fails_at_start(found):
        raise Refused(found.reason)
    return found


def settings(made: Plan, image: Image, found: Verdict, read_program: ReadProgram) -> Settings:
    """Everything that is fixed when a container of an image is created."""
    spec, config = made.spec, image.config
    argv = command_line(image, spec)
    stated = _stated(made, image, argv)
    if not argv and not stated:
        raise Refused("no command specified")
    workload = made.workload or _infer(spec, image, argv, read_program)
    carried_out = not stated and image.platform.os == "linux"
    if portability.fails_at_start(found):
        workload, carried_out = parse_workload(portability.FAILED_START), False
    if carried_out and (workload.kind != "server" or is_tool(started(argv))):
        workload = CARRIED_OUT
    who, problem = _identity(spec, image)
    return Settings(
        image_name=spec.image,
        command=argv,
        workload=workload,
        limits=made.limits,
        restart=made.restart,
        env={**config.environment, **spec.env},
        labels={**dict(config.labels), **spec.labels},
        ports=_translated(spec, image),
        aliases=spec.aliases,
        stop_timeout_s=spec.stop_timeout_s,
        stop_signal=signal_name(spec.stop_signal or config.stop_signal),
        first=first_of(spec, image, argv, workload),
        identity=who,
        start_problem=problem,
        healthcheck=health.healthcheck_of(spec, image),
        oom_score_adj=spec.oom_score_adj,
        remove=spec.remove,
        hostname=spec.hostname or (made.machine.name if spec.network_mode == "host" else ""),
        read_only=spec.read_only,
        hardening=replace(made.hardening, root=who.uid == 0),
        user=spec.user or "",
        cgroup_parent=spec.cgroup_parent or "",
        carried_out=carried_out,
        open_stdin=spec.open_stdin,
        tty=spec.tty,
        workdir=spec.workdir or "",
        slowdown=found.slowdown,
        log=parse_logging(spec.log_driver, spec.log_opts),
    )


def _translated(spec: ContainerSpec, image: Image) -> tuple[str, ...]:
    """Ports whose traffic goes over a bridge and through address translation."""
    mode = spec.network_mode
    if mode in ("host", "none") or mode.startswith("container:"):
        return ()
    return spec.ports or (image.config.exposed_ports if spec.publish_all else ())


CARRIED_OUT = Workload(kind="program", text="program")
"""What is said of a program that is carried out command by command."""


def _stated(made: Plan, image: Image, argv: tuple[str, ...]) -> bool:
    """Whether words say what its program does, so that nothing of it is carried out."""
    spec = made.spec
    if made.workload is not None or WORKLOAD_LABEL in spec.labels:
        return True
    return image.config.label(WORKLOAD_LABEL) is not None and argv == image.config.argv


def _identity(spec: ContainerSpec, image: Image) -> tuple[Identity, str]:
    """As whom its processes run; nobody, and why it cannot start, where there is no such user."""
    if image.platform.os != "linux":
        return Identity(), ""
    try:
        return identity(image, spec.user or image.config.user, spec.group_add), ""
    except Refused as refusal:
        return Identity(), str(refusal)


def _infer(
    spec: ContainerSpec, image: Image, argv: tuple[str, ...], read_program: ReadProgram
) -> Workload:
    label = spec.labels.get(WORKLOAD_LABEL)
    if label is not None:
        return read_program(label)
    changed = bool(spec.command or spec.entrypoint)
    return read_program(infer_workload(image, argv if changed else None))


def given(image: Image, spec: ContainerSpec) -> tuple[str, ...]:
    """The ``Cmd`` of a container: what it was given, or its image's, without an entrypoint."""
    if spec.command or spec.entrypoint is not None:
        return spec.command
    return image.config.cmd or ()


def command_line(image: Image, spec: ContainerSpec) -> tuple[str, ...]:
    """Entrypoint and arguments as Docker joins them."""
    config = image.config
    if spec.entrypoint is not None:
        first: tuple[str, ...] = (spec.entrypoint,) if spec.entrypoint else ()
        return (*first, *spec.command)
    if spec.command:
        return (*(config.entrypoint or ()), *spec.command)
    return config.argv
