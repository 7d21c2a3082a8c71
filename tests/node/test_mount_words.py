"""What -v, --mount, --tmpfs and --volumes-from say, and how Docker refuses what they cannot."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import DrydockError
from simulator.node.mount_words import (
    Mount,
    parse_mount,
    parse_tmpfs,
    parse_volume,
    parse_volumes_from,
)


@pytest.mark.parametrize(
    ("words", "type_", "source", "target", "read_only"),
    [
        ("/data", "volume", "", "/data", False),
        ("data:/var/lib/", "volume", "data", "/var/lib", False),
        ("data:/d:ro,z", "volume", "data", "/d", True),
        ("/srv//x:/x:rw", "bind", "/srv/x", "/x", False),
        ("./src:/app", "bind", "/root/src", "/app", False),
        ("$(pwd)/src:/app", "bind", "/root/src", "/app", False),
        ("~:/home/me", "bind", "/root", "/home/me", False),
    ],
)
def test_the_short_form_names_a_volume_or_a_folder_of_the_host(
    words: str, type_: str, source: str, target: str, read_only: bool
) -> None:
    found = parse_volume(words)
    assert (found.type, found.source, found.target, found.read_only) == (
        type_,
        source,
        target,
        read_only,
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (":/data", "invalid volume specification: ':/data'"),
        ("/data:ro", "invalid volume specification: '/data:ro'"),
        ("a1:/b:ro:c", "invalid volume specification: 'a1:/b:ro:c'"),
        ("a1:/b:ro,rw", "invalid mode: ro,rw"),
        ("a1:/b:soft", "invalid mode: soft"),
        ("a1:b", "invalid mount path: 'b' mount path must be absolute"),
        ("a1:/", "invalid specification: destination can't be '/'"),
        ("src/x:/x", 'create src/x: "src/x" includes invalid characters for a local volume name'),
        ("a:/x", "create a: volume name is too short"),
    ],
)
def test_the_short_form_is_refused_as_docker_refuses_it(words: str, problem: str) -> None:
    with pytest.raises(DrydockError) as caught:
        parse_volume(words)
    assert problem in str(caught.value)


def test_the_long_form_knows_all_fields_and_their_other_names() -> None:
    words = "type=tmpfs,destination=/cache,tmpfs-size=64m,tmpfs-mode=1770,readonly"
    found = parse_mount(words)
    assert (found.target, found.size_bytes, found.tmpfs_mode, found.read_only) == (
        "/cache",
        64 << 20,
        0o1770,
        True,
    )
    assert parse_mount("src=d1,dst=/d,volume-nocopy,volume-label=a=b,ro=0") == Mount(
        "volume", "/d", "d1", mode="z", copies=False, labels=(("a", "b"),)
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("type=bind,source", "invalid field 'source' must be a key=value pair"),
        (
            "type=bind,sorce=/a,dst=/b",
            "unexpected key 'sorce' in 'sorce=/a'; did you mean 'source'",
        ),
        ("type=volume,source=d1", "target is required"),
        ("dst=/a,ro=maybe", "invalid value for ro: maybe"),
        ("type=bind,src=/a,dst=/b,volume-nocopy", "cannot mix 'volume-*' options with mount type"),
        ("type=volume,dst=/b,tmpfs-size=1m", "cannot mix 'tmpfs-*' options with mount type"),
        ("type=tmpfs,dst=/b,tmpfs-size=big", "invalid value for tmpfs-size: big"),
        ("type=bind,dst=/b", 'for type "bind": field Source must not be empty'),
        ("type=bind,src=a,dst=/b", "invalid mount path: 'a' mount path must be absolute"),
        ("type=tmpfs,src=a,dst=/b", 'for type "tmpfs": field Source must not be specified'),
        ("type=nfs,dst=/b", 'invalid mount config for type "nfs": mount type unknown'),
        ("dst=/b,ro", "must not set ReadOnly mode when using anonymous volumes"),
        ("src=d1,dst=/b,volume-driver=nfs", "only the volume driver 'local' is modelled"),
        ("src=d1,dst=/b,volume-opt=type=nfs", "volume-opt is not modelled"),
        ("type=image,src=alpine,dst=/b", "mounts of type 'image' are not modelled"),
    ],
)
def test_the_long_form_is_refused_as_docker_refuses_it(words: str, problem: str) -> None:
    with pytest.raises(DrydockError) as caught:
        parse_mount(words)
    assert problem in str(caught.value)


def test_tmpfs_takes_the_options_of_mount_and_volumes_from_a_mode() -> None:
    found = parse_tmpfs("/run:rw,noexec,size=10m")
    assert (found.size_bytes, found.mode, found.in_list) == (10 << 20, "rw,noexec,size=10m", False)
    assert parse_volumes_from("db:ro") == ("db", True)
    for words in ("db:nocopy", "db:shared", ":ro"):
        with pytest.raises(DrydockError):
            parse_volumes_from(words)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_no_words_bring_the_reader_down(words: str) -> None:
    for read in (parse_volume, parse_mount, parse_tmpfs, parse_volumes_from):
        try:
            read(words)
        except DrydockError:
            continue
