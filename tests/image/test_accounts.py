"""Users and groups of images, and as whom a container's processes run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import Refused
from simulator.image.accounts import accounts
from simulator.image.identity import identity
from simulator.image.model import FileEntry, HistoryEntry, Image, ImageConfig, Layer

ALPINE = "ADD alpine-minirootfs-3.24.tar.gz / # buildkit"
DEBIAN = "# debian.sh --arch 'amd64' out/ '12-slim'"


def image(*runs: str, base: str = ALPINE, user: str = "", passwd: str = "") -> Image:
    """An image of a distribution, with RUN lines in its history."""
    files = [FileEntry("/etc/passwd", 1, digest=passwd, text=passwd)] if passwd else []
    history = [HistoryEntry(f"RUN /bin/sh -c {run} # buildkit") for run in runs]
    return Image.of(ImageConfig(user=user), [Layer.of(files, base)], history)


@pytest.mark.parametrize(
    ("run", "base", "expected"),
    [
        ("addgroup -S web && adduser -S app -G web", ALPINE, (100, 101)),
        ("adduser -S app", ALPINE, (100, 65533)),
        ("adduser -D -u 1234 app", ALPINE, (1234, 1234)),
        ("adduser -D app", ALPINE, (1000, 1000)),
        ("useradd app", DEBIAN, (1000, 1000)),
        ("useradd -m -u 1001 -s /bin/bash app", DEBIAN, (1001, 1001)),
        ("groupadd -r app && useradd --no-log-init -r -g app app", DEBIAN, (999, 999)),
        ("adduser --disabled-password --gecos '' --uid 5000 app", DEBIAN, (5000, 5000)),
        ("adduser --system app", DEBIAN, (999, 65534)),
        ("apt-get update && useradd --uid 10001 --gid 0 app", DEBIAN, (10001, 0)),
    ],
)
def test_who_is_made_in_a_run_has_the_numbers_that_its_program_gives(run, base, expected):
    app = accounts(image(run, base=base)).users["app"]
    assert (app.uid, app.gid) == expected


@pytest.mark.parametrize(
    ("asked", "added", "expected"),
    [
        ("1500", (), (1500, 0, (), "1500")),
        ("1500:1600", (), (1500, 1600, (), "1500")),
        ("nobody", (), (65534, 65534, (), "nobody")),
        ("65534", (), (65534, 65534, (), "nobody")),
        ("app", (), (1000, 1000, (29,), "app")),
        ("app:audio", (), (1000, 29, (), "app")),
        ("app", ("44", "staff"), (1000, 1000, (29, 44, 50), "app")),
    ],
)
def test_a_number_needs_nobody_a_name_does_and_a_stated_group_replaces_all_others(
    asked, added, expected
):
    found = identity(image("adduser -D app && addgroup app audio"), asked, added)
    assert (found.uid, found.gid, found.groups, found.name) == expected


@pytest.mark.parametrize(
    ("asked", "added", "sentence"),
    [
        ("nosuch", (), "unable to find user nosuch: no matching entries in passwd file"),
        ("1000:nosuch", (), "unable to find group nosuch: no matching entries in group file"),
        ("", ("nosuch",), "unable to find group nosuch: no matching entries in group file"),
        ("2147483648", (), "uids and gids must be in range 0-2147483647"),
    ],
)
def test_names_of_nobody_are_refused_in_dockers_sentence(asked, added, sentence):
    with pytest.raises(Refused, match=sentence):
        identity(image(), asked, added)


def test_a_copied_file_says_who_there_is_and_nobody_else():
    passwd = "root:x:0:0:root:/root:/bin/sh\nme:x:7:8:me:/me:/bin/sh\n"
    made = image("adduser -D app", passwd=passwd)
    assert list(accounts(made).users) == ["root", "me"]
    assert identity(made, "me").gid == 8


def test_a_user_whom_a_base_brought_or_a_script_made_is_there():
    assert identity(image(user="appuser"), "appuser").uid == 1000
    assert identity(image("./setup.sh", user="late"), "late").uid == 1000


def test_root_is_in_the_groups_of_devices_on_alpine():
    assert identity(image(), "").groups[:3] == (0, 1, 2)
    assert identity(image(base=DEBIAN), "").groups == ()


@given(st.text(alphabet="adusergopm -rSGu1:'&;|\\n", max_size=60))
@settings(max_examples=30, deadline=None)
def test_no_line_is_too_strange_to_be_read(text):
    assert "root" in accounts(image(f"useradd {text}")).users
