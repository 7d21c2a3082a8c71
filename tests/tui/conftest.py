"""Pilot helpers: an application over fakes, frames fed by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tui_fakes import FakeClock, FakeSession, FakeTutor, FakeWorld

from simulator.tui import glyphs
from simulator.tui.app import DrydockApp, Start
from simulator.tui.opening import Opened
from simulator.tui.sandbox import Sandbox
from simulator.tui.screens.workbench import Workbench


class Desk:
    """One application under test."""

    def __init__(self, app, pilot, clock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock

    @property
    def bench(self) -> Workbench:
        return self.app.bench

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def frames(self, count: int = 1, seconds: float = 0.1) -> None:
        for _ in range(count):
            self.clock.tick(seconds)
            self.bench.tick()
        await self.pilot.pause()

    async def type(self, line: str) -> None:
        if not self.bench.prompt.has_focus:
            await self.press("colon")
        self.bench.prompt.value = line
        self.bench.prompt.cursor_position = len(line)
        await self.press("enter")

    def session_of(self):
        return self.bench.driver.session

    async def settle(self) -> None:
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    def screen_text(self) -> str:
        """The whole screen as text, as the compositor would write it."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)


def opener(tutors: list, sessions: list, world=None):
    def open_entry(key: str, seed: int | None = None) -> Opened:
        if key.startswith("lesson/"):
            tutors.append(FakeTutor())
            return Opened(tutors[-1], tutors[-1].title, tutor=tutors[-1])
        sessions.append(FakeSession(FakeWorld() if world is None else world))
        return Opened(Sandbox(sessions[-1]), "sandbox")

    return open_entry


@pytest.fixture
def desk(monkeypatch, tmp_path):
    """``async with desk((80, 24), lesson=True) as d``."""
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    for name in ("NO_COLOR", "DRYDOCK_ASCII", "DRYDOCK_THEME"):
        monkeypatch.delenv(name, raising=False)
    glyphs.choose(False)

    @asynccontextmanager
    async def open_desk(
        size=(120, 40), *, lesson: bool = False, home: bool = False, world=None
    ) -> AsyncIterator[Desk]:
        clock = FakeClock()
        tutors: list = []
        sessions: list = []
        start = Start() if home else Start(lesson="x") if lesson else Start(sandbox=True)
        app = DrydockApp(start, opener=opener(tutors, sessions, world), clock=clock, ticking=False)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            found = Desk(app, pilot, clock)
            found.tutor = tutors[0] if tutors else None
            found.session = sessions[0] if sessions else None
            yield found

    yield open_desk
    glyphs.choose(False)
