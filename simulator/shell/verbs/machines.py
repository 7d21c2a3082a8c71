"""Hosts and virtual machines: ``host``, ``vm``, ``use``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import Refused
from simulator.machine.runtimes import hypervisors
from simulator.machine.software import installed
from simulator.machine.weights import MAPPINGS
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.tables import columns
from simulator.units import format_binary_bytes, format_bytes
from simulator.world.chance import SPREADS, parse_spread
from simulator.world.commands import (
    CreateHost,
    CreateVm,
    RebootMachine,
    RemoveHost,
    RemoveVm,
    UseMachine,
)
from simulator.world.sites import list_price

if TYPE_CHECKING:
    from simulator.shell.session import Session

_NEW = (Argument("NAME", kinds.NAME, "the name it gets"),)
KERNELS = {"linux": "6.8", "windows": "10.0.20348"}
"""Versions where none is given."""
_SOFTWARE = Flag(
    ("--software",),
    "another version than usual: " + ", ".join(f"{name}={at}" for name, at in installed().items()),
    kinds.text("name=version"),
    repeat=True,
)
_SPREAD = Flag(
    ("--speed-spread",),
    "how far its speed is from others' by chance: 10%, standard or burstable (published)",
    Kind("spread", parse_spread, choices=tuple(SPREADS)),
)
_MTBF = Flag(
    ("--mtbf",), "mean time between panics of its kernel, at random", kinds.POSITIVE_DURATION
)
_OS = Flag(("--os",), "operating system", kinds.SYSTEM, default="linux")


def _thresholds(value: str) -> tuple[int, int] | str:
    if value == "kubelet":
        return value
    high, _, low = value.replace(",", ":").partition(":")
    parse = kinds.integer("percentage", 0, 100).parse
    return parse(high), parse(low or high)


def _price(call: Call) -> float:
    """The price given, or the list price of as many cores where the host stands in a cloud."""
    if call["price"] is not None:
        return float(call["price"])
    return list_price(call["region"], call["cores"], call["nested"] == "on")


@verb(
    "host add",
    "Add a host: a machine with a kernel of its own",
    arguments=_NEW,
    flags=(
        Flag(("--cores", "--cpus"), "CPU cores", kinds.integer("number of cores", 1, 4096), 4),
        Flag(("-m", "--memory"), "memory (default 8g)", kinds.MACHINE_MEMORY),
        Flag(("--disk",), "size of its disk (default 100g)", kinds.BYTES),
        Flag(("--disk-rate",), "bytes per second of its disk (default 200MB)", kinds.DISK_BYTES),
        Flag(("--nic-rate",), "bytes per second of its network (default 125MB)", kinds.DISK_BYTES),
        Flag(("--arch",), "processor architecture", kinds.ARCHITECTURE, "amd64"),
        _OS,
        Flag(("--kernel",), "version of its kernel (default 6.8)", kinds.text("version")),
        _SOFTWARE,
        Flag(
            ("--region",),
            "where it stands: local, aws, aws/eu-central-1, eu-central-1, ... ('clouds ls')",
            kinds.text("region"),
            default="local",
        ),
        Flag(
            ("--nested",),
            "on: with /dev/kvm, so that virtual machines run on it (default: as in its place)",
            kinds.choice("switch", ("on", "off")),
        ),
        Flag(
            ("--price",),
            "money per hour (default: a cloud's list price)",
            kinds.number("price", 0, 1e6),
        ),
        Flag(
            ("--emulation",),
            "run programs for other processors, slowly (qemu-user)",
            kinds.choice("switch", ("on", "off")),
            "off",
        ),
        Flag(("--lazy",), "start containers before their image is here as a whole"),
        Flag(
            ("--image-gc",),
            "remove unused images at this fullness, down to that: 85:80, or kubelet for its own",
            Kind("high:low", _thresholds, choices=("kubelet",)),
        ),
        Flag(("--sockets",), "processors, each with its own cache", kinds.integer("count", 1, 16)),
        Flag(("--swap",), "disk that memory may go to (default none)", kinds.BYTES),
        Flag(("--iops",), "disk operations per second", kinds.number("rate", 1, 1e9)),
        Flag(
            ("--weight-mapping",),
            "how CPU shares become weights: runc-1.3.2 or linear (default: as its runc does)",
            kinds.choice("weight mapping", MAPPINGS),
        ),
        _SPREAD,
        _MTBF,
        Flag(("--mttr",), "time until it is up again after a panic", kinds.POSITIVE_DURATION),
    ),
    examples=(
        "host add a",
        "host add big --cores 32 --memory 128g --price 1.5",
        "host add spot --speed-spread burstable --mtbf 12h --mttr 5m",
    ),
    details="The first host becomes the one that docker talks to; 'use NAME' chooses another.",
)
def host_add(session: Session, call: Call) -> Iterable[str]:
    """Add a host."""
    given = {
        "memory_bytes": call["memory"],
        "disk_bytes": call["disk"],
        "disk_bytes_s": call["disk_rate"],
        "nic_bytes_s": call["nic_rate"],
        "sockets": call["sockets"],
        "swap_bytes": call["swap"],
        "disk_iops": call["iops"],
        "weight_mapping": call["weight_mapping"],
        "speed_spread": call["speed_spread"],
        "mtbf_s": call["mtbf"],
        "mttr_s": call["mttr"],
    }
    return session.do(
        CreateHost(
            name=call["NAME"],
            cores=call["cores"],
            architecture=call["arch"],
            os=call["os"],
            kernel_version=call["kernel"] or KERNELS[call["os"]],
            region=call["region"],
            nested=None if call["nested"] is None else call["nested"] == "on",
            software=call["software"],
            price_per_hour=_price(call),
            emulation=call["emulation"] == "on",
            lazy_pull=call["lazy"],
            image_gc=call["image_gc"] == "kubelet",
            image_gc_percent=None if call["image_gc"] == "kubelet" else call["image_gc"],
            **{name: value for name, value in given.items() if value is not None},
        )
    )


@verb(
    "host rm",
    "Take hosts away, with everything on them",
    arguments=(Argument("NAME", kinds.HOST, "the host", repeat=True),),
    destructive=True,
    examples=("host rm a",),
)
def host_rm(session: Session, call: Call) -> Iterable[str]:
    """Remove hosts."""
    known = [one.name for one in session.reader.hosts()]
    for name in call["NAME"]:
        if name not in known:
            raise lookup.missing("host", name, known)
    return session.each(call, call["NAME"], lambda name: RemoveHost(name=name))


@verb("host ls", "List hosts, and what is used of what", aliases=("hosts",), examples=("host ls",))
def host_ls(session: Session, call: Call) -> Iterable[str]:
    """One line a host."""
    reader = session.reader
    hosts = reader.hosts()
    priced = any(one.price_per_hour for one in hosts)
    rows = [
        [
            f"{one.name}{' *' if one.name == reader.current_machine else ''}",
            one.state,
            f"{one.cpu_cores:.2f}/{one.cores}",
            f"{format_binary_bytes(one.memory_used_bytes)}/{format_binary_bytes(one.memory_bytes)}",
            one.architecture if one.os == "linux" else f"{one.os}/{one.architecture}",
            str(one.kernel.container_count),
            str(one.kernel.vm_count),
            f"{format_bytes(one.disk_used_bytes)}/{format_bytes(one.disk_bytes)}",
            *([one.region, f"{one.price_per_hour:.4g}"] if priced else [one.region]),
        ]
        for one in hosts
    ]
    headings = (
        "NAME", "STATE", "CPU", "MEMORY", "MACHINE", "CTRS", "VMS", "DISK", "REGION",
    )  # fmt: skip
    return columns((*headings, "$/H") if priced else headings, rows)


@verb(
    "vm create",
    "Create a virtual machine on a host and boot it; it has a kernel of its own",
    arguments=_NEW,
    flags=(
        Flag(("--host", "--on"), "the machine it runs on", kinds.MACHINE),
        Flag(("--vcpus", "--cpus"), "virtual CPUs", kinds.integer("number of vCPUs", 1, 1024), 2),
        Flag(("-m", "--memory"), "memory (default 2g)", kinds.MACHINE_MEMORY),
        Flag(("--disk",), "size of its disk (default: as large as its host's)", kinds.BYTES),
        Flag(
            ("--hypervisor",),
            f"who runs it: {', '.join(hypervisors())}",
            kinds.choice("hypervisor", hypervisors()),
            default="qemu",
        ),
        _OS,
        Flag(
            ("--kernel",),
            "version of its kernel (default: that of guests of its hypervisor)",
            kinds.text("version"),
        ),
        _SOFTWARE,
        Flag(("--nested",), "virtual machines can run in it: it is shown /dev/kvm"),
        _SPREAD,
        _MTBF,
        Flag(
            ("-c", "--cpu-shares"),
            "CPU weight among what runs on the machine (1024 is normal)",
            kinds.integer("CPU shares", 0, 262_144),
        ),
        Flag(
            ("--blkio-weight",),
            "disk weight among what runs on the machine, 10 to 1000",
            kinds.integer("disk weight", 0, 1000),
        ),
    ),
    examples=(
        "vm create vm1",
        "vm create vm3 --cpu-shares 2048",
        "vm create vm2 --host b --vcpus 1 --memory 512m --hypervisor firecracker",
    ),
    details="Memory is taken from the machine when the guest touches it: all guests together may "
    "be given more than there is. What they touch beyond is swapped, or somebody is killed for it.",
)
def vm_create(session: Session, call: Call) -> Iterable[str]:
    """Create a virtual machine."""
    given = {
        "memory_bytes": call["memory"],
        "disk_bytes": call["disk"],
        "speed_spread": call["speed_spread"],
        "mtbf_s": call["mtbf"],
        "cpu_shares": call["cpu_shares"],
        "blkio_weight": call["blkio_weight"],
    }
    if session.reader.current_machine is None:
        raise Refused("there is no host to run a virtual machine on; 'host add NAME' makes one")
    return session.do(
        CreateVm(
            name=call["NAME"],
            machine=call["host"],
            vcpus=call["vcpus"],
            hypervisor=call["hypervisor"],
            os=call["os"],
            kernel_version=call["kernel"]
            or (KERNELS["windows"] if call["os"] == "windows" else None),
            nested=call["nested"],
            software=call["software"],
            **{name: value for name, value in given.items() if value is not None},
        )
    )


@verb(
    "vm rm",
    "Switch virtual machines off and delete them; their containers die with them",
    arguments=(Argument("NAME", kinds.VM, "the virtual machine", repeat=True),),
    destructive=True,
    examples=("vm rm vm1",),
)
def vm_rm(session: Session, call: Call) -> Iterable[str]:
    """Remove virtual machines."""
    known = [one.name for one in session.reader.machines() if one.is_vm]
    for name in call["NAME"]:
        if name not in known:
            raise lookup.missing("vm", name, known)
    return session.each(call, call["NAME"], lambda name: RemoveVm(name=name))


@verb("vm ls", "List virtual machines", aliases=("vms",), examples=("vm ls",))
def vm_ls(session: Session, call: Call) -> Iterable[str]:
    """One line a virtual machine."""
    rows = [
        [
            vm.name,
            on,
            vm.state if vm.state != "booting" else f"booting ({vm.stage})",
            vm.hypervisor,
            f"{vm.cpu_cores:.2f} / {vm.vcpus}",
            f"{format_binary_bytes(vm.memory_used_bytes)} / {format_binary_bytes(vm.memory_bytes)}",
            format_binary_bytes(vm.resident_bytes),
            format_binary_bytes(vm.overhead_bytes),
            f"{vm.steal_ratio * 100:.1f}%",
            str(vm.kernel.container_count),
        ]
        for on, vm in session.reader.vms()
    ]
    return columns(
        (
            "NAME",
            "ON",
            "STATE",
            "HYPERVISOR",
            "CPU",
            "MEMORY",
            "RESIDENT",
            "OVERHEAD",
            "STEAL",
            "CTRS",
        ),
        rows,
    )


@verb(
    "reboot",
    "Switch a machine off and on: all on it ends, and it comes back with the kernel installed",
    arguments=(Argument("MACHINE", kinds.MACHINE, "host or virtual machine"),),
    aliases=("host reboot", "vm reboot"),
    destructive=True,
    examples=("tune a --kernel 6.12 && reboot a",),
)
def reboot(session: Session, call: Call) -> Iterable[str]:
    """Reboot, and wait until it is up."""
    machine = lookup.machine(session.reader, call["MACHINE"])
    return session.do(RebootMachine(name=machine.name))


@verb(
    "use",
    "Make a host or virtual machine the one that docker commands talk to",
    arguments=(Argument("MACHINE", kinds.MACHINE, "host or virtual machine"),),
    aliases=("docker context use",),
    examples=("use vm1",),
)
def use(session: Session, call: Call) -> Iterable[str]:
    """Choose the current machine."""
    machine = lookup.machine(session.reader, call["MACHINE"])
    return session.do(UseMachine(name=machine.name)) or [f"docker talks to {machine.name} now"]
