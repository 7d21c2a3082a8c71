from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dockerfile import parse
from simulator.errors import InputError
from simulator.files import asset
from simulator.image.builder import plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext
from simulator.image.model import Platform
from simulator.image.shelf import Shelf
from simulator.image.workload import infer_workload


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load()


def mb(size_bytes):
    return round(size_bytes / 1e6, 1)


def test_python_slim_has_the_published_layers(catalogue):
    image = catalogue.resolve("python:3.12-slim")
    assert [mb(layer.transfer_bytes) for layer in image.layers] == [29.8, 1.3, 12.1, 0.0]
    assert mb(image.size_bytes) == 119.2


def test_python_has_the_published_layers(catalogue):
    image = catalogue.resolve("python:3.12")
    expected = [49.3, 25.6, 67.8, 236.3, 6.1, 25.7, 0.0]
    assert expected == [mb(layer.transfer_bytes) for layer in image.layers]


def test_images_on_the_same_suite_share_their_base_layers(catalogue):
    first = {layer.digest for layer in catalogue.resolve("python:3.12").layers}
    second = catalogue.resolve("ruby:3.3").layers
    shared = sum(layer.transfer_bytes for layer in second if layer.digest in first)
    assert mb(shared) == 379.0


def test_a_short_version_means_the_newest(catalogue):
    assert catalogue.resolve("python").digest == catalogue.resolve("python:3.14").digest
    assert catalogue.resolve("python:3").digest == catalogue.resolve("python:3.14").digest
    assert catalogue.resolve("alpine").digest == catalogue.resolve("alpine:3.24").digest


def test_a_patch_version_is_an_image_of_its_own_on_the_same_base(catalogue):
    minor, patch = catalogue.resolve("python:3.12-slim"), catalogue.resolve("python:3.12.4-slim")
    assert minor.digest != patch.digest
    assert minor.layers[0] == patch.layers[0]


@pytest.mark.parametrize(
    ("text", "hint"),
    [("pyton", "python"), ("alpin:3.20", "alpine"), ("python:slmi", "slim"), ("node:22-alpin", "")],
)
def test_an_unknown_image_or_tag_names_the_nearest(catalogue, text, hint):
    with pytest.raises(InputError, match=f"unknown .*did you mean '{hint}"):
        catalogue.resolve(text)


NEAR = [
    ("nginx:1.27.3-alpine", "nginx:1.27-alpine"),
    ("python:3.11.9-slim-bookworm", "python:3.11-slim-bookworm"),
    ("python:3.12-alpine3.15", "python:3.12-alpine3.18"),
    ("python:3.5.2-slim", "python:3.6-slim"),
    ("node:20.11-alpine3.19", "node:20-alpine3.19"),
    ("postgres:15.4", "postgres:15"),
    ("ubuntu:jammy-20240111", "ubuntu:22.04"),
    ("debian:bookworm-20240110-slim", "debian:12-slim"),
    ("mysql:5.6", "mysql:5.7"),
    ("eclipse-temurin:17.0.9_9-jre-alpine", "eclipse-temurin:17-jre-alpine"),
    ("tomcat:9.0.85-jdk17-temurin-jammy", "tomcat:9.0-jdk17-temurin"),
    ("minio/minio:RELEASE.2024-01-16T16-07-38Z", "minio/minio:2024"),
    ("python:3.13-rc-slim", "python:3.13-slim"),
    ("traefik:v3.1.4", "traefik:v3.1"),
    ("arm64v8/python:3.11.4-alpine", "arm64v8/python:3.11-alpine"),
    ("public.ecr.aws/docker/library/redis:7.4.1", "public.ecr.aws/docker/library/redis:7.4"),
]


@pytest.mark.parametrize(("asked", "listed"), NEAR)
def test_a_tag_of_a_known_scheme_has_the_contents_of_the_nearest_listed_one(
    catalogue, asked, listed
):
    found, stand_in = catalogue.resolve(asked, None), catalogue.resolve(listed, None)
    assert [one.size_bytes for one in found.layers] == [one.size_bytes for one in stand_in.layers]
    expected = f"{asked} is not in the catalogue; taken as {listed}, sizes may differ"
    assert expected == catalogue.note(asked)
    assert catalogue.note(listed) is None


@pytest.mark.parametrize(
    "asked",
    [
        "nginx:foo",
        "python:3.12-foo",
        "python:99",
        "redis:7-slim",
        "redis:7-jammy",
        "nginx:RELEASE.2024-01-16T16-07-38Z",
        "python:3.12-slmi",
    ],
)
def test_a_tag_of_no_known_scheme_is_refused(catalogue, asked):
    with pytest.raises(InputError, match="unknown tag of image"):
        catalogue.resolve(asked)
    assert catalogue.note(asked) is None


@given(
    name=st.sampled_from(["python", "node", "golang", "ruby", "nginx", "postgres"]),
    major=st.integers(1, 25),
    minor=st.integers(0, 30),
    patch=st.integers(0, 20),
    suffix=st.sampled_from(["", "-alpine", "-alpine3.14", "-slim", "-bookworm", "-buster"]),
)
@settings(max_examples=30, deadline=None)
def test_a_stand_in_keeps_the_variant_and_is_the_nearest_version(name, major, minor, patch, suffix):
    catalogue = Catalogue.load()
    asked = f"{name}:{major}.{minor}.{patch}{suffix}"
    if not catalogue.holds(asked):
        return
    note = catalogue.note(asked)
    assert note is not None
    listed = note.partition("taken as ")[2].partition(",")[0].partition(":")[2]
    assert listed in catalogue.tags(name)
    for kind in ("alpine", "slim"):
        assert (kind in listed) == (kind in suffix)
    version = [int(one) for one in listed.partition("-")[0].split(".")]
    own = listed.partition("-")[1] + listed.partition("-")[2]
    others = [
        [int(one) for one in tag.removesuffix(own).split(".")]
        for tag in catalogue.tags(name)
        if tag.endswith(own) and re.fullmatch(r"[\d.]+", tag.removesuffix(own))
    ]
    assert abs(version[0] - major) == min(abs(one[0] - major) for one in others)


def test_a_program_says_the_version_that_was_asked_for(catalogue):
    assert catalogue.resolve("python:3.11.9-slim").config.environment["PYTHON_VERSION"] == "3.11.9"


PUBLISHED = {
    "alpine:3.24": 3.85, "debian:13": 49.3, "debian:13-slim": 29.8, "debian:12": 48.5,
    "debian:12-slim": 28.2, "ubuntu:24.04": 29.8, "ubuntu:26.04": 41.6, "nginx:1.31": 63.1,
    "nginx:1.31-alpine": 26.3, "nginx:1.31-alpine-slim": 5.8, "httpd:2.4": 45.3,
    "traefik:v3.7": 55.2, "caddy:2.11-alpine": 23.9, "redis:8": 55.5, "redis:7.4": 43.6,
    "redis:8-alpine": 39.1, "memcached:1.6": 32.2, "postgres:18": 162.5,
    "postgres:18-alpine": 120.0, "mysql:8.4": 239.0, "mariadb:lts": 105.3, "mongo:8.0": 315.1,
    "rabbitmq:4": 113.6, "python:3.12": 410.8, "python:3.12-slim": 43.2, "python:3.14-alpine": 17.8,
    "node:24": 408.9, "node:24-slim": 80.5, "node:22-alpine": 60.8, "golang:1.27": 316.2,
    "golang:1.27-alpine": 75.2, "rust:1.98": 593.0, "ruby:4.0": 428.9, "php:8.4-apache": 182.5,
    "haproxy:3.4": 47.2, "registry:3": 20.1, "amazonlinux:2023": 54.6, "fedora:44": 69.4,
    "nats:2": 6.9, "neo4j:2026": 395.5, "cassandra:5.0": 171.2, "couchdb:3.5": 148.8,
    "influxdb:2.9": 110.8, "telegraf:1.39": 175.6, "ghost:6": 286.8, "nextcloud:34": 513.6,
    "phpmyadmin:5.2": 196.6, "adminer:6": 43.7, "sonarqube:26": 1082.9,
    "wordpress:7.1": 274.7, "eclipse-temurin:21-jre": 121.1,
}  # fmt: skip
"""MB over the wire for linux/amd64: docker-library/repo-info, repos/*/remote, read for
2026-06-22 (caddy) to 2026-09-22 (nginx:alpine); the dates stand in assets/images."""
ON_DISK = {
    "nginx:1.31": 161.33, "redis:8": 142.6, "postgres:18": 456.26, "mysql:8.4": 813.01,
    "mongo:8.0": 952.98, "alpine:3.22": 8.3, "python:3.12-slim": 119.2,
}  # fmt: skip
"""MB on disk: docker-library/repo-info, repos/*/local, 2026-07-14 to 2026-09-17."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_most_used_images_have_the_published_sizes_within_five_per_cent(catalogue, name):
    image = catalogue.resolve(name)
    over_the_wire = sum(layer.transfer_bytes for layer in image.layers) / 1e6
    assert over_the_wire == pytest.approx(PUBLISHED[name], rel=0.05)
    if name in ON_DISK:
        assert image.size_bytes / 1e6 == pytest.approx(ON_DISK[name], rel=0.05)


def test_another_platform_is_another_image_of_the_same_size(catalogue):
    arm = catalogue.resolve("alpine", Platform.parse("linux/arm64"))
    assert arm.digest != catalogue.resolve("alpine").digest
    assert Platform.parse("linux/arm64") == arm.platform
    with pytest.raises(InputError, match="no match for platform in manifest"):
        catalogue.resolve("alpine", Platform.parse("windows/amd64"))


def test_every_listed_tag_resolves_and_its_layers_add_up(catalogue):
    for name in catalogue.names():
        for tag in catalogue.tags(name):
            image = catalogue.resolve(f"{name}:{tag}", None)
            for layer in image.layers:
                assert layer.size_bytes == sum(entry.size_bytes for entry in layer.files)


def test_every_layer_says_where_its_size_comes_from_and_of_when_it_is(catalogue):
    for name in catalogue.names():
        for one in catalogue.evidence(f"{name}:{catalogue.tags(name)[0]}"):
            assert one.evidence in ("measured", "estimated")
            assert re.search(r"\b20\d\d\b", one.source), f"{name}: {one.source}"


def test_a_trivial_build_can_be_planned_on_every_image(catalogue):
    context = BuildContext.from_mapping({"a.txt": "a"})
    for name in catalogue.names():
        platform = catalogue.index(f"{name}:{catalogue.tags(name)[0]}").platforms[0]
        text = f"FROM {name}:{catalogue.tags(name)[0]}\nCOPY a.txt /\n"
        plan_ = plan(parse(text), context, resolve=catalogue.resolve, platform=platform)
        assert plan_.failure is None


@pytest.mark.parametrize("name", Shelf([asset("images", "services.toml")]))
def test_the_most_pulled_services_are_there_with_a_program_to_start(catalogue, name):
    image = catalogue.resolve(name)
    assert image.config.argv
    assert infer_workload(image).startswith("server")


def test_a_family_is_parsed_only_when_somebody_asks_for_it():
    shelf = Shelf(sorted(asset("images").glob("*.toml")))
    assert len(shelf) > 250
    assert shelf.parsed == 0
    assert shelf["docker.io/library/redis"].names
    assert shelf.parsed == len(shelf["docker.io/library/redis"].names)
