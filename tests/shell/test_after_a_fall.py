"""After a fault every list and every view says the same, and the truth, at that very instant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.shell import Session
from simulator.world import World

LINES = (
    "host add a --cores 8 -m 16g",
    "host add b",
    "vm create v1 --host a --nested",
    "vm create deep --host v1 --vcpus 1 -m 512m",
    "vm create part --host a --hypervisor vm-shared-kernel -m 1g",
    "docker -H a run -d --name web --network-alias web --workload 'server cpu=20ms' alpine",
    "docker -H a run -d --name kata --runtime kata alpine sleep 1000",
    "docker -H v1 run -d --name inside --restart always alpine sleep 1000",
    "docker -H deep run -d --name below alpine sleep 1000",
    "docker -H part run -d --name partly alpine sleep 1000",
    "docker -H b run -d --name elsewhere alpine sleep 1000",
    "traffic web 100/s",
    "advance 5s",
)
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock"


@pytest.fixture
def fallen(tmp_path):
    def after(*lines):
        session = Session(World(), folder=tmp_path)
        for line in (*LINES, *lines):
            result = session.execute(line)
            assert result.error is None or line.startswith("fault"), (line, result.error)
        return session

    return after


def agree(session: Session) -> None:
    """Every view against the model: what is on a machine that is down does not run."""
    world, reader = session.world, session.reader
    alive = {one.name for one in world.containers.values() if one.running}
    for one in world.containers.values():
        assert not one.running or (one.machine.up and one.machine.host.up)
    assert {one.name for one in world.vms() if one.up} == {
        vm.name for _, vm in reader.vms() if vm.state == "running"
    }
    shown = {
        row.view.name
        for row in reader.rows(0, 100)
        if row.kind == "container" and row.view.state in ("starting", "running", "paused")
    }
    assert shown == alive
    again = {one.name for one in world.containers.values() if one.state == "restarting"}
    assert reader.totals().alive == len(alive | again)
    for machine in world.machines.values():
        listed = session.execute(f"docker -H {machine.name} ps --format {{{{.Names}}}}")
        if not machine.up:
            assert (listed.error or "").startswith(NO_DAEMON)
            row = reader.machine(machine.name)
            assert row is None or row.kernel.state != "running"
            assert world.sampler.cpu_cores(machine) == 0.0
            assert machine.kernel.memory.usage == 0
            assert "nothing runs on it" in " ".join(session.execute(f"why {machine.name}").lines)
        else:
            here = {c.name for c in world.containers.values() if c.daemon is machine and c.running}
            assert here <= set(listed.lines) <= here | again
    for name in {one.name for one in world.containers.values()} - alive:
        view = reader.containers(name)[0]
        assert (view.cpu_cores, view.memory_bytes, view.pids) == (0.0, 0, 0)
    for text in ("show", "docker -H all ps"):
        up = [line for line in session.execute(text).lines if " Up " in line]
        assert len(up) == len(alive), text


FAULTS = st.sampled_from(
    ["panic a", "power a", "panic v1", "panic deep", "panic part", "panic kata.vm", "crash web",
     "oom kata", "crash inside", "recover a", "panic b", "power b", "recover b", "hang elsewhere"]
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(faults=st.lists(st.tuples(FAULTS, st.sampled_from(["", "advance 1.3s"])), max_size=4))
def test_whatever_falls_all_views_agree_at_that_instant(tmp_path_factory, faults):
    session = Session(World(), folder=tmp_path_factory.mktemp("fall"))
    for line in LINES:
        assert session.execute(line).error is None, line
    for fault, pause in faults:
        before = session.world.now
        session.execute(f"fault {fault}")
        assert session.world.now == before
        agree(session)
        if pause:
            session.execute(pause)
            agree(session)


@pytest.mark.parametrize("fault", ["panic", "power"])
def test_on_a_fallen_host_every_docker_command_says_that_no_daemon_answers(fallen, fault):
    session = fallen(f"fault {fault} a")
    for line in (
        "docker ps", "docker ps -a", "docker images", "docker stats", "docker info",
        "docker version", "docker inspect web", "docker logs web", "docker stop web",
        "docker rm web", "docker exec web ls", "docker run alpine", "docker pull nginx",
        "docker system df", "docker restart kata", "docker port web", "docker rm nosuch",
    ):  # fmt: skip
        assert (session.execute(line).error or "").startswith(NO_DAEMON), line
    assert session.execute("docker -H b ps").error is None
    assert session.execute("docker stop elsewhere").error is None


def test_nobody_is_inside_a_service_whose_last_endpoint_fell(fallen):
    session = fallen("fault panic a")
    assert session.reader.services()[0].in_flight == 0


def test_a_container_knows_who_shares_the_kernel_that_its_virtual_machine_is_a_part_of(fallen):
    session = fallen(
        "vm create other --host a --hypervisor vm-shared-kernel -m 1g",
        "docker -H other run -d --name twin alpine sleep 1000",
        "advance 1s",
    )
    assert (
        "kernel: part, a partition of a-shared (shared with 1 other running container)"
        in (session.execute("why partly").lines[1])
    )
