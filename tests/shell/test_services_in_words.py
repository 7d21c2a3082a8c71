"""Services as the tool shows them: ranges of ports, limits, waiting, lines for people."""

from __future__ import annotations

import pytest
from swarm_shop import Shop


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path, nodes=1)


def test_ranges_of_ports_are_published_one_by_one_and_listed_together(shop):
    shop("docker service create --name web -p 8000-8002:80-82 -p 9000-9001:80 nginx")
    (row,) = shop("docker service ls")[1:]
    assert row.endswith("*:8000-8002->80-82/tcp, *:9000-9001->80/tcp")
    for port in (8000, 9000, 9001):
        assert shop(f"on n1 curl -sI localhost:{port}")[0] == "HTTP/1.1 200 OK"
    assert "8002->82" not in "".join(shop("docker service update --publish-rm 82 web"))
    assert "*:8000-8001->80-81/tcp" in shop("docker service ls")[1]


def test_a_service_limits_the_open_files_of_its_tasks(shop):
    shop("docker service create --name web --ulimit nofile=2048:4096 nginx")
    limit = "docker inspect $(docker ps -q) -f '{{json .HostConfig.Ulimits}}'"
    before = shop(limit)
    shop("docker service update --ulimit-rm nofile web")
    assert "2048" in before[0]
    assert shop(limit) != before


def test_a_command_that_anybody_knows_is_carried_out_whatever_the_image(shop):
    """Nobody knows acme/api, but everybody knows ``false``."""
    shop("docker service create --name api --replicas 2 acme/api:1")
    assert "update paused due to failure" in shop.refused("docker service update --args false api")
    assert "task: non-zero exit (1)" in "".join(shop("docker service ps api"))
    rolled = shop("docker service rollback api")
    assert rolled[-1] == "rollback: rollback completed"
    assert rolled[1] == "overall progress: rolling back update: 2 out of 2 tasks"


def test_who_waits_for_a_task_that_fails_is_told_why(shop):
    told = shop("docker service create --name web nginx:nope")
    assert "1/1: No such image: nginx:nope" in told


def test_a_service_is_shown_in_lines_as_the_tool_does(shop):
    shop("docker service create --name web --label b=2 --label a --limit-cpu .5 --update-delay 5s "
         "--constraint node.role==manager -p 80:8080 nginx")  # fmt: skip
    lines = shop("docker service inspect --pretty web")
    assert lines[2:9] == [
        "Name:           web", "Labels:", " a", " b=2", "Service Mode:   Replicated",
        " Replicas:      1", "Placement:",
    ]  # fmt: skip
    assert " Constraints:   [node.role==manager]" in lines
    assert " Delay:         5s" in lines
    assert lines[-7:] == [
        "Endpoint Mode:  vip", "Ports:", " PublishedPort = 80", "  Protocol = tcp",
        "  TargetPort = 8080", "  PublishMode = ingress", "",
    ]  # fmt: skip
