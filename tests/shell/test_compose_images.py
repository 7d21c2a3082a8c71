"""Docker Compose and images that nobody here has: what stands in, and what is still refused."""

import pytest

from simulator.shell import Session
from simulator.world import World


class Desk:
    def __init__(self, folder):
        self.folder = folder
        self.session = Session(World(), folder=folder)
        assert self.session.execute("host add h --cores 64 -m 256g").error is None

    def write(self, text, name="compose.yaml"):
        (self.folder / name).write_text(text)

    def run(self, line):
        return self.session.execute(line)

    def say(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return result.text

    def status(self, name):
        return self.say(f"docker inspect {name} --format '{{{{.State.Status}}}}'")


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    return Desk(folder)


APP = """\
services:
  app:
    image: ghcr.io/acme/shop:1.2
    user: shop
    command: [serve, --fast]
    ports: ["8080:3000"]
    healthcheck: {test: ["CMD", "shop-probe"], interval: 2s, retries: 30}
  front:
    image: nginx
    depends_on: {app: {condition: service_healthy}}
"""


def test_an_image_of_a_public_registry_that_is_not_in_the_catalogue_is_stood_in_for(desk):
    desk.write(APP)
    said = desk.say("docker compose up -d")
    assert "note: image ghcr.io/acme/shop:1.2 is not in the catalogue: debian:bookworm" in said
    assert "(healthy)" in desk.say("docker compose ps app")
    desk.say("traffic app constant 10/s")
    desk.say("advance 5s")
    desk.session.world.settle()
    assert desk.session.world.services["app"].tally.ok == pytest.approx(50, abs=2)
    assert "not in the catalogue" not in desk.say("docker compose up -d")


def test_one_whose_last_name_is_known_has_the_layers_of_that(desk):
    desk.write("services: {db: {image: 'lscr.io/linuxserver/mariadb:10.11'}}\n")
    assert "mariadb:latest stands in for it" in desk.say("docker compose up -d")


def test_a_job_of_such_an_image_ends_where_others_wait_for_its_end(desk):
    desk.write(
        "services:\n"
        "  migrate: {image: acme/tools, command: migrate}\n"
        "  web:\n"
        "    image: nginx\n"
        "    depends_on: {migrate: {condition: service_completed_successfully}}\n"
    )
    desk.say("docker compose up -d")
    assert [desk.status(f"shop-{one}-1") for one in ("migrate", "web")] == ["exited", "running"]


def test_a_digest_that_nobody_has_means_the_tag_beside_it(desk):
    desk.write(f"services: {{db: {{image: 'redis:7@sha256:{'ab' * 32}'}}}}\n")
    assert "redis:7 stands in for it" in desk.say("docker compose up -d")
    assert desk.status("shop-db-1") == "running"


def test_a_build_whose_base_nobody_has_is_built_on_what_stands_in(desk):
    desk.write("services: {web: {build: ., ports: [80]}}\n")
    desk.write('FROM acme/base:3\nCOPY compose.yaml /etc/\nCMD ["acme"]\n', "Dockerfile")
    said = desk.say("docker compose up -d")
    assert "debian:bookworm-slim stands in for it" in said
    assert desk.status("shop-web-1") == "running"


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("ngnix", "pull access denied for ngnix, repository does not exist"),
        ("grafana/grafan", "pull access denied for grafana/grafan"),
        ("garfana/grafana", "pull access denied for garfana/grafana"),
        ("acme/shop:nope", "pull access denied for acme/shop"),
        ("nginx:nosuch", "manifest for nginx:nosuch not found"),
        ("registry.local/app:1", "lookup registry.local: no such host"),
        ("registry.acme.com:5000/app", "lookup registry.acme.com: no such host"),
        ("registry.example.com/app", "no such host"),
        ("localhost:5000/app", "connection refused"),
    ],
)
def test_a_name_that_says_that_there_is_none_is_refused_as_ever(desk, image, words):
    desk.write(f"services: {{web: {{image: '{image}'}}}}\n")
    result = desk.run("docker compose up -d")
    assert words in result.error
    assert desk.say("docker ps -aq") == ""


def test_what_a_person_types_is_refused_with_a_word_on_how_to_go_on(desk):
    said = desk.run("docker run -d acme/shop:2").error
    assert "pull access denied for acme/shop" in said
    assert "'docker tag debian:bookworm-slim acme/shop:2' let another image stand in" in said
    assert "stand in" not in desk.run("docker run -d acme/shop:nope").error
    assert "stand in" not in desk.run("docker run -d nosuchthing").error


def test_what_a_registry_of_this_world_does_not_have_is_not_stood_in_for(desk):
    desk.say("registry add ghcr.io")
    desk.write("services: {web: {image: ghcr.io/acme/shop}}\n")
    assert "pull access denied" in desk.run("docker compose up -d").error


HEALTH = """\
services:
  a: {image: rabbitmq, healthcheck: {test: rabbitmq-diagnostics -q ping, interval: 2s, retries: 30}}
  b:
    image: mariadb:11.4
    environment: {MARIADB_ROOT_PASSWORD: x}
    healthcheck: {test: [CMD, healthcheck.sh, --connect], interval: 2s, retries: 30}
  c:
    image: mariadb:10.6
    environment: {MYSQL_ROOT_PASSWORD: x}
    healthcheck: {test: mysqladmin ping -h localhost, interval: 2s, retries: 30}
  d: {image: zookeeper, healthcheck: {test: nc -z localhost 2181, interval: 2s, retries: 30}}
  e:
    image: minio/minio
    command: server /data
    healthcheck: {test: mc ready local, interval: 2s, retries: 30}
  f:
    image: logstash:8.15
    command: logstash -f x
    healthcheck: {test: "true", interval: 2s}
"""


def test_the_tests_of_health_that_images_bring_are_there(desk):
    desk.write(HEALTH)
    said = desk.run("docker compose up -d --wait --wait-timeout 120")
    assert said.error is None
    assert desk.say("docker compose ps").count("(healthy)") == 6


def test_mariadb_11_has_no_more_mysqladmin(desk):
    desk.write("services: {db: {image: 'mariadb:11.4', environment: {MARIADB_ROOT_PASSWORD: x}}}\n")
    desk.say("docker compose up -d")
    assert "mysqladmin" in desk.run("docker compose exec db mysqladmin ping").error


def test_a_secret_of_a_variable_that_is_not_set_stops_the_start_and_nothing_else(desk):
    desk.write(
        "services: {web: {image: nginx, secrets: [key]}}\nsecrets: {key: {environment: KEY}}\n"
    )
    assert "environment: KEY" in desk.say("docker compose config")
    wrong = 'environment variable "KEY" required by secret "shop_key" is not set'
    assert desk.run("docker compose up -d").error == wrong
    assert desk.status("shop-web-1") == "created"
    desk.say("docker compose down")
    desk.say("KEY=abc docker compose up -d")
    assert desk.say("docker compose exec web cat /run/secrets/key") == "abc"


def test_what_stands_in_fits_into_the_memory_that_its_service_has(desk):
    desk.write("services: {app: {image: ghcr.io/acme/shop, mem_limit: 20m}}\n")
    desk.say("docker compose up -d")
    desk.say("advance 5s")
    assert desk.status("shop-app-1") == "running"


@pytest.mark.parametrize("command", ["yarn start:dev", "yarn dev", "npm start", "npm run dev"])
def test_a_script_of_a_project_runs_on_by_whatever_name_it_has(desk, command):
    desk.write(f"services: {{app: {{image: 'node:20', command: {command}}}}}\n")
    desk.say("docker compose up -d")
    desk.say("advance 5s")
    assert desk.status("shop-app-1") == "running"


def test_a_command_that_a_person_gives_is_carried_out_in_what_stands_in(desk):
    desk.write(APP)
    assert desk.say("docker compose run --rm app sh -c 'echo $((6 * 7))'").endswith("42")
    desk.say("docker compose up -d")
    assert desk.say("docker compose exec app echo there") == "there"


def test_what_stands_in_is_there_again_after_undo_and_redo(desk):
    desk.write(APP)
    desk.say("docker compose up -d")
    before = desk.say("docker ps -a --no-trunc")
    desk.say("undo")
    assert desk.say("docker ps -aq") == ""
    desk.say("redo")
    assert desk.say("docker ps -a --no-trunc") == before


@pytest.mark.parametrize("driver", ["journald", "syslog", "fluentd", "awslogs"])
def test_logs_that_are_sent_away_are_kept_here_and_that_is_said(desk, driver):
    desk.write(
        "services: {app: {image: alpine, command: sh -c 'echo hi; sleep 99', "
        f"logging: {{driver: {driver}, options: {{tag: x}}}}}}}}\n"
    )
    said = desk.say("docker compose up -d")
    assert f"services.app.logging.driver {driver} is not modelled: it has no effect" in said
    assert "hi" in desk.say("docker compose logs")


def test_a_log_driver_that_nobody_has_is_refused(desk):
    desk.write("services: {app: {image: alpine, logging: {driver: lokki}}}\n")
    assert "no log driver named 'lokki' is registered" in desk.run("docker compose up -d").error


def test_a_script_of_health_that_cannot_be_read_is_judged_by_what_it_asks(desk):
    desk.write('#!/bin/bash\nargs=(--host db)\npsql "${args[@]}"\n', "ready.sh")
    (desk.folder / "ready.sh").chmod(0o755)
    desk.write(
        "services:\n  db:\n    image: postgres:15-alpine\n"
        "    environment: {POSTGRES_PASSWORD: x}\n    volumes: ['./ready.sh:/ready.sh']\n"
        "    healthcheck: {test: /ready.sh, interval: 2s}\n"
        "  web: {image: nginx, depends_on: {db: {condition: service_healthy}}}\n"
    )
    desk.say("docker compose up -d")
    assert desk.status("shop-web-1") == "running"
