"""Whatever keys are pressed, nothing crashes."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tui_fakes import FakeClock, FakeSession, FakeTutor

from simulator.tui.actions import ACTIONS
from simulator.tui.app import DrydockApp, Start
from simulator.tui.opening import Opened
from simulator.tui.sandbox import Sandbox

KEYS = sorted({key for one in ACTIONS for key in one.keys} - {"q", "ctrl+q", "ctrl+p"})
TYPED = [*"docker ps/!", "space", "tab", "up", "down", "enter", "escape", "ctrl+s", "y", "b"]


def opener(key: str, seed: int | None = None) -> Opened:
    if key.startswith("lesson/"):
        tutor = FakeTutor()
        return Opened(tutor, tutor.title, tutor=tutor)
    return Opened(Sandbox(FakeSession()), "sandbox")


async def play(size: tuple[int, int], lesson: bool, keys: list[str]) -> None:
    clock = FakeClock()
    start = Start(lesson="x") if lesson else Start(sandbox=True)
    app = DrydockApp(start, opener=opener, clock=clock, ticking=False)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in keys:
            app.simulate_key(key)
            await pilot.pause()
            if app.bench is not None:
                clock.tick()
                app.bench.tick()
        await app.workers.wait_for_complete()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    size=st.sampled_from([(120, 40), (80, 24), (60, 20), (30, 8)]),
    lesson=st.booleans(),
    keys=st.lists(st.sampled_from([*KEYS, *TYPED]), min_size=10, max_size=40),
)
def test_random_keys_never_crash(monkeypatch_home, size, lesson, keys):
    asyncio.run(play(size, lesson, keys))


@pytest.fixture(scope="module")
def monkeypatch_home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRYDOCK_HOME", str(tmp_path_factory.mktemp("home")))
        yield
