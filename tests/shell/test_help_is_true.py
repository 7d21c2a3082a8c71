"""Help fits a terminal, and lists exactly the words that are accepted."""

from __future__ import annotations

import pytest

from simulator.cli.commands import RUNTIMES
from simulator.machine.runtimes import aliases, full_name, names, shares_a_kernel
from simulator.shell import Session, registry
from simulator.shell import help as help_texts
from simulator.world import World

WIDE = 100


@pytest.mark.parametrize("verb", registry.commands(), ids=lambda verb: verb.name)
def test_help_fits_a_hundred_columns_and_says_what_each_word_may_be(verb):
    lines = help_texts.of(verb)
    assert [line for line in lines if len(line) > WIDE] == []
    text = " ".join(" ".join(lines).split())
    for flag in verb.flags:
        if not flag.refused and flag.kind is not None:
            assert [word for word in flag.kind.choices if word not in text] == [], flag.names


def test_the_topics_and_the_overview_fit_a_hundred_columns():
    lines = [*help_texts.overview(), *(line for one in help_texts.TOPICS.values() for line in one)]
    assert [line for line in lines if len(line) > WIDE] == []


def test_the_command_line_lists_each_runtime_that_it_compares():
    words = [word.strip() for word in RUNTIMES.replace("(", ",").replace(")", "").split(",")]
    platforms = {"systrap", "qemu"}
    assert {full_name(word) for word in words if word not in platforms} | {"qemu"} == {
        name for name in names() if name == "runc" or not shares_a_kernel(name)
    }


def test_the_words_that_are_listed_are_those_that_are_accepted(tmp_path):
    session = Session(World(), folder=tmp_path)
    session.execute("host add a --cores 64 -m 512g --disk 900g")
    listed = {
        (verb, flag): set(registry.verbs()[tuple(verb.split())].flag(flag).kind.choices)
        for verb, flag in (("docker run", "--runtime"), ("vm create", "--hypervisor"))
    }
    for word in (*names(), *aliases()):
        for verb, flag, rest in (
            ("docker run", "--runtime", "-d alpine sleep 9"),
            ("vm create", "--hypervisor", f"-m 1g v-{word}"),
        ):
            error = session.execute(f"{verb} {flag} {word} {rest}").error
            assert (error is None) == (word in listed[verb, flag]), (word, error)


@pytest.mark.parametrize(
    "line",
    [
        "host ls", "vm ls", "clouds ls", "service ls", "flaw ls", "cgroup ls", "registry ls",
        "docker images", "top a", "why web", "why a", "show", "platforms alpine", "cost",
        "layers alpine", "density 'server cpu=5ms'", "docker network ls", "docker volume ls",
        "docker info", "docker version", "events", "docker system df", "move web b --plan",
        "traffic ls", "explain", "help",
    ],
)  # fmt: skip
def test_tables_of_a_small_world_fit_a_hundred_columns(table_session, line):
    result = table_session.execute(line)
    assert result.error is None, result.error
    assert [one for one in result.lines if len(one) > WIDE] == []


@pytest.fixture(scope="module")
def table_session(tmp_path_factory):
    session = Session(World(), folder=tmp_path_factory.mktemp("tables"))
    for line in (
        "host add a --cores 8 -m 16g --region aws/eu-central-1 --nested on",
        "host add b",
        "vm create v1",
        "registry add registry.local",
        "cgroup create tenants --cpus 4",
        "docker run -d --name web --network-alias web -p 8080:80 --workload 'server cpu=5ms' nginx",
        "docker run -d --name k --runtime kata alpine sleep 1000",
        "traffic web 100/s",
        "tune a --metrics on",
        "advance 61s",
    ):
        assert session.execute(line).error is None, line
    return session


@pytest.mark.parametrize("verb", ["docker ps", "docker network ls", "docker volume ls"])
def test_the_keys_of_filters_are_listed_and_all_of_them_are_accepted(table_session, verb):
    listed = registry.verbs()[tuple(verb.split())].flag("--filter").help.partition("of: ")[2]
    refused = table_session.execute(f"{verb} --filter nosuch=1").error
    assert sorted(listed.split(", ")) == sorted(refused.partition("one of: ")[2].split(", "))


def test_of_several_values_of_one_filter_any_will_do_and_labels_must_all_be_there(table_session):
    def names(*filters: str) -> list[str]:
        words = " ".join(f"--filter {one}" for one in filters)
        return sorted(table_session.execute(f"docker ps --format {{{{.Names}}}} {words}").lines)

    assert names("name=web", "name=k") == ["k", "web"]
    assert names("name=web", "name=k", "ancestor=alpine") == ["k"]
    assert names("label=a", "label=b") == []
