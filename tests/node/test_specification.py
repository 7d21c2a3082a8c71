"""What a container was asked to be is one object, whoever asks and whoever looks."""

import json
from pathlib import Path

from harbour import add_host, harbour, run

from simulator.node.seats import seat_of
from simulator.node.spec import ContainerSpec
from simulator.shell import Session
from simulator.world.commands import RenameContainer, RunContainer, UpdateContainer
from simulator.world.image_commands import MoveService

MIB = 1 << 20
SERVER = "server cpu=1ms"


def said(world, line):
    result = Session(world, folder=Path(".")).execute(line)
    assert result.error is None, result.error
    return result.lines


def host_config(world, name):
    return json.loads("\n".join(said(world, f"docker inspect {name}")))[0]["HostConfig"]


def test_a_command_holds_a_specification_and_says_what_is_not_a_part_of_it():
    command = RunContainer(image="alpine", name="web", cpus=0.5, machine="h", detach=False)
    assert command.spec == ContainerSpec(image="alpine", cpus=0.5)


def test_a_move_keeps_the_limits_of_a_container_without_a_name():
    world = harbour()
    add_host(world, "goal")
    world.apply(RunContainer(image="alpine", workload=SERVER, cpus=0.5, memory_bytes=256 * MIB))
    (old,) = world.containers.values()
    world.advance(5.0)
    world.apply(MoveService(name=old.name, target="goal"))
    world.advance(60.0)
    (new,) = world.containers.values()
    assert (new.name, new.limits.cpus, new.limits.memory_bytes) == (
        f"{old.name}-goal", 0.5, 256 * MIB,
    )  # fmt: skip


def test_a_move_keeps_what_was_renamed_and_what_was_changed():
    world = harbour()
    add_host(world, "goal")
    run(world, "one", SERVER, cpus=0.5, privileged=True, restart="always")
    world.advance(5.0)
    world.apply(RenameContainer(name="one", new_name="two"))
    world.apply(UpdateContainer(name="two", cpus=2.0, restart="on-failure:3"))
    world.apply(MoveService(name="two", target="goal"))
    world.advance(60.0)
    moved = host_config(world, "two-goal")
    assert (moved["NanoCpus"], moved["Privileged"]) == (2_000_000_000, True)
    assert moved["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}


def test_inspect_shows_what_was_asked_after_a_rename_and_without_a_name():
    world = harbour()
    run(world, "one", "idle", privileged=True, cpu_shares=2048, memory_low_bytes=64 * MIB)
    world.apply(RenameContainer(name="one", new_name="two"))
    shown = host_config(world, "two")
    assert (shown["Privileged"], shown["CpuShares"]) == (True, 2048)
    assert shown["MemoryReservation"] == 64 * MIB
    world.apply(UpdateContainer(name="two", cpu_shares=512))
    assert host_config(world, "two")["CpuShares"] == 512


def test_a_container_of_the_same_name_does_not_inherit_what_another_was_asked_to_be():
    world = harbour()
    said(world, "docker run -d --rm --name web --cpu-shares 2048 --workload idle alpine")
    said(world, "docker stop web")
    said(world, "docker run -d --name web --workload idle alpine")
    assert host_config(world, "web")["CpuShares"] == 0


def test_a_reservation_is_what_the_cgroup_protects():
    world = harbour()
    run(world, "kept", "idle", memory_low_bytes=64 * MIB)
    world.advance(5.0)
    files = seat_of(world.container("kept")).files
    assert files["/sys/fs/cgroup/memory.low"] == str(64 * MIB)


def test_a_limit_on_processes_can_be_taken_away_again():
    world = harbour()
    run(world, "one", "idle", pids_limit=10)
    said(world, "docker update --pids-limit -1 one")
    assert world.container("one").limits.pids is None


def test_a_container_that_removes_itself_lets_go_of_its_image():
    world = harbour()
    said(world, "docker run --rm --workload exit alpine")
    assert not world.machine("h").images.store.get("alpine").holders
