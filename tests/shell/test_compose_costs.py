"""What Docker Compose costs: twice the services or containers, twice the calls."""

import pytest

from tests.calls import calls
from tests.shell.compose_desk import Desk


def services(count):
    lines = [f"  s{n}: {{image: alpine, command: sleep 10000}}" for n in range(count)]
    return "\n".join(["services:", *lines])


def a_chain(count):
    lines = [
        f"  s{n}: {{image: alpine, command: sleep 10000, depends_on: [{f's{n - 1}' if n else ''}]}}"
        for n in range(count)
    ]
    return "\n".join(["services:", *lines])


def replicas(count):
    return f"services: {{web: {{image: alpine, command: sleep 10000, scale: {count}}}}}"


LINES = ("config -q", "up -d", "up -d", "up -d", "ps", "down -t 0")
WHAT = ("config", "up", "up again", "ps", "down")


def costs(folder, text):
    folder.mkdir()
    desk = Desk(folder, text)
    desk.say("docker pull alpine")
    found = [calls(lambda line=line: desk.say(f"docker compose {line}")) for line in LINES]
    found[2:4] = [min(found[2:4])]  # patterns are compiled now and then, whoever is looked at
    return found


@pytest.mark.parametrize("text", [services, a_chain, replicas])
def test_twice_as_much_costs_twice_as_many_calls(tmp_path, text):
    costs(tmp_path / "warm", text(2))
    once, twice = (costs(tmp_path / str(n), text(n)) for n in (30, 60))
    ratios = {line: b / a for line, a, b in zip(WHAT, once, twice)}
    assert all(ratio < 2.3 for ratio in ratios.values()), ratios
