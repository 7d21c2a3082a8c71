"""A plan of a move says what the move itself says: where it leads, or why it does not."""

from __future__ import annotations

import pytest

from simulator.shell import Session
from simulator.world import World

HOSTS = (
    "host add a",
    "host add win --os windows",
    "host add arm --arch arm64",
    "host add old --kernel 4.4",
    "host add small --disk 60m",
    "host add thin --cores 1 -m 512m",
    "host add rented --region aws/us-east-1",
    "host add b",
    "host add down",
    "fault panic down",
    "docker run -d --name web -p 8080:80 --workload 'server cpu=1ms' nginx",
    "docker run -d --name micro --runtime kata alpine sleep 9999",
    "docker run -d --name wide --cpus 3 alpine sleep 9999",
    "docker build -q -t mine made; docker run -d --name own --workload idle mine",
    "docker -H b run -d --name holder -p 8080:80 alpine sleep 9999",
    "docker -H b run -d --name wide-b alpine sleep 9999",
)


@pytest.fixture
def session(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (made / "Dockerfile").write_text('FROM alpine\nCOPY app .\nCMD ["sleep", "9999"]\n')
    (made / "app").write_text("x" * 1000)
    session = Session(World(), folder=tmp_path)
    for line in HOSTS:
        assert session.execute(line).error is None, line
    return session


WHY = {
    ("web", "win"): "no matching manifest for windows/amd64",
    ("own", "win"): 'image operating system "linux" cannot be used on this platform',
    ("own", "arm"): "build it for that: docker build --platform linux/arm64 -t mine:latest",
    ("web", "small"): "no space left on device: small needs",
    ("wide", "thin"): "cpu",
    ("micro", "rented"): "Could not access KVM kernel module",
    ("web", "b"): "Bind for 0.0.0.0:8080 failed: port is already allocated",
    ("wide", "b"): "the name wide-b is in use",
    ("web", "down"): "Cannot connect to the Docker daemon",
    ("web", "a"): "web is on a already",
}


@pytest.mark.parametrize(("name", "target"), WHY)
def test_a_plan_refuses_what_the_move_refuses_in_the_same_words(session, name, target):
    before = session.world.journal.digest
    plan, move = (session.execute(f"move {name} {target}{flag}") for flag in (" --plan", ""))
    assert plan.error == move.error
    assert WHY[name, target].lower() in (move.error or "").lower()
    assert session.world.journal.digest == before


def test_what_is_planned_for_another_processor_is_pulled_for_it(session):
    plan = session.execute("move web arm --plan")
    assert any("pull: the linux/arm64 image" in line for line in plan.lines)
    assert not any(line.startswith("push") for line in plan.lines)
    assert "VM disk image: not possible: a VM disk from a holds a kernel" in plan.lines[-1]
    assert "only emulation" in session.execute("move web arm --plan --as vm-disk").error
    assert session.execute("move web arm").error is None
    moved = session.world.container("web-arm")
    assert str(moved.image.platform) == "linux/arm64"
    assert moved.daemon.name == "arm"


def test_two_of_a_service_that_publish_one_port_do_not_both_fit_one_machine(session):
    session.execute("host add d")
    for host in ("arm", "d"):
        line = f"docker -H {host} run -d --name s --network-alias s -p 90:80 alpine sleep 9999"
        assert session.execute(line).error is None
    for flag in (" --plan", ""):
        assert "would both be s-a on a" in session.execute(f"move s a{flag}").error


def test_a_plan_shows_what_was_asked_for(session):
    short, long = (
        session.execute(f"move web rented --plan --drain {s}").lines for s in ("1s", "9s")
    )
    assert short != long
    assert (
        len(session.execute("move web rented --plan --as container").lines[1].split("BYTES")) == 2
    )
    assert any("push" in line for line in session.execute(
        "registry add r.local; move web rented --plan --registry r.local").lines)  # fmt: skip
    assert "no such host" in session.execute("move web rented --plan --registry nope").error


def test_volumes_move_with_their_container_and_folders_of_the_host_do_not(session):
    for line in (
        "host add c",
        "docker run -d --name db -v rows:/data --workload 'server cpu=1ms' alpine",
        "docker run -d --name bound -v /srv/x:/x --workload 'server cpu=1ms' alpine",
    ):
        assert session.execute(line).error is None, line
    world = session.world
    for name, path in (("db", "/data/row"), ("bound", "/x/row")):
        one = world.container(name)
        world.fleet.node_of(one).files(one).write(path, "a")
    assert "the folder /srv/x of a mounted" in (session.execute("move bound c").error or "")
    assert session.execute("move db c").error is None
    moved = world.container("db-c")
    assert world.fleet.node("c").files(moved).read("/data/row").text == "a"
    assert list(world.fleet.node("a").storage.volumes.all) == ["rows"]
    assert "another one of that name" in (session.execute("move db-c a").error or "")


def test_a_platform_that_was_asked_for_is_asked_for_where_it_moves_to(session):
    line = "docker run -d --name fixed --platform linux/amd64 --workload idle redis"
    assert session.execute(line).error is None
    plan, move = (session.execute(f"move fixed arm{flag}").error for flag in (" --plan", ""))
    assert plan == move
    assert plan.endswith("; it was asked for with --platform")
    session.execute("host add emu --arch arm64 --emulation on")
    assert session.execute("move fixed emu").error is None
    assert str(session.world.container("fixed-emu").image.platform) == "linux/amd64"
