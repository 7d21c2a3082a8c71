"""Docker Compose: what people do with a compose.yaml, and what comes of it."""

import pytest

from simulator.shell import Session
from simulator.world import World

SHOP = """\
services:
  web:
    image: nginx
    depends_on: {db: {condition: service_healthy}}
  db:
    image: alpine
    command: sleep 1000
    volumes: ["data:/data"]
    healthcheck: {test: ["CMD", "true"], interval: 2s}
volumes: {data: {}}
"""
MIGRATED = """\
services:
  migrate: {image: alpine, command: sh -c 'exit 3'}
  web:
    image: nginx
    depends_on: {migrate: {condition: service_completed_successfully}}
"""


class Desk:
    def __init__(self, folder, text=SHOP):
        self.folder = folder
        self.write(text)
        self.session = Session(World(), folder=folder)
        assert self.session.execute("host add h").error is None

    def write(self, text, name="compose.yaml"):
        (self.folder / name).write_text(text)

    def run(self, line):
        return self.session.execute(f"docker compose {line}")

    def say(self, line):
        result = self.run(line)
        assert result.error is None, (line, result.error)
        return result.text

    def created(self, name):
        text = self.session.execute(f"docker inspect {name} --format '{{{{.Created}}}}'").text
        return text.strip()


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    return Desk(folder)


def test_who_waits_for_a_healthy_one_starts_after_it(desk):
    desk.say("up -d")
    started = "docker inspect --format '{{.State.StartedAt}}'"
    db, web = (desk.session.execute(f"{started} shop-{one}-1").text for one in ("db", "web"))
    assert web > db
    assert "(healthy)" in desk.say("ps")


def test_up_again_makes_anew_exactly_what_changed(desk):
    desk.say("up -d")
    before = [desk.created(f"shop-{one}-1") for one in ("db", "web")]
    desk.session.execute("advance 5s")
    desk.write(SHOP.replace("image: nginx", "image: nginx\n    labels: {a: b}"))
    desk.say("up -d")
    after = [desk.created(f"shop-{one}-1") for one in ("db", "web")]
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)


def test_a_service_that_is_gone_leaves_an_orphan_until_it_is_removed(desk):
    desk.say("up -d")
    desk.write("services: {db: {image: alpine, command: sleep 1000}}\n")
    said = desk.run("up -d").text
    assert "Found orphan containers ([shop-web-1])" in said
    desk.say("up -d --remove-orphans")
    assert "web" not in desk.say("ps -a")


def test_down_keeps_volumes_and_v_takes_them(desk):
    desk.say("up -d")
    desk.say("down")
    assert "shop_data" in desk.session.execute("docker volume ls").text
    desk.say("up -d")
    desk.say("down -v")
    assert "shop_data" not in desk.session.execute("docker volume ls").text
    assert desk.session.execute("docker network ls").text.count("shop_default") == 0


def test_services_find_each_other_by_name_and_traffic_reaches_them(desk):
    desk.write("services:\n  web: {image: nginx, deploy: {replicas: 2}}\n"
               "  ask: {image: busybox, command: sleep 1000}\n")  # fmt: skip
    desk.say("up -d")
    assert "Welcome to nginx" in desk.say("exec ask wget -qO- http://web")
    desk.session.execute("traffic web constant 10/s")
    desk.session.execute("advance 5s")
    desk.session.world.settle()
    assert desk.session.world.services["web"].tally.ok == pytest.approx(50, abs=2)
    desk.say("scale web=3")
    assert desk.say("ps").count("shop-web-") == 3


def test_a_job_that_fails_keeps_back_who_waits_for_its_success(desk):
    desk.write(MIGRATED)
    result = desk.run("up -d")
    assert 'service "migrate" didn\'t complete successfully: exit 3' in result.error
    assert "nginx" not in desk.say("ps")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("services: {web: {imge: nginx}}", "imge"),
        ("services: {web: {image: nginx, ports: 80}}", "ports"),
        ("services: {web: {image: '${TAG:?say which}'}}", "say which"),
        ("services: {web: {image: nginx, depends_on: [none]}}", "depends on undefined service"),
        ("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}", "cycle"),
        ("services: {web: {}}", "neither an image nor a build context"),
        ("services: [web]", "services"),
        ("a: &a [*a]", ""),
    ],
)
def test_a_file_that_compose_refuses_is_refused_and_nothing_is_made(desk, text, words):
    desk.write(text + "\n")
    result = desk.run("up -d")
    assert result.error is not None
    assert words in result.error
    assert desk.session.execute("docker ps -aq").lines == ()


def test_variables_come_from_the_environment_file_and_have_defaults(desk):
    desk.write("services: {web: {image: 'nginx:${TAG:-1.27}', environment: {A: '${A-none}'}}}\n")
    assert "nginx:1.27" in desk.say("config")
    desk.write("TAG=1.28\nA=some\n", ".env")
    text = desk.say("config")
    assert ("nginx:1.28" in text, "A: some" in text) == (True, True)


def test_profiles_are_only_started_when_they_are_asked_for(desk):
    desk.write("services:\n  web: {image: nginx}\n"
               "  debug: {image: alpine, command: sleep 99, profiles: [dev]}\n")  # fmt: skip
    desk.say("up -d")
    assert "debug" not in desk.say("ps -a")
    desk.say("--profile dev up -d")
    assert "debug" in desk.say("ps -a")


def test_traffic_calls_a_service_of_the_project_that_nothing_was_sent_to_before(tmp_path):
    desk = Desk(tmp_path, "services: {web: {image: nginx}, catalog: {image: nginx}}\n")
    desk.say("up -d")
    execute = desk.session.execute
    assert "cannot call itself" in execute("traffic web 10/s --call web").error
    assert "No such service: stock" in execute("traffic web 10/s --call stock").error
    assert list(desk.session.world.services) == []
    assert execute("traffic web constant 10/s --fan-out 1 --call catalog").error is None
    desk.session.advance(desk.session.world.now + 10.0)
    desk.session.world.settle()
    services = desk.session.world.services
    assert {name: one.tally.ok for name, one in services.items()} == {
        "web": pytest.approx(100, abs=5), "catalog": pytest.approx(100, abs=5),
    }  # fmt: skip
