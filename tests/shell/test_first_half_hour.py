"""What people type in their first half hour with Docker, and what the real tool answers."""

from __future__ import annotations

import pytest
from image_shop import Shop


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path)


def test_a_number_by_chance_is_kept_in_the_container_that_drew_it_and_no_other(shop):
    line = 'docker run -d --name {} ubuntu bash -c "shuf -i 1-10000 -n 1 -o /data.txt && sleep inf"'
    shop(line.format("one"))
    shop(line.format("two"))
    drawn = [shop(f"docker exec {name} cat /data.txt") for name in ("one", "two")]
    assert drawn[0] != drawn[1]
    assert all(1 <= int(text) <= 10_000 for text in drawn)
    assert "data.txt" not in shop("docker run -it ubuntu ls /")
    assert '"bash -c \'shuf -i 1-…"' in shop("docker ps")


def test_whoever_asks_a_server_too_early_is_told_that_it_is_starting(shop):
    shop("docker run -d -p 8080:80 --name web nginx")
    assert "Couldn't connect to server (web is starting: 'advance 1s')" in shop.refuses(
        "on a curl http://localhost:8080"
    )
    assert "starting" not in shop.refuses("on a curl http://localhost:9090")
    shop("advance 1s")
    assert "Welcome to nginx!" in shop("on a curl http://localhost:8080")


def test_the_history_of_a_commit_says_what_the_container_was_given(shop):
    shop("docker run --name c alpine touch /x")
    shop("docker commit -m 'with x' c me/c")
    newest = shop("docker history me/c").splitlines()[1]
    assert "touch /x" in newest
    assert newest.endswith("with x")


def test_inspect_shows_command_and_entrypoint_of_the_image_too(shop):
    form = "{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Args}}"
    shop("docker run -d --name web nginx")
    assert shop(f"docker inspect --format='{form}' web").strip() == (
        '["nginx", "-g", "daemon off;"] ["/docker-entrypoint.sh"] ["nginx", "-g", "daemon off;"]'
    )
    shop("docker run -d --name other --entrypoint sleep nginx 60")
    assert shop(f"docker inspect --format='{form}' other").strip() == '["60"] ["sleep"] ["60"]'


def test_docker_top_has_columns_of_twenty(shop):
    shop("docker run -d --name one alpine sleep 100")
    lines = shop("docker top one").splitlines()
    assert [line.index(word) for line, word in zip(lines, ("PID", "1"), strict=False)] == [20, 20]


def test_the_first_container_of_the_workshop_answers(shop):
    shop("docker run -d -p 8080:80 docker/welcome-to-docker")
    shop("advance 2s")
    assert "29.7MB" in shop("docker image ls")
    assert shop("on a curl -s http://localhost:8080") != ""


def test_dig_finds_a_network_alias_where_people_made_the_network(shop):
    shop("docker network create todo-app")
    shop(
        "docker run -d --network todo-app --network-alias mysql -e MYSQL_ROOT_PASSWORD=s mysql:8.0"
    )
    dig = "docker run --rm --network todo-app nicolaka/netshoot dig"
    assert shop(f"{dig} +short mysql").splitlines()[-1] == "172.18.0.2"
    answer = shop(f"{dig} mysql")
    assert "mysql.\t\t\t600\tIN\tA\t172.18.0.2" in answer
    assert ";; MSG SIZE  rcvd: 44" in answer
    assert "status: NXDOMAIN" in shop(f"{dig} nosuch")
    shop.refuses(f"{dig} @8.8.8.8 mysql")
