"""Each flag that is accepted changes something that can be seen, or is one of the harmless."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache

import compose_flag_cases as compose
import flag_cases as cases
import kubectl_flag_cases as kubectl
import pytest
import swarm_flag_cases as swarm
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.checkpoint import Checkpoint
from simulator.shell import Session, registry
from simulator.shell.compose.common import GLOBALS
from simulator.shell.grammar import Flag, Verb
from simulator.world import World
from simulator.world.history import SHARED


def name_of(flag: Flag) -> str:
    return max(flag.names, key=len)


def all_flags() -> list[tuple[Verb, Flag]]:
    """Each flag once: docker create has docker run's, and those of Compose are shared, too."""
    found, seen = [], set()
    known = registry.verbs()
    first = known["docker", "run"], known["docker", "compose", "up"]
    for verb in (*first, *registry.commands()):
        for flag in verb.flags:
            shared = verb.name in ("docker run", "docker create") and name_of(flag) != "--host"
            shared = shared or flag in GLOBALS or flag is registry.VERBOSE
            key = id(flag) if shared else (verb.name, name_of(flag))
            if not flag.refused and flag.key != "help" and key not in seen:
                seen.add(key)
                found.append((verb, flag))
    return found


FLAGS = all_flags()


def of_clusters(verb: str) -> bool:
    """Whether a verb is tried where there are clusters; all others where there are none."""
    return verb.startswith(("kubectl", "cluster")) or verb == "why"


def bench_of(verb: str, flag: str = "") -> str:
    """The world that a flag of a verb is tried in."""
    if verb.startswith("docker compose"):
        return "projects"
    if verb.startswith(swarm.GROUPS) or (verb, flag) in swarm.PAIRS:
        return "swarms"
    return "clusters" if of_clusters(verb) else "bench"


GUESSES = {"int": "7", "float": "7", "duration": "3s", "bytes": "64m", "KEY=VALUE": "k=v"}
"""Values by kind, where flag_cases.py has none."""


def value_of(verb: Verb, flag: Flag) -> str:
    name, kind = name_of(flag), flag.kind
    if of_clusters(verb.name):
        found = kubectl.value_of(verb.name, name)
    else:
        found = cases.VALUES.get(f"{verb.name} {name}", cases.VALUES.get(name))
    if found is not None or kind is None:
        return found or ""
    other = (word for word in kind.choices if word != flag.default)
    return next(other, GUESSES.get(kind.name, "x"))


def lines_of(verb: Verb, flag: Flag) -> tuple[str, str]:
    """The same line without and with a flag."""
    name = name_of(flag)
    if (verb.name, name) in cases.PAIRS:
        return cases.PAIRS[verb.name, name]
    line = cases.LINES.get(verb.name, f"{verb.name} {{}}")
    value = f" {value_of(verb, flag)}" if flag.kind is not None else ""
    return line.format(""), line.format(name + value)


class Bench:
    """A world that was made once, and copies of it to try lines in."""

    def __init__(self, folder, setup=cases.SETUP, world=World) -> None:
        self.folder = folder
        for name, text in cases.FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        session = Session(world(), folder=folder)
        for line in setup:
            error = session.execute(line).error
            assert error is None, (line, error)
        self.kube = session.kube
        self._copy = Checkpoint.of(session.world, session.world.sim, SHARED)
        self.done, self.seen = cache(self._done), cache(self._seen)
        self.idle = self.session()
        """One in which everything is refused, so that it stays as it is."""

    def session(self) -> Session:
        session = Session(self._copy.restore(), folder=self.folder)
        session.kube = deepcopy(self.kube)
        return session

    def _done(self, line: str) -> tuple[Session, str | None, tuple[object, ...]]:
        """A line carried out: its error, and what it said and did."""
        session = self.session()
        result = session.execute(line)
        digest = session.world.journal.digest
        return session, result.error, (result.lines, result.error, digest)

    def _seen(self, verb: str, line: str) -> list[object]:
        """All that can be seen of what a line did."""
        return list(self._looks(verb, self.done(line)[0]))

    def _looks(self, verb: str, session: Session) -> Iterator[object]:
        probes = cases.PROBES.get(verb, cases.PROBES.get(verb.split()[0], ()))
        for probe in (*probes, *cases.ALWAYS):
            answer = session.execute(probe)
            yield answer.lines, answer.error, session.world.journal.digest

    def differ(self, verb: str, without: str, with_: str) -> tuple[bool, str | None]:
        """Whether two lines can be told apart, at once or by who looks; the second one's error."""
        session, error, done = self._done(with_)
        if done != self.done(without)[2]:
            return True, error
        looks = zip(self.seen(verb, without), self._looks(verb, session), strict=True)
        return any(one != other for one, other in looks), error


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Bench:
    return Bench(tmp_path_factory.mktemp("flags"))


@pytest.fixture(scope="module")
def clusters(tmp_path_factory) -> Bench:
    return Bench(tmp_path_factory.mktemp("clusters"), kubectl.SETUP)


@pytest.fixture(scope="module")
def projects(tmp_path_factory) -> Bench:
    return Bench(tmp_path_factory.mktemp("projects"), compose.SETUP)


@pytest.fixture(scope="module")
def swarms(tmp_path_factory) -> Bench:
    return Bench(tmp_path_factory.mktemp("swarms"), swarm.SETUP, swarm.world)


@pytest.mark.parametrize(
    ("verb", "flag"), FLAGS, ids=[f"{verb.name} {name_of(flag)}" for verb, flag in FLAGS]
)
def test_a_flag_that_is_accepted_changes_something_that_can_be_seen(request, verb, flag):
    name = name_of(flag)
    bench = request.getfixturevalue(bench_of(verb.name, name))
    if (verb.name, name) in cases.HARMLESS:
        told_apart, _ = bench.differ(verb.name, *lines_of(verb, flag))
        assert not told_apart, "it has an effect now: take it out of HARMLESS"
        return
    assert not flag.ignored, f"{verb.name} {name} changes nothing: give the reason in HARMLESS"
    if name == "--host" and verb.name != "vm create":
        line = cases.NOWHERE.get(verb.name) or cases.LINES.get(verb.name, f"{verb.name} {{}}")
        error = bench.idle.execute(line.format("--host nowhere")).error
        assert error is not None
        assert "nowhere" in error
        return
    without, with_ = lines_of(verb, flag)
    told_apart, error = bench.differ(verb.name, without, with_)
    assert told_apart, f"'{with_}' does what '{without}' does"
    meant = (verb.name, name) in cases.PAIRS
    assert error in (None, bench.done(without)[1]) or meant, error


def test_the_list_of_harmless_flags_names_flags_that_exist():
    known = {(verb.name, name_of(f)) for verb in registry.commands() for f in verb.flags}
    assert set(cases.HARMLESS) - known == set()
    assert set(cases.PAIRS) - known == set()


# --- what is wrong --------------------------------------------------------------------------------


def misspelt(word: str) -> str:
    """A word with two letters exchanged, or one more."""
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


LONG = [(verb, name_of(flag)) for verb, flag in FLAGS if len(name_of(flag)) > 6]
CHOICES = [
    (verb, flag, word)
    for verb, flag in FLAGS
    if flag.kind is not None and len(flag.kind.choices) > 1
    for word in flag.kind.choices
    if len(word) > 3 and word.isalpha()
]


@settings(max_examples=25, deadline=None)
@given(one=st.sampled_from(LONG), before=st.sampled_from(["", "host ls; ", "advance 3s && "]))
def test_a_flag_that_is_misspelt_is_refused_at_its_place_with_the_nearest(bench, one, before):
    verb, name = one
    bad = misspelt(name)
    if bad in [each for flag in verb.flags for each in flag.names] or bad == name:
        return
    session = bench.session()
    digest, now = session.world.journal.digest, session.world.now
    line = before + cases.LINES.get(verb.name, f"{verb.name} {{}}").format(bad)
    result = session.execute(line)
    assert result.error is not None, line
    assert bad in result.error
    assert "did you mean" in result.error
    assert result.column == line.index(bad) + 1
    assert (session.world.journal.digest, session.world.now) == (digest, now)


@settings(max_examples=25, deadline=None)
@given(one=st.sampled_from(CHOICES))
def test_a_word_that_is_misspelt_is_refused_with_the_nearest_and_changes_nothing(bench, one):
    verb, flag, word = one
    bad = misspelt(word)
    if bad in flag.kind.choices:
        return
    session = bench.session()
    digest = session.world.journal.digest
    line = cases.LINES.get(verb.name, f"{verb.name} {{}}").format(f"{name_of(flag)} {bad}")
    result = session.execute(line)
    if flag.kind.source:
        return  # any name may be meant
    assert result.error is not None, line
    assert bad in result.error, result.error
    assert session.world.journal.digest == digest


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("traffic web 50/s --backoff 1s", "--backoff without --retries"),
        ("traffic web 50/s --jitter 0.5", "--jitter without --retries"),
        ("traffic web 50/s --retry-budget 0.5", "--retry-budget without --retries"),
        ("traffic web 50/s --cancel", "--cancel where everybody waits"),
        ("traffic web 50/s --quorum 1", "--quorum of one answer"),
        ("traffic web stop --timeout 1s", "--timeout with stop"),
        ("fault panic a --amount 3", "fault panic has no amount"),
        ("fault crash web --amount 3", "fault crash has no amount"),
        ("fault hang web --amount 3", "amount of fault hang"),
        ("layers mine --tail 3", "--tail counts files of a layer"),
        ("advise mine --file other.Dockerfile", "--file names a Dockerfile of a folder"),
        ("registry set registry.local", "nothing to change"),
        ("tune a", "nothing to tune"),
    ],
)
def test_a_flag_without_the_one_that_it_belongs_to_is_refused_by_name(bench, line, words):
    session = bench.session()
    digest = session.world.journal.digest
    assert words in (session.execute(line).error or "")
    assert session.world.journal.digest == digest


MAKERS = (
    "docker network create", "docker volume create", "cgroup create", "host add", "vm create",
    "service create", "registry add", "docker pull", "docker search", "help", "source", "echo",
    "cluster create", "kubectl config set-context",
)  # fmt: skip
"""What makes the thing that it names, asks a registry, or takes any words."""


def test_what_names_nothing_is_refused_by_every_command_and_changes_nothing(bench):
    session = bench.idle
    before = session.world.journal.digest, session.world.now
    for verb in registry.commands():
        needed = [one for one in verb.arguments if not one.optional]
        if not needed or verb.name in MAKERS:
            continue
        line = f"{verb.name} {' '.join('nosuch' for _ in needed)}"
        assert session.execute(line).error is not None, line
        assert (session.world.journal.digest, session.world.now) == before, line


def test_a_container_that_is_misspelt_is_refused_with_the_nearest(bench):
    session = bench.idle
    for verb in registry.commands():
        sources = [one.kind.source for one in verb.arguments if not one.optional]
        if sources == ["container"] and verb.name != "docker update":
            error = session.execute(f"{verb.name} stuborn").error or ""
            assert "did you mean 'stubborn'?" in error, verb.name
