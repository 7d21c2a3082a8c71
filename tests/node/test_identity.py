"""Users, groups and user namespaces of containers as people ask for them."""

from __future__ import annotations

import pytest

from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def session(tmp_path):
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a", "docker pull -q alpine"):
        assert session.execute(line).error is None
    return session


def said(session, line):
    result = session.execute(line)
    assert result.error is None
    return result.text


def test_a_number_without_a_name_is_in_group_0_and_unknown_to_whoami(session):
    said(session, "docker run -d --name u --user 1000 alpine sleep 100")
    assert said(session, "docker exec u id") == "uid=1000 gid=0(root) groups=0(root)"
    assert "unknown uid 1000" in session.execute("docker exec u whoami").error


def test_a_user_of_nobody_is_refused_at_the_start_and_the_container_stays_created(session):
    error = session.execute("docker run -d --name u --user nosuch alpine sleep 1").error
    assert "unable to find user nosuch: no matching entries in passwd file" in error
    assert said(session, "docker inspect -f '{{.State.Status}}' u") == "created"


def test_groups_are_added_by_name_and_number(session):
    said(
        session, "docker run -d --name u -u nobody --group-add audio --group-add 44 alpine sleep 9"
    )
    assert said(session, "docker exec u id").endswith("groups=65534(nobody),29(audio),44")
    assert said(session, "docker inspect -f '{{json .HostConfig.GroupAdd}}' u") == '["audio", "44"]'


@pytest.mark.parametrize("value", ["private", "mine", "keep-id"])
def test_only_the_hosts_users_can_be_asked_for(session, value):
    error = session.execute(f"docker run -d --userns {value} alpine").error
    assert "--userns: invalid USER mode" in error


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--privileged", "privileged mode is incompatible with user namespaces"),
        ("--network host", "cannot share the host's network namespace when user namespaces are"),
        ("--cap-add FOO", 'invalid CapAdd: unknown capability: "CAP_FOO"'),
        ("--cap-drop FOO", 'invalid CapDrop: unknown capability: "CAP_FOO"'),
    ],
)
def test_what_reaches_over_the_wall_of_a_user_namespace_is_refused(session, flags, sentence):
    said(session, "tune a --userns-remap on")
    before = session.world.journal.digest
    assert sentence in session.execute(f"docker run -d {flags} alpine sleep 9").error
    assert session.world.journal.digest == before


def test_a_daemon_that_remaps_gives_users_of_their_own_unless_the_hosts_are_asked_for(session):
    said(session, "docker run -d --name before alpine sleep 100")
    said(session, "tune a --userns-remap on")
    said(session, "docker run -d --name mapped alpine sleep 100")
    said(session, "docker run -d --name host --userns host --privileged alpine sleep 100")
    maps = [
        said(session, f"docker exec {name} cat /proc/self/uid_map").split()[1]
        for name in ("before", "mapped", "host")
    ]
    assert maps == ["0", "100000", "0"]


def test_an_image_with_a_user_of_its_own_does_not_run_as_root(session):
    (session.folder / "Dockerfile").write_text("FROM alpine\nRUN adduser -D app\nUSER app\n")
    said(session, "docker build -q -t own .")
    said(session, "docker run -d --name u own sleep 100")
    assert said(session, "docker exec u whoami") == "app"
    assert not session.world.container("u").settings.hardening.root
