"""Published ports: who has one, who does not get it, and when it is free again."""

import pytest
from harbour import harbour
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError, Refused
from simulator.node.publishing import ANY, Ports, Publication, parse_publication
from simulator.shell import Session

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


def states(session):
    row = "{{.Names}} {{.Status}} {{.Ports}}"
    return list(session.execute(f"docker ps -a --format '{row}'").lines)


def test_a_port_that_another_container_has_is_refused_and_the_container_stays_created(session):
    refused = typed(
        session,
        f"docker run -d --name p1 -p 8080:80 {SERVE}",
        f"docker run -d --name p2 -p 8080:80 {SERVE}",
    )
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated" in refused.error
    assert "failed to set up container networking: driver failed programming" in refused.error
    assert states(session) == [
        "p2 Created ",
        "p1 Up Less than a second 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp",
    ]
    state = "'{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}'"
    assert session.execute(f"docker inspect -f {state} p2").lines == ("created 128 0",)


def test_a_port_is_free_again_when_its_container_has_ended_and_no_sooner(session):
    lines = [f"docker run -d --name {name} -p 8080:80 {SERVE}" for name in ("p1", "p2")]
    assert typed(session, *lines).error is not None
    assert typed(session, "docker start p2").error is not None
    assert typed(session, "docker stop p1", "docker start p2").lines == ("p2",)
    assert "port is already allocated" in typed(session, "docker start p1").error
    assert states(session)[1].startswith("p1 Exited")


def test_a_restarted_container_finds_its_port_taken_and_stays_down(session):
    typed(session, f"docker run -d --name p1 --restart always -p 80:80 {SERVE}", "advance 20s")
    assert (
        typed(session, "fault crash p1", f"docker run -d --name p2 -p 80:80 {SERVE}").error is None
    )
    typed(session, "advance 10s")
    assert [line.split()[1] for line in states(session)] == ["Up", "Exited"]


def test_after_a_power_cut_the_first_to_start_has_the_port(session):
    typed(session, f"docker run -d --name p1 --restart always -p 80:80 {SERVE}", "docker stop p1")
    typed(session, f"docker run -d --name p2 --restart always -p 80:80 {SERVE}", "advance 1s")
    typed(session, "fault power h", "fault recover h", "advance 5s")
    assert len([line for line in states(session) if "0.0.0.0:80->80" in line]) == 1


def test_other_addresses_and_protocols_do_not_conflict_and_all_addresses_do(session):
    fine = ["-p 127.0.0.1:53:53", "-p 127.0.0.2:53:53", "-p 53:53/udp"]
    for number, flag in enumerate(fine):
        assert typed(session, f"docker run -d --name c{number} {flag} {SERVE}").error is None
    refused = typed(session, f"docker run -d -p 53:53 {SERVE}")
    assert "Bind for 127.0.0.1:53 failed" in refused.error


def test_a_range_gives_the_next_free_port_and_runs_out(session):
    for number in (1, 2):
        typed(session, f"docker run -d --name c{number} -p 8000-8001:80 {SERVE}")
    assert session.execute("docker port c2").lines[0] == "80/tcp -> 0.0.0.0:8001"
    assert (
        "all ports are allocated" in typed(session, f"docker run -d -p 8000-8001:80 {SERVE}").error
    )


def test_published_and_exposed_ports_are_shown_as_the_real_tool_shows_them(session):
    flags = "-p 8000-8001:80-81 -p 90:90 -p 91:91 --expose 443 --expose 444 -p 127.0.0.1::5000"
    typed(session, f"docker run -d --name c {flags} {SERVE}")
    assert states(session) == [
        "c Up Less than a second 0.0.0.0:90-91->90-91/tcp, [::]:90-91->90-91/tcp, 443-444/tcp, "
        "0.0.0.0:8000->80/tcp, [::]:8000->80/tcp, 0.0.0.0:8001->81/tcp, [::]:8001->81/tcp, "
        "127.0.0.1:32768->5000/tcp"
    ]
    assert session.execute("docker port c 5000").lines == ("127.0.0.1:32768",)
    assert "No public port '443' published for c" in session.execute("docker port c 443").error


def test_undo_gives_a_port_back_and_redo_takes_it_again(session):
    first = f"docker run -d --name p1 -p 80:80 {SERVE}"
    typed(session, first, "undo")
    assert typed(session, f"docker run -d --name p2 -p 80:80 {SERVE}").error is None
    typed(session, "undo", first)
    assert "port is already allocated" in typed(session, f"docker run -d -p 80:80 {SERVE}").error


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("80", [(80, "", 0, 0)]),
        ("8080:80", [(80, "", 8080, 8080)]),
        ("8000-8010:80", [(80, "", 8000, 8010)]),
        ("8000-8001:80-81/udp", [(80, "", 8000, 8000), (81, "", 8001, 8001)]),
        ("127.0.0.1::80", [(80, "127.0.0.1", 0, 0)]),
        (":80", [(80, "", 0, 0)]),
        ("0:80", [(80, "", 0, 0)]),
        ("[::1]:8080:80", [(80, "::1", 8080, 8080)]),
    ],
)
def test_a_publication_is_read_as_docker_reads_it(text, meant):
    found = parse_publication(text)
    assert meant == [(one.port, one.address, one.first, one.last) for one in found]
    assert {one.protocol for one in found} == {"udp" if "udp" in text else "tcp"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "0",
        "80:",
        "80/icmp",
        "localhost:80:80",
        "1.2.3:80:80",
        "9-8:80",
        "1-3:80-81",
        "[:80",
    ],
)
def test_what_is_no_publication_is_refused(text):
    with pytest.raises(InputError):
        parse_publication(text)


PORT = st.integers(1, 3)
ADDRESS = st.sampled_from(["", "127.0.0.1", "10.0.0.1", "::1"])
WISH = st.builds(Publication, st.just(80), st.just("tcp"), ADDRESS, PORT, PORT)


@given(st.lists(st.tuples(WISH, st.booleans()), max_size=12))
@settings(max_examples=30, deadline=None)
def test_two_never_have_the_same_address_and_port(steps):
    ports, had = Ports(), {}
    for number, (wish, keep) in enumerate(steps):
        try:
            taken = ports.publish(wish, str(number))
        except Refused:
            continue
        for one in taken:
            for other in had.values():
                for each in other:
                    both = {one.address, each.address}
                    same_family = (":" in one.address) == (":" in each.address)
                    clash = len(both) == 1 or (both & {ANY, "::"} and same_family)
                    assert not (clash and one.at == each.at)
        if keep:
            had[number] = taken
        else:
            ports.give_back("tcp", taken[0].at, str(number))
