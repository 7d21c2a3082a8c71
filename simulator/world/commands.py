"""Everything that can be asked of a world: frozen, self-contained, replayable commands.

A command carries all it needs: the text of a Dockerfile and the sizes and hashes of its context,
the counts of a trace file. Replaying a log therefore reads no file.
``machine`` names a host or a virtual machine; None means the current one (``UseMachine``).
"""

from __future__ import annotations

from typing import Any

import msgspec

from simulator.image.context import BuildContext
from simulator.node.spec import ContainerSpec
from simulator.traffic.client import ClientPolicy
from simulator.traffic.sources import AnyTraffic


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all commands."""


# --- machines -----------------------------------------------------------------------------------


class CreateHost(Command, frozen=True):
    """A physical (or rented) machine with a kernel of its own. Rates in bytes per second."""

    name: str
    cores: int = 4
    memory_bytes: int = 8 << 30
    disk_bytes: int = 100 << 30
    disk_bytes_s: float = 200e6
    nic_bytes_s: float = 125e6
    architecture: str = "amd64"
    os: str = "linux"
    kernel_version: str = "6.8"
    region: str = "local"
    price_per_hour: float = 0.0
    emulation: bool = False
    """Whether programs for other processors run, slowly (qemu-user)."""
    lazy_pull: bool = False
    """Whether containers start before their image is here as a whole."""
    image_gc: bool = False
    """Whether unused images go by the kubelet's own thresholds (``images.collection``)."""
    image_gc_percent: tuple[int, int] | None = None
    """Fullness of the disk at which unused images go, and at which that stops."""
    sockets: int = 1
    """Processors, each with a last-level cache of its own."""
    disk_iops: float | None = None
    """Disk operations per second; None: those of the calibration (``io.native.felter_iops``)."""
    swap_bytes: int = 0
    weight_mapping: str = ""
    """How its runtime makes weights of CPU shares: runc-1.3.2 or linear (older ones); nothing: as
    its version of runc does."""
    speed_spread: str = ""
    """How far its speed is from the nominal by chance: 10%, standard or burstable."""
    mtbf_s: float | None = None
    """Mean time between panics of its kernel."""
    mttr_s: float | None = None
    """Time until it is up again after each."""
    nested: bool | None = None
    """Whether virtual machines are to run on it; None: as machines of its place do."""
    software: tuple[str, ...] = ()
    """Installed in another version than usual: ``runc=1.1.11``."""


class RemoveHost(Command, frozen=True):
    """Take a host away, with everything on it."""

    name: str


class CreateVm(Command, frozen=True):
    """A virtual machine on a host (or, nested, in another VM); it boots at once."""

    name: str
    machine: str | None = None
    vcpus: int = 2
    memory_bytes: int = 2 << 30
    hypervisor: str = "qemu"
    kernel_version: str | None = None
    """None: what guests of its hypervisor have."""
    os: str = "linux"
    nested: bool = False
    """Whether virtual machines can run in it."""
    software: tuple[str, ...] = ()
    """Installed in another version than usual: ``runc=1.1.11``."""
    disk_bytes: int | None = None
    """Size of its disk; None: that of the machine beneath."""
    speed_spread: str = ""
    mtbf_s: float | None = None
    cpu_shares: int | None = None
    """Weight among the tenants of the machine's cores, 1024 being normal."""
    blkio_weight: int | None = None
    """Weight among the tenants of its disk, from 10 to 1000."""


class RebootMachine(Command, frozen=True):
    """Switch a machine off and on again: it comes back with the kernel that was installed."""

    name: str


class RemoveVm(Command, frozen=True):
    """Switch a virtual machine off and delete it; its containers die with it."""

    name: str


class TuneMachine(Command, frozen=True):
    """Memory tricks: ``ksm`` merges equal pages of the VMs on a machine; ``balloon`` takes free
    memory back from a VM; ``evict`` ends containers before memory runs out; ``metrics`` has the
    metrics pipeline scrape its containers; ``connections`` is how many its kernel's table holds
    (``nf_conntrack_max``); ``userns_remap`` gives new containers users of their own. None leaves
    it. ``kernel_version`` is installed and runs after the next boot; ``software`` is replaced at
    once; ``counted`` is what else its daemon says it has, by kind."""

    name: str
    ksm: bool | None = None
    balloon: bool | None = None
    evict: bool | None = None
    metrics: bool | None = None
    kernel_version: str | None = None
    software: tuple[str, ...] = ()
    connections: int | None = None
    userns_remap: bool | None = None
    counted: tuple[tuple[str, int], ...] = ()


class CreateCgroup(Command, frozen=True):
    """An inner cgroup for containers to be put in (``--cgroup-parent``)."""

    name: str
    machine: str | None = None
    parent: str | None = None
    cpu_weight: int = 100
    nice: int | None = None
    """The weight as a nice value (``cpu.weight.nice``), in its place."""
    cpus: float | None = None
    memory_bytes: int | None = None


class RemoveCgroup(Command, frozen=True):
    """Take an empty inner cgroup away."""

    name: str
    machine: str | None = None


class UseMachine(Command, frozen=True):
    """Make a host or VM the one that later commands mean (like ``docker context use``)."""

    name: str


# --- images -------------------------------------------------------------------------------------


class BuildImage(Command, frozen=True, kw_only=True):
    """Build an image from a Dockerfile's text and a build context.

    ``no_cache_stages`` are stages built anew, ``cache_from`` images whose inline cache is used,
    ``platforms`` more than one makes a manifest list, ``secrets`` and ``ssh`` are the ids given.
    """

    dockerfile: str
    dockerfile_name: str = "Dockerfile"
    context: BuildContext
    tags: tuple[str, ...] = ()
    build_args: dict[str, str] = {}
    target: str | None = None
    no_cache: bool = False
    no_cache_stages: tuple[str, ...] = ()
    platform: str | None = None
    platforms: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    secrets: tuple[str, ...] = ()
    ssh: tuple[str, ...] = ()
    cache_from: tuple[str, ...] = ()
    inline_cache: bool = False
    pull: bool = False
    push: bool = False
    plain: bool = False
    quiet: bool = False
    stand_ins: bool = False
    """Whether another image stands in for a base that nobody here has."""
    machine: str | None = None


class PullImage(Command, frozen=True):
    """Fetch an image's missing layers from its registry."""

    reference: str
    platform: str | None = None
    machine: str | None = None
    lazy: bool | None = None
    """None: as the machine is set."""


class TagImage(Command, frozen=True):
    """Give an image another name."""

    source: str
    target: str
    machine: str | None = None


class RemoveImage(Command, frozen=True):
    """Remove a tag, and the image's unused layers with its last tag."""

    reference: str
    force: bool = False
    machine: str | None = None


# --- containers ---------------------------------------------------------------------------------


class RunContainer(ContainerSpec, Command, frozen=True, kw_only=True):
    """Pull if needed, create and (unless ``start`` is false) start what the specification says."""

    name: str | None = None
    quiet: bool = False
    """Nothing is said of a pull."""
    pull: str = "missing"
    """always, missing or never."""
    detach: bool = True
    start: bool = True
    machine: str | None = None

    @classmethod
    def of(cls, spec: ContainerSpec, **how: Any) -> RunContainer:
        """The command that runs a specification: its name, its machine, whether to wait."""
        return cls(**msgspec.structs.asdict(spec), **how)


class StartContainer(Command, frozen=True):
    """Start a created or exited container again; ``attach``: and wait for its end."""

    name: str
    attach: bool = False


class Execute(Command, frozen=True):
    """Start a program in a running container; ``interactive``: lines may be typed at it."""

    container: str
    argv: tuple[str, ...]
    env: dict[str, str] = {}
    user: str | None = None
    workdir: str | None = None
    interactive: bool = False
    tty: bool = False
    detach: bool = False


class Attach(Command, frozen=True):
    """Sit at process 1 of a container."""

    container: str


class WaitForContainer(Command, frozen=True):
    """Wait until a container has ended, for its exit code."""

    name: str


class TypeLine(Command, frozen=True):
    """A line for the program that the person sits at; None is the end of input (Ctrl-D)."""

    text: str | None = None


class StopContainer(Command, frozen=True):
    """Ask it to stop; kill it when the grace period (its own, default 10 s) is over.

    ``signal``: asked with this one instead of its own.
    """

    name: str
    grace_s: float | None = None
    signal: str | None = None


class KillContainer(Command, frozen=True):
    """Send a signal, KILL unless said otherwise."""

    name: str
    signal: str = "KILL"


class RestartContainer(Command, frozen=True):
    """Stop with grace, then start."""

    name: str
    grace_s: float | None = None
    signal: str | None = None


class PauseContainer(Command, frozen=True):
    """Freeze its cgroup: requests in it wait."""

    name: str


class UnpauseContainer(Command, frozen=True):
    """Thaw its cgroup."""

    name: str


class RemoveContainer(Command, frozen=True):
    """Delete a stopped container, or with ``force`` a running one."""

    name: str
    force: bool = False
    volumes: bool = False
    """With its anonymous volumes."""


class UpdateContainer(Command, frozen=True):
    """Change limits of a container, running or not; None leaves a limit as it is."""

    name: str
    cpus: float | None = None
    cpu_period_us: int | None = None
    cpu_quota_us: int | None = None
    cpu_shares: int | None = None
    cpuset: tuple[int, ...] | None = None
    memory_bytes: int | None = None
    memory_swap_bytes: int | None = None
    memory_low_bytes: int | None = None
    pids_limit: int | None = None
    io_weight: int | None = None
    restart: str | None = None


class RenameContainer(Command, frozen=True):
    """Give a container another name."""

    name: str
    new_name: str


# --- services and traffic -----------------------------------------------------------------------


class CreateService(Command, frozen=True):
    """A name that traffic is sent to: containers run with this alias are its endpoints.

    ``balancer``: round-robin, random, least-connections, two-choices, or choices=D for any D.
    It learns ``lag_s`` late that a container answers, or answers no more.
    """

    name: str
    balancer: str = "round-robin"
    lag_s: float = 0.0
    endpoints: tuple[str, ...] = ()


class RemoveService(Command, frozen=True):
    """Forget a service and stop its traffic."""

    name: str


class AddEndpoint(Command, frozen=True):
    """Let a container answer for a service."""

    service: str
    container: str


class RemoveEndpoint(Command, frozen=True):
    """Take a container out of a service; requests in it finish."""

    service: str
    container: str


class SetBalancer(Command, frozen=True):
    """Choose how a service picks an endpoint."""

    service: str
    balancer: str


class StartTraffic(Command, frozen=True):
    """Send requests to a service from now on; replaces the traffic it had.

    A service that does not exist yet is made, with round robin.
    """

    service: str
    spec: AnyTraffic
    client: ClientPolicy = ClientPolicy()


class StopTraffic(Command, frozen=True):
    """Send no more requests to a service."""

    service: str


# --- trouble ------------------------------------------------------------------------------------


class ApplyFlaw(Command, frozen=True):
    """Use a flaw of the catalogue from inside a container; ``switches`` are the host's mitigations.

    After a success the intruder stands where it landed, and the next flaw starts from there.
    """

    flaw: str
    container: str
    switches: tuple[str, ...] = ()


class RestartDaemon(Command, frozen=True):
    """Start the daemon of a machine anew: it stops its containers, and some come back."""

    machine: str | None = None


class InjectFault(Command, frozen=True):
    """Make something break: ``kind`` is one of ``simulator.machine.faults.KINDS``.

    crash (the program in a container exits 1), panic (a kernel), power (a host loses power),
    oom (memory is eaten until the kernel kills), hang (a program stops answering), and the bombs
    that go off in a container: cpubomb, membomb, forkbomb, diskbomb, netbomb (``amount``: rate).
    """

    kind: str
    target: str
    amount: float | None = None
