"""Situations that people meet with Docker Compose, with what really comes of them."""

import pytest

from tests.shell.compose_desk import Desk

APP = """\
services:
  app:
    image: "app:${TAG:-1}"
    env_file: prod.env
    environment: {MODE: here}
    command: sleep 100
"""


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


# --- variables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "flags", "tag"),
    [("", "", "5"), ("TAG=7 ", "", "7"), ("", "--env-file prod.env ", "9"),
     ("TAG=7 ", "--env-file prod.env ", "7")],
)  # fmt: skip
def test_an_env_file_of_a_service_is_not_for_the_variables_of_the_file(desk, before, flags, tag):
    desk.say("docker pull alpine")
    for one in "15789":
        desk.say(f"docker tag alpine app:{one}")
    desk.write(APP)
    desk.write("TAG=9\nMODE=file\n", "prod.env")
    desk.write("TAG=5\n", ".env")
    desk.say(f"{before}docker compose {flags}up -d")
    assert desk.say("docker ps --format '{{.Image}}'") == f"app:{tag}"
    inside = desk.say("docker compose exec app env").splitlines()
    assert {"MODE=here", "TAG=9"} <= set(inside)


def test_a_variable_that_is_set_nowhere_is_warned_of_and_blank(desk):
    desk.write("services: {app: {image: 'alpine:${X}', command: sleep 9}}\n")
    words = 'The "X" variable is not set. Defaulting to a blank string.'
    assert words in desk.compose("config").text


# --- one file over another ------------------------------------------------------------------------

BASE = """\
services:
  web:
    image: alpine
    command: [sleep, "111"]
    ports: ["8080:80"]
    environment: {A: 1, B: 2}
    labels: {x: 1}
    volumes: ["./a:/t", "own:/u"]
    depends_on: [db]
  db: {image: alpine, command: sleep 100}
volumes: {own: {}}
"""
OVER = """\
services:
  web:
    ports: ["9090:80"]
    command: [sleep, "222"]
    environment: {B: 3}
    labels: {y: 2}
    volumes: ["./b:/t"]
"""
BOTH = "docker compose -f compose.yaml -f over.yaml"


def test_ports_of_the_base_file_stay_and_commands_are_replaced(desk):
    desk.write(BASE)
    desk.write(OVER, "over.yaml")
    desk.say(f"{BOTH} up -d")
    assert desk.say("docker port shop-web-1").count("80/tcp -> 0.0.0.0:") == 2
    shown = desk.say("docker inspect shop-web-1")
    for words in ("222", "A=1", "B=3", '"x": "1"', '"y": "2"', "/root/b:/t"):
        assert words in shown
    assert "/root/a" not in shown


def test_a_port_of_the_base_file_that_is_taken_fails_the_start(desk):
    desk.write(BASE)
    desk.write(OVER, "over.yaml")
    desk.say("docker run -d --name other -p 8080:80 nginx")
    error = desk.run(f"{BOTH} up -d").error
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated" in error
    assert desk.states()["web-1"] == "created"


@pytest.mark.parametrize(
    ("ports", "there"),
    [("!override ['9090:80']", ["9090"]), ("!reset []", []), ("!reset null", [])],
)
def test_ports_of_the_base_file_can_be_replaced_and_taken_away(desk, ports, there):
    desk.write(BASE)
    desk.write(f"services: {{web: {{ports: {ports}}}}}\n", "over.yaml")
    text = desk.say(f"{BOTH} config")
    found = [line.split('"')[1] for line in text.splitlines() if "published:" in line]
    assert found == there


# --- conditions -----------------------------------------------------------------------------------

ILL = """\
services:
  db:
    image: alpine
    command: sleep 1000
    healthcheck: {test: "false", interval: 5s, retries: 3}
  web:
    image: nginx
    depends_on: {db: {condition: service_healthy}}
"""
JOB = """\
services:
  migrate: {image: alpine, command: sh -c 'sleep 2; exit 1'}
  worker:
    image: alpine
    command: sleep 100
    depends_on: {migrate: {condition: service_completed_successfully}}
"""
NO_TEST = "healthcheck: {disable: true}"
TEST = 'healthcheck: {test: "false", interval: 5s, retries: 3}'
FAILED = "dependency failed to start: container shop-db-1"


@pytest.mark.parametrize(
    ("text", "error", "states", "seconds"),
    [
        (ILL, f"{FAILED} is unhealthy", {"db-1": "running", "web-1": "created"}, 15),
        (ILL.replace(TEST, NO_TEST), f"{FAILED} has no healthcheck configured",
         {"db-1": "running", "web-1": "created"}, 0),
        (ILL.replace(TEST, 'healthcheck: {test: ["NONE"]}'),
         f"{FAILED} has no healthcheck configured", {"db-1": "running", "web-1": "created"}, 0),
        (ILL.replace(f"    {TEST}\n", ""), f"{FAILED} has no healthcheck configured",
         {"db-1": "running", "web-1": "created"}, 0),
        (ILL.replace("sleep 1000", "sleep 3"), f"{FAILED} exited (0)",
         {"db-1": "exited", "web-1": "created"}, 3),
        (ILL.replace("sleep 1000", "sh -c 'exit 7'"), f"{FAILED} exited (7)",
         {"db-1": "exited", "web-1": "created"}, 0),
        (JOB, 'service "migrate" didn\'t complete successfully: exit 1',
         {"migrate-1": "exited", "worker-1": "created"}, 2),
        (JOB.replace("exit 1", "exit 0"), None, {"migrate-1": "exited", "worker-1": "running"}, 2),
    ],
)  # fmt: skip
def test_who_waits_in_vain_is_made_and_never_started(desk, text, error, states, seconds):
    desk.say("docker pull alpine")
    desk.say("docker pull nginx")
    desk.write(text)
    began = desk.session.world.now
    result = desk.compose("up -d")
    assert (result.error, desk.states()) == (error, states)
    assert desk.session.world.now - began == pytest.approx(seconds + 0.6, abs=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ILL.replace("service_healthy", "service_healthy, required: false"),
         'optional dependency "db" failed to start: dependency failed to start: container '
         "shop-db-1 is unhealthy"),
        (JOB.replace("successfully", "successfully, required: false"),
         'optional dependency "migrate" failed to start: service "migrate" didn\'t complete '
         "successfully: exit 1"),
    ],
)  # fmt: skip
def test_who_does_not_require_it_starts_with_a_warning(desk, text, words):
    desk.write(text)
    said = desk.say("docker compose up -d")
    assert words in said
    assert "running" in (desk.states().get("web-1"), desk.states().get("worker-1"))


def test_a_service_that_nobody_has_may_be_waited_for_where_it_is_not_required(desk):
    optional = ILL.replace("service_healthy", "service_healthy, required: false")
    desk.write(optional.replace("  db:\n", "  db:\n    profiles: [more]\n"))
    desk.say("docker compose up -d")
    assert desk.states() == {"web-1": "running"}


# --- scale ----------------------------------------------------------------------------------------


def scaled(desk, more, flags="--scale web=3"):
    desk.write(f"services: {{web: {{image: nginx, {more}}}}}\n")
    return desk.compose(f"up -d {flags}").error


def test_of_three_with_one_port_one_gets_it(desk):
    error = scaled(desk, "ports: ['8080:80']")
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated" in error
    states = desk.states()
    assert (len(states), list(states.values()).count("running")) == (3, 1)


@pytest.mark.parametrize("port", ["80", "8080-8082:80"])
def test_a_port_without_a_number_or_a_range_is_enough_for_three(desk, port):
    assert scaled(desk, f"ports: ['{port}']") is None
    assert list(desk.states().values()) == ["running"] * 3


def test_a_range_is_too_small_for_a_fourth(desk):
    error = scaled(desk, "ports: ['8080-8082:80']", "--scale web=4")
    assert "all ports are allocated" in error
    assert list(desk.states().values()).count("running") == 3


@pytest.mark.parametrize(
    ("more", "flags", "words"),
    [
        ("container_name: shop", "--scale web=3",
         "Docker requires each container to have a unique name"),
        ("container_name: shop, deploy: {replicas: 3}", "", "can't set container_name and"),
        ("container_name: shop, scale: 3", "", "can't set container_name and scale"),
    ],
)  # fmt: skip
def test_a_name_of_its_own_forbids_more_than_one(desk, more, flags, words):
    assert words in scaled(desk, more, flags)
    assert desk.say("docker ps -aq") == ""
    assert "shop" not in desk.say("docker network ls")
