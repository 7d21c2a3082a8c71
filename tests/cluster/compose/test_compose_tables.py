"""Templates, short forms and behaviour of Compose files, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cluster.compose.files.interpolation import TemplateError, Variables, substitute
from simulator.cluster.compose.files.short import BadForm, ports_of, volume_of
from simulator.shell import Session
from simulator.world import World

TABLES = json.loads(Path(__file__).with_name("compose_tables.json").read_text())


@pytest.mark.parametrize(("text", "env", "value", "error"), TABLES["templates"])
def test_a_template_becomes_what_the_table_says(text, env, value, error):
    if error is None:
        assert value == substitute(text, Variables(env))
        return
    with pytest.raises(TemplateError) as raised:
        substitute(text, Variables(env))
    assert error in str(raised.value)


@pytest.mark.parametrize(("text", "ports", "error"), TABLES["ports"])
def test_a_short_port_becomes_what_the_table_says(text, ports, error):
    if error is not None:
        with pytest.raises(BadForm) as raised:
            ports_of(text)
        assert error == str(raised.value)
        return
    keys = ("target", "published", "protocol", "mode", "host_ip")
    assert ports == [{key: one.get(key) for key in keys} for one in ports_of(text)]


@pytest.mark.parametrize(("text", "volume", "error"), TABLES["volumes"])
def test_a_short_volume_becomes_what_the_table_says(text, volume, error):
    if error is not None:
        with pytest.raises(BadForm) as raised:
            volume_of(text)
        assert error in str(raised.value)
        return
    found = volume_of(text)
    bind, own = found.get("bind") or {}, found.get("volume") or {}
    assert volume == {
        "type": found["type"],
        "source": found.get("source"),
        "target": found["target"],
        "read_only": found.get("read_only", False),
        "propagation": bind.get("propagation"),
        "selinux": bind.get("selinux"),
        "no_copy": own.get("nocopy", False),
    }


SERVER = """\
FROM python:3.12-slim
LABEL drydock.workload="server cpu=5ms"
EXPOSE 8080 10001/udp
CMD ["python", "-m", "server"]
"""


@pytest.mark.parametrize(
    ("text", "files", "check", "expected"),
    [row[1:] for row in TABLES["behaviour"]],
    ids=[row[0] for row in TABLES["behaviour"]],
)
def test_a_project_that_is_up_behaves_as_the_table_says(tmp_path, text, files, check, expected):
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "Dockerfile").write_text(SERVER)
    (tmp_path / "compose.yaml").write_text(text)
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    session = Session(World(), folder=tmp_path)
    for line in (
        "host add a",
        "docker build -q -t example/server server",
        "docker compose up -d",
        "advance 1s",
    ):
        assert session.execute(line).error is None, line
    if check["type"] == "file_content":
        line = f"docker compose exec {check['service']} cat {check['path']}"
        assert expected["content"] in session.execute(line).text
        return
    assert expected["ok"] == reaches(session, check)


def reaches(session: Session, check: dict) -> bool:
    """Whether a port answers, seen from a service or from the machine."""
    node = session.world.fleet.nodes["a"]
    found = [one for one in node.containers.values() if f"-{check['from']}-" in one.name]
    around = node.surroundings(found[0] if found else None)
    return around.reach(check["to"], check["port"], check["protocol"]).problem == ""
