"""Seats in a living world: what a process in a container or on a machine sees now."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.image.accounts import accounts
from simulator.image.model import Image
from simulator.machine.boundaries import OPEN, Hardening
from simulator.machine.cgroup_files import ranges
from simulator.machine.container import Container, containers_on
from simulator.machine.host import Machine
from simulator.machine.kernel import Kernel
from simulator.machine.pagecache import Cache
from simulator.machine.processes import table_size
from simulator.machine.procfiles import meminfo_file, status_file, version_file
from simulator.machine.seat import Proc, Seat
from simulator.node import kernel_files, kernel_settings
from simulator.node.kernel_files import Files, Write
from simulator.node.process_lists import commands_of, inside, outside

MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
BUILD = "#1 SMP"
GVISOR_BUILD = "#1 SMP Sun Jan 10 15:06:54 PST 2016"
"""What gVisor calls its build (pkg/sentry/syscalls/linux/linux64.go)."""
GVISOR_LOG = ("[    0.000000] Starting gVisor...", "[    1.000000] Ready!")
"""What it says to whoever runs dmesg in it, without the jokes in between."""
USERNS_OFFSET = 100_000
_NOT_IN_A_SANDBOX = ("/proc/vmstat", "/proc/swaps", "/proc/sys/vm/panic_on_oom")
"""Files of a kernel that gVisor's does not have."""
ROOT = (
    "bin", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv",
    "sys", "tmp", "usr", "var",
)  # fmt: skip
_BIN = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "busybox")


def seat_of(container: Container, around: Mapping[str, str] | None = None) -> Seat:
    """What a process started in a container sees.

    ``around``: files that its daemon writes for it, such as ``/etc/hosts``.
    """
    machine, hardening = container.machine, container.settings.hardening
    sandbox = container.runtime.kernel == "sandbox"
    limit = container.limits.memory_bytes
    total = int(machine.kernel.ram_bytes)
    cache = Cache(machine.kernel)
    used, cached, dirty = _used(machine.kernel), cache.size_bytes, cache.dirty
    if sandbox:
        # The sandbox's own kernel knows the limit it was started with, and nobody else's memory.
        total = limit if limit is not None else total
        used, cached = container.memory.resident, cache.of(container)
        dirty = cache.dirty_of(container)
    swap, swapped = _swap(machine, sandbox)
    who = container.settings.identity
    uid, user = who.uid, who.name
    processes = inside(container, user)
    name = container.settings.hostname or container.id[:12]
    version = container.runtime.kernel_version if sandbox else machine.kernel.version
    build = GVISOR_BUILD if sandbox else BUILD
    texts = kernel_files.of_kernel(machine) | _common_files(machine.kernel, name)
    texts |= kernel_settings.of_container(container)
    texts |= {
        **_account_files(container.image),
        "/proc/version": version_file(machine.kernel.os, version, build),
        "/proc/sys/kernel/osrelease": version,
        "/proc/meminfo": meminfo_file(total, used, cached, swap, swapped, dirty),
        "/proc/self/uid_map": _uid_map(hardening),
        "/proc/self/cgroup": "0::/",
        **_connections(machine),
        **(around or {}),
    }
    texts |= kernel_files.of_processes(container, processes, uid)
    if sandbox:
        texts |= kernel_files.of_sandbox(container)
        for path in _NOT_IN_A_SANDBOX:
            del texts[path]
    files: Files
    files = Files(texts, {}) if sandbox else kernel_files.of_container(container, processes, texts)
    return Seat(
        hostname=name,
        kernel_version=version,
        kernel_build=build,
        kernel_log=GVISOR_LOG if sandbox else (),
        architecture=MACHINES.get(machine.hardware.architecture, machine.hardware.architecture),
        cores=len(container.limits.cpuset) or machine.hardware.cores,
        memory_total=total,
        memory_used=used,
        memory_cached=cached,
        swap_total=swap,
        swap_used=swapped,
        processes=processes,
        env={"HOSTNAME": name, **dict(container.settings.env)},
        user=user,
        uid=uid,
        gid=who.gid,
        groups=who.groups,
        hardening=hardening,
        uid_offset=USERNS_OFFSET if hardening.userns else 0,
        mounts=_mounts(container, sandbox),
        root=ROOT,
        files=files,
        programs=programs_of(container.image),
        workdir=container.image.config.workdir or "/",
    )


_MOST_KNOWN = 512
_PROGRAMS: dict[str, frozenset[str]] = {}
"""By digest of an image: what is asked again with each command that is carried out."""


def programs_of(image: Image) -> frozenset[str]:
    """Names of the programs in an image's folders of programs."""
    found = _PROGRAMS.get(image.digest)
    if found is None:
        if len(_PROGRAMS) >= _MOST_KNOWN:
            _PROGRAMS.clear()
        found = _PROGRAMS[image.digest] = _programs_in(image)
    return found


def _programs_in(image: Image) -> frozenset[str]:
    return frozenset(
        entry.path.rpartition("/")[2]
        for layer in image.layers
        for entry in layer.files
        if entry.path.rpartition("/")[0].strip("/") in _BIN
    )


def seat_of_machine(machine: Machine) -> Seat:
    """What root sees on a host or in a virtual machine."""
    kernel = machine.kernel
    cache = Cache(kernel)
    total, used, cached = int(kernel.ram_bytes), _used(kernel), cache.size_bytes
    swap, swapped = _swap(machine, False)
    dirty = cache.dirty
    texts = kernel_files.of_kernel(machine) | _common_files(kernel, machine.name)
    texts |= {
        "/proc/meminfo": meminfo_file(total, used, cached, swap, swapped, dirty),
        "/proc/self/status": status_file(
            Proc(kernel.last_pid + 1, "root", "cat"),
            0,
            1,
            OPEN,
            cores=ranges(range(machine.hardware.cores)),
        ),
        "/proc/self/uid_map": "         0          0 4294967295",
        "/proc/self/cgroup": "0::/user.slice",
        **kernel_settings.of_machine(machine),
        **_connections(machine),
    }
    files = kernel_files.of_machine(machine, texts)
    return Seat(
        hostname=machine.name,
        kernel_version=kernel.version,
        architecture=MACHINES.get(machine.hardware.architecture, machine.hardware.architecture),
        cores=machine.hardware.cores,
        memory_total=total,
        memory_used=used,
        memory_cached=cached,
        swap_total=swap,
        swap_used=swapped,
        processes=_all_processes(machine),
        env={"HOME": "/root", "USER": "root"},
        hardening=OPEN,
        mounts=("/dev/vda1 on / type ext4 (rw,relatime)", "proc on /proc type proc (rw)"),
        root=ROOT,
        files=files,
    )


# --- parts ----------------------------------------------------------------------------------------


def _common_files(kernel: Kernel, hostname: str) -> dict[str, str | Write]:
    return {
        "/etc/hostname": hostname,
        "/proc/sys/kernel/pid_max": str(table_size(kernel)),
        "/proc/sys/kernel/threads-max": str(table_size(kernel)),
        "/proc/sys/kernel/hostname": hostname,
        "/proc/version": version_file(kernel.os, kernel.version, BUILD),
    }


def _connections(machine: Machine) -> dict[str, str]:
    most = round(machine.connections.most)
    return {"/proc/sys/net/netfilter/nf_conntrack_max": str(most)}


def _used(kernel: Kernel) -> int:
    return kernel.memory.resident


def _swap(machine: Machine, sandbox: bool) -> tuple[int, int]:
    return (0, 0) if sandbox else (machine.hardware.swap_bytes, machine.kernel.memory.swapped)


def _account_files(image: Image) -> dict[str, str]:
    """Who there is in an image."""
    if not image.layers or image.platform.os != "linux":
        return {}
    known = accounts(image)
    return {"/etc/passwd": known.passwd(), "/etc/group": known.group_file()}


def _uid_map(hardening: Hardening) -> str:
    if hardening.userns:
        return f"         0     {USERNS_OFFSET}      65536"
    return "         0          0 4294967295"


def _all_processes(machine: Machine) -> tuple[Proc, ...]:
    """What a machine's own ps shows: every container's program, and monitors of its VMs."""
    found = [Proc(1, "root", "/sbin/init"), Proc(2, "root", "[kthreadd]")]
    for one in containers_on(machine.kernel):
        if one.running and one.pid:
            user = one.settings.identity.name
            owner = str(USERNS_OFFSET) if one.settings.hardening.userns else user
            commands = commands_of(one)
            if one.runtime.kernel == "sandbox":
                commands = [f"runsc-sandbox {one.id[:12]}"]
            found += outside(one, owner, commands)
    for index, vm in enumerate(machine.kernel.vms.values()):
        if vm.memory.usage:
            monitor = vm.runtime.walls[-1].software[0] if vm.runtime.walls else "vmm"
            found.append(
                Proc(900 + index, "root", f"{monitor} {vm.name}", vm.memory.resident, ppid=1)
            )
    return tuple(sorted(found, key=lambda one: one.pid))


def _mounts(container: Container, sandbox: bool) -> tuple[str, ...]:
    access = "ro" if container.settings.read_only else "rw"
    root = f"none on / type 9p ({access})" if sandbox else f"overlay on / type overlay ({access})"
    if container.guest is not None:
        root = f"kataShared on / type virtiofs ({access})"
    masks = () if container.settings.hardening.privileged else (
        "proc on /proc/sys type proc (ro,nosuid,nodev,noexec)",
        "tmpfs on /proc/kcore type tmpfs (rw,nosuid)",
    )  # fmt: skip
    return (
        root,
        "proc on /proc type proc (rw,nosuid,nodev,noexec)",
        "cgroup on /sys/fs/cgroup type cgroup2 (ro,nosuid,nodev,noexec)",
        *masks,
    )
