"""Typed lines about walls: exec, flaws, inner cgroups, memory tricks, density, bombs."""

import pytest

from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def session(tmp_path):
    """A host with a container, one in a machine of its own, and a VM."""
    session = Session(World(1), folder=tmp_path)
    for line in (
        "host add a --cores 8 -m 16g --sockets 2 --swap 2g --kernel 5.10",
        "docker run -d --name web --cpus 0.5 -m 256m --workload 'server cpu=5ms' alpine",
        "docker run -d --name own --runtime kata --workload idle alpine",
        "vm create vm1 -m 1g",
    ):
        assert session.execute(line).error is None, line
    return session


def lines(session, line):
    """What a line prints; it must not fail."""
    result = session.execute(line)
    assert result.error is None, result.error
    return list(result.lines)


def test_exec_answers_from_inside_and_on_from_outside(session):
    assert lines(session, "docker exec web nproc") == ["8"]
    assert lines(session, "docker exec -it web cat /sys/fs/cgroup/cpu.max") == ["50000 100000"]
    assert lines(session, "docker exec own sh -c 'echo a; hostname'")[0] == "a"
    assert lines(session, "on a hostname") == ["a"]
    assert lines(session, "host exec vm1 nproc") == ["2"]


def test_a_sleep_in_exec_takes_simulated_time(session):
    before = session.world.now
    lines(session, "docker exec web sleep 3")
    assert session.world.now == pytest.approx(before + 3.0)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("docker exec web nope", "exit code 127"),
        ("docker exec nobody ls", "No such container"),
        ("docker exec web vi", "not modelled"),
        ("on nowhere ls", "No such machine"),
        ("flaw apply nosuch web", "unknown flaw"),
        ("flaw apply VENOM web --with luck", "unknown switch"),
        ("cgroup create x --parent x", "cycle"),
        ("cgroup rm x", "unknown cgroup"),
        ("tune a", "nothing to tune"),
        ("tune a --balloon on", "only a VM"),
        ("density nonsense", "unknown workload"),
        ("docker run -d --runtime kata -m 100g alpine", "larger than a"),
        ("docker run -d --ulimit nproc=4 alpine", "only nofile"),
        ("docker run -d --userns mine alpine", "--userns: invalid USER mode"),
        ("docker run -d --cgroup-parent nope alpine", "unknown cgroup"),
        ("fault cpubomb nobody", "No such container"),
        ("vm rm own.vm", "belongs to container own"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_changes_nothing(session, line, words):
    before = session.world.journal.digest
    result = session.execute(line)
    assert result.error is not None
    assert words in result.error
    assert session.world.journal.digest == before


def test_flaws_are_listed_shown_and_applied_step_by_step(session):
    assert any("Dirty Pipe" in line for line in lines(session, "flaw ls"))
    assert any("source:" in line for line in lines(session, "flaw show 'Dirty Pipe'"))
    told = lines(session, "flaw apply 'Dirty Pipe' web")
    assert "failed: kernel:a" in told
    assert "reachable: own, vm1" in told


def test_inner_cgroups_hold_containers(session):
    lines(session, "cgroup create t --cpus 2 -m 1g")
    lines(session, "docker run -d --name in --cgroup-parent t --workload 'hog threads=4' alpine")
    lines(session, "advance 10s")
    assert session.reader.snapshot().container("in").cpu_cores == pytest.approx(2.0)
    assert any(line.startswith("t ") for line in lines(session, "cgroup ls"))


def test_containers_in_machines_of_their_own_are_listed_once(session):
    for line in ("docker ps", "docker -H all ps"):
        assert sum("own" in one.split()[-1] for one in lines(session, line)[1:]) == 1
    assert len(lines(session, "docker -H own.vm ps")) == 1


def test_a_bomb_is_a_fault_and_why_tells_of_it(session):
    lines(session, "docker run -d --name free --workload idle alpine")
    lines(session, "fault forkbomb free")
    lines(session, "advance 30s")
    assert any("process table of its kernel is full" in one for one in lines(session, "why web"))


def test_a_memory_limit_bounds_processes_too_each_needs_a_stack(session):
    lines(session, "fault forkbomb web")
    lines(session, "advance 30s")
    assert any("OOM-killed" in one for one in lines(session, "why web"))


def test_density_and_tricks_print(session):
    assert len(lines(session, "density 'server cpu=5ms' --pods 110")) == 11
    assert lines(session, "tune a --ksm on") == ["same-page merging on a: on"]
    assert lines(session, "tune vm1 --balloon on") == ["balloon of vm1: on"]
