"""One frozen picture of a world: all that a screen, a check or a report may look at.

Views hold plain values only, never model objects. CPU is in cores (1.0 = one core fully used),
memory in bytes, times in simulated seconds; rates are means over the last sample interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.image.model import Healthcheck, ImageConfig
from simulator.machine.health import Checked
from simulator.node.mounting import MountPoint
from simulator.node.networks import Endpoint
from simulator.node.publishing import Published
from simulator.node.spec import ContainerSpec
from simulator.world.facts import Said

_NOTHING_ASKED = ContainerSpec(image="")
_NOTHING_SAID = ImageConfig()


@dataclass(frozen=True, slots=True)
class ContainerView:
    """One container as ``docker ps``, ``stats`` and ``inspect`` know it."""

    id: str
    name: str
    image: str
    image_id: str
    command: str
    machine: str
    state: str
    """created, starting, running, paused, restarting, exited or dead."""
    created_at: float
    local_name: str = ""
    """What its daemon calls it; ``name`` is what no other in the world is called."""
    argv: tuple[str, ...] = ()
    """The words of ``command``."""
    image_config: ImageConfig = _NOTHING_SAID
    """What its image says of entrypoint and command."""
    spec: ContainerSpec = _NOTHING_ASKED
    """What it was asked to be, and changed to since."""
    started_at: float | None = None
    finished_at: float | None = None
    exit_code: int | None = None
    oom_killed: bool = False
    restarts: int = 0
    restart_policy: str = "no"
    health: str | None = None
    """starting, healthy or unhealthy, where it has a health check and has run."""
    healthcheck: Healthcheck | None = None
    stop_signal: str = ""
    """What asks it to stop, where it or its image says so."""
    health_streak: int = 0
    """Failures of its check in a row."""
    health_log: tuple[Checked, ...] = ()
    """The last results of its check."""
    published: tuple[Published, ...] = ()
    """Its ports that are to be had at the machine now."""
    exposed: tuple[str, ...] = ()
    """Ports that it says it has while it is on a bridge, as ``80/tcp``."""
    exposes: tuple[str, ...] = ()
    """All ports that it says it has, whether it runs or not."""
    endpoints: tuple[Endpoint, ...] = ()
    """The networks that it is on now."""
    start_error: str = ""
    aliases: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    runtime: str = "runc"
    workload: str = "idle"
    pid: int = 0
    pids: int = 0
    pids_limit: int | None = None
    cpu_cores: float = 0.0
    cpu_limit_cores: float | None = None
    cpu_period_us: int = 0
    cpu_quota_us: int = 0
    """As stated with ``--cpu-period`` and ``--cpu-quota``; 0 where they were not."""
    cpu_weight: int = 100
    cpu_seconds: float = 0.0
    nr_periods: int = 0
    nr_throttled: int = 0
    throttled_s: float = 0.0
    throttled_share: float = 0.0
    """Share of the last sample interval in which its quota was used up."""
    memory_bytes: int = 0
    memory_limit_bytes: int | None = None
    in_flight: int = 0
    queued: int = 0
    requests_per_s: float = 0.0
    net_in_bytes: int = 0
    net_out_bytes: int = 0
    block_in_bytes: int = 0
    block_out_bytes: int = 0
    mounts: tuple[MountPoint, ...] = ()
    written_bytes: int = 0
    """Bytes of its writable layer."""
    image_bytes: int = 0


@dataclass(frozen=True, slots=True)
class KernelView:
    """A kernel and everything that would fall with it."""

    name: str
    version: str
    os: str
    state: str
    """booting, running, panicked or off."""
    containers: tuple[ContainerView, ...] = ()
    vms: tuple[VmView, ...] = ()
    container_count: int = 0
    """How many containers share it, those that are not listed here included."""
    vm_count: int = 0


@dataclass(frozen=True, slots=True)
class VmView:
    """A virtual machine: hardware inside a kernel, with a kernel of its own."""

    name: str
    state: str
    """booting, running, failed or off."""
    stage: str
    hypervisor: str
    vcpus: int
    memory_bytes: int
    overhead_bytes: int
    cpu_cores: float
    memory_used_bytes: int
    steal_ratio: float
    """Share of its vCPUs' time that it wanted and did not get in the last sample interval."""
    booted_at: float | None
    kernel: KernelView
    owner: str = ""
    """The container that it was made for, which is all that it runs; empty for other VMs."""
    images: tuple[ImageView, ...] = ()
    resident_bytes: int = 0
    """What it holds of the memory of the machine beneath, its monitor included."""


@dataclass(frozen=True, slots=True)
class ImageView:
    """One row of ``docker images``."""

    reference: str
    """``repository:tag`` in its familiar form, or ``<none>:<none>``."""
    id: str
    created_at: float
    size_bytes: int
    layers: int
    pinned: tuple[str, ...] = ()
    """Its names with digests: ``nginx:1.27@sha256:…``."""


@dataclass(frozen=True, slots=True)
class HostView:
    """A host: hardware, kernel, images, and what is used of what."""

    name: str
    state: str
    cores: int
    memory_bytes: int
    architecture: str
    os: str
    region: str
    price_per_hour: float
    cpu_cores: float
    memory_used_bytes: int
    disk_used_bytes: int
    disk_bytes: int
    kernel: KernelView
    images: tuple[ImageView, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineView:
    """A host or a virtual machine, as one thing that commands can be sent to."""

    name: str
    host: str
    is_vm: bool
    cores: float
    memory_bytes: int
    architecture: str
    kernel: KernelView
    """Without what runs on it."""
    price_per_hour: float = 0.0
    """Of a host; a virtual machine costs nothing beside it."""
    stalled: bool = False
    """Whether nobody on it gets a process any more."""


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service: its endpoints and what its clients saw in the last sample interval."""

    name: str
    balancer: str
    endpoints: tuple[str, ...]
    """Names of the containers that answer now."""
    traffic: str
    """The traffic in words, empty when there is none."""
    offered_per_s: float = 0.0
    ok_per_s: float = 0.0
    failed_per_s: float = 0.0
    p50_s: float = 0.0
    p95_s: float = 0.0
    p99_s: float = 0.0
    mean_s: float = 0.0
    in_flight: int = 0
    queued: int = 0
    wait_share: float = 0.0
    """Share of the requests that its endpoints took in that had to wait in line."""
    mean_wait_s: float = 0.0
    """Mean time in line of all that they took in."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Totals since the start: 'arrived', 'ok', ways to fail, 'retries' and 'hedges'."""


@dataclass(frozen=True, slots=True)
class EventView:
    """One journal entry for people."""

    seq: int
    time: float
    kind: str
    text: str
    level: str
    """info, good, warn or bad."""
    subject: str = ""
    """Name of the container, host, VM, image or service that it is about."""


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A recorded series, thinned to what fits a chart."""

    name: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class JobView:
    """Something under way that a person waits for: a build, a pull, a stop."""

    id: int
    title: str
    done: bool
    error: str | None
    lines: tuple[Said, ...]
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole world at one instant."""

    time: float
    seed: int
    current_machine: str | None
    hosts: tuple[HostView, ...]
    services: tuple[ServiceView, ...]
    events: tuple[EventView, ...]
    jobs: tuple[JobView, ...] = ()
    series: Mapping[str, SeriesView] = field(default_factory=dict)
    event_count: int = 0
    intrusions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Containers from which a flaw was used with success, and who is reachable from there."""

    def kernels(self) -> Iterator[KernelView]:
        """All kernels, hosts first, then what runs in them, depth first."""
        for host in self.hosts:
            yield from _kernels(host.kernel)

    def containers(self) -> Iterator[ContainerView]:
        """All containers on all kernels, in the order of the kernels."""
        for kernel in self.kernels():
            yield from kernel.containers

    def container(self, name: str) -> ContainerView | None:
        """The container of this name or id prefix."""
        for one in self.containers():
            if one.name == name or one.id.startswith(name):
                return one
        return None

    def service(self, name: str) -> ServiceView | None:
        """The service of this name."""
        return next((s for s in self.services if s.name == name), None)


def _kernels(kernel: KernelView) -> Iterator[KernelView]:
    yield kernel
    for vm in kernel.vms:
        yield from _kernels(vm.kernel)
