"""The workbench over the real shell, the real world and the shipped lessons."""

from __future__ import annotations

import pytest
from tui_fakes import FakeClock

from simulator import files
from simulator.course.model import Predict, Run, Solution, Task
from simulator.tui.app import DrydockApp, Start


@pytest.fixture(autouse=True)
def kept_here(monkeypatch, tmp_path):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)


class Real:
    def __init__(self, app, pilot, clock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock

    @property
    def bench(self):
        return self.app.bench

    async def frames(self, count: int, seconds: float = 0.1) -> None:
        for _ in range(count):
            self.clock.tick(seconds)
            self.bench.tick()
        await self.pilot.pause()

    async def until_idle(self, most: int = 400) -> None:
        for _ in range(most):
            if self.bench.driver.job is None and self.bench.driver.playback is None:
                break
            await self.frames(8, 0.25)
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def type(self, line: str) -> None:
        self.bench.submit(line)
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.until_idle()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)


def real_app(start: Start) -> tuple[DrydockApp, FakeClock]:
    clock = FakeClock()
    return DrydockApp(start, clock=clock, ticking=False), clock


async def test_a_person_in_the_sandbox_sees_a_surge_and_takes_it_back():
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(120, 40)) as pilot:
        d = Real(app, pilot, clock)
        await pilot.pause()
        await d.type(
            'docker run -d --name web --network-alias web --workload "server cpu=20ms" nginx'
        )
        await d.type("traffic web 30/s")
        await d.press("plus", "plus", "plus")
        await d.frames(30)
        text = d.text()
        assert "● running" in text
        assert "3 charts of web" in text
        assert "offered" in text
        assert "p95" in text
        await d.type("docker runn")
        assert "did you mean" in d.text()
        await d.press("u")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert not d.bench.seen.services or not d.bench.seen.services[0].traffic


async def test_a_shipped_lesson_is_played_to_its_end_by_its_own_solutions():
    app, clock = real_app(Start(lesson="surge-by-hand"))
    async with app.run_test(size=(120, 40)) as pilot:
        d = Real(app, pilot, clock)
        await pilot.pause()
        run = d.bench.tutor.run
        for step in list(run.lesson.steps):
            for part in step.parts:
                if isinstance(part, Predict):
                    run.predict(part.id, "1")
                elif isinstance(part, Run):
                    await d.press("x")
                    await d.until_idle()
                elif isinstance(part, Task):
                    for line in run.lesson.of(part.id, Solution)[0].lines:
                        await d.type(line.text)
                    await d.press("c")
                    assert run.tasks[part.id].solved, d.text()
            await d.press("n")
        assert run.complete
        assert not d.bench.driver.running  # a fresh world of a lesson is paused like the first
        assert "✖ error" not in d.text()
        await d.press("H", "y")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "done" in d.text()


async def test_every_scenario_opens_and_runs_its_script():
    for path in sorted((files.folder("assets") / "scenarios").glob("*.yaml")):
        app, clock = real_app(Start(scenario=str(path)))
        async with app.run_test(size=(80, 24)) as pilot:
            d = Real(app, pilot, clock)
            await pilot.pause()
            await d.press(*["plus"] * 6)
            await d.frames(5)
            assert "✖ error" not in d.text()
            assert d.bench.seen.totals.hosts


async def test_a_lesson_that_does_not_exist_is_one_line_on_the_home_screen():
    app, clock = real_app(Start(lesson="no-such-lesson"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.bench is None
        assert "Lessons" in Real(app, pilot, clock).text()


async def test_lines_go_to_a_shell_in_a_container_whose_prompt_is_shown():
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(120, 40)) as pilot:
        d = Real(app, pilot, clock)
        await pilot.pause()
        await d.type("docker run -it --name c -h box debian:12-slim")
        assert "root@box:/# " in d.text()
        await d.type("cd /tmp && echo $PWD is here")
        assert "root@box:/tmp# " in d.text()
        assert "/tmp is here" in d.text()
        await d.press("u")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "root@box:/# " in d.text()
        await d.type("exit")
        assert "root@box" not in d.text().splitlines()[-1]


async def test_what_is_followed_is_left_with_ctrl_c():
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(120, 40)) as pilot:
        d = Real(app, pilot, clock)
        await pilot.pause()
        await d.type("docker run -d --name c alpine sleep 1000")
        app.bench.driver.submit("docker stats")
        assert app.bench.driver.job is not None
        await pilot.press("ctrl+c")
        assert app.bench.driver.job is None
        assert not app._exit
