"""Entrypoints that want to be told something before they start their program."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.shell.session import Session
from simulator.world import World


@pytest.fixture(scope="module")
def said():
    session = Session(World(seed=1), folder=Path())
    session.execute("host add a")

    def execute(line: str) -> str:
        result = session.execute(line)
        return "\n".join([*result.lines, result.error or ""]).strip()

    return execute


WITHOUT = {"postgres": "POSTGRES_PASSWORD", "mysql": "MYSQL_ROOT_PASSWORD",
           "mariadb": "MARIADB_ROOT_PASSWORD"}  # fmt: skip


@pytest.mark.parametrize("image", WITHOUT)
def test_a_database_that_nobody_gave_a_password_says_so_and_ends_with_1(said, image):
    assert WITHOUT[image] in said(f"docker run --name {image} {image}")
    assert said(f"docker inspect -f '{{{{.State.ExitCode}}}}' {image}") == "1"
    assert WITHOUT[image] in said(f"docker logs {image}")


@pytest.mark.parametrize(
    "given",
    [
        "-e POSTGRES_PASSWORD=x",
        "-e POSTGRES_HOST_AUTH_METHOD=trust",
        "-e POSTGRES_PASSWORD_FILE=/x",
    ],
)
def test_a_database_that_was_told_enough_starts(said, given):
    said(f"docker run -d --name told {given} postgres; advance 5s")
    assert said("docker inspect -f '{{.State.Status}}' told") == "running"
    said("docker rm -f told")


def test_an_empty_password_is_none(said):
    assert "superuser password" in said("docker run --rm -e POSTGRES_PASSWORD= postgres")


def test_a_database_that_finds_its_data_needs_no_password(said):
    said(
        "docker run -d --name first -v rows:/var/lib/postgresql/data "
        "-e POSTGRES_PASSWORD=x postgres"
    )
    said("advance 5s; docker rm -f first")
    said("docker run -d --name second -v rows:/var/lib/postgresql/data postgres; advance 5s")
    assert said("docker inspect -f '{{.State.Status}}' second") == "running"


def test_another_program_of_the_same_image_is_asked_for_nothing(said):
    assert said("docker run --rm postgres echo hi") == "hi"


def test_managers_of_packages_say_what_they_did(said):
    assert "Setting up curl" in said(
        "docker run --rm debian sh -c 'apt-get update && apt-get install -y curl'"
    )
    assert "Installing curl" in said("docker run --rm alpine apk add --no-cache curl")
    assert "Successfully installed flask" in said(
        "docker run --rm python:3.12-slim pip install flask"
    )


def test_all_dates_count_from_the_same_day(said):
    assert (
        said("docker run --rm alpine date +%Y-%m-%d")
        == said("docker inspect -f '{{.Created}}' second").partition("T")[0]
    )


def test_the_same_program_of_another_publisher_asks_for_what_its_own_entrypoint_asks_for(said):
    assert "ALLOW_EMPTY_PASSWORD=yes" in said("docker run --rm bitnami/redis")
    assert "POSTGRESQL_PASSWORD" in said("docker run --rm bitnami/postgresql")
    said("docker run -d --name lenient -e ALLOW_EMPTY_PASSWORD=yes bitnami/postgresql; advance 5s")
    assert said("docker inspect -f '{{.State.Status}}' lenient") == "running"
    assert "superuser password" in said("docker run --rm -e ALLOW_EMPTY_PASSWORD=yes postgres")
    said("docker rm -f lenient")
