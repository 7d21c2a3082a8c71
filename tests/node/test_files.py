"""What the processes of a container see of files, and what the kernel answers when they write."""

from __future__ import annotations

import pytest

from simulator.errors import Refused
from simulator.image.catalogue import Catalogue
from simulator.image.model import FileEntry, Image, ImageConfig, Layer
from simulator.image.problems import (
    Exists,
    IsADirectory,
    NameTooLong,
    NoSpace,
    NoSuchFile,
    NotADirectory,
    NotEmpty,
    PermissionDenied,
    ReadOnly,
    TooManyLinks,
)
from simulator.image.trees import Tree
from simulator.image.union import FileSystem
from simulator.image.writable import WritableLayer
from simulator.node.files import Files, Mounted, User

NOBODY = User(65534, 65534, override=False)


def image(*entries: FileEntry) -> Image:
    return Image.of(ImageConfig(), (Layer.of(entries),))


HOST = image(
    FileEntry("/app", 0, 0o755, kind="dir"),
    FileEntry("/app/main.py", 9, text="print(1)\n"),
    FileEntry("/app/now", 8, 0o777, kind="symlink", target="../app"),
    FileEntry("/app/loop", 4, 0o777, kind="symlink", target="loop"),
    FileEntry("/var", 0, 0o755, kind="dir"),
)


def files(*mounts: Mounted, read_only: bool = False) -> tuple[Files, WritableLayer]:
    layer = WritableLayer(HOST)
    return Files(layer, mounts, read_only=read_only), layer


def test_a_file_of_the_image_is_read_through_links_in_the_middle_of_its_path() -> None:
    seen, _ = files()
    found = seen.read("/app/now/../app/now/main.py")
    assert (found.path, found.text, found.size_bytes) == ("/app/main.py", "print(1)\n", 9)


def test_what_is_added_to_a_file_of_the_image_goes_to_a_copy_of_it() -> None:
    seen, layer = files()
    seen.write("/app/main.py", "print(2)\n", append=True)
    assert seen.read("/app/main.py").text == "print(1)\nprint(2)\n"
    assert (layer.size_bytes, layer.diff()) == (18, [("C", "/app"), ("C", "/app/main.py")])
    seen.remove("/app/main.py")
    assert (layer.size_bytes, layer.files) == (0, 0)
    assert [one.name for one in seen.entries("/app")] == ["loop", "now"]


def test_a_folder_that_is_made_where_one_was_removed_is_empty() -> None:
    seen, layer = files()
    seen.remove("/app", recursive=True)
    assert not seen.exists("/app/main.py")
    seen.mkdir("/app")
    assert seen.entries("/app") == []
    seen.write("/app/new", b"\xff")
    assert [(one.name, one.text, one.size_bytes) for one in seen.entries("/app")] == [
        ("new", None, 1)
    ]
    again = Files(WritableLayer(layer.commit()))
    assert [one.name for one in again.entries("/app")] == ["new"]


def test_each_thing_that_goes_wrong_has_its_own_error() -> None:
    seen, _ = files()
    for error, action in (
        (NoSuchFile, lambda: seen.read("/nowhere")),
        (NoSuchFile, lambda: seen.write("/nowhere/file", "x")),
        (NotADirectory, lambda: seen.read("/app/main.py/x")),
        (NotADirectory, lambda: seen.entries("/app/main.py")),
        (IsADirectory, lambda: seen.read("/app")),
        (IsADirectory, lambda: seen.write("/app", "x")),
        (NotEmpty, lambda: seen.remove("/app")),
        (Exists, lambda: seen.mkdir("/app")),
        (TooManyLinks, lambda: seen.read("/app/loop")),
        (PermissionDenied, lambda: seen.write("/app/new", "x", user=NOBODY)),
        (PermissionDenied, lambda: seen.write("/app/main.py", "x", user=NOBODY)),
    ):
        with pytest.raises(error) as caught:
            action()
        assert type(caught.value) is error


def test_a_root_for_reading_leaves_only_mounts_to_write_to() -> None:
    tmp = Tree(FileSystem())
    seen, _ = files(Mounted("/tmp", tmp), read_only=True)
    with pytest.raises(ReadOnly) as caught:
        seen.write("/app/x", "x")
    assert str(caught.value) == "/app/x: Read-only file system"
    seen.write("/tmp/x", "ab")
    assert (tmp.size_bytes, seen.read("/tmp/x").text) == (2, "ab")
    assert "tmp" in [one.name for one in seen.entries("/")]


def test_a_mount_hides_what_the_image_has_there_and_the_innermost_one_counts() -> None:
    outer, inner = Tree(FileSystem()), Tree(FileSystem())
    seen, _ = files(Mounted("/app", outer), Mounted("/app/data", inner, "/of/host"))
    seen.write("/app/a", "1")
    seen.write("/app/data/b", "22")
    assert [one.name for one in seen.entries("/app")] == ["a", "data"]
    assert inner.lookup("/of/host/b") is not None
    assert (outer.size_bytes, inner.size_bytes) == (1, 2)


def test_a_full_disk_takes_what_fits_of_a_write_and_refuses_the_rest() -> None:
    class Small:
        left = 10

        @property
        def free_bytes(self) -> float:
            return self.left

        def take(self, size_bytes: int, files: int) -> bool:
            if size_bytes > self.left:
                return False
            self.left -= size_bytes
            return True

    space = Small()
    seen = Files(WritableLayer(HOST, space=space))
    seen.write("/app/a", None, 8)
    with pytest.raises(NoSpace) as full:
        seen.write("/app/a", None, 3, append=True)
    assert (full.value.written_bytes, seen.stat("/app/a").size_bytes, space.left) == (2, 10, 0)
    with pytest.raises(NoSpace) as full:
        seen.write("/app/main.py", "x", append=True)
    assert (full.value.written_bytes, seen.read("/app/main.py").text) == (0, "print(1)\n")
    seen.write("/app/a", "ab")
    seen.remove("/app/a")
    assert space.left == 10


def test_a_user_writes_to_the_folders_that_everybody_may_write_to() -> None:
    debian = Catalogue.load().resolve("python:3.12-slim")
    seen = Files(WritableLayer(debian))
    seen.write("/tmp/x", "1", user=NOBODY)
    assert (seen.stat("/tmp/x").uid, seen.stat("/tmp").mode) == (65534, 0o1777)
    with pytest.raises(PermissionDenied):
        seen.write("/etc/x", "1", user=NOBODY)


@pytest.mark.parametrize("path", ["/" + "a" * 256, "/" + "é" * 128, "/tmp" + "/a" * 2046])
def test_a_name_or_path_that_is_longer_than_a_kernel_takes_is_refused_in_its_words(path) -> None:
    seen, _ = files()
    assert not seen.exists(path)
    with pytest.raises(NameTooLong, match="File name too long"):
        seen.mkdir(path, parents=True)


def test_names_of_the_greatest_length_are_taken() -> None:
    seen, _ = files()
    seen.write(f"/app/{'a' * 255}", "x")
    assert seen.exists(f"/app/{'a' * 255}")


def test_folders_without_number_within_each_other_are_refused() -> None:
    seen, _ = files()
    with pytest.raises(Refused, match="200 folders"):
        seen.mkdir("/a" * 201, parents=True)
