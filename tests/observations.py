"""What each constant is to be seen in: an observation is a function of a calibration.

Most are taken in a small world, as a scenario with ``calibration:`` makes it; the rest are the
tables of ``drydock density``, ``published`` and ``move --plan``, and the kubelet's rules of pulls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harbour import harbour, have_image, run
from pull_helpers import image, layer

from simulator.calibration import Calibration
from simulator.clouds import Site
from simulator.engine import FlowNetwork, Simulation
from simulator.image.reference import Reference
from simulator.machine import benchmarks
from simulator.machine.density import GIB, Need, Room, density
from simulator.machine.events import (
    ContainerExited,
    ContainerRestarting,
    ContainerStarted,
    VmBooted,
)
from simulator.machine.events_trouble import KernelStalled
from simulator.machine.pagecache import cached_bytes
from simulator.machine.runtimes import MB, MIB, runtime
from simulator.registry.client import ImageClient
from simulator.registry.collector import ImageCollector
from simulator.registry.policy import ImageManager
from simulator.registry.registry import Registry
from simulator.registry.rules import PullRules, kubelet_bucket
from simulator.shell import Session
from simulator.world import moving
from simulator.world.commands import (
    CreateHost,
    CreateVm,
    InjectFault,
    RemoveContainer,
    RunContainer,
    StopContainer,
    TuneMachine,
)
from simulator.world.image_commands import ChangeRegistry
from simulator.world.world import World

Seen = Callable[[Calibration], object]
Arranged = Callable[[str, Calibration], object]
BUSY = (
    "server cpu=1ms dist=constant workers=2 syscalls=10 internals=3 opens=1 packets=4 ios=2 "
    "io_bytes=8KiB"
)


def _events(world: World, kind: type) -> list[Any]:
    return [entry.event for entry in world.journal if isinstance(entry.event, kind)]


# --- arrangements ---------------------------------------------------------------------------------


@cache
def _arranged(kind: str, constants: Calibration) -> World:
    """Two containers, and two machines of the hypervisor where it is one, begun at one instant."""
    world = harbour(calibration=constants, memory_bytes=64 * GIB, disk_bytes_s=4e9)
    if runtime(kind, constants).kernel == "shared":
        for name in ("one", "two"):
            world.apply(CreateVm(name=name, vcpus=2, memory_bytes=GIB, hypervisor=kind))
        world.advance(60.0)
        for name in ("one", "two"):
            have_image(world, name)
            run(world, f"{name}-web", BUSY, machine=name)
        world.advance(70.0)
        return world
    run(world, "one-web", BUSY, runtime=kind, ports=("8080:80",))
    run(world, "two-web", BUSY, runtime=kind)
    world.advance(70.0)
    return world


def starts(kind: str, constants: Calibration) -> object:
    """Seconds that starts and boots took."""
    world = _arranged(kind, constants)
    return [one.seconds for one in _events(world, ContainerStarted) + _events(world, VmBooted)]


def memory(kind: str, constants: Calibration) -> object:
    """Memory of the host that the arrangement takes."""
    return _arranged(kind, constants).machine("h").kernel.memory.usage


def guest_memory(kind: str, constants: Calibration) -> object:
    """Memory that the guest of a container takes of its own."""
    return _arranged(kind, constants).container("one-web").machine.kernel.memory.usage


def costs(kind: str, constants: Calibration) -> object:
    """CPU of a request, its waits, and what the boundaries add."""
    world = _arranged(kind, constants)
    found = [world.container(f"{name}-web") for name in ("one", "two")]
    paces = [one.pacing.pace for one in found]
    return [one.work_seconds() for one in found], paces, [one.costs for one in found]


def cloud_boot(constants: Calibration) -> object:
    """Boot of a rented machine."""
    world = harbour(calibration=constants, memory_bytes=64 * GIB)
    world.apply(CreateVm(name="vm", memory_bytes=2 * GIB, hypervisor="cloud-vm"))
    world.advance(300.0)
    return [one.seconds for one in _events(world, VmBooted)]


def speed(spread: str, constants: Calibration) -> object:
    """How fast a rented machine turns out to be."""
    world = harbour(calibration=constants, speed_spread=spread)
    return world.machine("h").speed


def nested_costs(constants: Calibration) -> object:
    """Costs of a virtual machine in a virtual machine."""
    world = harbour(calibration=constants, memory_bytes=64 * GIB)
    world.apply(CreateVm(name="outer", memory_bytes=8 * GIB, hypervisor="qemu", nested=True))
    world.advance(30.0)
    world.apply(CreateVm(name="inner", machine="outer", memory_bytes=2 * GIB, hypervisor="qemu"))
    return world.machine("inner").costs


# --- the daemon's clocks --------------------------------------------------------------------------


def back_off(constants: Calibration) -> object:
    """Delays before restarts of a program that ends at once."""
    world = harbour(calibration=constants)
    run(world, "one", "exit after=20ms code=1", restart="always")
    world.advance(400.0)
    return [one.delay_s for one in _events(world, ContainerRestarting)]


def back_off_of_the_settled(constants: Calibration) -> object:
    """Delays before restarts of a program that ends after twelve seconds."""
    world = harbour(calibration=constants)
    run(world, "one", "exit after=12s code=1", restart="always")
    world.advance(60.0)
    return [one.delay_s for one in _events(world, ContainerRestarting)]


def stopping(constants: Calibration) -> object:
    """When a container that ignores SIGTERM is killed."""
    world = harbour(calibration=constants)
    run(world, "one", "hog threads=1")
    world.advance(5.0)
    world.apply(StopContainer(name="one"))
    world.advance(60.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


def asking(constants: Calibration) -> object:
    """When a check without a timeout of its own is over that asks a program that hangs."""
    world = harbour(calibration=constants)
    one = run(world, "one", "server cpu=1ms", health_cmd="wget localhost", health_interval_s=5.0)
    world.advance(4.0)
    world.apply(InjectFault(kind="hang", target="one"))
    world.advance(60.0)
    assert one.health is not None
    return [each.end - each.start for each in one.health.log]


def throttling(constants: Calibration) -> object:
    """When a job of 200 ms that may use 0.4 cores is done."""
    world = harbour(calibration=constants)
    run(world, "one", "batch cpu=250ms", cpus=0.4)
    world.advance(10.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


def evicting(constants: Calibration) -> object:
    """When a tenant that leaks is evicted."""
    world = harbour(calibration=constants, memory_bytes=GIB)
    world.apply(TuneMachine(name="h", evict=True))
    run(world, "leaky", "leak memory=100MiB rate=8MiB/s")
    world.advance(300.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


def scraping(constants: Calibration) -> object:
    """When the metrics pipeline knows what, and over which time."""
    world = harbour(calibration=constants)
    world.apply(TuneMachine(name="h", metrics=True))
    run(world, "busy", "hog threads=1")
    told = []
    for second in range(1, 91):
        world.advance(float(second))
        told.append(world.fleet.nodes["h"].metrics.usage(world.container("busy")))
    return told


# --- neighbours -----------------------------------------------------------------------------------


def _job_beside(text: str, job: str, constants: Calibration, **host: Any) -> object:
    world = harbour(calibration=constants, memory_bytes=4 * GIB, **host)
    run(world, "other", text)
    world.advance(20.0)
    run(world, "job", job)
    world.advance(120.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


beside_a_cache = partial(_job_beside, "hog threads=1 cache=1", "batch cpu=2s cache=1")
beside_bandwidth = partial(_job_beside, "hog threads=1 bandwidth=1", "batch cpu=2s bandwidth=1")
beside_writes = partial(_job_beside, "diskbomb rate=220MiB/s", "batch cpu=2s ios=1 buffered=1")
beside_many_writes = partial(_job_beside, "diskbomb", "batch cpu=2s ios=1 buffered=1")
beside_packets = partial(_job_beside, "netbomb", "batch cpu=2s packets=1")


def packets_sent(kind: str, constants: Calibration) -> object:
    """Share of the processor that a network bomb in this arrangement takes from all."""
    world = harbour(calibration=constants, memory_bytes=64 * GIB, nic_bytes_s=12.5e9)
    run(world, "job", "server cpu=1ms packets=1")
    run(world, "other", "netbomb", runtime=kind, cpus=8.0)
    world.advance(30.0)
    return world.container("other").pacing.pace, world.container("job").pacing.pace


def disk_rate(kind: str, constants: Calibration) -> object:
    """How long a job that reads 64 GiB of a fast disk takes."""
    world = harbour(calibration=constants, memory_bytes=64 * GIB, disk_bytes_s=4e9)
    run(world, "job", "batch cpu=3s io_bytes=64GiB", runtime=kind, cpus=2.0)
    world.advance(120.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


def beside_connections(constants: Calibration) -> object:
    """Delay of a request where a neighbour fills the table of connections."""
    world = harbour(calibration=constants)
    run(world, "web", "server cpu=1ms packets=4")
    run(world, "other", "netbomb connections=5000")
    world.advance(10.0)
    return world.container("web").pacing.pace


def disk_time(constants: Calibration) -> object:
    """How long a job of many disk operations takes."""
    world = harbour(calibration=constants)
    run(world, "other", "diskbomb")
    run(world, "job", "batch cpu=2s ios=100000 io_bytes=100MiB")
    world.advance(120.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


def log_flood(constants: Calibration) -> object:
    """How large the log of a program is that prints without end."""
    world = harbour(calibration=constants)
    world.apply(RunContainer(image="alpine", name="one", command=("yes",)))
    world.advance(10.0)
    return world.fleet.node("h").storage.log_bytes(world.container("one"))


def inodes(constants: Calibration) -> object:
    """How many files a disk has room for."""
    return harbour(calibration=constants).machine("h").space.inodes


def swapping(constants: Calibration) -> object:
    """How long a job takes whose memory does not fit its limit."""
    world = harbour(calibration=constants, swap_bytes=GIB)
    run(world, "job", "batch cpu=1s memory=110MiB", memory_bytes=100 << 20)
    world.advance(120.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerExited)]


def stalling(constants: Calibration) -> object:
    """When, and with how many processes, a fork bomb stalls the kernel."""
    world = harbour(calibration=constants, memory_bytes=16 * GIB)
    run(world, "bomb", "forkbomb")
    world.advance(30.0)
    return [
        (entry.time, entry.event)
        for entry in world.journal
        if isinstance(entry.event, KernelStalled)
    ]


def last_process(constants: Calibration) -> object:
    """Processes that the kernel of a large host has numbers for."""
    world = harbour(calibration=constants, memory_bytes=1024 * GIB)
    return world.machine("h").kernel.pid_max


def page_cache(constants: Calibration) -> object:
    """Hot bytes of an image, as ``free`` shows them."""
    world = harbour(calibration=constants)
    run(world, "web", "server cpu=1ms")
    world.advance(5.0)
    return cached_bytes(world.machine("h").kernel)


def memory_tricks(constants: Calibration) -> object:
    """Memory of a host whose guests are merged and have balloons, second by second."""
    world = harbour(calibration=constants, memory_bytes=16 * GIB)
    for name in ("one", "two"):
        world.apply(CreateVm(name=name, memory_bytes=2 * GIB, hypervisor="qemu"))
    world.advance(25.0)
    host = world.machine("h")
    for name in ("one", "two"):
        have_image(world, name)
        run(world, f"had-{name}", "idle memory=1GiB", machine=name)
    world.advance(30.0)
    for name in ("one", "two"):
        world.apply(RemoveContainer(name=f"had-{name}", force=True))
    world.apply(TuneMachine(name="h", ksm=True))
    for name in ("one", "two"):
        world.apply(TuneMachine(name=name, balloon=True))
    seen = []
    for _ in range(60):
        world.advance(world.now + 1.0)
        seen.append(host.kernel.memory.usage)
    return seen


# --- tables ---------------------------------------------------------------------------------------


def densities(constants: Calibration) -> object:
    """How many fit on hosts of several sizes, for several sizes of application."""
    found = []
    for kind in ("docker", "gvisor", "qemu"):
        for megabytes in (3, 30, 60, 200, 1100):
            for cores, gib in ((1, 3), (2, 7), (4, 15), (64, 512)):
                need = Need(megabytes * MB, cpu_cores=0.01, guest_bytes=2048 * MIB)
                room = Room(cores, gib * GIB)
                found.append(density(runtime(kind, constants), need, room, constants).limits)
    return found


def published(constants: Calibration) -> object:
    """The rows of ``drydock published``: the model beside what was measured."""
    rows = [(one.name, one.model, one.published) for one in benchmarks.comparisons(constants)]
    return rows, [one.value for one in benchmarks.not_reproduced(constants)]


def demands(constants: Calibration) -> object:
    """What the benchmarks ask for, and the operations that a monitor lets through."""
    programs = ("linpack", "stream", "sysbench_cpu", "fio", "tcp_rr", "udp_rr")
    return (
        [benchmarks.demand_of(name, constants) for name in programs],
        benchmarks.nvme_iops("cloud-hypervisor", constants),
    )


# --- images ---------------------------------------------------------------------------------------


def pulling(constants: Calibration) -> object:
    """When a container runs whose image of many layers comes from the hub."""
    world = World(1, constants)
    world.apply(CreateHost(name="h", nic_bytes_s=1e9, disk_bytes_s=1e9))
    world.apply(RunContainer(image="python:3.12", name="one", workload="server cpu=1ms"))
    world.advance(120.0)
    return [entry.time for entry in world.journal if isinstance(entry.event, ContainerStarted)]


def emulating(constants: Calibration) -> object:
    """CPU of a request of a program for another processor."""
    world = World(1, constants)
    world.apply(CreateHost(name="h", emulation=True))
    world.apply(
        RunContainer(image="alpine", name="one", platform="linux/arm64", workload="server cpu=1ms")
    )
    world.advance(60.0)
    return world.container("one").work_seconds()


def pushing(constants: Calibration) -> object:
    """How long an image of many layers takes to a registry."""
    sim = Simulation()
    network = FlowNetwork(sim)
    nic = network.link("nic", 1e9)
    client = ImageClient(sim, network, "h", nic_in=nic, constants=constants)
    name = Reference.parse("mirror.local/app")
    client.store.add(image(*(layer(str(n), 20, 50) for n in range(12))), name)
    took = []
    for connection_bytes_s in (None, 1e6):
        far = Registry(network, "mirror.local", 1e9, connection_bytes_s=connection_bytes_s)
        push = client.push(far, name)
        sim.advance(sim.now + 1e4)
        took.append(push.done.value.seconds)
    return took


def hub(constants: Calibration) -> object:
    """The public registry's speed and limits."""
    world = World(1, constants)
    world.apply(ChangeRegistry(name="docker.io", published_limits=True))
    limits = (world.registry.anonymous_limit, world.registry.user_limit)
    return world.registry.uplink.capacity_bytes_s, limits


def moves(constants: Calibration) -> object:
    """The stages of both ways to another cloud."""
    service = moving.Service(image(layer("base", 60, 160), layer("app", 40, 110)))
    sites = Site.parse("aws"), Site.parse("gcp")
    own = Site.parse("own")
    return [
        moving.as_container(service, *sites, constants=constants).stages,
        moving.as_vm_disk(service, *sites, constants=constants).stages,
        moving.as_vm_disk(service, sites[0], own, constants=constants).stages,
    ]


def kubelet_pulls(constants: Calibration) -> object:
    """The kubelet's rules: how many at once, how often, how long after a failure."""
    sim = Simulation()
    network = FlowNetwork(sim)
    client = ImageClient(sim, network, "n", nic_in=network.link("nic", 1e9), constants=constants)
    manager = ImageManager(client, constants=constants)
    empty = Registry(network, "mirror.local", 1e9)
    delays = []
    for _ in range(8):
        attempt = sim.start(manager.ensure(empty, Reference.parse("mirror.local/gone")))
        sim.advance(sim.now + 1.0)
        delays.append(attempt.value.retry_after_s)
        sim.advance(sim.now + delays[-1])
    bucket = kubelet_bucket(constants)
    return PullRules.kubelet(constants), bucket.rate_per_s, bucket.burst, delays


def collecting(constants: Calibration) -> object:
    """When the kubelet collects images, and down to where."""
    sim = Simulation()
    network = FlowNetwork(sim)
    client = ImageClient(
        sim,
        network,
        "n",
        nic_in=network.link("nic", 1e9),
        capacity_bytes=1000 * 10**6,
        constants=constants,
    )
    collector = ImageCollector(client, constants)
    return collector.thresholds, collector.period_s


# --- clusters -------------------------------------------------------------------------------------


def pods(constants: Calibration) -> object:
    """When pods of an image that nobody knows start, and when a Service begins to send to them."""
    session = Session(World(calibration=constants), folder=Path())
    for line in (
        "cluster create small --nodes 1",
        "kubectl create deployment web --image nobody/knows",
        "kubectl expose deploy/web --port 80",
        "traffic web 10/s",
        "advance 30s",
    ):
        assert session.execute(line).error is None, line
    return [session.execute(line).lines for line in ("kubectl get events", "service ls")]


STATEFUL = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: nginx, volumeMounts: [{name: d, mountPath: /d}]}]}
  volumeClaimTemplates:
  - metadata: {name: d}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""


def claims(constants: Calibration) -> object:
    """When the disk of a pod is made, and is on its node."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "db.yaml").write_text(STATEFUL)
        session = Session(World(calibration=constants), folder=Path(folder))
        for line in ("cluster create small --nodes 1", "kubectl apply -f db.yaml", "advance 40s"):
            assert session.execute(line).error is None, line
        return session.execute("kubectl get events").lines
