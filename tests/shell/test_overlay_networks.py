"""Networks over all nodes of a swarm, as people make them, look at them and remove them."""

from __future__ import annotations

import json

import pytest
from swarm_shop import Shop

from simulator.cluster.swarm.specs import Mode, NetworkRef, ServiceSpec, TaskSpec
from simulator.node.spec import ContainerSpec
from simulator.world.commands import CreateHost
from simulator.world.swarm_commands import CreateSwarmService, LeaveSwarm, RemoveSwarmService

DAEMON = "Error response from daemon: "
NAMES = "--format '{{.Name}} {{.Driver}} {{.Scope}}'"


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def service(shop, name="web", network="shop", replicas=1):
    ref = NetworkRef(id=shop.swarm.state.network_named(network).id)
    container = ContainerSpec(image="alpine", command=("sleep", "100000"))
    task = TaskSpec(container=container, networks=(ref,))
    spec = ServiceSpec(name=name, task=task, mode=Mode(replicas=replicas))
    shop.world.apply(CreateSwarmService(spec=spec))
    shop("advance 20s")
    return shop.swarm.state.service_named(name)


def document(shop, line):
    (found,) = json.loads("\n".join(shop(line)))
    return found


def test_a_member_has_the_network_of_the_mesh_and_a_bridge_that_leads_outside(shop):
    assert shop(f"docker -H n2 network ls {NAMES}") == [
        "bridge bridge local", "docker_gwbridge bridge local", "host host local",
        "ingress overlay swarm", "none null local",
    ]  # fmt: skip
    assert "has active endpoints" in shop.refused("docker network rm docker_gwbridge")


def test_a_network_over_all_nodes_is_known_to_managers_and_to_workers_that_have_a_task_on_it(shop):
    shop("docker network create -d overlay shop")
    assert "shop overlay swarm" in shop(f"docker network ls {NAMES}")
    line = "docker -H {} network ls -q --filter name=shop"
    assert [len(shop(line.format(node))) for node in ("n1", "n2", "n3")] == [1, 0, 0]
    service(shop, replicas=3)
    assert [len(shop(line.format(node))) for node in ("n1", "n2", "n3")] == [1, 1, 1]


def test_networks_are_listed_by_scope_and_driver(shop):
    shop("docker network create -d overlay shop")
    shop("docker network create mine")
    for key in ("scope=swarm", "driver=overlay"):
        assert shop(f"docker network ls --filter {key} {NAMES}") == [
            "ingress overlay swarm", "shop overlay swarm",
        ]  # fmt: skip
    assert "mine bridge local" in shop(f"docker network ls --filter scope=local {NAMES}")


def test_what_is_asked_of_a_network_is_shown_by_inspect(shop):
    shop("docker network create -d overlay --attachable --internal --subnet 10.9.0.0/24 "
         "--label team=blue -o encrypted shop")  # fmt: skip
    found = document(shop, "docker network inspect shop")
    assert (found["Scope"], found["Driver"], found["Attachable"], found["Internal"]) == (
        "swarm", "overlay", True, True,
    )  # fmt: skip
    assert found["IPAM"]["Config"] == [{"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.1"}]
    assert found["Labels"] == {"team": "blue"}
    assert found["Options"] == {
        "com.docker.network.driver.overlay.vxlanid_list": "4097", "encrypted": "",
    }  # fmt: skip
    assert found["Containers"] is None  # nobody is on it here


def test_inspect_shows_who_is_on_it_on_this_node_and_verbose_who_is_on_it_at_all(shop):
    shop("docker network create -d overlay shop")
    service(shop, replicas=3)
    found = document(shop, "docker network inspect --verbose shop")
    assert [one["Name"].split(".")[0] for one in found["Containers"].values()] == ["web"]
    assert [one["IP"] for one in found["Peers"]] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]
    assert len(found["Services"]["web"]["Tasks"]) == 3


def test_a_network_that_a_service_is_on_stays_until_the_service_goes(shop):
    shop("docker network create -d overlay shop")
    web = service(shop)
    id_ = shop.swarm.state.network_named("shop").id
    assert shop.refused("docker network rm shop") == (
        f"{DAEMON}rpc error: code = FailedPrecondition desc = network {id_} is in use by service "
        f"{web.id}"
    )
    shop.world.apply(RemoveSwarmService(id=web.id))
    assert shop("docker network rm shop") == ["shop"]
    assert shop("docker network rm -f shop") == []


def test_a_manager_prunes_networks_that_nobody_holds_and_a_worker_only_its_own(shop):
    shop("docker network create -d overlay used; docker network create -d overlay spare")
    shop("docker network create mine")
    service(shop, network="used")
    assert shop("docker -H n2 network prune -f") == []
    assert shop("docker network ls -q --filter dangling=true --filter name=spare") != []
    assert shop("docker network prune -f") == ["Deleted Networks:", "spare", "mine"]
    assert "ingress overlay swarm" in shop(f"docker network ls {NAMES}")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("docker network create -d overlay taken", "network with name taken already exists"),
        ("docker network create taken", "network with name taken already exists"),
        ("docker network create -d overlay bridge", "not permitted on predefined bridge network"),
        ("docker network create -d overlay --gateway 10.4.0.1 x", "--gateway of a network over"),
        ("docker network create -d overlay --scope local x", "expected swarm"),
        ("docker network create -d overlay -o enable_icc=true x", "option of the overlay driver"),
        ("docker network create -o encrypted x", "option of the bridge driver"),
        ("docker network create -d overlay --subnet 10.0.0.0/16 x", "Pool overlaps with other one"),
        ("docker network create --ingress x", "a swarm has its network of the routing mesh"),
        ("docker network rm ingress", "removing the network of the routing mesh is not modelled"),
        ("docker -H n2 network create -d overlay x", "Worker nodes can't be used to view or"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(shop, line, words):
    shop("docker network create -d overlay taken")
    before = list(shop.swarm.state.networks)
    assert words in shop.refused(line)
    assert list(shop.swarm.state.networks) == before


def test_a_machine_in_no_swarm_has_no_such_networks(shop):
    shop.world.apply(CreateHost(name="alone"))
    assert shop.refused("docker -H alone network create -d overlay x") == (
        f'{DAEMON}This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" '
        "to connect this node to swarm and try again."
    )
    shop.world.apply(LeaveSwarm(machine="n3"))
    assert "ingress overlay swarm" not in shop(f"docker -H n3 network ls {NAMES}")
    assert shop("docker -H n3 network rm docker_gwbridge") == ["docker_gwbridge"]


# --- containers of no service ---------------------------------------------------------------------


@pytest.fixture
def open_shop(tmp_path):
    text = "services: {web: {image: nginx, networks: [open]}}\nnetworks: {open: {NAME}}\n"
    shop = Shop(tmp_path, {"s.yml": text.replace("{NAME}", "{attachable: true, name: open}")})
    shop("docker stack deploy -d -c s.yml s; advance 30s")
    shop("docker -H n2 run -d --name shy --network open --network-alias bee nginx")
    shop("docker -H n3 run -d --name far --network open alpine sleep 100000")
    return shop


def test_a_container_on_an_attachable_network_finds_services_and_containers_of_other_nodes(
    open_shop,
):
    shop = open_shop
    for name in ("web", "shy", "bee"):
        shop(f"docker -H n3 exec far nc -z -w 1 {name} 80")
    (task,) = shop.swarm.state.tasks.values()
    node = shop.swarm.state.nodes[task.node].hostname
    shop(f"docker -H {node} exec {task.full_name} getent hosts far")
    found = document(shop, "docker -H n3 network inspect open")
    assert [one["Name"] for one in found["Containers"].values()][-1] == "far"
    assert [one["IP"] for one in found["Peers"]][-2:] == ["10.0.0.12", "10.0.0.13"]


def test_its_address_is_nobodys_any_more_when_it_ends_and_the_network_leaves_its_machine(open_shop):
    shop = open_shop
    network = shop.swarm.state.network_named("open")
    line = "docker -H n3 network ls -q --filter name=open"
    address = network.guests[shop.world.containers["far"].id].address
    assert (len(shop(line)), network.taken[address]) == (1, shop.world.containers["far"].id)
    shop("docker -H n3 stop -t 0 far")
    assert (len(shop(line)), address in network.taken) == (0, False)
    shop("docker -H n3 start far")
    shop("docker -H n3 exec far nc -z -w 1 web 80")


def test_a_network_that_a_container_joined_stays_until_it_leaves(open_shop):
    shop = open_shop
    lines, _ = shop.both("docker stack rm s")
    assert "is in use by task" in lines[-1]
    shop("docker -H n3 rm -f far; docker -H n2 rm -f shy")
    assert shop("docker network rm open") == ["open"]


def test_a_network_that_is_not_attachable_lets_nobody_in(shop):
    shop("docker network create -d overlay shut")
    assert shop.refused("docker run -d --network shut nginx").endswith(
        "Could not attach to network shut: rpc error: code = PermissionDenied desc = network shut "
        "not manually attachable (exit code 125)"
    )
    assert shop.swarm.state.network_named("shut").guests == {}


def test_a_container_is_put_on_one_and_taken_off_again(open_shop):
    shop = open_shop
    shop("docker run -d --name late nginx; advance 5s")
    shop("docker network connect open late")
    shop("docker -H n3 exec far nc -z -w 1 late 80")
    shop("docker network disconnect open late")
    assert "late" in shop.refused("docker -H n3 exec far nc -z -w 1 late 80")
    assert len(shop.swarm.state.network_named("open").guests) == 2


def test_a_copy_of_the_world_has_containers_on_such_networks_too(open_shop):
    shop = open_shop
    branch = shop.session.branch()
    assert branch.execute("docker -H n3 exec far nc -z -w 1 bee 80").error is None
    assert branch.execute("docker -H n2 rm -f shy").error is None
    assert len(shop.swarm.state.network_named("open").guests) == 2


def test_a_project_of_compose_may_be_on_one(open_shop):
    shop = open_shop
    shop.write("compose.yaml", "services: {me: {image: nginx, networks: [open]}}\n"
               "networks: {open: {external: true}}\n")  # fmt: skip
    shop("docker compose up -d; advance 5s")
    shop("docker -H n3 exec far nc -z -w 1 me 80")
    shop("docker compose down")
    assert len(shop.swarm.state.network_named("open").guests) == 2


def test_a_task_is_on_the_networks_of_its_service_with_its_address_there(tmp_path):
    shop = Shop(tmp_path, nodes=1)
    shop("docker network create -d overlay net")
    shop("docker service create --name web --network name=net,alias=shop nginx")
    shop("docker service create --name raw nginx")
    assert set(shop("docker ps --format '{{.Networks}}'")) == {"net", "bridge"}
    task = "$(docker ps -q --filter name=web)"
    found = shop(f"docker inspect {task} -f '{{{{.NetworkSettings.Networks.net.IPAddress}}}}'")
    assert found[0] in "".join(shop("docker network inspect net"))


def test_docker_inspect_knows_what_a_swarm_has(tmp_path):
    shop = Shop(tmp_path, nodes=1)
    shop("docker service create --name web nginx")
    assert shop("docker inspect web -f '{{.Spec.Name}}'") == ["web"]
    assert shop("docker inspect --type node n1 -f '{{.Description.Hostname}}'") == ["n1"]
    assert shop("docker inspect $(docker service ps -q web) -f '{{.Status.State}}'") == ["running"]
    assert shop.refused("docker inspect nothing") == "Error: No such object: nothing"
    assert "secret nothing not found" in shop.refused("docker inspect --type secret nothing")
