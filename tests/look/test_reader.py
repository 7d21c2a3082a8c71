"""Whoever looks asks for what it shows, and gets that."""

from __future__ import annotations

import pytest
from fleet import fleet
from harbour import have_image, run
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import look
from simulator.look.outline import Outline, Words, matching
from simulator.world.commands import CreateVm, PauseContainer, RemoveContainer, RenameContainer


@pytest.fixture(scope="module")
def world():
    world = fleet(2, 3)
    world.apply(CreateVm(name="guest", machine="h0"))
    world.advance(world.now + 60.0)
    have_image(world, "guest")
    run(world, "inner", "idle", machine="guest")
    world.advance(world.now + 5.0)
    return world


def names(rows):
    return [f"{row.kind} {row.view.name}" for row in rows]


def test_rows_come_in_the_order_of_what_contains_what(world):
    rows = look.Reader(world).rows(0, 100)
    assert [(row.depth, row.kind, row.view.name) for row in rows] == [
        (0, "host", "h0"),
        (1, "kernel", "h0"),
        (2, "container", "c0-0"),
        (2, "container", "c0-1"),
        (2, "container", "c0-2"),
        (2, "vm", "guest"),
        (3, "kernel", "guest"),
        (4, "container", "inner"),
        (0, "host", "h1"),
        (1, "kernel", "h1"),
        (2, "container", "c1-0"),
        (2, "container", "c1-1"),
        (2, "container", "c1-2"),
    ]
    kernels = [row.view for row in rows if row.kind == "kernel"]
    assert [(one.container_count, one.vm_count) for one in kernels] == [(3, 1), (1, 0), (3, 0)]
    assert [row.ends for row in rows[2:8]] == [
        (False,),
        (False,),
        (False,),
        (True,),
        (True,),
        (True, True),
    ]


def test_the_way_down_to_a_machine_is_said_in_words(world):
    assert look.Reader(world).way("vm/guest") == ["host h0", "vm guest"]
    assert look.Reader(world).way("vm/nobody") == []


def test_below_a_root_stands_only_what_is_in_it_and_one_that_is_gone_shows_all(world):
    reader = look.Reader(world)
    assert names(reader.rows(0, 9, "vm/guest")) == ["vm guest", "kernel guest", "container inner"]
    assert list(reader.outline("host/gone")) == list(reader.outline())


def test_a_filter_keeps_the_way_to_what_it_finds_and_can_be_inverted(world):
    reader = look.Reader(world)
    assert names(reader.rows(0, 99, None, "INNER")) == [
        "host h0",
        "kernel h0",
        "vm guest",
        "kernel guest",
        "container inner",
    ]
    kept = names(reader.rows(0, 99, None, "!c0"))
    assert "container inner" in kept
    assert "container c0-0" not in kept
    assert list(reader.outline(None, "nothing like it")) == []
    assert list(reader.outline(None, "!")) == list(reader.outline())


def test_a_page_is_the_part_of_the_whole_that_was_asked_for(world):
    reader = look.Reader(world)
    whole = reader.rows(0, 100)
    assert [row.key for row in whole] == list(reader.outline())
    for first in range(-2, 15):
        for count in range(5):
            assert reader.rows(first, count) == whole[max(0, first) : max(0, first + count)]


def test_totals_are_what_the_parts_add_up_to(world):
    totals, shot = look.Reader(world).totals(), look.snapshot(world)
    assert (totals.hosts, totals.vms, totals.containers) == (2, 1, 7)
    assert totals.states == {"running": 7}
    assert totals.alive == 7
    assert totals.cores == sum(host.cores for host in shot.hosts)
    assert totals.memory_used_bytes == sum(host.memory_used_bytes for host in shot.hosts)


def test_a_row_says_the_same_of_a_thing_as_a_snapshot_of_everything(world):
    shown = {row.key: row.view for row in look.Reader(world).rows(0, 100)}
    for one in look.snapshot(world).containers():
        assert shown[f"container/{one.id}"] == one


def test_the_same_version_gives_the_same_object_and_any_change_another():
    world = fleet(1, 3)
    reader = look.Reader(world)

    def answers():
        return (
            reader.snapshot(),
            reader.totals(),
            reader.outline(),
            reader.rows(0, 5),
            reader.services(),
        )

    before, version = answers(), reader.version
    assert all(a is b for a, b in zip(before, answers(), strict=True))
    world.apply(PauseContainer(name="c0-1"))
    assert reader.version != version
    assert reader.totals().states == {"running": 2, "paused": 1}
    assert reader.rows(3, 1)[0].view.state == "paused"
    world.apply(RenameContainer(name="c0-1", new_name="other"))
    assert [row.view.name for row in reader.rows(2, 3)] == ["c0-0", "c0-2", "other"]
    world.apply(RemoveContainer(name="c0-2", force=True))
    world.advance(world.now + 5.0)
    assert len(reader.outline()) == 4


def test_endpoints_of_the_service_are_the_busiest_and_dead_containers_never_are():
    world = fleet(1, 2, "server cpu=1ms", service="web")
    run(world, "hog", "batch cpu=1h threads=4")
    run(world, "done", "exit code=0")
    world.advance(world.now + 5.0)
    reader = look.Reader(world)
    assert [one.view.name for one in reader.busiest("web", 9)] == ["c0-0", "c0-1", "hog"]
    assert [one.view.name for one in reader.busiest(None, 1)] == ["hog"]
    assert [one.cores for one in reader.busiest("web", 1)] == [8.0]


def test_events_are_asked_for_from_the_last_that_is_known():
    world = fleet(1, 2)
    reader = look.Reader(world)
    everything = reader.events(10_000)
    assert [one.seq for one in everything] == list(range(reader.event_count))
    assert reader.events(10_000, after=everything[1].seq) == everything[2:]
    assert reader.events(3) == everything[-3:]
    assert reader.events(3, after=reader.event_count - 1) == ()


pieces = st.lists(st.lists(st.text("abc", max_size=3), max_size=4).map(tuple), max_size=6)


@settings(max_examples=40)
@given(pieces)
def test_an_outline_is_the_list_that_its_pieces_make(parts):
    plain = [key for part in parts for key in part]
    outline = Outline(parts)
    assert list(outline) == plain
    assert len(outline) == len(plain)
    assert [outline[index] for index in range(len(plain))] == plain
    assert outline[1:4] == plain[1:4]
    for key in plain:
        assert outline.index(key) == plain.index(key)
    with pytest.raises(ValueError, match="no row"):
        outline.index("d")


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=12))
def test_what_matches_and_what_does_not_are_all_the_containers(rows):
    words = [Words(depth, "container", text) for depth, text in rows]
    hits, others = set(matching(words, "a")), set(matching(words, "!a"))
    assert hits | others == set(range(len(rows)))
    assert {number for number, (_, text) in enumerate(rows) if text == "a"} <= hits
