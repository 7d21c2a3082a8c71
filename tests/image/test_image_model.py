from __future__ import annotations

import pytest

from simulator.errors import InputError
from simulator.image.model import (
    FileEntry,
    HistoryEntry,
    Image,
    ImageConfig,
    Index,
    Layer,
    Platform,
)


def test_equal_content_gives_equal_digests_in_any_order():
    files = [FileEntry("/a", 1, digest="x"), FileEntry("/b", 2, digest="y")]
    assert Layer.of(files).digest == Layer.of(reversed(files)).digest
    assert Layer.of(files).digest != Layer.of(files[:1]).digest


def test_the_command_that_made_a_layer_does_not_change_its_digest():
    assert Layer.of([], "RUN a").digest == Layer.of([], "RUN b").digest


def test_an_image_that_holds_a_layer_twice_counts_it_once():
    layer = Layer.of([FileEntry("/a", 276)])
    image = Image.of(ImageConfig(), [layer, layer])
    assert image.size_bytes == 276
    assert image.transfer_bytes == 100


def test_the_digest_of_an_image_does_not_depend_on_when_it_was_built():
    early = Image.of(ImageConfig(), (), [HistoryEntry("RUN x", created_s=1.0)])
    late = Image.of(ImageConfig(), (), [HistoryEntry("RUN x", created_s=9.0)])
    assert early.digest == late.digest
    assert early.digest != Image.of(ImageConfig(user="app"), (), early.history).digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", Platform("linux", "amd64")),
        ("amd64", Platform("linux", "amd64")),
        ("linux", Platform("linux", "amd64")),
        ("windows", Platform("windows", "amd64")),
        ("linux/arm64/v8", Platform("linux", "arm64")),
        ("aarch64", Platform("linux", "arm64")),
        ("linux/arm", Platform("linux", "arm", "v7")),
        ("linux/arm/6", Platform("linux", "arm", "v6")),
        ("Linux/x86_64", Platform("linux", "amd64")),
        ("linux/amd64/v3", Platform("linux", "amd64", "v3")),
        ("windows(10.0.20348)/amd64", None),
    ],
)
def test_platforms_are_normalised(text, expected):
    if expected is None:
        with pytest.raises(InputError):
            Platform.parse(text)
    else:
        assert expected == Platform.parse(text)


def test_an_unknown_platform_names_the_nearest_one():
    with pytest.raises(InputError, match="did you mean 'linux/amd64'"):
        Platform.parse("linux/amd46")


def test_an_index_offers_the_platforms_of_its_images():
    platforms = (Platform.parse("linux/amd64"), Platform.parse("linux/arm64"))
    index = Index(tuple(Image.of(ImageConfig(), (), (), one) for one in platforms))
    assert platforms == index.platforms
    assert index.images[0].digest != index.images[1].digest
