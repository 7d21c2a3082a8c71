"""Every example that a help text shows can be typed as it stands, where it makes sense."""

from __future__ import annotations

import pytest

from simulator.shell import Session, registry
from simulator.shell.help import TOPICS
from simulator.traffic.spec import KINDS
from simulator.world import World
from simulator.world.programs import read_program

DOCKERFILE = """\
FROM python:3.12-slim
ARG VERSION=1
COPY app.py /app/
RUN pip install flask
CMD ["python", "/app/app.py"]
"""
SERVER = "--workload 'server cpu=20ms' python:3.12-slim"
HOSTS = """\
host add a --cores 8 --memory 16g --emulation on
host add b
"""
WORLD = f"""\
{HOSTS}
host add eu --region aws/eu-central-1
vm create vm1 --host a
registry add registry.local
docker pull nginx
docker build -t web .
docker tag web web:v1
docker tag web myapp
docker tag web registry.local/web:1
docker run -d --name web --network-alias web {SERVER}
docker run -d --name web1 --network-alias web {SERVER}
docker run -d --name web2 --network-alias web {SERVER}
docker run -d --name web3 {SERVER}
traffic web 20/s
advance 5s
"""
EMPTY = {"host add a": "", "seed 7": "", "vm create vm1": HOSTS, "service create web": ""}
"""Examples that begin something, and the world they begin it in."""
BEFORE = {
    "docker create --name web nginx": "docker rm -f web",
    "docker run -d --name web -p 8080:80 nginx": "docker rm -f web",
    "docker run -d --name web1 --network shop --network-alias web --cpus 0.5 -m 256m myapp": (
        "docker rm -f web1; docker network create shop"
    ),
    "docker load -i web.tar": "docker save -o web.tar web",
    "docker -H b load -i web.tar": "docker save -o web.tar web",
    "docker login registry.local -u ada -p secret": (
        "registry rm registry.local; registry add registry.local --private --user ada:secret"
    ),
    "docker rm web": "docker stop web",
    "docker volume inspect data": "docker volume create data",
    "docker volume rm data": "docker volume create data",
    "docker unpause web": "docker pause web",
    "cgroup create blue --parent tenants": "cgroup create tenants",
    "cgroup rm blue": "cgroup create blue",
    "host add eu --region aws/eu-central-1": "host rm eu",
    "registry add registry.local --uplink 1Gbit": "registry rm registry.local",
    "service create api api1 api2 --balancer least-connections": (
        f"docker run -d --name api1 {SERVER}; docker run -d --name api2 {SERVER}"
    ),
    "service remove web web3": "service add web web3",
    "docker network rm shop": "docker network create shop",
    "docker network connect shop web": "docker network create shop",
    "docker network disconnect shop web": (
        "docker network create shop; docker network connect shop web"
    ),
    "redo": "undo",
    "docker wait job": "docker run -d --name job alpine sleep 5",
    "docker start -a job": "docker create --name job alpine echo done",
}
"""What must be typed before an example makes sense."""

EXAMPLES = [(verb.name, example) for verb in registry.commands() for example in verb.examples]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("examples")
    for one in (root, root / "app"):
        one.mkdir(exist_ok=True)
        (one / "Dockerfile").write_text(DOCKERFILE)
        (one / "app.py").write_text("import web\n")
    (root / "setup.txt").write_text("host ls\n")
    return root


def typed(session, lines):
    for line in lines.splitlines():
        result = session.execute(line)
        assert result.error is None, line
    return session


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_of_a_help_text_works(folder, name, example):
    session = Session(World(1), folder=folder)
    typed(session, EMPTY.get(example, WORLD))
    typed(session, BEFORE.get(example, ""))
    typed(session, example)


def test_every_command_is_shown_in_an_example():
    shown = {name for name, _ in EXAMPLES}
    assert [one.name for one in registry.commands() if one.name not in shown] == []


def test_every_program_that_the_help_names_can_be_started():
    named = [line.split("  ")[1] for line in TOPICS["workloads"] if line.startswith("  ")]
    words = [one for one in named if one.partition(" ")[0] in ("server", "batch", "hog", "leak")]
    assert len(words) >= 5
    assert [read_program(one).kind for one in words] == [one.split()[0] for one in words]


def test_every_kind_of_traffic_is_in_the_help():
    text = registry.verbs()["traffic",].details
    wanted = [one for one in KINDS if one not in ("off", "poisson", "steps")]
    assert [one for one in wanted if one not in text] == []
