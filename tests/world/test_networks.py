"""Networks of one machine: what there is, who is on it, who finds whom, and what runs out."""

import json

import pytest
from calls import calls
from harbour import harbour
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import Refused
from simulator.node.addresses import Addresses, Subnet, default_subnets, free_subnet
from simulator.node.networks import BRIDGE_PORTS
from simulator.shell import Session
from simulator.world import World

SLEEP = "alpine sleep 1000"
SERVE = "--workload 'server cpu=1ms' alpine"


@pytest.fixture
def session(tmp_path):
    """A shell at a world whose host ``h`` has alpine."""
    return Session(harbour(), folder=tmp_path)


def typed(session, *lines):
    """The last line's result; those before it must do."""
    for line in lines[:-1]:
        assert session.execute(line).error is None
    return session.execute(lines[-1])


def names(session):
    return session.execute("docker network ls --format '{{.Name}}'").lines


def address(session, container, network="bridge"):
    template = f"'{{{{.NetworkSettings.Networks.{network}.IPAddress}}}}'"
    return session.execute(f"docker inspect -f {template} {container}").lines[0]


def surroundings(session, container):
    found = session.world.container(container)
    return session.world.fleet.node_of(found).surroundings(found)


def reached(session, container, name, port=80):
    found = surroundings(session, container).reach(name, port)
    return found.problem or found.server.name


def answered(session, service):
    session.world.fabric.settle()
    return session.world.services[service].tally.ok


def test_three_networks_are_there_from_the_start_and_cannot_be_removed(session):
    assert names(session) == ("bridge", "host", "none")
    for name in names(session):
        assert (
            f"{name} is a pre-defined network" in session.execute(f"docker network rm {name}").error
        )


def test_a_network_that_is_not_there_lets_no_container_start(session):
    refused = session.execute(f"docker run -d --name c --network foo {SLEEP}")
    assert "failed to set up container networking: network foo not found" in refused.error
    assert typed(session, "docker network create foo", "docker start c").lines == ("c",)


def test_each_network_gets_the_next_subnet_and_each_container_the_lowest_free_address(session):
    lines = [f"docker network create n{number}" for number in (1, 2)]
    for name, network in (("a", "bridge"), ("b", "bridge"), ("c", "n1"), ("d", "n2")):
        lines.append(f"docker run -d --name {name} --network {network} {SLEEP}")
    typed(session, *lines)
    found = [address(session, one) for one in "ab"]
    found += [address(session, "c", "n1"), address(session, "d", "n2")]
    assert found == ["172.17.0.2", "172.17.0.3", "172.18.0.2", "172.19.0.2"]
    typed(session, "docker rm -f a", f"docker run -d --name e {SLEEP}")
    assert address(session, "e") == "172.17.0.2"
    assert typed(session, "docker stop -t 0 e").error is None
    assert address(session, "e") == ""


def test_what_somebody_chose_of_addresses_holds_and_what_cannot_be_is_refused(session):
    create = "docker network create --subnet 172.30.0.0/24 --ip-range 172.30.0.128/25"
    typed(session, f"{create} --gateway 172.30.0.1 lab", "docker network create plain")
    run = f"docker run -d --network lab --name {{}} {SLEEP}"
    assert typed(session, run.format("a --ip 172.30.0.7")).error is None
    assert typed(session, run.format("b")).error is None
    assert [address(session, one, "lab") for one in "ab"] == ["172.30.0.7", "172.30.0.128"]
    refused = {
        run.format("c --ip 172.30.0.7"): "Address already in use",
        run.format("d --ip 10.0.0.1"): "no configured subnet or ip-range contain the IP address",
        f"docker run -d --network plain --ip 172.18.0.9 {SLEEP}": "user configured subnets",
        f"docker run -d --ip 172.17.0.9 {SLEEP}": "supported on user defined networks only",
        "docker network create --subnet 172.30.0.0/16 x": "Pool overlaps with other one",
        "docker network create --subnet 172.30.1.1/24 x": "it should be 172.30.1.0/24",
        "docker network create --gateway 1.2.3.4 x": "must have a corresponding subnet",
        "docker network create --subnet 172.29.0.0/24 --gateway 1.2.3.4 x": "no matching subnet",
        "docker network create lab": "network with name lab already exists",
        "docker network create bridge": "operation is not permitted on predefined bridge network",
        "docker network create -d macvlan x": "networks of the driver 'macvlan' are not modelled",
        "docker network create --ipv6 x": "IPv4",
    }
    before = session.world.journal.count, names(session)
    for line, said in refused.items():
        assert said in session.execute(line).error
    assert before[1] == names(session)


def test_a_small_network_and_the_default_pools_run_out(session):
    typed(session, "docker network create --subnet 10.9.0.0/30 tiny")
    run = f"docker run -d --network tiny {SLEEP}"
    assert "no available IPv4 addresses on this network's address pools: tiny" in (
        typed(session, run, run).error
    )
    made = [session.execute(f"docker network create n{number}") for number in range(31)]
    assert [one.error for one in made[:30]] == [None] * 30
    assert "all predefined address pools have been fully subnetted" in made[30].error


def test_a_bridge_has_so_many_ports_and_no_more(session):
    bridge = session.world.fleet.nodes["h"].networks.all["bridge"]
    for number in range(BRIDGE_PORTS):
        bridge.add(str(number), f"c{number}", "", "", [])
    refused = session.execute(f"docker run -d --name last {SLEEP}")
    assert "failed to create endpoint last on network bridge" in refused.error
    assert refused.error.endswith("to bridge docker0 failed: exchange full (exit code 125)")


def test_names_are_found_on_a_network_of_ones_own_and_nowhere_else(session):
    typed(
        session,
        "docker network create shop",
        f"docker run -d --name db --network shop --network-alias store {SERVE}",
        f"docker run -d --name web --network shop {SLEEP}",
        f"docker run -d --name plain --network-alias store {SERVE}",
        f"docker run -d --name other {SLEEP}",
        "advance 1s",
    )
    assert surroundings(session, "web").lookup("db") == ("172.18.0.2",)
    assert surroundings(session, "web").lookup("store") == ("172.18.0.2",)
    assert surroundings(session, "web").lookup("db.shop") == ("172.18.0.2",)
    assert surroundings(session, "other").lookup("plain") == ()
    assert reached(session, "web", "store") == "db"
    assert reached(session, "other", "plain") == "unknown"
    assert reached(session, "other", "172.17.0.2") == "plain"
    typed(session, "docker rename db base")
    assert surroundings(session, "web").lookup("base") == ("172.18.0.2",)
    assert surroundings(session, "web").lookup("db") == ()


def test_a_connection_comes_through_where_there_is_a_way_and_somebody_listens(session):
    typed(
        session,
        "docker network create shop",
        "docker network create --internal inner",
        "docker network create -o com.docker.network.bridge.enable_icc=false mute",
        f"docker run -d --name web --network shop -p 8080:80 {SERVE}",
        f"docker run -d --name a --network shop {SLEEP}",
        f"docker run -d --name b {SLEEP}",
        f"docker run -d --name c --network none {SLEEP}",
        f"docker run -d --name d --network container:web {SLEEP}",
        f"docker run -d --name e --network inner {SLEEP}",
        f"docker run -d --name f --network mute {SLEEP}",
        f"docker run -d --name g --network mute {SERVE}",
        f"docker run -d --name h1 --network host {SLEEP}",
        "advance 1s",
    )
    found = {
        ("a", "web", 80): "web",
        ("a", "web", 81): "refused",
        ("a", "172.18.0.99", 80): "unreachable",
        ("b", "web", 80): "unknown",
        ("b", "172.18.0.2", 80): "timeout",
        ("b", "172.17.0.1", 8080): "web",
        ("b", "172.17.0.1", 80): "refused",
        ("c", "172.17.0.1", 8080): "no way",
        ("d", "localhost", 80): "web",
        ("e", "172.17.0.1", 8080): "no way",
        ("f", "g", 80): "timeout",
        ("h1", "localhost", 8080): "web",
        ("h1", "172.18.0.2", 80): "web",
        ("a", "a", 80): "refused",
    }
    assert found == {
        (who, name, port): reached(session, who, name, port) for who, name, port in found
    }
    typed(session, "docker network connect shop b", "docker pause web")
    assert reached(session, "b", "web") == "timeout"
    typed(session, "docker unpause web", "fault hang web")
    assert reached(session, "b", "web") == "timeout"


def test_hosts_and_name_servers_are_in_the_files_that_a_container_has(session):
    typed(
        session,
        "docker network create shop",
        f"docker run -d --name a -h box --add-host db:10.0.0.9 --add-host h:host-gateway {SLEEP}",
        f"docker run -d --name b --dns 10.0.0.53 {SLEEP}",
        f"docker run -d --name c --network shop --dns 10.0.0.53 {SLEEP}",
    )
    files = {one: surroundings(session, one).files() for one in "abc"}
    hosts = ["127.0.0.1\tlocalhost", "172.17.0.2\tbox", "10.0.0.9\tdb", "172.17.0.1\th"]
    assert files["a"]["/etc/hosts"].split("\n") == hosts
    assert files["b"]["/etc/resolv.conf"] == "nameserver 10.0.0.53"
    assert files["c"]["/etc/resolv.conf"] == "nameserver 127.0.0.11\noptions ndots:0"


def test_a_network_with_somebody_on_it_stays_and_one_without_goes(session):
    typed(session, "docker network create shop", f"docker run -d --name c --network shop {SLEEP}")
    refused = session.execute("docker network rm shop nope")
    assert 'network shop has active endpoints (name:"c" id:"' in refused.error
    assert "network nope not found" in refused.error
    assert session.execute("docker network prune -f").lines == ()
    typed(session, "docker network disconnect shop c")
    assert typed(session, "docker network rm shop").lines == ("shop",)
    assert "network shop not found" in session.execute("docker network inspect shop").error


def test_a_network_made_anew_under_the_same_name_is_another_one(session):
    typed(session, "docker network create shop", f"docker run -d --name c --network shop {SLEEP}")
    typed(session, "docker stop -t 0 c", "docker network prune", "docker network create shop")
    assert " not found" in session.execute("docker start c").error


def test_containers_join_and_leave_networks_while_they_run(session):
    typed(session, "docker network create shop", f"docker run -d --name c {SLEEP}")
    typed(session, "docker network connect --alias x shop c")
    assert session.execute("docker ps --format '{{.Networks}}'").lines == ("bridge,shop",)
    shown = json.loads(session.execute("docker network inspect shop").text)[0]["Containers"]
    assert [one["IPv4Address"] for one in shown.values()] == ["172.18.0.2/16"]
    refused = {
        "docker network connect shop c": "endpoint with name c already exists in network shop",
        "docker network connect nope c": "network nope not found",
        "docker network connect host c": "container must be created in host network mode",
        "docker network connect none c": "one of the networks in private (none) mode",
        "docker network disconnect none c": "is not connected to the network none",
        "docker network connect shop nope": "No such container: nope",
    }
    for line, said in refused.items():
        assert said in session.execute(line).error
    typed(session, "docker stop -t 0 c", "docker start c")
    assert address(session, "c", "shop") == "172.18.0.2"
    typed(session, "docker network disconnect shop c")
    assert session.execute("docker ps --format '{{.Networks}}'").lines == ("bridge",)


def test_two_servers_in_one_network_namespace_cannot_listen_on_one_port(session):
    session.execute("docker pull nginx")
    typed(session, "docker run -d --name n1 --network host nginx", "advance 1s")
    typed(session, "docker run -d --name n2 --network host nginx", "advance 2s")
    assert "Address already in use" in "\n".join(session.execute("docker logs n2").lines)
    states = session.execute("docker ps -a --format '{{.Names}} {{.State}}'").lines
    assert states == ("n2 exited", "n1 running")
    refused = session.execute(f"docker run -d -p 80:80 {SLEEP}")
    assert "failed to bind host port 0.0.0.0:80/tcp: address already in use" in refused.error
    typed(session, "docker run -d --name m1 nginx", "advance 1s")
    typed(session, "docker run -d --name m2 --network container:m1 nginx", "advance 2s")
    assert "m2 exited" in session.execute("docker ps -a --format '{{.Names}} {{.State}}'").lines
    typed(session, "docker rm -f n1", "docker start n2", "advance 2s")
    assert "n2" in session.execute("docker ps --format '{{.Names}}'").lines


def test_what_is_on_no_network_gets_no_traffic(session):
    typed(session, f"docker run -d --name c --network none --network-alias s {SERVE}", "advance 1s")
    typed(session, "traffic s 10/s", "advance 5s")
    assert answered(session, "s") == 0
    assert "c is on no network" in session.execute("service add s c").error
    typed(session, f"docker run -d --name d --network-alias s {SERVE}", "advance 5s")
    before = answered(session, "s")
    assert before > 0
    typed(session, "docker network disconnect bridge d", "advance 5s")
    assert answered(session, "s") == before
    typed(session, "docker network connect bridge d", "advance 5s")
    assert answered(session, "s") > before


def test_docker_itself_is_quoted_where_an_alias_has_no_network_and_once(session):
    first = session.execute(f"docker run -d --network-alias w {SLEEP}")
    assert "network-scoped alias is supported only for containers in user defined" in first.lines[0]
    assert len(session.execute(f"docker run -d --network-alias w {SLEEP}").lines) == 1


def test_undo_and_redo_know_networks_addresses_and_ports(tmp_path):
    session = Session(World(1), folder=tmp_path)
    typed(session, "host add h", "docker pull alpine")
    typed(session, "docker network create shop", f"docker run -d --name c --network shop {SLEEP}")
    digest = session.world.journal.digest
    typed(session, "undo", "undo")
    assert names(session) == ("bridge", "host", "none")
    typed(session, "redo", "redo")
    assert digest == session.world.journal.digest
    assert address(session, "c", "shop") == "172.18.0.2"


def test_a_move_to_a_machine_without_the_network_says_so_and_keeps_the_old_container(session):
    typed(
        session,
        "host add b",
        "docker network create shop",
        f"docker run -d --name c --network shop -p 80:80 {SERVE}",
        "advance 1s",
    )
    refused = session.execute("move c b")
    assert "network shop not found" in refused.error
    assert session.execute("docker ps --format '{{.Names}}'").lines == ("c",)
    assert typed(session, "docker -H b network create shop", "move c b").error is None
    shown = session.execute("docker -H b ps --format '{{.Networks}} {{.Ports}}'").lines
    assert shown == ("shop 0.0.0.0:80->80/tcp, [::]:80->80/tcp",)


def test_the_default_pools_are_dockers():
    pools = list(default_subnets())
    assert (len(pools), pools[0], pools[15]) == (31, "172.17.0.0/16", "192.168.0.0/20")
    assert free_subnet(["172.17.0.0/16", "172.18.5.0/24"]) == "172.19.0.0/16"


@given(st.lists(st.one_of(st.none(), st.integers(0, 15)), max_size=24))
@settings(max_examples=30, deadline=None)
def test_an_address_is_never_given_twice(steps):
    pool, taken = Addresses(Subnet("10.0.0.0/28")), ["10.0.0.0", "10.0.0.1", "10.0.0.15"]
    for step in steps:
        if step is None or f"10.0.0.{step}" not in taken[3:]:
            try:
                found = pool.take("" if step is None else f"10.0.0.{step}")
            except Refused:
                continue
            assert found not in taken
            taken.append(found)
        else:
            taken.remove(f"10.0.0.{step}")
            pool.give_back(f"10.0.0.{step}")


def test_joining_costs_the_same_however_many_are_there_already(session):
    def one_more(before):
        bridge = session.world.fleet.nodes["h"].networks.all["bridge"]
        while len(bridge.endpoints) < before:
            bridge.add(f"x{len(bridge.endpoints)}", "x", "", "", ["x"])
        return calls(lambda: (bridge.add("new", "new", "", "", ["new"]), bridge.drop("new")))

    assert one_more(400) <= one_more(200) + 4


def test_what_is_on_the_hosts_network_meets_what_listens_there(session):
    typed(session, "tune h --software containerd=1.3.8")
    typed(session, f"docker run -d --name on --network host {SLEEP}")
    typed(session, f"docker run -d --name off {SLEEP}")
    assert session.execute("docker exec on hostname").lines == ("h",)
    assert session.execute("flaw apply CVE-2020-15257 on").lines[-1] == "reachable: off"
    assert "a network of its own" in session.execute("flaw apply CVE-2020-15257 off").text


def test_pruning_the_system_takes_networks_that_nobody_is_on(session):
    typed(session, "docker network create shop", "docker network create used")
    typed(session, f"docker run -d --network used {SLEEP}")
    lines = session.execute("docker system prune").lines
    assert lines[:2] == ("Deleted Networks:", "shop")
    assert names(session) == ("bridge", "host", "none", "used")


def test_the_files_that_a_daemon_writes_for_a_container_can_be_read_in_it(session):
    typed(session, f"docker run -d --name c -h box {SLEEP}")
    assert session.execute("docker exec c cat /etc/hosts").lines[-1] == "172.17.0.2\tbox"


def test_from_another_machine_only_what_is_published_is_reached(session):
    typed(
        session,
        "host add b",
        f"docker run -d --name open -p 8080:80 {SERVE}",
        f"docker run -d --name mine -p 127.0.0.1:8081:80 {SERVE}",
        f"docker run -d --name shut --expose 80 {SERVE}",
        "docker -H b pull alpine",
        f"docker -H b run -d --name far {SLEEP}",
        f"docker -H b run -d --name host --network host {SLEEP}",
        "docker -H b network create --internal inner",
        f"docker -H b run -d --name inside --network inner {SLEEP}",
        "advance 1s",
    )
    found = {
        ("far", "h", 8080): "open",
        ("host", "10.0.0.11", 8080): "open",
        ("far", "h", 8081): "refused",
        ("far", "h", 80): "refused",
        ("far", "172.17.0.4", 80): "unreachable",
        ("far", "nosuch", 80): "unknown",
        ("inside", "h", 8080): "unknown",
        ("inside", "10.0.0.11", 8080): "no way",
    }
    assert found == {asked: reached(session, *asked) for asked in found}
    typed(session, "fault power h")
    assert reached(session, "far", "h", 8080) == "timeout"


def test_a_container_taken_off_all_networks_can_be_put_on_one_again(session):
    typed(session, "docker network create shop", f"docker run -d --name c -p 80:80 {SERVE}")
    typed(session, "docker network disconnect bridge c")
    shown = "docker ps --format '{{.Networks}}|{{.Ports}}'"
    assert session.execute(shown).lines == ("|",)
    typed(session, "docker restart -t 0 c")
    assert session.execute(shown).lines == ("|",)
    typed(session, "docker network connect shop c")
    assert session.execute(shown).lines == ("shop|0.0.0.0:80->80/tcp, [::]:80->80/tcp",)


def test_names_on_a_network_come_and_go_with_it_for_traffic_too(session):
    typed(session, "docker network create shop", f"docker run -d --name c {SERVE}")
    typed(session, "docker network connect --alias x shop c", "traffic x 10/s", "advance 5s")
    served = answered(session, "x")
    assert served > 0
    typed(session, "docker network disconnect shop c", "advance 5s")
    assert answered(session, "x") == served
    typed(session, "docker network disconnect bridge c")
    for line in ("docker network connect --alias x bridge c",
                 f"docker run -d --network name=bridge,alias=x {SERVE}"):  # fmt: skip
        assert "network-scoped alias is supported only" in session.execute(line).error


def test_a_machine_takes_its_networks_with_it(session):
    typed(session, "host add b", "docker -H b network create shop", "host rm b", "advance 1s")
    typed(session, "host add b")
    found = session.execute("docker -H b network ls --format '{{.Name}}'").lines
    assert found == ("bridge", "host", "none")


def test_inspect_finds_networks_too(session):
    typed(session, "docker network create --label team=a shop")
    one = json.loads(session.execute("docker inspect shop").text)
    assert one == json.loads(session.execute("docker network inspect shop").text)
    assert one[0]["IPAM"]["Config"] == [{"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}]
    label = session.execute("docker inspect --type network -f '{{.Labels.team}}' shop")
    assert label.lines == ("a",)
    assert "No such object: shopp" in session.execute("docker inspect shopp").error
    assert "network zz not found" in session.execute("docker inspect --type network zz").error


def test_interfaces_and_listening_ports_are_seen_from_inside(session):
    typed(session, "docker network create shop", f"docker run -d --name a --network shop {SLEEP}")
    typed(session, f"docker run -d --name s -p 8080:80 {SERVE}", "docker network connect shop s")
    typed(session, f"docker run -d --name n --network none {SLEEP}", "advance 1s")
    lines = [line for line in session.execute("docker exec s ip addr").lines if "inet" in line]
    assert [line.split()[1] for line in lines] == ["127.0.0.1/8", "172.17.0.2/16", "172.18.0.3/16"]
    assert session.execute("docker exec a ip route").lines[0] == "default via 172.18.0.1 dev eth0"
    assert session.execute("docker exec n ip route").lines == ()
    assert "0.0.0.0:80 " in session.execute("docker exec s netstat -tln").lines[-1]
    assert len(session.execute("docker exec a netstat -tln").lines) == 2
    assert any("docker0" in line for line in session.execute("on h ip a").lines)
    assert "0.0.0.0:8080" in session.execute("on h ss -tln").text
    for line in ("ip link", "ifconfig eth0", "netstat", "ip a show eth9"):
        assert session.execute(f"docker exec a {line}").error is not None


def test_programs_say_what_became_of_a_connection(session):
    typed(
        session,
        "docker network create shop",
        f"docker run -d --name web --network shop --network-alias www {SERVE}",
        f"docker run -d --name a --network shop {SLEEP}",
        f"docker run -d --name b {SLEEP}",
        f"docker run -d --name c --network none {SLEEP}",
        "advance 1s",
    )
    assert session.execute("docker exec a wget -qO- http://www/").error is None
    assert session.execute("docker exec a ping -c 1 web").error is None
    said = {
        "docker exec b wget -qO- http://web/": "bad address 'web'",
        "docker exec b wget -qO- http://172.17.0.9/": "Host is unreachable",
        "docker exec c wget -qO- http://172.18.0.2/": "Network unreachable",
        "docker exec a wget -qO- http://a/": "Connection refused",
        "docker exec c ping -c 1 172.17.0.1": "Network unreachable",
    }
    for line, text in said.items():
        assert text in session.execute(line).error
    typed(session, "docker network create other", "docker network connect other b")
    assert "NXDOMAIN" in session.execute("docker exec b nslookup web").text
