"""Whatever keys, texts, pastes, clicks and sizes come: nothing crashes, nothing is wedged, no key
that is typed is lost."""

from __future__ import annotations

import asyncio
import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from textual import events
from textual.geometry import Size
from tui_fakes import FakeClock, FakeSession, FakeTutor

from simulator.tui.actions import ACTIONS
from simulator.tui.app import DrydockApp, Start
from simulator.tui.opening import Opened
from simulator.tui.sandbox import Sandbox

LEAVING = {"q", "ctrl+q", "ctrl+p", "H"}
KEYS = sorted({key for one in ACTIONS for key in one.keys} - LEAVING)
TYPED = [*"docker ps/!", "space", "tab", "up", "down", "enter", "escape", "ctrl+s", "ctrl+r", "y"]
TEXTS = ["docker ps\n", "docker ps\ndocker build x\nraise\n", "a\\\nb", "'", "until 5s\n", "\x1b["]
SIZES = [(120, 40), (80, 24), (60, 20), (30, 8), (200, 60)]

key = st.sampled_from([*KEYS, *TYPED]).map(lambda name: ("key", name))
paste = st.sampled_from(TEXTS).map(lambda text: ("paste", text))
size = st.sampled_from(SIZES).map(lambda pair: ("size", pair))
click = st.tuples(st.integers(0, 79), st.integers(0, 23)).map(lambda at: ("click", at))
frame = st.just(("frame", 0.1))
storm = st.lists(st.one_of(key, key, key, key, paste, size, click, frame), min_size=20, max_size=60)
STORMS = 250 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 5
"""About forty events each."""
SETTINGS = settings(
    deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


def opener(key: str, seed: int | None = None) -> Opened:
    if key.startswith("lesson/"):
        tutor = FakeTutor()
        return Opened(tutor, tutor.title, tutor=tutor)
    return Opened(Sandbox(FakeSession()), "sandbox")


def send(app, kind: str, what) -> None:
    """One event as a terminal sends it; nobody waits for what comes of it."""
    if kind == "key":
        app.post_message(events.Key(what, what if len(what) == 1 else None))
    elif kind == "paste":
        app.post_message(events.Paste(what))
    elif kind == "size":
        app._driver._size = Size(*what)
        app.post_message(events.Resize(Size(*what), Size(*what)))
    elif kind == "click":
        for one in (events.MouseDown, events.MouseUp):
            app.post_message(one(None, *what, 0, 0, 1, False, False, False, *what, None))


async def quiet(app, pilot) -> None:
    """Until all that was sent has been carried out."""
    for _ in range(20_000):
        await pilot.pause(0)
        if not app._input and app._turn is None:
            return
    raise AssertionError(f"wedged with {len(app._input)} events that wait")


async def play(lesson: bool, storm: list) -> None:
    clock = FakeClock()
    start = Start(lesson="x") if lesson else Start(sandbox=True)
    app = DrydockApp(start, opener=opener, clock=clock, ticking=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for kind, what in storm:
            send(app, kind, what)
            if kind == "frame" and app.bench is not None:
                clock.tick(what)
                app.bench.tick()
                await pilot.pause(0)
        await quiet(app, pilot)
        await app.workers.wait_for_complete()
        await types_on(app, pilot)


async def types_on(app, pilot) -> None:
    """After a storm one gets out of everything, and what is typed then arrives letter by letter."""
    send(app, "size", (80, 24))
    for _ in range(8):
        send(app, "key", "escape")
    send(app, "key", "ctrl+c")
    await quiet(app, pilot)
    bench = app.bench
    assert app.screen is bench
    bench.drop_lines()
    bench.driver.session.prompt = None
    line = "docker ps after it all"
    send(app, "key", "colon")
    for char in line:
        send(app, "key", {" ": "space"}.get(char, char)) if char != " " else app.post_message(
            events.Key("space", " ")
        )
    await quiet(app, pilot)
    assert bench.prompt.value == line
    send(app, "key", "enter")
    await quiet(app, pilot)
    assert bench.driver.session.typed[-1] == line


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@settings(SETTINGS, max_examples=STORMS)
@given(lesson=st.booleans(), storm=storm)
def test_no_storm_of_input_crashes_wedges_or_swallows_a_key(monkeypatch_home, lesson, storm):
    asyncio.run(play(lesson, storm))


@pytest.fixture(scope="module")
def monkeypatch_home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRYDOCK_HOME", str(tmp_path_factory.mktemp("home")))
        yield
