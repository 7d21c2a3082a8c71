"""What a process inside sees, against what the host sees."""

import pytest
from harbour import harbour, have_image, run, send, serve
from hypothesis import given, settings
from hypothesis import strategies as st
from inside import answer as come_to
from inside import inside, on_machine

from simulator.errors import DrydockError, InputError, Refused
from simulator.machine.boundaries import ALL_CAPS, DOCKER_CAPS
from simulator.machine.pagecache import cached_bytes, charged_bytes, hot_sets
from simulator.machine.procfiles import cap_mask
from simulator.machine.seat import Seat
from simulator.node.insides import NoFiles
from simulator.programs.finding import MISSING as NOT_FOUND
from simulator.programs.table import PROGRAMS
from simulator.programs.view import View
from simulator.world.commands import CreateVm, RemoveContainer, RenameContainer, RunContainer

MIB = 1 << 20
GIB = 1 << 30


def told(world, name, *words):
    """What a command prints in a container."""
    return list(inside(world, name, *words).lines)


def on(world, name, *words):
    """What a command prints on a machine."""
    return list(on_machine(world, name, *words).lines)


@pytest.fixture(scope="module")
def world():
    """Limits, a cpuset, a sandbox, a guest and a VM with a container on one host."""
    world = harbour(cores=8, memory_bytes=16 * GIB)
    run(world, "small", "server cpu=5ms workers=4", cpus=0.5, memory_bytes=256 * MIB,
        pids_limit=50, env={"COLOUR": "blue"}, hostname="shop", aliases=("web",))  # fmt: skip
    run(world, "pinned", "idle", cpuset=(2, 3))
    run(world, "boxed", "idle", runtime="runsc", memory_bytes=128 * MIB)
    run(world, "guest", "idle", runtime="kata", cpus=2.0)
    run(world, "mapped", "idle", userns=True, security_opt=("no-new-privileges",))
    run(world, "nobody", "idle", user="1000", cap_drop=("ALL",), read_only=True)
    world.apply(CreateVm(name="vm", vcpus=2, memory_bytes=2 * GIB, kernel_version="5.15"))
    world.advance(60.0)
    have_image(world, "vm")
    run(world, "invm", "idle", machine="vm")
    serve(world, "server cpu=5ms", replicas=1, service="spare")
    send(world, "constant 120/s", service="spare")
    world.advance(90.0)
    return world


def test_limits_change_neither_nproc_nor_free_and_a_cpuset_changes_nproc(world):
    assert told(world, "small", "nproc") == ["8"] == on(world, "h", "nproc")
    assert told(world, "pinned", "nproc") == ["2"]
    assert told(world, "small", "free", "-m")[1].split()[1] == "16384"


def test_a_guest_and_a_sandbox_change_everything(world):
    assert told(world, "guest", "nproc") == ["2"]
    assert told(world, "guest", "free", "-m")[1].split()[1] == "2048"
    assert told(world, "boxed", "free", "-m")[1].split()[1] == "128"
    assert told(world, "boxed", "uname", "-r") == ["4.4.0"]
    assert told(world, "invm", "uname", "-r") == ["5.15"] == on(world, "vm", "uname", "-r")
    assert told(world, "small", "uname", "-r") == ["6.8"]


def test_the_cgroup_files_know_the_limits(world):
    read = {
        "cpu.max": ["50000 100000"],
        "cpu.weight": ["100"],
        "memory.max": [str(256 * MIB)],
        "pids.max": ["50"],
        "pids.current": ["5"],
    }
    for name, lines in read.items():
        assert told(world, "small", "cat", f"/sys/fs/cgroup/{name}") == lines
    assert told(world, "pinned", "cat", "/sys/fs/cgroup/cpu.max") == ["max 100000"]
    assert told(world, "pinned", "cat", "/sys/fs/cgroup/cpuset.cpus") == ["2-3"]


def test_throttling_is_reported_as_the_kernel_does():
    world = harbour()
    one = run(world, "batch", "batch cpu=100s", cpus=0.5)
    world.advance(60.0)
    lines = dict(line.split() for line in told(world, "batch", "cat", "/sys/fs/cgroup/cpu.stat"))
    quota = one.throttling()
    assert int(lines["nr_periods"]) == quota.nr_periods > 500
    assert int(lines["nr_throttled"]) == quota.nr_throttled
    assert int(lines["throttled_usec"]) == round(quota.throttled_s * 1e6)
    assert int(lines["usage_usec"]) == round(one.cpu_seconds * 1e6)


def test_a_process_is_number_one_inside_and_another_outside(world):
    inside = told(world, "small", "ps")
    assert inside[1].split()[1] == "1"
    pid = world.container("small").pid
    assert any(str(pid) in line.split() for line in on(world, "h", "ps", "-ef"))


def test_the_host_sees_a_monitor_where_a_guest_runs(world):
    lines = on(world, "h", "ps", "-ef")
    assert any("guest.vm" in line for line in lines)
    assert any("runsc-sandbox" in line for line in lines)
    pids = {world.container("guest").pid}
    assert not any(line.split()[1] in map(str, pids) and "kata" in line for line in lines)


def test_names_users_and_environment_are_the_containers_own(world):
    assert told(world, "small", "hostname") == ["shop"]
    assert told(world, "pinned", "hostname") == [world.container("pinned").id[:12]]
    assert told(world, "small", "whoami") == ["root"]
    assert "COLOUR=blue" in told(world, "small", "env")
    assert told(world, "small", "printenv", "COLOUR") == ["blue"]


def test_a_user_namespace_maps_root_to_nobody(world):
    assert told(world, "mapped", "id", "-u") == ["0"]
    assert "100000" in told(world, "mapped", "cat", "/proc/self/uid_map")[0]
    status = told(world, "mapped", "cat", "/proc/self/status")
    assert "NoNewPrivs:\t1" in status
    assert any(line.split()[0] == "100000" for line in on(world, "h", "ps", "-ef"))


def test_capabilities_are_printed_as_the_kernel_prints_them():
    assert cap_mask(DOCKER_CAPS) == "00000000a80425fb"
    assert cap_mask(ALL_CAPS) == "000001ffffffffff"
    assert cap_mask(frozenset()) == "0000000000000000"


def test_programs_that_the_image_lacks_are_127():
    world = harbour()
    for image in ("debian:12-slim", "gcr.io/distroless/static"):
        job = world.apply(RunContainer(image=image, name=image[:3], workload="idle")).job
        world.advance(world.now + 60.0, lambda job=job: not job.done)
    assert inside(world, "deb", "ps").code == NOT_FOUND
    assert inside(world, "deb", "uname").code == 0
    assert inside(world, "gcr", "sh", "-c", "ls").code == NOT_FOUND


def test_unknown_programs_are_127_and_known_ones_that_are_not_modelled_say_so(world):
    assert inside(world, "small", "foo").code == NOT_FOUND
    with pytest.raises(Refused, match="not modelled"):
        on_machine(world, "h", "vi", "x")
    with pytest.raises(Refused, match="not modelled"):
        inside(world, "small", "cat", "/bin/busybox")


def test_a_shell_runs_lists_of_commands(world):
    answer = inside(
        world, "small", "sh", "-c", "false && hostname; true || nproc; echo a b; exit 3"
    )
    assert (answer.lines, answer.code) == (("a b",), 3)
    assert inside(world, "small", "sh", "-c", "sleep 2; echo later").seconds == 2.0
    assert inside(world, "small", "sh", "-c", "ps | grep -c PID").lines == ("1",)


def test_cached_pages_of_an_image_are_there_once_and_charged_to_the_first(world):
    kernel = world.machine("h").kernel
    sets = hot_sets(kernel)
    assert len(sets) == 1
    assert sets[0].users == 6  # five here, and the one that serves
    owner = world.container(sets[0].owner)
    assert charged_bytes(owner) == sets[0].size_bytes == cached_bytes(kernel)
    others = [c for c in kernel.containers.values() if c is not owner]
    assert all(charged_bytes(one) == 0 for one in others)
    assert cached_bytes(world.machine("vm").kernel) == sets[0].size_bytes


def test_cached_pages_of_a_container_that_is_gone_are_charged_above_it_and_to_no_sibling():
    world = harbour()
    for name in ("first", "second", "third"):
        run(world, name, "server cpu=1ms")
        world.advance(world.now + 2.0)
    kernel = world.machine("h").kernel
    size = charged_bytes(world.container("first"))
    world.apply(RenameContainer(name="first", new_name="eldest"))
    assert (size > 0, hot_sets(kernel)[0].owner) == (True, "eldest")
    world.apply(RemoveContainer(name="eldest", force=True))
    world.advance(world.now + 2.0)
    left = [charged_bytes(world.container(name)) for name in ("second", "third")]
    assert (left, hot_sets(kernel)[0].owner, cached_bytes(kernel)) == ([0, 0], "h", size)
    run(world, "fourth", "server cpu=1ms")
    world.advance(world.now + 2.0)
    assert charged_bytes(world.container("fourth")) == 0
    for name in ("second", "third", "fourth"):
        world.apply(RemoveContainer(name=name, force=True))
    world.advance(world.now + 2.0)
    assert cached_bytes(kernel) == 0


def test_read_only_shows_in_the_mounts(world):
    assert "(ro)" in told(world, "nobody", "mount")[0]
    assert "(rw)" in told(world, "small", "mount")[0]


def _view():
    seat = Seat("h", "6.8", files={"/proc/version": "x"})
    return View(seat, NoFiles(("bin", "tmp")))


@settings(max_examples=30)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_no_words_break_it(words):
    try:
        found = come_to(_view(), words)
    except DrydockError:
        return
    assert -1 <= found.code < 256


@settings(max_examples=30)
@given(st.sampled_from(sorted(PROGRAMS)), st.lists(st.text(max_size=40), max_size=4))
def test_no_arguments_break_a_known_command(name, words):
    try:
        assert come_to(_view(), [name, *words]).code >= -1
    except DrydockError:
        pass


def test_an_empty_or_endless_command_is_refused():
    for words in ([], ["echo"] * 1500, ["x" * 200_000]):
        with pytest.raises(InputError):
            come_to(_view(), words)
