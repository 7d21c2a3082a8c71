"""The walls around a tenant, from its process down to the hardware, and its security switches.

A chain is read inside out. Two tenants share whatever appears in both chains:

    container web        container:web  kernel:host1  hardware:host1
    container in a VM    container:web  kernel:vm1  vmm:vm1  kernel:host1  hardware:host1
    sandbox              sandbox:web  kernel:host1  hardware:host1
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.errors import unknown
from simulator.machine.runtimes import Runtime

BOUNDARY_KINDS = ("container", "sandbox", "kernel", "vmm", "jail", "hardware")


def _words(text: str, prefix: str = "") -> frozenset[str]:
    return frozenset(prefix + word for word in text.split())


DOCKER_CAPS = _words(
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP "
    "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE",
    "CAP_",
)
"""The fourteen capabilities that Docker leaves to root in a container."""

ALL_CAPS = DOCKER_CAPS | _words(
    "SYS_ADMIN NET_ADMIN SYS_PTRACE SYS_MODULE SYS_RAWIO SYS_TIME SYS_BOOT SYS_NICE "
    "SYS_RESOURCE SYS_PACCT SYS_TTY_CONFIG DAC_READ_SEARCH LINUX_IMMUTABLE IPC_LOCK IPC_OWNER "
    "LEASE AUDIT_CONTROL AUDIT_READ MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND "
    "NET_BROADCAST PERFMON BPF CHECKPOINT_RESTORE",
    "CAP_",
)
"""Every capability of Linux: what ``--privileged`` gives."""

SECCOMP_PROFILES = ("unconfined", "default", "strict")

DEFAULT_BLOCKED = _words(
    "acct add_key bpf clock_adjtime clock_settime create_module delete_module finit_module "
    "fsconfig fsmount fsopen fspick get_kernel_syms get_mempolicy init_module io_uring_setup "
    "ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount move_mount "
    "move_pages nfsservctl open_by_handle_at open_tree perf_event_open personality pivot_root "
    "process_vm_readv process_vm_writev query_module quotactl reboot request_key "
    "set_mempolicy setns settimeofday stime swapoff swapon sysfs umount umount2 unshare "
    "userfaultfd ustat vm86 vm86old"
)
"""Calls that Docker's default filter blocks for a container without CAP_SYS_ADMIN."""

STRICT_BLOCKED = DEFAULT_BLOCKED | {"splice", "waitid", "ptrace", "socket(AF_PACKET)"}
"""A filter that an operator cut down to what the application uses (about 60 calls)."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """One wall or the thing behind it; equal boundaries are one and the same."""

    kind: str
    name: str
    software: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """What is installed where it was built, its kernel (``linux``) included; empty: not stated."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Hardening:
    """The switches of a container. The defaults are Docker's."""

    seccomp: str = "default"
    caps: frozenset[str] = DOCKER_CAPS
    userns: bool = False
    """Root in the container is nobody outside."""
    no_new_privileges: bool = False
    readonly_root: bool = False
    root: bool = True
    """The process runs as user 0."""
    host_network: bool = False
    privileged: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown filter or capability by name."""
        if self.seccomp not in SECCOMP_PROFILES:
            raise unknown("seccomp profile", self.seccomp, SECCOMP_PROFILES)
        for cap in sorted(self.caps):
            if cap not in ALL_CAPS:
                raise unknown("capability", cap, ALL_CAPS)

    def blocks(self, call: str) -> bool:
        """Whether the filter stops a system call. CAP_SYS_ADMIN widens the default one."""
        if self.privileged or self.seccomp == "unconfined":
            return False
        if self.seccomp == "strict":
            return call in STRICT_BLOCKED
        return call in DEFAULT_BLOCKED and "CAP_SYS_ADMIN" not in self.caps

    def holds(self, cap: str) -> bool:
        """Whether the process has a capability that the kernel honours outside its namespace."""
        if self.privileged:
            return True
        return self.root and not self.userns and cap in self.caps

    def holds_inside(self, cap: str) -> bool:
        """Whether the process has, or can make itself, a user namespace with the capability.

        A container in a user namespace owns its network and mounts; any other process makes a
        namespace of its own unless the filter blocks ``unshare``.
        """
        own = self.userns and self.root and cap in self.caps
        return own or not self.blocks("unshare")


OPEN = Hardening(seccomp="unconfined", caps=ALL_CAPS, privileged=True, host_network=True)
"""``--privileged --network host``: no switch left."""

GUEST_ROOT = Hardening(seccomp="unconfined", caps=ALL_CAPS)
"""A tenant with a VM of its own is root in it."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody's workload: its name, its walls inside out, its switches."""

    name: str
    chain: tuple[Boundary, ...]
    hardening: Hardening = Hardening()


def host_chain(host: str, kernel_software: str = "linux") -> tuple[Boundary, ...]:
    """What lies beneath everything on a host: its kernel and its hardware."""
    return (Boundary("kernel", host, (kernel_software,)), Boundary("hardware", host))


def chain_of(
    runtime: Runtime, instance: str, beneath: tuple[Boundary, ...], guest: str | None = None
) -> tuple[Boundary, ...]:
    """The chain of an instance of a runtime on top of ``beneath`` (a host's or a VM's chain).

    ``guest`` names the guest kernel and its monitor where several instances share one (containers
    in a VM, VMs on one kernel); by default each has its own, named as the instance.
    """
    inner = [Boundary(w.kind, instance, w.software) for w in runtime.walls if not _outer(w.kind)]
    outer: list[Boundary] = []
    if runtime.has_own_kernel:
        owner = guest or instance
        outer = [Boundary("kernel", owner, ("linux",))]
        outer += [Boundary(w.kind, owner, w.software) for w in runtime.walls if _outer(w.kind)]
    return (*inner, *outer, *beneath)


def _outer(kind: str) -> bool:
    return kind in ("vmm", "jail")
