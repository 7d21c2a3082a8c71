"""``why SERVICE``: why a service of Compose is as it is."""

import pytest

from tests.shell.compose_desk import Desk

SHOP = """\
services:
  db:
    image: alpine
    command: sleep 1000
    healthcheck: {test: "false", interval: 5s, retries: 3}
  web:
    image: nginx
    scale: 2
    ports: ["8080:80"]
    depends_on: {db: {condition: service_healthy}}
  job: {image: alpine, command: sh -c 'exit 4'}
  crash: {image: alpine, command: "false", restart: always}
"""


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path, SHOP)
    desk.compose("up -d")
    return desk


def why(desk, name):
    return desk.say(f"why {name}").splitlines()


def test_who_waits_in_vain_says_for_what(desk):
    assert why(desk, "web")[:4] == [
        "service web of the project shop on h: 2 containers, 0 running",
        "  waits for db (service_healthy): container shop-db-1 is unhealthy",
        "  shop-web-1: created, never started: it waits for db",
        "  shop-web-2: created, never started: it waits for db",
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("shop/db", "unhealthy (3 failed tests in a row)"),
        ("job", "  shop-job-1: exited, exit code 4, restart policy no"),
        ("crash", "  shop-crash-1: restarting, exit code 1, restart policy always, "),
    ],
)
def test_each_container_says_how_it_is(desk, name, line):
    assert any(line in each for each in why(desk, name))
    assert "What happened:" in why(desk, name)


def test_a_port_that_is_taken_is_why_the_second_does_not_start(desk):
    assert desk.compose("up -d --no-deps web").error is not None
    lines = why(desk, "shop/web")
    assert any("shop-web-1: running" in line and "ports 8080->80/tcp" in line for line in lines)
    assert any("shop-web-2: created, could not start" in line for line in lines)
    assert any("port is already allocated" in line for line in lines)


def test_a_service_that_gets_traffic_says_that_too(desk):
    desk.say("traffic web 3/s")
    lines = why(desk, "web")
    assert lines[0] == "service web: 0 endpoints, round-robin"
    assert "  shop-web-1: created, never started: it waits for db" in lines


def test_two_projects_are_told_apart(desk):
    desk.write("services: {db: {image: nginx}}\n", "other/compose.yaml")
    desk.say("docker compose -f other/compose.yaml up -d")
    heads = [line for line in why(desk, "db") if line.startswith("service db")]
    assert [head.split(" on ")[0] for head in heads] == [
        "service db of the project other",
        "service db of the project shop",
    ]
    assert not any("of the project shop" in line for line in why(desk, "other/db"))
    assert "nothing is called 'shop/none'" in desk.run("why shop/none").error
