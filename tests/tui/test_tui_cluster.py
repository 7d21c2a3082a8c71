"""The cluster pane over a real cluster: nodes, workloads, pods, the way down and back."""

from __future__ import annotations

import pytest
from test_tui_real import Real, real_app

from simulator.tui.app import Start
from simulator.tui.screens.dialogs import TextDialog

SHOP = (
    "cluster create shop --nodes 3",
    "kubectl create deployment web --image nginx --port 80 --replicas 2",
    "kubectl create deployment huge --image nginx",
    "kubectl set resources deploy/huge --requests cpu=50",
    "kubectl expose deploy/web --port 80",
    "kubectl autoscale deploy/web --min 2 --max 4 --cpu-percent 50",
)


@pytest.fixture(autouse=True)
def kept_here(monkeypatch, tmp_path):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)


async def opened(pilot, app, clock, *lines):
    d = Real(app, pilot, clock)
    await pilot.pause()
    for line in (*SHOP, *lines):
        await d.type(line)
    session = d.bench.driver.session
    session.execute("advance 30s")
    await d.frames(1)
    return d


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_cluster_shows_nodes_workloads_autoscaler_and_queue(size):
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=size) as pilot:
        d = await opened(pilot, app, clock)
        await d.press("6")
        await d.frames(1)
        text = d.text()
        for words in (
            "3 of 3 nodes ready",
            "1 fit nowhere",
            "node-1 ",
            "deploy/web ",
            "● as wanted",
            "2 of 2",
            "deploy/huge",
            "1 of 1, 1 of the newest kind, 1 older",
            "hpa/web",
            "2 of 2-4",
        ):
            assert words in text, words


async def test_enter_goes_from_a_workload_to_its_pods_and_why_and_escape_comes_back():
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(100, 30)) as pilot:
        d = await opened(pilot, app, clock)
        await d.press("6", "j", "j", "j", "enter")
        await d.frames(1)
        assert "6 pods › Deployment/default/web" in d.text()
        assert d.text().count("● Running") == 2
        await d.press("enter")
        assert isinstance(app.screen, TextDialog)
        assert "scheduler, if it were placed now" in d.text()
        await d.press("escape", "escape")
        await d.frames(1)
        assert "6 cluster" in d.text()
        assert d.bench.cluster.cursor_key == "Deployment/default/web"
        await d.press("2")
        assert d.bench.focused is d.bench.map


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("nodes", "6 nodes"),
        ("pods", "huge-"),
        ("deploy", "6 workloads"),
        ("svc", "2 of 2"),
        ("hpa", "6 autoscalers"),
    ],
)
async def test_a_word_typed_alone_goes_to_its_view(word, words):
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(80, 24)) as pilot:
        d = await opened(pilot, app, clock)
        await d.type(word)
        await d.frames(1)
        assert words in d.text()
        assert d.bench.focused is d.bench.cluster


async def test_a_filter_shows_only_rows_that_contain_a_text():
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(80, 24)) as pilot:
        d = await opened(pilot, app, clock)
        await d.type("pods")
        await d.press("slash", "h", "u", "g", "e", "enter")
        await d.frames(1)
        assert [key.split("/")[2][:5] for key in d.bench.cluster.keys] == ["huge-", "huge-"]
        await d.press("escape")
        await d.frames(1)
        assert len(d.bench.cluster.keys) == 4


async def test_without_a_cluster_the_pane_says_how_to_make_one():
    app, clock = real_app(Start(sandbox=True))
    async with app.run_test(size=(80, 24)) as pilot:
        d = Real(app, pilot, clock)
        await pilot.pause()
        await d.press("6")
        await d.frames(1)
        assert "cluster create shop" in d.text()
        assert d.bench.driver.session.reader.cluster(*d.bench.cluster.asked) is None
