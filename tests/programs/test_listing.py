"""ls: one layout for each distribution, GNU's columns, and dates of what was written."""

import pytest
from inside import answer
from test_shell import ENV, view

from simulator.errors import Refused

LINUX = ["bin", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root", "run", "sbin"]
LINUX += ["srv", "sys", "tmp", "usr", "var"]
FULL = sorted([*LINUX, "boot", "lib64"])
BUSYBOX = ["bin", "dev", "etc", "home", "lib", "lib64", "proc", "root", "sys", "tmp", "usr", "var"]


@pytest.mark.parametrize(
    ("image", "names"),
    [("ubuntu", FULL), ("debian", FULL), ("alpine", LINUX), ("busybox", BUSYBOX)],
)
@pytest.mark.parametrize("words", [["ls"], ["ls", "/"], ["ls", "/etc/.."]])
def test_the_root_of_a_distribution_is_the_same_by_whatever_path(image, names, words):
    assert list(answer(view(image), words, ENV).lines) == names


def test_ls_l_has_modes_links_owners_sizes_and_dates_in_columns():
    seen = view("alpine")
    seen.files.mkdir("/tmp/d")
    seen.files.write("/tmp/f", "hello")
    seen.files.write("/tmp/g", size_bytes=5000)
    assert answer(seen, ["ls", "-ln", "/tmp"], ENV).lines == (
        "total 16",
        "drwxr-xr-x 1 0 0 4096 Jan  1 00:00 d",
        "-rw-r--r-- 1 0 0    5 Jan  1 00:00 f",
        "-rw-r--r-- 1 0 0 5000 Jan  1 00:00 g",
    )
    assert answer(seen, ["ls", "-F", "/tmp"], ENV).lines == ("d/", "f", "g")
    assert answer(seen, ["ls", "-lnh", "/tmp/g"], ENV).lines == (
        "-rw-r--r-- 1 0 0 4.9K Jan  1 00:00 /tmp/g",
    )


def test_a_letter_of_ls_without_a_model_is_refused_by_name():
    with pytest.raises(Refused, match="ls -R is not modelled"):
        answer(view("alpine"), ["ls", "-R"], ENV)


def test_a_folder_that_no_layer_lists_can_be_removed_and_made_again():
    seen = view("ubuntu")
    seen.files.remove("/srv")
    assert "srv" not in answer(seen, ["ls"], ENV).lines
    seen.files.mkdir("/srv")
    assert "srv" in answer(seen, ["ls"], ENV).lines
