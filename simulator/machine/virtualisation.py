"""Hardware virtualisation: who has ``/dev/kvm``, and what to use where there is none.

Hardware of one's own has it. A machine rented in a cloud is itself a virtual machine: it has it
only where its provider shows guests the processor's extensions (``nested`` of
``assets/clouds.toml``). A virtual machine has it only when it was made so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.clouds import Site
from simulator.errors import Refused
from simulator.machine.runtimes import Runtime

if TYPE_CHECKING:
    from simulator.machine.host import Machine

_NO_DEVICE = "No such file or directory"


def has_kvm(site: Site | None, asked: bool | None) -> bool:
    """Whether a host at a site can run virtual machines; Refused where that is asked in vain.

    ``asked``: whether it was wanted so; None where nothing was said.
    """
    cloud = site.cloud if site is not None else None
    if cloud is None or cloud.nested == "always":
        return asked is not False
    if asked and not cloud.offers_nested:
        raise Refused(
            f"{cloud.title} shows no machine of its cloud the processor's virtualisation: "
            f"use {cloud.metal} ({cloud.nested_source})"
        )
    return bool(asked)


def need_linux(machine: Machine, runtime: Runtime, asked: str) -> None:
    """Refuse a runtime of Linux on a machine with another kernel; what Docker says first."""
    if machine.hardware.os == "linux" or runtime.name == "docker":
        return
    raise Refused(
        f"unknown or invalid runtime name: {asked}. It runs on Linux, and {machine.name} is "
        f"{machine.hardware.os}: 'vm create NAME --host {machine.name}' makes a Linux machine on it"
    )


def need_monitor(machine: Machine, runtime: Runtime) -> None:
    """Refuse a monitor of Linux on a machine with another kernel; QEMU runs on Hyper-V, too."""
    if machine.hardware.os == "linux" or any("qemu" in wall.software for wall in runtime.walls):
        return
    raise Refused(
        f"{runtime.name} runs on Linux, and {machine.name} is {machine.hardware.os}: "
        "use --hypervisor qemu"
    )


def need_kvm(machine: Machine, runtime: Runtime, *, container: bool = False) -> None:
    """Refuse what runs a virtual machine, or a container in one, where there is no ``/dev/kvm``."""
    if not runtime.needs_kvm or machine.hardware.kvm:
        return
    failed = (
        f"OCI runtime create failed: {_says(runtime)}: unknown" if container else _says(runtime)
    )
    raise Refused(f"{failed}. {_why(machine)}")


def need_nesting(machine: Machine, runtime: Runtime) -> None:
    """Refuse a guest that is to have ``/dev/kvm`` where its monitor shows it none."""
    if not runtime.nests:
        raise Refused(
            f"{runtime.name} shows its guests no /dev/kvm, so nothing can be nested in one: "
            "use --hypervisor qemu or cloud-hypervisor"
        )
    need_kvm(machine, runtime)


def _says(runtime: Runtime) -> str:
    """What the one who opens the device says when it is not there."""
    software = {one for wall in runtime.walls for one in wall.software}
    if "qemu" in software:
        return (
            f"Could not access KVM kernel module: {_NO_DEVICE}; "
            f"qemu-system-x86_64: failed to initialize KVM: {_NO_DEVICE}"
        )
    return f"{runtime.name}: cannot open /dev/kvm: {_NO_DEVICE}"


def _why(machine: Machine) -> str:
    """Why a machine has no such device, and what to use."""
    site = machine.images.site
    if machine.host is not machine:
        return (
            f"VM {machine.name} was made without --nested: 'vm create NAME --nested' makes one "
            "in which others run, on a machine that has /dev/kvm itself"
        )
    if site is None or site.cloud.nested == "always":
        return f"{machine.name} was made with --nested off"
    cloud = site.cloud
    rented = f"{machine.name} is itself a virtual machine of {cloud.title} ({cloud.machine})"
    if not cloud.offers_nested:
        return f"{rented}, which has no /dev/kvm: use {cloud.metal}, or hardware of your own"
    other = f" (as {cloud.nested_machine})" if cloud.nested_machine else ""
    return (
        f"{rented}, which has no /dev/kvm: use 'host add NAME --nested on'{other}, "
        f"bare metal such as {cloud.metal}, or a runtime without a virtual machine (gvisor)"
    )
