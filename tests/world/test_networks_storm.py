"""Whatever is done to networks: nobody shares an address or a port, and nothing leaks."""

from pathlib import Path

from harbour import harbour
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.shell import Session

NAMES = st.sampled_from("abc")
NETWORKS = st.sampled_from(["n1", "n2", "bridge", "host", "none", "container:a", "nope"])
PORTS = st.sampled_from(["", "-p 80:80", "-p 80-81:80", "-p 127.0.0.1:80:80", "-p 80", "-P"])
LINES = st.one_of(
    st.builds(
        "docker run -d --restart always --name {} --network {} {} --expose 9 --network-alias x "
        "--workload 'server cpu=1ms' alpine".format, NAMES, NETWORKS, PORTS,
    ),
    st.builds("docker {} {}".format, st.sampled_from(["start", "stop -t 0", "rm -f"]), NAMES),
    st.builds("docker network {} {}".format, st.sampled_from(["create", "rm"]), NETWORKS),
    st.builds("docker network {} {} {}".format, st.sampled_from(["connect", "disconnect"]),
              NETWORKS, NAMES),
    st.builds("fault crash {}".format, NAMES),
    st.builds("docker rename {} {}".format, NAMES, NAMES),
    st.sampled_from(["advance 1s", "fault power h ; fault recover h", "undo",
                     "docker network prune"]),
)  # fmt: skip


def check(world):
    node = world.fleet.nodes["h"]
    running = [one for one in node.containers.values() if one.running]
    endpoints = {
        (network.name, container): endpoint
        for network in node.networks.all.values()
        for container, endpoint in network.endpoints.items()
    }
    wired = {
        (endpoint.network, one.id): endpoint
        for one in running
        for endpoint in node.wired(one).endpoints
    }
    assert wired == endpoints
    addresses = [one.address for one in endpoints.values() if one.address]
    assert len(addresses) == len(set(addresses))
    for network in node.networks.all.values():
        assert sorted(network.holders.values()) == sorted(
            container for container, one in network.endpoints.items() if one.address
        )
        known = {address for where in network.names.values() for address in where.values()}
        assert known <= {one.address for one in network.endpoints.values()}
    ports = sorted(
        (port.protocol, port.address, port.at) for one in running for port in node.wired(one).ports
    )
    assert ports == sorted(
        one for one in node.wiring.ports.all() if node.wiring.ports.holder(one[1], one[2], one[0])
    )
    assert len(ports) == len(set(ports))


@given(st.lists(LINES, max_size=14))
@settings(max_examples=30, deadline=None)
def test_nobody_shares_an_address_or_a_port_and_nothing_is_left_behind(lines):
    session = Session(harbour(), folder=Path("."))
    session.execute("docker network create n1")
    for line in lines:
        session.execute(line)
        check(session.world)
    session.execute("docker rm -f a ; docker rm -f b ; docker rm -f c ; docker network prune")
    node = session.world.fleet.nodes["h"]
    assert node.wiring.ports.all() == []
    assert [len(one.endpoints) for one in node.networks.all.values()] == [0, 0, 0]
    assert node.networks.all["bridge"].addresses.take() == "172.17.0.2"
