"""What programs in tasks and on machines reach of a swarm."""

from pathlib import Path
from tempfile import gettempdir

from fleet_of import Endpoint, Fleet, Port

from simulator.cluster.swarm.objects import RUNNING
from simulator.cluster.swarm.specs import NetworkRef
from simulator.shell import Session
from simulator.world.swarm_commands import CreateSwarmNetwork


def at(fleet, line):
    session = Session(fleet.world, folder=Path(gettempdir()))
    return session.execute(line)


def shop(mode="vip"):
    fleet = Fleet(3)
    network = fleet.world.apply(CreateSwarmNetwork("shop")).lines[0]
    on = (NetworkRef(id=network, aliases=("front",)),)
    fleet.service("web", 2, networks=on, image="nginx:alpine")
    fleet.service("api", 3, networks=on, endpoint=Endpoint(mode=mode))
    fleet.service("alone", 1, image="nginx:alpine")
    fleet.go(30)
    return fleet


def inside(fleet, name, words):
    task = fleet.tasks(name)[0]
    node = fleet.state.nodes[task.node].hostname
    assert task.state == RUNNING
    at(fleet, f"use {node}")
    return at(fleet, f"docker exec {task.full_name} {words}")


def test_the_name_of_a_service_is_one_address_for_all_of_its_tasks():
    fleet = shop()
    api = fleet.named("api")
    vip = next(iter(api.vips.values()))
    assert vip in " ".join(inside(fleet, "web", "nslookup api").lines)
    said = " ".join(inside(fleet, "web", "nslookup tasks.api").lines)
    assert all(next(iter(task.addresses.values())) in said for task in fleet.tasks("api"))
    assert inside(fleet, "web", "wget -q -O- http://api").error is None


def test_with_dnsrr_the_name_is_the_addresses_of_all_tasks():
    fleet = shop("dnsrr")
    assert fleet.named("api").vips == {}
    said = " ".join(inside(fleet, "web", "nslookup api").lines)
    assert all(next(iter(task.addresses.values())) in said for task in fleet.tasks("api"))


def test_who_is_on_no_network_of_a_service_does_not_know_its_name():
    fleet = shop()
    assert inside(fleet, "alone", "wget -q -O- http://api").error is not None


def test_a_published_port_answers_at_every_node_wherever_the_task_is():
    fleet = Fleet(3)
    fleet.service("web", 1, endpoint=Endpoint(ports=(Port(target=80, published=8080),)))
    fleet.service("job", 1, image="nginx:alpine")
    fleet.go(30)
    for node in ("n1", "n2", "n3"):
        assert inside(fleet, "job", f"wget -q -O- http://{node}:8080").error is None
        assert at(fleet, f"on n3 curl -s http://{node}:8080").error is None
    fleet.update(replicas=0, machine="n1")
    fleet.go(30)
    assert "refused" in (inside(fleet, "job", "wget -q -O- http://n1:8080").error or "")
