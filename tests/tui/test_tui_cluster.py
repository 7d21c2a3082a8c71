"""The cluster pane over a real cluster: nodes, workloads, pods, the way down and back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from calls import calls
from test_tui_real import Real
from tui_fakes import FakeClock

from simulator.cluster.swarm.specs import Mode, RestartPolicy, ServiceSpec, TaskSpec
from simulator.look.cluster_facts import View
from simulator.look.clusters import Clusters
from simulator.node.spec import ContainerSpec
from simulator.shell import Session
from simulator.tui.app import DrydockApp, Start
from simulator.tui.opening import Opened
from simulator.tui.sandbox import Sandbox
from simulator.tui.screens.dialogs import TextDialog
from simulator.world import World
from simulator.world.cluster_commands import NodeGroup
from simulator.world.swarm_commands import CreateSwarmService, MakeSwarm

SHOP = (
    "cluster create shop --nodes 3",
    "kubectl create deployment web --image nginx --port 80 --replicas 2",
    "kubectl create deployment huge --image nginx",
    "kubectl set resources deploy/huge --requests cpu=50",
    "kubectl expose deploy/web --port 80",
    "kubectl autoscale deploy/web --min 2 --max 4 --cpu-percent 50",
    "advance 30s",
)


@pytest.fixture(scope="module")
def shop() -> World:
    """A shop on three nodes, made once; each test works in a copy."""
    session = Session(World(), folder=Path())
    for line in SHOP:
        assert session.execute(line).error is None, line
    return session.world


@pytest.fixture(autouse=True)
def kept_here(monkeypatch, tmp_path):
    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)


def in_copy(world: World) -> Session:
    return Session(world.branched(), folder=Path())


@asynccontextmanager
async def opened(session: Session, size: tuple[int, int], *keys: str):
    """A workbench over a session, after some keys."""
    desk = Sandbox(session)
    clock = FakeClock()
    app = DrydockApp(
        Start(sandbox=True), opener=lambda *_: Opened(desk, "shop"), clock=clock, ticking=False
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        d = Real(app, pilot, clock)
        await d.press(*keys)
        await d.frames(1)
        yield d


async def typed(d, line: str) -> None:
    """A line that goes to a view, and a frame: nothing else has to be waited for."""
    d.bench.submit(line)
    await d.frames(1)


async def test_the_cluster_shows_what_there_is_and_words_typed_alone_go_to_its_views(shop):
    async with opened(in_copy(shop), (80, 24), "6") as d:
        for size in ((80, 24), (120, 40)):
            await d.pilot.resize_terminal(*size)
            await d.frames(1)
            text = d.text()
            for words in (
                "3 of 3 nodes ready",
                "1 unschedulable",
                "node-1 ",
                "deploy/web ",
                "● as wanted",
                "2 of 2",
                "deploy/huge",
                "1 of 1, 1 of the newest kind, 1 older",
                "hpa/web",
                "2 of 2-4",
            ):
                assert words in text, (size, words)
        for word, words in (
            ("nodes", "6 nodes"),
            ("deploy", "6 workloads"),
            ("svc", "2 of 2"),
            ("hpa", "6 autoscalers"),
            ("pods", "huge-"),
        ):
            await typed(d, word)
            assert words in d.text(), word
            assert d.bench.focused is d.bench.cluster
        assert [one.text for one in d.bench.completions("que", 3)] == ["queue"]
        await d.press("slash", "h", "u", "g", "e", "enter")
        await d.frames(1)
        assert [key.split("/")[2][:5] for key in d.bench.cluster.keys] == ["huge-", "huge-"]
        await d.press("escape")
        await d.frames(1)
        assert len(d.bench.cluster.keys) == 4


async def test_enter_goes_from_a_workload_to_its_pods_and_why_and_escape_comes_back(shop):
    async with opened(in_copy(shop), (100, 30), "6", "j", "j", "j", "j", "enter") as d:
        assert "6 pods › deploy/web" in d.text()
        assert d.text().count("● Running") == 2
        await d.press("d")
        assert isinstance(d.app.screen, TextDialog)
        assert "scheduler, if it were placed now" in d.text()
        await d.press("escape", "enter")
        await d.frames(1)
        assert "6 containers › deploy/web › pod/web-" in d.text()
        assert "● running" in d.text()
        await d.press("enter")
        assert isinstance(d.app.screen, TextDialog)
        assert "logs of web-" in d.text()
        await d.press("escape", "escape", "escape")
        await d.frames(1)
        assert "6 cluster" in d.text()
        assert d.bench.cluster.cursor_key == "Deployment/default/web"
        await d.press("g", "d")
        assert "0/3 nodes are available" in d.text()
        await d.press("escape", "D")
        assert "Cluster: › ▲ 1 pod unschedulable: 3 Insufficient cpu" in d.text()
        await d.press("escape", "2")
        assert d.bench.focused is d.bench.map


async def test_events_namespaces_tables_and_contexts_have_views(shop):
    session = in_copy(shop)
    for line in (
        "kubectl create namespace team",
        "kubectl create deployment api --image nginx --namespace team",
        "kubectl create quota few --hard pods=3 --namespace team",
        "cluster create other --nodes 1",
        "kubectl config use-context shop",
    ):
        assert session.execute(line).error is None, line
    async with opened(session, (100, 24), "6") as d:
        for line, some, none in (
            ("events", ("· Started", "pod/web-", "▲ "), ()),
            ("events /scheduling", ("▲ FailedScheduling", "pod/huge-", "0/3 nodes"), ("web-",)),
            ("pods team", ("api-", "namespace team"), ("web-", "huge-")),
            ("rs", ("6 ReplicaSet", "desired", "team/api-"), ("web-",)),
            ("rs all /web", ("web-",), ("api-",)),
            ("quota", ("team/few", "pods: 1/3"), ()),
            ("pods nowhere", ("no namespace is called 'nowhere'", "6 ResourceQuota"), ()),
            ("ns", ("team", "kube-system", "Active"), ()),
            ("ctx", ("shop", "● shown", "other", "○ other"), ()),
            ("pods @other", ("other  1 of 1 node ready", "no pods here"), ("web-",)),
        ):
            await typed(d, line)
            text = d.text()
            if line == "events":
                await d.frames(1)
                view = d.bench.cluster
                assert view.vertical_scrollbar.position == view.max_scroll_y > 0  # it follows
            assert [word for word in some if word not in text] == [], (line, text)
            assert [word for word in none if word in text] == [], (line, text)


async def test_nodes_are_boxes_and_an_autoscaler_is_two_plots_over_the_reasons_of_its_decision(
    shop,
):
    session = in_copy(shop)
    session.execute("kubectl set resources deploy/web --requests cpu=100m")
    session.execute("advance 120s")
    async with opened(session, (80, 24), "6") as d:
        await typed(d, "nodes")
        assert "┏━›node-1 ● ready" in d.text()
        assert "┗━ R" in d.text()
        for key, name in (("right", "node-2"), ("left", "node-1"), ("down", "node-3")):
            await d.press(key)
            assert d.bench.cluster.cursor_key == f"node/{name}", key
        await d.press("enter")
        await d.frames(1)
        assert "6 pods › node/node-3" in d.text()
        await typed(d, "hpa")
        await d.press("enter")
        await d.frames(1)
        for words in ("metric / target now 0% target 100%", "replicas now 2 limits 2-4",
                      "decision ", "metric cpu: 0%/50%"):  # fmt: skip
            assert words in d.text(), d.text()
        await d.press("d")
        assert isinstance(d.app.screen, TextDialog)
        assert "cpu resource utilization" in d.text()
        await d.press("escape", "escape")
        await d.frames(1)
        assert "6 autoscalers" in d.text()


def filled(size: int) -> Clusters:
    session = in_copy(World())
    for line in (
        f"cluster create big --nodes {15 * size} --cores 32",
        f"kubectl create deployment web --image nginx --replicas {40 * size}",
        "advance 30s",
    ):
        assert session.execute(line).error is None, line
    return Clusters(session.world)


async def test_a_frame_of_a_paused_world_costs_the_pane_nothing_and_one_of_twice_as_much_no_more(
    shop,
):
    sizes = filled(1), filled(2)
    async with opened(in_copy(shop), (100, 30), "6") as d:
        view = d.bench.cluster
        for kind in ("overview", "nodes", "pods"):
            view.jump(kind)
            await d.frames(1)
            costs = []
            for looking in sizes:
                facts = looking.facts(View(kind), 0, 30)
                first = replace(d.bench.seen, cluster=facts)
                later = replace(first, time=first.time + 1)
                view.show(first)
                assert calls(lambda: view.show(first)) < 30  # noqa: B023
                costs.append(calls(lambda: view.show(later)))  # noqa: B023
            assert 30 < costs[1] <= costs[0] * 1.2 + 20


async def test_a_swarm_has_the_same_pane(shop):
    session = in_copy(shop)
    world = session.world
    world.apply(MakeSwarm((NodeGroup(count=2, prefix="n"),)))
    container = ContainerSpec(image="shop:1", workload="server cpu=5ms memory=16MiB")
    task = TaskSpec(container=container, restart=RestartPolicy(condition="none"))
    world.apply(
        CreateSwarmService(ServiceSpec(name="web", task=task, mode=Mode(replicas=2)), machine="n1")
    )
    session.execute("advance 20s")
    async with opened(session, (100, 24), "6") as d:
        assert "shop  3 of 3 nodes ready" in d.text()
        assert "1 more: :ctx" in d.text()
        for line, some in (
            ("ctx n1", ("swarm n1/1  2 of 2 nodes ready, leader n1; 1 service, 2 of 2 tasks run",)),
            ("tasks", ("6 tasks", "web.1", "● running", "n2")),
            ("pods /web.2", ("web.2",)),
            ("rs", ("a swarm has no such thing",)),
            ("nodes", ("● ready", "Leader", "worker", "active")),
            ("services", ("6 services", "● as wanted", "2/2", "replicated")),
        ):
            await typed(d, line)
            assert [word for word in some if word not in d.text()] == [], (line, d.text())
        await d.press("enter")
        await d.frames(1)
        assert "6 tasks › service/web" in d.text()
        await d.press("enter")
        assert isinstance(d.app.screen, TextDialog)
        for words in ("wanted     running", "container  web.1.", "Why", "task web.1"):
            assert words in d.text(), d.text()
        await d.press("escape", "l")
        assert "logs of web.1" in d.text()
        await d.press("escape")
        await typed(d, "ctx shop")
        assert "shop  3 of 3 nodes ready" in d.text()


async def test_without_a_cluster_the_pane_says_how_to_make_one():
    async with opened(in_copy(World()), (80, 24), "6") as d:
        assert "cluster create shop" in d.text()
        assert d.bench.driver.session.reader.cluster(*d.bench.cluster.asked) is None
