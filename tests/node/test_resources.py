"""Limits that the daemon refuses, in a new container and in an update, in its own sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import DrydockError
from simulator.machine.hardware import Hardware
from simulator.node.resources import in_ranges, updated
from simulator.node.spec import ContainerSpec
from simulator.shell import Session
from simulator.world import World

SWAP = "Memory limit should be smaller than already set memoryswap limit, update the memoryswap"


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in (
        "host add a",
        "docker pull -q alpine",
        "docker run -d --name v -m 100m --workload idle alpine",
        "docker run -d --name free --rm --workload idle alpine",
        "docker create --name new -m 100m alpine",
    ):
        assert session.execute(line).error is None
    return session


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("-m 5m", "Minimum memory limit allowed is 6MB"),
        ("-m 100m --memory-swap 50m", "Minimum memoryswap limit should be larger than memory"),
        ("--memory-swap 50m", "You should always set the Memory limit when using Memoryswap"),
        ("--cpus 8", "Range of CPUs is from 0.01 to 4.00, as there are only 4 CPUs available"),
        ("--cpuset-cpus 2-5", "Requested CPUs are not available - requested 2-5, available: 0-3"),
        ("--blkio-weight 5", "Range of blkio weight is from 10 to 1000"),
        ("-m 50m --memory-reservation 60m", "can not be less than memory reservation limit"),
        ("--oom-score-adj 2000", "range for oom score adj is [-1000, 1000]"),
    ],
)
def test_a_new_container_is_refused_by_the_daemon_and_none_is_left(session, flags, sentence):
    before = session.world.journal.digest
    error = session.execute(f"docker run -d --name n {flags} alpine").error
    assert error.startswith("Error response from daemon: ")
    assert sentence in error
    assert session.world.journal.digest == before


@pytest.mark.parametrize("name", ["v", "new", "free"])
def test_memory_above_the_swap_limit_is_refused_and_changes_nothing(session, name):
    before = session.world.journal.digest
    error = session.execute(f"docker update -m 400m {name}").error
    assert SWAP in error
    assert session.world.containers[name].id in error
    assert session.world.journal.digest == before
    assert session.execute(f"docker update -m 400m --memory-swap 1g {name}").error is None
    spec = "'{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}'"
    assert session.execute(f"docker inspect -f {spec} {name}").text == f"{400 << 20} {1 << 30}"


def test_memory_below_the_swap_limit_leaves_that_as_it_was(session):
    assert session.execute("docker update -m 150m v").error is None
    assert session.execute("docker inspect -f '{{.HostConfig.MemorySwap}}' v").text == str(
        200 << 20
    )


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("-m 1m", "Minimum memory limit allowed is 6MB"),
        ("--memory-swap 50m", "memory+swap limit should be >= memory limit"),
        ("--cpus 8", "Range of CPUs is from 0.01 to 4.00"),
        ("--cpuset-cpus 7", "Requested CPUs are not available - requested 7, available: 0-3"),
        ("--blkio-weight 2000", "Range of blkio weight is from 10 to 1000"),
        ("--flavour sweet", "unknown flag: --flavour"),
        ("--cpuset-mems 0", "flag --cpuset-mems is not modelled"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(session, flags, sentence):
    before = session.world.journal.digest
    assert sentence in session.execute(f"docker update {flags} v").error
    assert session.world.journal.digest == before


def test_cores_and_quotas_exclude_each_other_in_updates_too(session):
    assert session.execute("docker update --cpu-quota 50000 v").error is None
    error = session.execute("docker update --cpus 1 v").error
    assert "Nano CPUs cannot be updated as CPU Quota has already been set" in error


def test_a_container_that_removes_itself_gets_no_restart_policy(session):
    error = session.execute("docker update --restart always free").error
    assert "because AutoRemove is enabled for the container" in error


def test_weights_and_cpusets_of_a_running_container_change_what_it_sees(session):
    line = "docker update --cpuset-cpus 0-1 --blkio-weight 100 --memory-reservation 50m v"
    assert session.execute(line).error is None
    assert session.execute("docker exec v nproc").text == "2"
    read = "docker exec v cat /sys/fs/cgroup/"
    assert session.execute(read + "cpuset.cpus").text in ("0,1", "0-1")
    assert session.execute(read + "memory.low").text == str(50 << 20)
    assert session.execute(read + "io.weight").text != "default 100"


HARDWARE = Hardware(4, 8 << 30, 100 << 30, 2e8, 1e8, "amd64", "linux", 1e4)
sizes = st.one_of(st.none(), st.integers(-1, 40).map(lambda mib: mib if mib < 0 else mib << 20))


@given(sizes, sizes, sizes, sizes)
@settings(max_examples=30, deadline=None)
def test_no_update_leads_to_swap_below_memory(memory, total, new_memory, new_total):
    before = ContainerSpec(image="a", memory_bytes=memory, memory_swap_bytes=total)
    try:
        updated(before, {}, HARDWARE, "id")
        after = updated(
            before, {"memory_bytes": new_memory, "memory_swap_bytes": new_total}, HARDWARE, "id"
        )
    except DrydockError:
        return
    if (after.memory_swap_bytes or 0) > 0 and (after.memory_bytes or 0) > 0:
        assert after.memory_swap_bytes >= after.memory_bytes


def test_sets_of_cores_are_written_as_ranges():
    assert [in_ranges(one) for one in ((0, 1, 2, 5), (3,), ())] == ["0-2,5", "3", ""]
