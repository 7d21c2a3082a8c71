"""Every command is the same after it was written as JSON and read again."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import CommandLog
from simulator.engine.commands import Logged
from simulator.errors import InputError
from simulator.files import asset
from simulator.scenario import build, load
from simulator.shell import Session
from simulator.traffic.replay import Trace
from simulator.traffic.sources import TraceTraffic
from simulator.world import World, as_json
from simulator.world.commands import CreateHost, StartTraffic
from simulator.world.compose_commands import ComposeRun

NUMBERS = st.floats(allow_nan=False)
TEXTS = st.text(max_size=5)
SHORT = 2


def any_value():
    """What a file may hold where nothing is said of its type: no tuple."""
    plain = st.none() | st.booleans() | st.integers(-9, 9) | NUMBERS | TEXTS
    return plain | st.lists(plain, max_size=SHORT) | st.dictionaries(TEXTS, plain, max_size=SHORT)


PLAIN = {
    str: TEXTS, int: st.integers(-(2**62), 2**62), float: NUMBERS, bool: st.booleans(),
    type(None): st.none(), typing.Any: any_value(),
}  # fmt: skip


def of_type(kind):
    if kind in PLAIN:
        return PLAIN[kind]
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([of_type(one) for one in args])
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is typing.Annotated:
        return of_type(args[0])
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(of_type(args[0]), max_size=SHORT).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of_type, args))
    if origin in (dict, Mapping):
        return st.dictionaries(of_type(args[0]), of_type(args[1]), max_size=SHORT)
    if origin in (set, frozenset):
        return st.frozensets(of_type(args[0]), max_size=SHORT).map(origin)
    return whole(kind)


def whole(kind):
    if issubclass(kind, ComposeRun):
        return st.builds(ComposeRun, project=of_type(typing.get_type_hints(kind)["project"]),
                         service=TEXTS, changes=st.just({"command": ("a", "b")}))  # fmt: skip
    hints = typing.get_type_hints(kind)
    names = (
        [one.name for one in dataclasses.fields(kind) if one.init]
        if dataclasses.is_dataclass(kind)
        else kind.__struct_fields__
    )
    return st.deferred(
        lambda: st.fixed_dictionaries({name: of_type(hints[name]) for name in names})
    ).map(lambda values: kind(**values))


def again(command):
    return as_json.from_data(json.loads(json.dumps(as_json.to_data(command))))


def test_every_command_that_a_world_carries_out_is_known():
    assert set(as_json.kinds()) == set(World()._handlers)


@pytest.mark.parametrize("kind", as_json.kinds(), ids=lambda kind: kind.__name__)
def test_a_command_comes_back_as_it_was(kind):
    @settings(max_examples=8, deadline=None)
    @given(whole(kind))
    def comes_back(command):
        assert command == again(command)

    comes_back()


def test_a_trace_travels_in_the_traffic_that_replays_it():
    spec = TraceTraffic(trace=Trace("access.log", (0.0, 1.5), (3, 4), 1.0), speed=2.0)
    command = StartTraffic(service="web", spec=spec)
    assert command == again(command)


def test_a_log_that_was_read_again_makes_the_same_world():
    file = asset("scenarios", "surge.yaml")
    built = build(load(file))
    session = Session(built.world, folder=file.parent)
    session.advance(built.start_s + 30)
    session.execute("docker run -d --name more --cpus 0.5 nginx")
    world = session.world
    log = as_json.from_json(as_json.to_json(world.log))
    assert list(world.log) == list(log)
    other = World.replayed(world.seed, log, world.now, world.parts.calibration)
    assert world.journal.digest == other.journal.digest


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "this log of commands is no JSON"),
        ("[" * 100_000, "this log of commands is no JSON"),
        ("{}", "no log of commands"),
        ("[[1]]", "no entry of a log"),
        ('[["now", {}]]', "no entry of a log"),
        ('[[1, {"type": "Delete"}]]', "this is no command"),
        ('[[1, {"type": "CreateHost", "name": "a", "cores": "many"}]]', "this is no command"),
        ('[[1, {"type": "CreateHost", "name": {"$number": "x"}}]]', "this is no command"),
        ("[[-1, {}]]", "time of a command"),
        ("[[NaN, {}]]", "time of a command"),
    ],
)
def test_what_is_no_log_is_refused(text, problem):
    with pytest.raises(InputError, match=problem):
        as_json.from_json(text)


def test_a_command_of_an_earlier_time_is_refused():
    log = CommandLog([Logged(5.0, CreateHost(name="a")), Logged(4.0, CreateHost(name="b"))])
    with pytest.raises(InputError, match="expected 5 or later"):
        as_json.from_json(as_json.to_json(log))
