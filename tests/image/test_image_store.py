from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import Refused
from simulator.image.collection import collect_store
from simulator.image.model import FileEntry, Image, ImageConfig, Layer
from simulator.image.store import ImageStore


def layer(name, size=100):
    return Layer.of([FileEntry(f"/{name}", size, digest=name)])


BASE = layer("base", 1000)


def image(name, *layers):
    return Image.of(ImageConfig(labels=(("name", name),)), layers or (BASE, layer(name)))


@pytest.fixture
def store():
    kept = ImageStore()
    kept.add(image("a"), "a:1")
    kept.add(image("b"), "b:1")
    return kept


def test_a_shared_layer_is_on_disk_once(store):
    assert store.disk_bytes == 1200
    assert store.unique_bytes(store.get("a:1").image.digest) == 100


def test_a_tag_moves_and_leaves_a_dangling_image(store):
    before = store.get("a:1").image
    store.add(image("a2"), "a:1")
    assert store.get("a:1").image != before
    assert [before.digest] == [one.image.digest for one in store.dangling()]


def test_removing_one_of_two_names_only_untags(store):
    store.tag("a:1", "a:latest")
    assert [str(line) for line in store.remove("a:1")] == ["Untagged: a:1"]
    assert store.find("a") is not None


def test_removing_the_last_name_deletes_the_layers_nobody_else_has(store):
    digest = store.get("a:1").image.digest
    lines = [str(line) for line in store.remove("a:1")]
    assert lines == ["Untagged: a:1", f"Deleted: {digest}", f"Deleted: {layer('a').digest}"]
    assert store.disk_bytes == 1100


def test_an_image_in_use_is_not_removed_unless_forced(store):
    store.acquire(store.get("a:1").image.digest, "web")
    with pytest.raises(Refused, match=r"must force.*container web is using"):
        store.remove("a:1")
    assert [str(line) for line in store.remove("a:1", force=True)] == ["Untagged: a:1"]


def test_the_image_of_a_running_container_cannot_be_removed_by_id(store):
    found = store.get("a:1").image
    store.acquire(found.digest, "web", running=True)
    with pytest.raises(Refused, match="cannot be forced"):
        store.remove(found.id, force=True)


def test_an_id_with_several_names_must_be_forced(store):
    store.tag("a:1", "other:1")
    found = store.get("a:1").image
    with pytest.raises(Refused, match="referenced in multiple repositories"):
        store.remove(found.id)
    assert len(store.remove(found.id, force=True)) == 4


def test_an_unknown_image_is_refused_with_the_nearest_name(store):
    with pytest.raises(Refused, match=r"No such image: a:2; did you mean 'a:1'"):
        store.get("a:2")


def test_only_missing_layers_are_pulled(store):
    new = image("new", BASE, layer("new"))
    assert [layer("new")] == store.missing_layers(new)


def test_prune_takes_dangling_images_and_with_all_the_unused_ones(store):
    store.untag("a:1")
    store.acquire(store.get("b:1").image.digest, "db")
    assert len(store.prune()) == 2
    assert store.prune(everything=True) == []
    assert store.disk_bytes == 1100


def test_collection_frees_what_the_layers_really_hold(store):
    done = collect_store(
        store, 1250, now_s=1000.0, high_percent=85, low_percent=50, min_age_s=120.0
    )
    assert done.wanted_bytes == 575
    assert done.freed_bytes == 100  # the 1,000 shared bytes stay for the other image
    assert store.disk_bytes == 1100


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["1", "2"])), max_size=12))
def test_disk_use_is_the_sum_of_distinct_layers_whatever_happens(steps):
    kept = ImageStore()
    for at, (name, tag) in enumerate(steps):
        if at % 3 == 2 and kept.find(f"{name}:{tag}") is not None:
            kept.remove(f"{name}:{tag}", force=True)
        else:
            kept.add(image(name + tag), f"{name}:{tag}")
    expected = {
        one.digest: one.size_bytes for stored in kept.images() for one in stored.image.layers
    }
    assert sum(expected.values()) == kept.disk_bytes
    assert set(kept.names().values()) <= {one.image.digest for one in kept.images()}
