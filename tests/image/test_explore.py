from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import Refused
from simulator.image.explore import explore, largest, shared_bytes
from simulator.image.model import FileEntry, Image, ImageConfig, Layer
from simulator.image.union import FileSystem, opaque
from simulator.image.writable import WritableLayer, save_bytes


def white(path):
    return FileEntry(path, kind="whiteout", files=0)


def image(*layers):
    return Image.of(ImageConfig(), [Layer.of(files) for files in layers])


THREE = image(
    [FileEntry("/a", 100), FileEntry("/d/x", 50), FileEntry("/d/y", 30)],
    [FileEntry("/a", 120, digest="2")],
    [white("/d")],
)


def test_each_layer_tells_what_it_adds_changes_and_removes():
    found = explore(THREE).layers
    assert [(one.count("added"), one.count("changed"), one.count("removed")) for one in found] == [
        (3, 0, 0), (0, 1, 0), (0, 0, 2)
    ]  # fmt: skip
    assert found[2].bytes_of("removed") == 80


def test_wasted_bytes_are_those_that_no_container_sees():
    found = explore(THREE)
    assert [one.wasted_bytes for one in found.layers] == [180, 0, 0]
    visible = sum(one.size_bytes for one in FileSystem(THREE.layers).files().values())
    assert found.wasted_bytes == found.size_bytes - visible


def test_efficiency_follows_dive():
    # /a: 100 of 220; /d/x, /d/y stored once: 80 of 80; /d: one node of 80 removed bytes.
    assert explore(THREE).efficiency == pytest.approx((100 + 80 + 80) / (220 + 80 + 80))
    assert explore(image([FileEntry("/a", 5)])).efficiency == 1.0
    assert explore(image()).efficiency == 1.0


def test_the_paths_stored_twice_are_listed_by_size():
    assert [(one.path, one.copies) for one in explore(THREE).wastes] == [("/a", 2)]
    assert [one.path for one in largest(THREE.layers[0], 2)] == ["/a", "/d/x"]


def test_an_opaque_directory_keeps_only_what_its_own_layer_holds():
    files = FileSystem(image([FileEntry("/d/x", 1)], [opaque("/d"), FileEntry("/d/z", 2)]).layers)
    assert list(files.files()) == ["/d/z"]
    assert files.lookup("/d/x") is None
    assert list(files.under("/d")) == ["/d/z"]


def test_images_on_one_base_share_its_bytes():
    base = [FileEntry("/base", 1000)]
    one, two = image(base, [FileEntry("/a", 1)]), image(base, [FileEntry("/b", 2)])
    assert shared_bytes([one, two]) == 1000
    assert save_bytes([one, two]) == 1003


def test_the_first_change_copies_the_whole_file_up_once():
    top = WritableLayer(image([FileEntry("/db", 10_000_000)]), "c")
    assert top.append("/db", 1) == 10_000_000
    assert top.append("/db", 1) == 0
    assert top.size_bytes == 10_000_002


def test_writing_a_file_anew_copies_nothing_up():
    top = WritableLayer(image([FileEntry("/db", 10_000_000)]), "c")
    top.write("/db", 5)
    assert (top.size_bytes, top.copied_up_bytes) == (5, 0)


def test_the_diff_of_a_container_is_what_docker_prints():
    top = WritableLayer(image([FileEntry("/etc/hosts", 9), FileEntry("/etc/x", 9)]), "c")
    top.append("/etc/hosts", 1)
    top.write("/tmp/new/file", 3)
    top.remove("/etc/x")
    assert top.diff() == [
        ("C", "/etc"), ("C", "/etc/hosts"), ("D", "/etc/x"),
        ("A", "/tmp"), ("A", "/tmp/new"), ("A", "/tmp/new/file"),
    ]  # fmt: skip


def test_a_removed_file_can_be_written_again_and_a_missing_one_not_removed():
    top = WritableLayer(image([FileEntry("/a", 1)]), "c")
    top.remove("/a")
    assert top.lookup("/a") is None
    with pytest.raises(Refused):
        top.remove("/a")
    top.write("/a", 2)
    assert top.lookup("/a").size_bytes == 2


def test_committing_puts_the_layer_into_a_new_image():
    below = image([FileEntry("/a", 1)])
    top = WritableLayer(below, "web")
    top.remove("/a")
    made = top.commit(message="without a")
    assert made.layers[0] == below.layers[0]
    assert FileSystem(made.layers).files() == {}
    assert made.history[-1].comment == "without a"


entries = st.lists(
    st.builds(
        lambda path, size, gone: white(path) if gone else FileEntry(path, size, digest=str(size)),
        st.sampled_from(["/a", "/a/b", "/a/c", "/d", "/d/e/f", "/g"]),
        st.integers(0, 100),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda entry: entry.path,
)


@given(st.lists(entries, max_size=5))
def test_bytes_are_either_visible_or_wasted(layers):
    made = image(*layers)
    found = explore(made)
    files = FileSystem(made.layers)
    visible = files.files()
    assert sum(one.size_bytes for one in visible.values()) + found.wasted_bytes == found.size_bytes
    assert 0.0 <= found.efficiency <= 1.0
    for path, entry in visible.items():
        assert files.lookup(path) == entry
        assert files.under(path)[path] == entry
