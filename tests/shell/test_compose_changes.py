"""Docker Compose: what ``up`` makes anew, what it leaves, and whose traffic is whose."""

import pytest

from tests.shell.compose_desk import Desk

SHOP = """\
services:
  web:
    image: nginx
    labels: {v: "1"}
    networks: [front]
    volumes: ["data:/data", "/anon"]
  db: {image: alpine, command: sleep 1000, networks: [back]}
networks:
  front: {driver_opts: {a: "1"}}
  back: {}
volumes:
  data: {labels: {a: "1"}}
"""


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path, SHOP)
    desk.say("docker compose up -d")
    desk.say("advance 5s")
    return desk


def anew(desk, before):
    """The containers that are others than before."""
    after = desk.ids()
    return [name for name in after if after[name] != before.get(name)]


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        ("", "", []),
        ('v: "1"', 'v: "2"', ["web-1"]),
        ("sleep 1000", "sleep 1001", ["db-1"]),
        ("image: nginx", "image: nginx:1.27", ["web-1"]),
        ("networks: [front]", "networks: [front, back]", ["web-1"]),
        ("data:/data", "data:/elsewhere", ["web-1"]),
        ("image: alpine,", "image: alpine, profiles: [], scale: 1,", []),
        ("  back: {}", "  back: {}\n  more: {}", []),
    ],
)
def test_up_makes_exactly_those_anew_that_changed(desk, old, new, made):
    before = desk.ids()
    desk.write(SHOP.replace(old, new) if old else SHOP)
    desk.say("docker compose up -d")
    assert made == anew(desk, before)


def test_a_network_that_changed_is_made_anew_and_its_containers_stay(desk):
    before, networks = desk.ids(), desk.say("docker network ls -q")
    desk.write(SHOP.replace('{a: "1"}}\n  back', '{a: "2"}}\n  back'))
    said = desk.say("docker compose up -d")
    assert "Network shop_front   Created" in said
    assert anew(desk, before) == []
    assert networks != desk.say("docker network ls -q")
    assert desk.states() == {"db-1": "running", "web-1": "running"}
    assert "shop_front" in desk.say("docker inspect shop-web-1")
    desk.say("docker compose exec db true")
    assert "Running" in desk.say("docker compose up -d")


def test_a_network_that_others_are_on_cannot_be_made_anew(desk):
    desk.say("docker run -d --name guest --network shop_front alpine sleep 1000")
    desk.write(SHOP.replace('{a: "1"}}\n  back', '{a: "2"}}\n  back'))
    words = 'error while removing network: network shop_front has active endpoints (name:"guest"'
    assert words in desk.refused("up -d")


def test_a_volume_that_changed_is_made_anew_only_where_somebody_says_yes(desk):
    desk.say("docker compose exec web sh -c 'echo kept > /data/page'")
    desk.write(SHOP.replace('labels: {a: "1"}', 'labels: {a: "2"}'))
    asks = 'Volume "shop_data" exists but doesn\'t match configuration in compose file. Recreate'
    before = desk.ids()
    assert f"? {asks} (data will be lost)? No" in desk.say("docker compose up -d")
    assert anew(desk, before) == []
    assert desk.say("docker compose exec web cat /data/page") == "kept"
    assert f"? {asks} (data will be lost)? Yes" in desk.say("docker compose up -d -y")
    assert anew(desk, before) == ["web-1"]
    assert desk.compose("exec web cat /data/page").error is not None
    assert asks not in desk.say("docker compose up -d")


def test_a_volume_of_another_name_is_a_new_one_and_the_old_stays(desk):
    before = desk.ids()
    desk.write(SHOP.replace("data: {labels", "data: {name: other, labels"))
    desk.say("docker compose up -d")
    assert anew(desk, before) == ["web-1"]
    names = desk.say("docker volume ls -q").splitlines()
    assert {"other", "shop_data"} <= set(names)


def test_an_image_that_moved_makes_its_containers_anew(desk):
    before = desk.ids()
    desk.say("docker pull nginx:1.27")
    desk.say("docker tag nginx:1.27 nginx:latest")
    desk.say("docker compose up -d --no-recreate")
    assert anew(desk, before) == []
    desk.say("docker compose up -d")
    assert anew(desk, before) == ["web-1"]


def test_who_shares_a_namespace_with_one_that_is_made_anew_follows_it(desk):
    shared = SHOP.replace(
        "networks: [back]}", "network_mode: 'service:web'}\n  side: {image: alpine, command: "
        "sleep 99, volumes_from: [web]}"
    )  # fmt: skip
    desk.write(shared)
    desk.say("docker compose up -d")
    before = desk.ids()
    desk.write(shared.replace('v: "1"', 'v: "2"'))
    desk.say("docker compose up -d")
    assert anew(desk, before) == ["db-1", "side-1", "web-1"]


def test_anonymous_volumes_go_on_with_the_next_container_unless_they_are_renewed(desk):
    desk.say("docker compose exec web sh -c 'echo kept > /anon/page'")
    desk.say("docker compose up -d --force-recreate")
    assert desk.say("docker compose exec web cat /anon/page") == "kept"
    desk.say("docker compose up -d --force-recreate -V")
    assert desk.compose("exec web cat /anon/page").error is not None


def test_a_scale_of_less_takes_the_highest_numbers(desk):
    desk.say("docker compose up -d --scale db=3")
    before = desk.ids()
    desk.say("docker compose up -d --scale db=2 --no-recreate")
    assert list(desk.ids()) == ["db-1", "db-2", "web-1"]
    assert anew(desk, before) == []


def test_one_service_without_what_it_waits_for(desk):
    desk.say("docker compose down")
    desk.write(SHOP.replace("    image: nginx", "    image: nginx\n    depends_on: [db]"))
    desk.say("docker compose up -d --no-deps web")
    assert desk.states() == {"web-1": "running"}
    desk.say("docker compose up -d web")
    assert desk.states() == {"db-1": "running", "web-1": "running"}


@pytest.mark.parametrize("flag", ["--file", "--profile", "--project-name"])
def test_options_of_all_commands_stand_in_front_of_them(desk, flag):
    assert f"unknown flag: {flag}" in desk.refused(f"up {flag} x")
    assert "unknown shorthand flag: 'f' in -f" in desk.refused("up -f x")


# --- two projects ---------------------------------------------------------------------------------

WEB = "services: {web: {image: nginx}}\n"


@pytest.fixture
def two(tmp_path):
    desk = Desk(tmp_path, WEB)
    desk.write(WEB, "other/compose.yaml")
    return desk


def answered(desk, service):
    desk.session.world.settle()
    return desk.session.world.services[service].tally.ok


def test_services_of_one_name_in_two_projects_share_no_traffic(two):
    two.say("docker compose up -d")
    two.say("traffic web constant 10/s")
    two.say("docker compose -f other/compose.yaml up -d")
    two.say("traffic other/web constant 20/s")
    two.say("advance 10s")
    ends = {name: len(one.endpoints) for name, one in two.session.world.services.items()}
    assert ends == {"web": 1, "other/web": 1}
    assert answered(two, "web") == pytest.approx(100, abs=25)
    assert answered(two, "other/web") == pytest.approx(200, abs=5)


def test_where_two_projects_have_it_the_project_has_to_be_said(two):
    two.say("docker compose up -d")
    two.say("docker compose -f other/compose.yaml up -d")
    words = "several projects have a service web: shop/web, other/web"
    assert words in two.run("traffic web 10/s").error
    assert "no container of a project none" in two.run("traffic none/web 10/s").error
    two.say("traffic shop/web 10/s")


def test_a_name_whose_project_is_gone_is_the_next_ones(two):
    two.say("docker compose up -d")
    two.say("traffic web constant 10/s")
    two.say("docker compose down")
    two.say("docker compose -f other/compose.yaml up -d")
    two.say("advance 1s")
    assert len(two.session.world.services["web"].endpoints) == 1


# --- ends -----------------------------------------------------------------------------------------

JOBS = """\
services:
  test: {image: alpine, command: sh -c "sleep 2; exit 3"}
  db: {image: alpine, command: sleep 1000}
"""


@pytest.mark.parametrize(
    ("flags", "code", "states"),
    [
        ("--abort-on-container-exit", 3, {"db-1": "exited", "test-1": "exited"}),
        ("--abort-on-container-failure", 3, {"db-1": "exited", "test-1": "exited"}),
        ("--exit-code-from test", 3, {"db-1": "exited", "test-1": "exited"}),
        ("--exit-code-from db", 137, {"db-1": "exited", "test-1": "exited"}),
    ],
)
def test_up_ends_with_its_containers(tmp_path, flags, code, states):
    desk = Desk(tmp_path, JOBS)
    result = desk.compose(f"up {flags}")
    assert f"(exit code {code})" == result.error
    assert states == desk.states()
    assert "Aborting on container exit..." in result.text
    assert "test-1 exited with code 3" in result.text
