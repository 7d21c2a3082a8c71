"""Random tenants, bombs, faults and limits: whatever happens, the accounts are right."""

from harbour import harbour, run, send
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import DrydockError
from simulator.world import World
from simulator.world.commands import (
    ApplyFlaw,
    CreateService,
    CreateVm,
    InjectFault,
    PauseContainer,
    RebootMachine,
    RemoveContainer,
    RemoveVm,
    RestartContainer,
    StopContainer,
    TuneMachine,
    UnpauseContainer,
    UpdateContainer,
)

GIB = 1 << 30
NAMES = ("a", "b", "c", "d")
WORKLOADS = (
    "idle memory=50MiB",
    "server cpu=10ms workers=2 cache=0.5 ios=2 io_bytes=8KiB packets=4 net_bytes=4KiB",
    "server cpu=5ms per_request=5MiB",
    "batch cpu=20s threads=3 bandwidth=1 buffered=1",
    "hog threads=2 cache=1",
    "leak rate=40MiB",
    "cpubomb threads=8",
    "membomb rate=500MiB",
    "forkbomb",
    "diskbomb",
    "netbomb connections=9000",
)
RUNTIMES = ("runc", "runc", "runsc", "lxc", "kata", "firecracker", "qemu")
FAULTS = ("crash", "oom", "hang", "cpubomb", "membomb", "forkbomb", "diskbomb", "netbomb")

name = st.sampled_from(NAMES)
step = st.one_of(
    st.tuples(
        st.just("run"),
        name,
        st.sampled_from(WORKLOADS),
        st.sampled_from(RUNTIMES),
        st.fixed_dictionaries(
            {},
            optional={
                "cpus": st.sampled_from([0.5, 2.0]),
                "memory_bytes": st.sampled_from([64 << 20, 512 << 20]),
                "pids_limit": st.sampled_from([4, 200]),
                "cpuset": st.sampled_from([(0,), (0, 1), (1, 2), (3,)]),
                "restart": st.sampled_from(["no", "always"]),
                "memory_high_bytes": st.just(32 << 20),
                "userns": st.booleans(),
            },
        ),
    ),
    st.tuples(st.just("fault"), st.sampled_from(FAULTS), name),
    st.tuples(st.just("panic"), st.sampled_from(("h", "vm", "a.vm", "b.vm"))),
    st.tuples(st.just("recover")),
    st.tuples(st.just("reboot"), st.sampled_from(("h", "vm"))),
    st.tuples(st.just("stop"), name),
    st.tuples(st.just("restart"), name),
    st.tuples(st.just("rm"), name),
    st.tuples(st.just("pause"), name),
    st.tuples(st.just("unpause"), name),
    st.tuples(st.just("update"), name, st.sampled_from([0.5, 1.0, 3.0])),
    st.tuples(st.just("vm"), st.sampled_from(("qemu", "firecracker", "vm-shared-kernel"))),
    st.tuples(st.just("rmvm")),
    st.tuples(st.just("tune"), st.booleans()),
    st.tuples(st.just("flaw"), name),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.3, 2.0, 15.0])),
)


def command(words):
    """The command that a step means."""
    kind, *rest = words
    return {
        "fault": lambda: InjectFault(kind=rest[0], target=rest[1]),
        "panic": lambda: InjectFault(kind="panic", target=rest[0]),
        "recover": lambda: InjectFault(kind="recover", target="h"),
        "reboot": lambda: RebootMachine(name=rest[0]),
        "stop": lambda: StopContainer(name=rest[0], grace_s=1.0),
        "restart": lambda: RestartContainer(name=rest[0], grace_s=1.0),
        "rm": lambda: RemoveContainer(name=rest[0], force=True),
        "pause": lambda: PauseContainer(name=rest[0]),
        "unpause": lambda: UnpauseContainer(name=rest[0]),
        "update": lambda: UpdateContainer(name=rest[0], cpus=rest[1]),
        "vm": lambda: CreateVm(name="vm", vcpus=2, memory_bytes=1 * GIB, hypervisor=rest[0]),
        "rmvm": lambda: RemoveVm(name="vm"),
        "tune": lambda: TuneMachine(name="h", ksm=rest[0]),
        "flaw": lambda: ApplyFlaw(flaw="Dirty Pipe", container=rest[0]),
    }[kind]()


def charged(group):
    """What a group must hold: its own charge and that of all below it."""
    below = sum(charged(child) for child in group.children)
    assert group.usage == group.own_bytes + below, group.name
    return group.usage


def check(world: World):
    """The books balance."""
    host = world.machine("h")
    for machine in world.machines.values():
        charged(machine.kernel.memory)
    used = sum(one.cpu_seconds for one in world.containers.values())
    assert used <= host.hardware.cores * world.now + 1e-6
    for one in world.containers.values():
        assert one.pacing.scale > 0
        if not one.running:
            assert one.memory.usage == 0
            assert one.bomb is None
        if one.guest is not None:
            on = one.guest.kernel.state in ("booting", "running")
            assert (one.guest.memory.usage > 0) == on
    for service in world.services.values():
        counts = service.tally.outcomes()
        assert service.tally.in_flight >= 0
        assert counts["arrived"] >= counts["ok"]


def play(steps):
    """Carry all steps out; refusals change nothing."""
    world = harbour(
        cores=4, memory_bytes=6 * GIB, swap_bytes=1 * GIB, sockets=2, kernel_version="5.10"
    )
    world.apply(CreateService(name="web"))
    send(world, "poisson 30/s", timeout_s=2.0)
    for words in steps:
        try:
            if words[0] == "wait":
                world.advance(world.now + words[1])
            elif words[0] == "run":
                _, who, workload, kind, limits = words
                run(world, who, workload, runtime=kind, aliases=("web",), **limits)
            else:
                world.apply(command(words))
        except DrydockError:
            continue
    world.advance(world.now + 3.0)
    world.settle()
    return world


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=25))
def test_a_storm_of_tenants_leaves_the_accounts_right(steps):
    world = play(steps)
    check(world)
    assert play(steps).journal.digest == world.journal.digest


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=20))
def test_when_everybody_has_gone_nothing_is_left(steps):
    world = play(steps)
    host = world.machine("h")
    if not host.up:
        world.apply(InjectFault(kind="recover", target="h"))
    for who in list(world.containers):
        world.apply(RemoveContainer(name=who, force=True))
    world.advance(world.now + 5.0)
    for machine in [m for m in world.machines if m != "h" and m in world.machines]:
        if machine in world.machines:
            world.apply(RemoveVm(name=machine))
            world.advance(world.now + 1.0)
    world.apply(TuneMachine(name="h", ksm=False))
    world.advance(world.now + 2.0)
    world.settle()
    assert not host.kernel.containers
    assert not host.kernel.vms
    assert host.kernel.memory.usage == 0
