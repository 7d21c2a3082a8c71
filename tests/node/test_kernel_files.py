"""Files of a kernel: those that are modelled have true numbers, the others are refused by name."""

import pytest
from harbour import harbour, have_image, run
from inside import inside

from simulator.errors import Refused
from simulator.machine import known_files
from simulator.machine.cgroup_files import ranges
from simulator.machine.stalls import Stall, of_tasks
from simulator.node import kernel_files
from simulator.node.seats import seat_of, seat_of_machine
from simulator.world.commands import CreateVm, RemoveContainer

MIB = 1 << 20
GIB = 1 << 30
CGROUP = "/sys/fs/cgroup"


def told(world, name, path):
    """The lines of a file as a container sees it."""
    return list(inside(world, name, "cat", path).lines)


def on(world, name, path):
    """The same for a machine."""
    return seat_of_machine(world.machine(name)).files[path].splitlines()


@pytest.fixture(scope="module")
def world():
    """A throttled hog on three cores of a host, and one in a guest."""
    world = harbour(cores=8, memory_bytes=16 * GIB, sockets=2, swap_bytes=GIB)
    world.apply(CreateVm(name="v", vcpus=2, memory_bytes=2 * GIB))
    world.advance(60.0)
    have_image(world, "v")
    run(world, "slow", "hog threads=2", cpus=0.5, cpuset=(0, 2, 3))
    run(world, "gone", "hog threads=1")
    run(world, "inside", "hog threads=1", machine="v")
    run(world, "boxed", "idle", runtime="runsc")
    world.advance(120.0)
    world.apply(RemoveContainer(name="gone", force=True))
    world.advance(360.0)
    return world


def test_cores_are_the_kernels_and_a_cpuset_is_in_the_cgroup(world):
    lines = told(world, "slow", "/proc/cpuinfo")
    assert [line for line in lines if line.startswith("processor")][-1] == "processor\t: 7"
    assert [line.split()[-1] for line in lines if line.startswith("physical id")] == list(
        "00001111"
    )
    assert told(world, "slow", f"{CGROUP}/cpuset.cpus.effective") == ["0,2-3"]
    assert told(world, "inside", f"{CGROUP}/cpuset.cpus.effective") == ["0-1"]
    assert ranges([5, 0, 1, 2, 9, 8]) == "0-2,5,8-9"


def test_the_times_of_a_kernel_add_up_and_never_go_back(world):
    up_s, idle_s = map(float, on(world, "h", "/proc/uptime")[0].split())
    assert up_s == world.now
    cpu = [int(word) for word in on(world, "h", "/proc/stat")[0].split()[1:]]
    used = sum(world.container(name).cpu_seconds for name in ("slow", "inside"))
    # What is gone has used a core for a minute.
    assert cpu[0] / 100 == pytest.approx(used + 59.7, abs=0.2)
    assert cpu[3] / 100 == pytest.approx(idle_s, abs=0.02)
    assert sum(cpu) / 100 == pytest.approx(8 * up_s, abs=0.05)
    booted = world.machine("v").booted_at
    assert float(on(world, "v", "/proc/uptime")[0].split()[0]) == round(world.now - booted, 2)


def test_what_a_kernel_works_for_a_program_is_system_time():
    world = harbour(cores=2)
    run(world, "busy", "batch cpu=10s syscalls=2000000")
    run(world, "pure", "hog threads=1")
    world.advance(30.0)
    busy, pure = (
        dict(line.split() for line in told(world, name, f"{CGROUP}/cpu.stat"))
        for name in ("busy", "pure")
    )
    assert int(pure["system_usec"]) == 0 < int(busy["system_usec"])
    assert int(busy["user_usec"]) == pytest.approx(10e6, rel=1e-6)
    total = int(busy["user_usec"]) + int(busy["system_usec"])
    assert total == int(busy["usage_usec"])
    cpu = [int(word) for word in on(world, "h", "/proc/stat")[0].split()[1:]]
    assert cpu[2] == pytest.approx(int(busy["system_usec"]) / 1e4, abs=1)
    world.apply(RemoveContainer(name="busy", force=True))
    world.advance(31.0)
    assert int(on(world, "h", "/proc/stat")[0].split()[3]) == cpu[2]


def test_load_is_the_number_of_runnable_threads(world):
    loads = on(world, "h", "/proc/loadavg")[0].split()
    # Two threads for the quarter of the time in which their quota lasts, and the guest's one.
    assert float(loads[0]) == pytest.approx(1.5, abs=0.05)
    assert 0.4 < float(loads[2]) < float(loads[1]) < float(loads[0])
    assert on(world, "v", "/proc/loadavg")[0].startswith("0.99 0.63 0.28 1/")


def test_pressure_of_a_quota_is_the_share_of_time_in_which_it_was_used_up(world):
    some, full = told(world, "slow", f"{CGROUP}/cpu.pressure")
    assert some.startswith("some avg10=75.0")
    assert full.startswith("full avg10=75.0")
    throttled_s = world.container("slow").throttling().throttled_s
    assert int(full.rpartition("=")[2]) == round(throttled_s * 1e6)


def test_who_waits_for_its_disk_is_under_io_pressure():
    world = harbour()
    run(world, "reader", "batch cpu=10s io_bytes=1GiB")
    run(world, "writer", "diskbomb full=retry")
    run(world, "neither", "hog threads=1")
    world.advance(60.0)
    share = {}
    for name in ("reader", "writer", "neither"):
        some, full = told(world, name, f"{CGROUP}/io.pressure")
        share[name] = float(some.split()[1].partition("=")[2])
        assert float(full.split()[1].partition("=")[2]) <= share[name]
    rate = world.machine("h").hardware.disk_bytes_s
    # The reader's ten seconds of CPU time are long over; the bomb wants two GiB a second.
    assert share["neither"] == 0.0
    assert share["writer"] > 100 * (1 - rate / (2 * GIB)) - 1
    world.advance(61.0)
    assert told(world, "neither", f"{CGROUP}/io.pressure")[0].endswith("total=0")


def test_who_waits_for_pages_is_under_memory_pressure():
    world = harbour(memory_bytes=8 * GIB)
    one = run(world, "l", "leak rate=10MiB/s", memory_high_bytes=50 * MIB)
    world.advance(60.0)
    some = told(world, "l", f"{CGROUP}/memory.pressure")[0]
    assert float(some.split()[1].partition("=")[2]) > 95.0
    assert one.memory_stall.averages(world.now)[0] > one.memory_stall.averages(world.now)[2]


def test_averages_of_pressure_rise_and_fall_exponentially():
    stall = Stall()
    stall.follow(0.0, 1.0, 0.5)
    assert [round(some, 4) for some, _ in stall.averages(10.0)] == [0.6321, 0.1535, 0.0328]
    stall.follow(10.0, 0.0, 0.0)
    assert round(stall.averages(20.0)[0][0], 4) == 0.2325
    assert stall.text(20.0).splitlines()[1].endswith("total=5000000")
    assert of_tasks(4.0, 1) == (0.75, 0.75)
    assert of_tasks(2.0, 2) == (0.75, 0.25)


def test_process_1_is_the_program_and_the_one_that_looks_is_another(world):
    first = dict(line.split(":\t") for line in told(world, "slow", "/proc/1/status"))
    one = world.container("slow")
    assert (first["Pid"], first["PPid"], first["State"]) == ("1", "0", "S (sleeping)")
    assert first["VmRSS"].split() == [str(one.memory.resident // 1024), "kB"]
    assert first["Cpus_allowed_list"] == "0,2-3"
    looking = dict(line.split(":\t") for line in told(world, "slow", "/proc/self/status"))
    assert (looking["Name"], looking["State"]) == ("cat", "R (running)")


def test_files_in_memory_are_shared_memory_and_not_cache_to_be_given_back():
    world = harbour()
    one = run(world, "c", "diskbomb to=/dev/shm rate=10MiB/s full=retry", memory_bytes=256 * MIB)
    world.advance(30.0)
    stat = dict(line.split() for line in told(world, "c", f"{CGROUP}/memory.stat"))
    assert one.running
    assert int(stat["shmem"]) == 64 * MIB
    assert int(stat["file"]) - int(stat["inactive_file"]) == 64 * MIB


def test_a_sandbox_tells_of_itself(world):
    assert float(told(world, "boxed", "/proc/uptime")[0].split()[0]) < world.now - 60.0
    assert told(world, "boxed", "/proc/loadavg") == ["0.00 0.00 0.00 0/0 0"]


@pytest.mark.parametrize(
    "path",
    ["/proc/diskstats", "/proc/sys/vm/drop_caches", f"{CGROUP}/irq.pressure", "/proc/self/maps",
     f"{CGROUP}/memory.numa_stat", "/sys/block/vda/size"],
)  # fmt: skip
def test_what_linux_has_and_nobody_models_is_refused_by_name(world, path):
    with pytest.raises(Refused, match=f"{path} is not modelled"):
        told(world, "slow", path)


@pytest.mark.parametrize(
    "path",
    [f"{CGROUP}/memory/memory.limit_in_bytes", f"{CGROUP}/cpu/cpu.cfs_quota_us", "/proc/nosuch",
     "/proc/sys/vm/nosuch", "/proc/4711/status", f"{CGROUP}/memory.nosuch"],
)  # fmt: skip
def test_what_linux_does_not_have_is_not_there(world, path):
    assert told(world, "slow", path) == [f"cat: {path}: No such file or directory"]


def test_every_file_that_is_shown_is_one_that_linux_has(world):
    within, machine = seat_of(world.container("slow")).files, seat_of_machine(world.machine("h"))
    kernel = [path for path in within if path.startswith(("/proc/", "/sys/"))]
    numbers = [one.pid for one in seat_of(world.container("slow")).processes]
    assert [path for path in kernel if not known_files.exists(path, processes=numbers)] == []
    root = [path for path in machine.files if path.startswith(("/proc/", "/sys/"))]
    assert [path for path in root if not known_files.exists(path, root=True)] == []


def test_a_view_writes_none_of_the_kernels_files_before_somebody_asks(monkeypatch):
    world = harbour()
    run(world, "one", "idle")
    world.advance(5.0)
    asked = []
    monkeypatch.setattr(kernel_files, "_stat", lambda machine: asked.append(machine) or "cpu")
    view = world.fleet.node("h").processes.inside.view(world.container("one"))
    assert asked == []
    assert view.seat.files["/proc/stat"] == "cpu"
    assert "overlay" in view.seat.files["/proc/mounts"]
    assert "/proc/stat" in view.seat.files
