from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.image.catalogue import Catalogue
from simulator.image.model import Platform


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


def test_every_layer_says_where_its_size_comes_from(catalogue):
    for name in catalogue.names():
        for one in catalogue.evidence(f"{name}:{catalogue.tags(name)[0]}"):
            assert one.evidence in ("measured", "estimated")
            assert one.source
