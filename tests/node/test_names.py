"""A name of a container is its daemon's own; identities and titles are the world's."""

import re
from pathlib import Path

import pytest
from harbour import add_host, harbour, run

from simulator.errors import Refused
from simulator.look import Measures, snapshot
from simulator.shell import Session
from simulator.world.commands import RenameContainer, RunContainer, StopContainer


@pytest.fixture
def two_hosts():
    """A session over hosts h (current) and b, each of which has a container web."""
    world = harbour()
    add_host(world, "b")
    session = Session(world, folder=Path("."))
    for line in (
        "docker run -d --name web --workload idle alpine",
        "docker -H b run -d --name web --workload idle alpine",
    ):
        assert session.execute(line).error is None
    return session


def ran(session, line):
    result = session.execute(line)
    assert result.error is None, result.error
    return result.text


def states(session):
    return {one.name: one.state for one in session.world.containers.values()}


def test_two_daemons_may_each_have_a_container_of_one_name(two_hosts):
    named = [(one.daemon.name, one.local_name) for one in two_hosts.world.containers.values()]
    assert named == [("h", "web"), ("b", "web")]
    assert len({one.id for one in two_hosts.world.containers.values()}) == 2


def test_one_daemon_refuses_a_name_it_has_in_dockers_words(two_hosts):
    error = two_hosts.execute("docker -H b run -d --name web alpine").error
    holder = two_hosts.world.container("b/web").id[:12]
    assert re.search(rf'Conflict.*"/web" is already in use by container "{holder}"', error)


def test_a_name_means_the_container_of_the_current_or_the_given_machine(two_hosts):
    ran(two_hosts, "docker stop -t 0 web")
    assert states(two_hosts) == {"web": "exited", "b/web": "running"}
    ran(two_hosts, "docker start web")
    ran(two_hosts, "docker -H b stop -t 0 web")
    assert states(two_hosts) == {"web": "running", "b/web": "exited"}
    ran(two_hosts, "docker context use b")
    ran(two_hosts, "docker start web")
    assert states(two_hosts) == {"web": "running", "b/web": "running"}


def test_a_name_that_only_one_daemon_has_is_understood_everywhere(two_hosts):
    ran(two_hosts, "docker -H b run -d --name other --workload idle alpine")
    assert ran(two_hosts, "docker inspect -f '{{.Name}}' other") == "/other"


def test_a_name_of_two_others_is_refused_with_what_would_be_clear(two_hosts):
    ran(two_hosts, "host add c")
    ran(two_hosts, "docker context use c")
    error = two_hosts.execute("docker stop -t 0 web").error
    assert "'web' means several containers: h/web, b/web" in error
    ran(two_hosts, "docker stop -t 0 h/web")
    assert states(two_hosts) == {"web": "exited", "b/web": "running"}


def test_a_listing_of_one_daemon_shows_its_own_names_and_one_of_all_tells_them_apart(two_hosts):
    assert ran(two_hosts, "docker -H b ps --format '{{.Names}}'") == "web"
    assert ran(two_hosts, "docker -H all ps --format '{{.Names}}'").split() == ["b/web", "web"]


def test_the_world_calls_each_container_by_one_name_that_no_other_has(two_hosts):
    names = [one.name for one in snapshot(two_hosts.world).containers()]
    assert sorted(names) == ["b/web", "web"]


def test_a_series_of_an_ambiguous_name_wants_the_machine(two_hosts):
    world = two_hosts.world
    world.advance(world.now + 5.0)
    assert Measures(world).max("h/web.memory") == Measures(world).max("b/web.memory") > 0
    with pytest.raises(Refused, match="h/web, b/web"):
        Measures(world).max("web.memory")


def test_a_name_is_free_again_for_its_daemon_once_its_container_has_another():
    world = harbour()
    add_host(world, "b")
    run(world, "web", "idle")
    run(world, "web", "idle", machine="b")
    world.apply(RenameContainer(name="web", new_name="old"))
    run(world, "web", "idle", machine="h")
    assert list(world.containers) == ["b/web", "old", "web"]


def test_guests_of_containers_of_one_name_are_machines_of_different_names():
    world = harbour()
    add_host(world, "b")
    run(world, "web", "idle", runtime="kata")
    run(world, "web", "idle", runtime="kata", machine="b")
    assert [vm.name for vm in world.vms()] == ["web.vm", "b-web.vm"]


def test_a_command_names_a_container_by_its_id_too():
    world = harbour()
    run(world, "web", "idle")
    world.advance(5.0)
    world.apply(StopContainer(name=world.container("web").id))
    world.advance(20.0)
    assert world.container("web").state == "exited"


def test_a_container_without_a_name_gets_one_that_its_world_does_not_have():
    world = harbour()
    add_host(world, "b")
    for machine in ("h", "b", "h", "b"):
        world.apply(RunContainer(image="alpine", workload="idle", machine=machine))
    assert not any("/" in one.name for one in world.containers.values())
