"""Secrets and configs as people keep them in a swarm, and what tasks see of them."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from swarm_shop import Shop

from simulator.cluster.swarm.specs import FileRef, Mode, ServiceSpec, TaskSpec
from simulator.node.spec import ContainerSpec
from simulator.world.swarm_commands import CreateSwarmService

DAEMON = "Error response from daemon: "


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path, {"app.conf": "listen = 80\n", "empty": ""})


def a_service_that_sees(shop, secret="", config=""):
    state = shop.swarm.state
    task = TaskSpec(container=ContainerSpec(image="alpine", command=("sleep", "1000")))
    for kind, name in (("secret", secret), ("config", config)):
        if name:
            ref = FileRef(id=state.secret_named(kind, name).id, name=name, target=name)
            task = replace(task, **{f"{kind}s": (ref,)})
    shop.world.apply(CreateSwarmService(spec=ServiceSpec(name="web", task=task, mode=Mode())))
    shop("advance 20s")


def test_a_secret_comes_from_a_pipe_a_file_or_a_text_and_is_shown_to_nobody(shop):
    shop("echo s3cret | docker secret create a -")
    shop('printf "s3cret" | docker secret create b -')
    shop("cat app.conf app.conf | docker secret create c -")
    shop("docker secret create d - <<EOF\none\ntwo\nEOF")
    shop("docker secret create e app.conf")
    kept = {one.name: one.content for one in shop.swarm.state.secrets.values()}
    assert kept == {
        "a": "s3cret\n", "b": "s3cret", "c": "listen = 80\n" * 2, "d": "one\ntwo\n",
        "e": "listen = 80\n",
    }  # fmt: skip
    assert not any("s3cret" in line for line in shop("docker secret inspect a"))
    assert shop("docker secret ls --format '{{.Name}}'") == ["a", "b", "c", "d", "e"]


def test_what_is_in_a_config_is_shown_and_can_be_read_back(shop):
    shop("docker config create app app.conf -l team=blue")
    (found,) = json.loads("\n".join(shop("docker config inspect app")))
    assert found["Spec"] == {"Name": "app", "Labels": {"team": "blue"}, "Data": "bGlzdGVuID0gODAK"}
    assert shop("docker config inspect --pretty app")[-3:] == ["Data:", "listen = 80", ""]


def test_bytes_that_are_no_text_are_kept_as_they_are(shop):
    body = bytes(range(256))
    (shop.folder / "key.der").write_bytes(body)
    shop("docker config create key key.der")
    assert shop.swarm.state.secret_named("config", "key").body == body


def test_tasks_see_a_secret_in_memory_and_a_config_where_it_is_wanted(shop):
    shop("docker secret create pw app.conf")
    shop("docker config create conf app.conf")
    a_service_that_sees(shop, secret="pw", config="conf")
    (task,) = shop.swarm.state.tasks.values()
    host = shop.swarm.state.nodes[task.node].hostname
    assert shop(f"docker -H {host} exec {task.full_name} cat /run/secrets/pw /conf") == [
        "listen = 80", "listen = 80",
    ]  # fmt: skip


def test_what_a_service_uses_cannot_be_removed_and_all_others_are(shop):
    for kind in ("secret", "config"):
        shop(f"docker {kind} create used app.conf")
        shop(f"docker {kind} create spare app.conf")
    a_service_that_sees(shop, secret="used", config="used")
    for kind in ("secret", "config"):
        lines, error = shop.both(f"docker {kind} rm used nosuch spare")
        assert lines == ["spare"]
        assert error.split("\n") == [
            f"{DAEMON}rpc error: code = InvalidArgument desc = {kind} 'used' is in use by the "
            "following service: web",
            f"{DAEMON}{kind} nosuch not found",
        ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("docker secret create pw", "secret file is required"),
        ("docker config create pw", "config file is required"),
        ("docker secret create pw empty", "error reading from empty: data is empty"),
        ("docker config create pw nofile", "error reading from nofile: open nofile: no such file"),
        ("docker secret create pw .", "error reading from .: read .: is a directory"),
        ("docker secret create pw -", "nothing is handed over to be read from '-'"),
        ("docker secret create -x app.conf", "unknown shorthand flag: 'x' in -x"),
        ("docker secret create .x app.conf", "invalid name, only 64 [a-zA-Z0-9-_.] characters"),
        ("docker secret create -d vault pw", "-d is not modelled"),
        ("docker config create --template-driver golang pw app.conf", "is not modelled"),
        ("docker -H n2 secret ls", "Worker nodes can't be used to view or modify cluster state."),
        ("docker secret inspect nosuch", f"{DAEMON}secret nosuch not found"),
        ("docker config ls --filter names=a", f"{DAEMON}invalid filter 'names'"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_the_words_of_the_tool(shop, line, words):
    assert words in shop.refused(line)
    assert shop.swarm.state.secrets == {}


def test_a_secret_is_less_than_500_kib_and_a_config_less_than_1000(shop):
    for kind, most in (("secret", 500), ("config", 1000)):
        shop.write("big", "x" * (most * 1024))
        assert f"{kind} data must be larger than 0 and less than {most * 1024} bytes" in (
            shop.refused(f"docker {kind} create big big")
        )
        shop.write("big", "x" * (most * 1024 - 1))
        shop(f"docker {kind} create big big")


def test_names_are_completed(shop):
    shop("docker secret create password app.conf")
    offered = [one.text for one in shop.session.complete("docker secret rm pa", 19)]
    assert offered == ["password"]


def test_who_looks_changes_nothing(shop):
    shop("docker secret create pw app.conf")
    before = shop.world.journal.digest, shop.swarm.state.version
    for line in ("ls", "inspect pw", "inspect --pretty pw"):
        shop(f"docker secret {line}")
    assert (shop.world.journal.digest, shop.swarm.state.version) == before
