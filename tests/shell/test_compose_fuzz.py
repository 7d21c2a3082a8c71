"""Compose files that nobody meant: each is carried out or refused, and never half of it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.cluster.compose.files.schema import FILE, SERVICE
from tests.shell.compose_desk import Desk

_WORDS = st.sampled_from(
    ["nginx", "alpine", "80", "80:80", "1-3:1-3", "a:b", "./x:/x", "/x", ":", "", "5s", "-1", "~",
     "${A", "${A:?}", "$$", "${A:-b}", "true", "db", "web", "service:db", "host", "none", "12k",
     "\x07", "service_healthy", "always", "on-failure:3", "K=v", "é", "0x1F", "1e9", "%", "a" * 300]
)  # fmt: skip
_SCALARS = st.one_of(
    _WORDS, st.none(), st.booleans(), st.integers(-3, 70_000), st.floats(allow_nan=True)
)
_KEYS = st.sampled_from(
    sorted(
        {*SERVICE.keys, "test", "condition", "target", "source", "published", "type", "limits",
         "replicas", "resources", "memory", "db", "web", "context", "dockerfile_inline", "x-a"}
    )
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
_SERVICE = st.dictionaries(_KEYS, _VALUES, max_size=4).map(lambda one: {"image": "alpine", **one})
_FILES = st.fixed_dictionaries(
    {"services": st.fixed_dictionaries({"web": _SERVICE, "db": _SERVICE})},
    optional={key: _VALUES for key in FILE.keys if key not in ("services", "include")},
)
QUIETLY = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("fuzz"))
    desk.say("docker pull alpine")
    return desk


def there_is(desk):
    """All that a daemon has of its own making."""
    lines = ("docker ps -aq", "docker network ls -q", "docker volume ls -q", "docker images -q")
    return [desk.say(line) for line in lines]


def tried(desk, text):
    """A file is tried; what could not be read has left nothing behind."""
    desk.write(text)
    before = there_is(desk)
    read = desk.compose("config -q")
    made = desk.compose("create")
    for result in (read, made):
        assert result.error is None or (result.error and "\n" not in result.error)
    if read.error is not None:
        assert (read.error, before) == (made.error, there_is(desk))
    else:
        desk.compose("down -v --remove-orphans")


@QUIETLY
@given(_FILES)
def test_a_file_of_strange_values_is_refused_or_made(desk, tree):
    tried(desk, yaml.safe_dump(tree, allow_unicode=True))


WHOLE = """\
services:
  web: &web
    image: nginx:${TAG:-1.27}
    ports: ["8080:80"]
    depends_on: {db: {condition: service_healthy}}
    environment: [A=1]
  db: {<<: *web, image: alpine, depends_on: [], ports: [], healthcheck: {test: "true"}}
volumes: {d: {}}
"""


@QUIETLY
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 9), st.text(max_size=3)),
             min_size=1, max_size=3)
)  # fmt: skip
def test_a_file_with_letters_gone_astray_is_refused_or_made(desk, wounds):
    text = WHOLE
    for at, gone, instead in wounds:
        text = text[:at] + instead.replace("\r", "").replace("\x00", "") + text[at + gone :]
    tried(desk, text.encode("utf-8", "replace").decode())
