"""What stands between tenants: ``flaw``, ``cgroup``, ``tune``, ``density``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError
from simulator.machine.flaws import HOST_SWITCHES, Flaw, catalogue, flaw
from simulator.shell import kinds, lookup
from simulator.shell.density import density_lines
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.swarm.service_words import GENERIC
from simulator.shell.tables import columns, ellipsis
from simulator.units import format_binary_bytes
from simulator.world.commands import ApplyFlaw, CreateCgroup, RemoveCgroup, TuneMachine

if TYPE_CHECKING:
    from simulator.shell.session import Session

_FLAW = Argument("FLAW", kinds.text("flaw"), "id or name, for example CVE-2022-0847")
_SWITCH = kinds.choice("on or off", ("on", "off"))
_ON = Flag(("--host", "--on"), "the machine that it is on", kinds.MACHINE)


# --- flaws ----------------------------------------------------------------------------------------


@verb(
    "flaw ls",
    "Real flaws of kernels, runtimes, hypervisors and hardware",
    aliases=("flaws",),
    examples=("flaw ls",),
)
def flaw_ls(session: Session, call: Call) -> Iterable[str]:
    """One line a flaw."""
    rows = [
        [one.id, ellipsis(one.name, 22), one.layer, _needs_shortly(one), _affected(one)]
        for one in catalogue().values()
    ]
    return columns(("ID", "NAME", "LAYER", "NEEDS", "VERSIONS"), rows)


def _needs_shortly(one: Flaw) -> str:
    """What it needs, capabilities without their prefix."""
    found = dict.fromkeys(
        "userns" if need.startswith("userns:") else need.removeprefix("CAP_") for need in one.needs
    )
    return ", ".join(found) or "nothing"


def _affected(one: Flaw) -> str:
    """The versions that it is in, up to the fix; without those of older stable series."""
    ranges = (f"{name} {at.since}..{at.fixed[-1]}" for name, at in one.affected)
    return ", ".join(ranges) or "all"


def _needs(one: Flaw) -> str:
    return " or ".join(one.needs) or "nothing"


@verb("flaw show", "What a flaw breaks, what it needs, what stops it", arguments=(_FLAW,),
      examples=("flaw show 'Dirty Pipe'",))  # fmt: skip
def flaw_show(session: Session, call: Call) -> Iterable[str]:
    """Everything the catalogue says of one flaw."""
    one = flaw(call["FLAW"])
    score = f"{one.cvss} (CVSS {one.cvss_version})" if one.cvss is not None else "not given"
    lines = [
        f"{one.id} {one.name} ({one.year})",
        one.about,
        f"layer that fails: {one.layer}; effect: {one.effect}; lands in: {one.lands}",
        f"needs: {_needs(one)}",
        f"system calls: {', '.join(one.calls) or 'none in particular'}",
        f"stopped by: {', '.join(one.stopped_by) or 'no switch of a container'}",
        *(f"affected: {text}" for text in one.ranges() or ["no version is free of it by itself"]),
        *([f"versions from: {one.versions}"] if one.versions else []),
        f"score: {score}",
        f"source: {one.source} [{one.evidence}]",
    ]
    return [*lines, f"given that {one.given}"] if one.given else lines


@verb(
    "flaw apply",
    "Use a flaw from inside a container: which wall falls, exactly who is reachable",
    arguments=(_FLAW, Argument("CONTAINER", kinds.CONTAINER, "from inside this one")),
    flags=(
        Flag(
            ("--with",),
            f"a mitigation of the host: {', '.join(HOST_SWITCHES)}",
            kinds.choice("switch", HOST_SWITCHES),
            repeat=True,
        ),
    ),
    examples=("flaw apply CVE-2022-0847 web1", "flaw apply VENOM web1"),
    details=(
        "After a success the intruder stands where it landed; the next flaw starts from there,\n"
        "so that an attack in several steps is several lines."
    ),
    destructive=True,
)
def flaw_apply(session: Session, call: Call) -> Iterable[str]:
    """Apply a flaw to the living world."""
    name = lookup.named(session.reader, call["CONTAINER"]).name
    return session.do(ApplyFlaw(flaw=flaw(call["FLAW"]).id, container=name, switches=call["with"]))


# --- cgroups --------------------------------------------------------------------------------------


def _one_weight(values: dict[str, Any]) -> None:
    if values["cpu_weight"] is not None and values["nice"] is not None:
        raise InputError("weight given twice", expected="--cpu-weight or --nice")


@verb(
    "cgroup create",
    "Create an inner cgroup; containers are put in it with docker run --cgroup-parent",
    arguments=(Argument("NAME", kinds.NAME, "the name it gets"),),
    flags=(
        _ON,
        Flag(("--parent",), "the cgroup that it lies in", kinds.NAME),
        Flag(("--cpu-weight",), "1 to 10000", kinds.integer("weight", 1, 10_000)),
        Flag(
            ("--nice",),
            "the weight as a nice value, -20 to 19 (cpu.weight.nice)",
            kinds.integer("nice value", -20, 19),
        ),
        Flag(("--cpus",), "ceiling in cores", kinds.CPUS),
        Flag(("-m", "--memory"), "memory limit of all in it", kinds.MEMORY_LIMIT),
    ),
    validate=_one_weight,
    examples=(
        "cgroup create tenants --cpus 4 -m 4g",
        "cgroup create blue --parent tenants",
        "cgroup create batch --nice 10",
    ),
)
def cgroup_create(session: Session, call: Call) -> Iterable[str]:
    """Create a slice."""
    return session.do(
        CreateCgroup(
            name=call["NAME"],
            machine=call["host"],
            parent=call["parent"],
            cpu_weight=100 if call["cpu_weight"] is None else call["cpu_weight"],
            nice=call["nice"],
            cpus=call["cpus"],
            memory_bytes=call["memory"],
        )
    )


@verb("cgroup rm", "Remove an empty inner cgroup",
      arguments=(Argument("NAME", kinds.NAME, "the cgroup"),), flags=(_ON,),
      examples=("cgroup rm blue",))  # fmt: skip
def cgroup_rm(session: Session, call: Call) -> Iterable[str]:
    """Remove a slice."""
    return session.do(RemoveCgroup(name=call["NAME"], machine=call["host"]))


@verb("cgroup ls", "List the inner cgroups of a machine", flags=(_ON,), examples=("cgroup ls",))
def cgroup_ls(session: Session, call: Call) -> Iterable[str]:
    """One line a slice."""
    machine = session.world.machine(call["host"])
    rows = [
        [
            one.name,
            one.parent or "/",
            f"{one.cpu.weight:g}",
            "max" if one.cpu.limit == float("inf") else f"{one.cpu.limit:g}",
            format_binary_bytes(one.memory.resident),
            "max"
            if one.memory.bounds.max_bytes == float("inf")
            else format_binary_bytes(one.memory.bounds.max_bytes),
        ]
        for one in machine.kernel.slices.values()
    ]
    return columns(("NAME", "IN", "CPU WEIGHT", "CORES", "MEMORY", "MEMORY LIMIT"), rows)


# --- memory tricks --------------------------------------------------------------------------------


_SWITCHES = ("ksm", "balloon", "evict", "metrics", "userns_remap")


@verb(
    "tune",
    "Switches of a machine: tricks with memory, eviction, 'top', connections, patches",
    arguments=(Argument("MACHINE", kinds.MACHINE, "host or virtual machine"),),
    flags=(
        Flag(("--ksm",), "same-page merging of the VMs on it: on or off", _SWITCH),
        Flag(("--balloon",), "balloon of this VM: on or off", _SWITCH),
        Flag(("--evict",), "end containers when less than 100 MiB are left: on or off", _SWITCH),
        Flag(("--metrics",), "scrape its containers for 'top': on or off", _SWITCH),
        Flag(
            ("--kernel",),
            "install a version of its kernel, which runs after 'reboot'",
            kinds.text("version"),
        ),
        Flag(
            ("--software",),
            "install a version, for example runc=1.2.8 or docker=28.0.4",
            kinds.text("name=version"),
            repeat=True,
        ),
        Flag(
            ("--userns-remap",),
            "new containers have users of their own, root in them is nobody outside: on or off",
            _SWITCH,
        ),
        Flag(
            ("--conntrack-max",),
            "connections that its kernel's table holds (nf_conntrack_max; 262144 at first)",
            kinds.integer("connections", 1, 1 << 28),
        ),
        Flag(
            ("--generic-resource",),
            "KIND=COUNT: what its daemon says it has besides; services of a swarm reserve it",
            GENERIC,
            repeat=True,
        ),
    ),
    examples=(
        "tune a --ksm on",
        "tune vm1 --balloon on",
        "tune a --evict on",
        "tune a --metrics on",
        "tune a --kernel 6.12 --software runc=1.2.8",
        "tune a --conntrack-max 1048576",
        "tune a --userns-remap on",
        "tune a --generic-resource gpu=2",
    ),
)
def tune(session: Session, call: Call) -> Iterable[str]:
    """Switch them on or off."""
    wanted = {key: _truth(call[key]) for key in _SWITCHES}
    kernel, software, most = call["kernel"], call["software"], call["conntrack_max"]
    counted, set_ = call["generic_resource"], (*wanted.values(), kernel, most)
    if all(value is None for value in set_) and not software and not counted:
        raise InputError(
            "nothing to tune",
            expected="--ksm, --balloon, --evict, --metrics, --userns-remap (on or off), --kernel, "
            "--software, --conntrack-max or --generic-resource",
        )
    return session.do(
        TuneMachine(
            name=call["MACHINE"],
            kernel_version=kernel,
            software=software,
            connections=most,
            counted=counted,
            **wanted,
        )
    )


def _truth(word: str | None) -> bool | None:
    return None if word is None else word == "on"


# --- density --------------------------------------------------------------------------------------


@verb(
    "density",
    "How many of a workload fit on a host under each arrangement, and what bound first",
    arguments=(Argument("WORKLOAD", kinds.WORKLOAD, "for example 'server cpu=5ms'"),),
    flags=(
        Flag(("--host", "--on"), "the machine to fill", Kind("machine", kinds.NAME.parse)),
        Flag(("--cpu",), "cores that one needs (default none)", kinds.number("cores", 0, 1e4)),
        Flag(("--guest-memory",), "memory of a virtual machine (default 512m)", kinds.BYTES),
        Flag(("--pods",), "Kubernetes' rule of pods per node", kinds.integer("count", 1, 10_000)),
    ),
    examples=("density 'server cpu=5ms memory=73MiB'", "density idle --pods 110"),
)
def density(session: Session, call: Call) -> Iterable[str]:
    """The table of arrangements."""
    machine = session.world.machine(call["host"])
    return density_lines(
        call["WORKLOAD"],
        session.world.parts.calibration,
        cores=machine.hardware.cores,
        memory_bytes=machine.hardware.memory_bytes,
        price_per_hour=machine.host.price_per_hour,
        cpu_cores=call["cpu"] or 0.0,
        guest_bytes=call["guest_memory"],
        pods_max=call["pods"],
        kvm=machine.hardware.kvm,
    )
