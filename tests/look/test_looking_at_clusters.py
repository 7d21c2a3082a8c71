"""What a screen asks of a cluster: the right numbers, and no more work than rows are seen."""

from math import isfinite
from pathlib import Path

import pytest
from calls import calls

from simulator.look.cluster_facts import View
from simulator.look.cluster_names import KINDS, Names
from simulator.look.clusters import Clusters
from simulator.shell import Session
from simulator.world import World


def session_of(*lines):
    session = Session(World(), folder=Path())
    for line in lines:
        assert session.execute(line).error is None, line
    return session


def filled(nodes, replicas):
    return session_of(
        f"cluster create big --nodes {nodes} --cores 32",
        f"kubectl create deployment web --image nginx --replicas {replicas}",
        "kubectl set resources deploy/web --requests cpu=100m",
        "advance 30s",
    )


def test_fills_and_rows_tell_what_is_asked_of_nodes():
    session = session_of(
        "cluster create small --nodes 2 --cores 4",
        "kubectl create deployment web --image nginx",
        "kubectl set resources deploy/web --requests cpu=1960m",
        "kubectl cordon node-2",
        "advance 30s",
    )
    found = Clusters(session.world).facts(View(), 0, 10)
    rows = {row.name: row for row in found.rows[:2]}
    home = next(row for row in rows.values() if row.pods)
    assert (home.cpu_asked, home.cpu, home.pods) == (1960, 3920, 1)
    assert rows["node-2"].cordoned
    assert sorted(found.fills) == [0, 4]
    assert (found.nodes, found.ready_nodes, found.pods) == (2, 2, 1)


@pytest.fixture(scope="module")
def two_sizes():
    """A cluster and one of twice its size: nodes, pods that run, pods that fit nowhere."""
    sessions = [filled(40, 60), filled(80, 120)]
    for session, size in zip(sessions, (1, 2)):
        for line in (
            "kubectl expose deploy/web --port 80",
            f"kubectl create deployment huge --image nginx --replicas {50 * size}",
            "kubectl set resources deploy/huge --requests cpu=50",
            "advance 30s",
        ):
            assert session.execute(line).error is None, line
    return sessions


VIEWS = [
    *(View(kind) for kind in ("overview", "nodes", "pods", "workloads", "services", "queue")),
    View("ReplicaSet"),
    View("events"),
    View("pods", "Deployment/default/web"),
    View("pods", "Service/default/web"),
    View("pods", namespace="default"),
]


@pytest.mark.parametrize("view", VIEWS)
def test_a_frame_costs_what_is_seen_and_not_what_there_is(two_sizes, view):
    costs = []
    for session in two_sizes:
        looking = Clusters(session.world)
        looking.facts(view, 0, 30)
        costs.append(calls(lambda looking=looking: looking.facts(view, 0, 30)))
    assert costs[1] <= costs[0] * 1.2 + 20


@pytest.mark.parametrize("within", ["", "Deployment/default/web", "Service/default/web"])
def test_a_pod_that_comes_costs_no_more_where_there_are_twice_as_many(two_sizes, within):
    costs = []
    for session in two_sizes:
        looking, view = Clusters(session.world), View("pods", within)
        looking.facts(view, 0, 30)
        session.execute("kubectl run one --image nginx --labels app=web")
        session.execute("advance 5s")
        costs.append(calls(lambda looking=looking, view=view: looking.facts(view, 0, 30)))
        session.execute("kubectl delete pod one --now")
    assert costs[1] <= costs[0] * 1.2 + 20


def test_pods_that_wait_for_the_same_are_one_row(two_sizes):
    session = two_sizes[0]
    session.execute("advance 30s")
    looking = Clusters(session.world)
    found = looking.facts(View("queue"), 0, 10)
    assert [(one.queue, one.reason, one.count) for one in found.rows] == [
        ("unschedulable", "40 Insufficient cpu", found.queue[2])
    ]
    waiting = looking.facts(View("pods", found.keys[0]), 0, 100)
    assert len(waiting.keys) == found.queue[2] > 10
    assert all(row.name.startswith("huge-") and not row.node for row in waiting.rows)


@pytest.mark.parametrize(
    ("text", "names"),
    [("Pending", ["huge"]), ("node-1", ["web"]), ("!WEB", ["huge"]), ("no node", ["huge"])],
)
def test_a_filter_of_pods_looks_at_their_names_nodes_and_states(text, names):
    session = session_of(
        "cluster create small --nodes 1 --cores 4",
        "kubectl run web --image nginx",
        "kubectl create deployment huge --image nginx --replicas 0",
        "kubectl set resources deploy/huge --requests cpu=50",
        "kubectl scale deploy/huge --replicas 1",
        "advance 30s",
    )
    found = Clusters(session.world).facts(View("pods", filter=text), 0, 10)
    assert [row.name.partition("-")[0] for row in found.rows] == names


def test_keys_are_found_by_number_by_slice_and_by_name_without_a_list_of_them():
    tables = {"a": {"x": 1, "y": 2}, "b": {"z": 3}}
    names = Names("Pod", list(tables.items()))
    assert list(names) == names[:] == ["Pod/a/x", "Pod/a/y", "Pod/b/z"]
    assert (len(names), names[2], names[-3], names[1:9]) == (3, "Pod/b/z", "Pod/a/x", names[1:3])
    assert [names.index(one) for one in names] == [0, 1, 2]
    assert names.matching("z", unlike=False) == names.matching("a", unlike=True) == ["Pod/b/z"]
    with pytest.raises(ValueError, match="Pod/c/x"):
        names.index("Pod/c/x")
    pairs = Names("Pod", [(None, {("a", "x"): 1})])
    assert (list(pairs), pairs.index("Pod/a/x")) == (["Pod/a/x"], 0)


def test_an_autoscaler_shows_its_last_looks_and_when_its_metric_was_not_known():
    session = session_of(
        "cluster create small --nodes 1 --cores 4",
        "kubectl create deployment web --image nginx --replicas 3",
        "kubectl set resources deploy/web --requests cpu=100m",
        "kubectl autoscale deploy/web --min 1 --max 4 --cpu-percent 50",
        "advance 120s",
    )
    view = View("trace", "HorizontalPodAutoscaler/default/web")
    turns = Clusters(session.world).facts(view, 0, 10).rows[0].turns
    assert [one.time for one in turns] == [15.0 * number for number in range(1, 9)]
    assert {one.current for one in turns} == {3}
    known = [one.ratio for one in turns if isfinite(one.ratio)]
    assert 0 < len(known) < len(turns)
    assert known[-1] == 0.0


def test_names_are_listed_again_only_when_some_came_or_went():
    session = filled(3, 4)
    looking = Clusters(session.world)
    first = looking.facts(View("pods"), 0, 10).keys
    session.execute("advance 60s")
    assert looking.facts(View("pods"), 0, 10).keys is first
    session.execute("kubectl scale deploy/web --replicas 5")
    assert len(looking.facts(View("pods"), 0, 10).keys) == 5


WITHIN = {"containers": "Pod/default/none", "trace": "HorizontalPodAutoscaler/default/none"}


def test_who_looks_at_a_cluster_changes_nothing():
    seen, unseen = filled(3, 4), filled(3, 4)
    looking = Clusters(seen.world)
    for _ in range(5):
        for kind in (*KINDS, "ReplicaSet", "contexts"):
            looking.facts(View(kind, WITHIN.get(kind, "")), 0, 30)
        for session in (seen, unseen):
            session.execute("kubectl scale deploy/web --replicas 9")
            session.execute("advance 7s")
    assert seen.world.journal.digest == unseen.world.journal.digest


def test_a_rollout_that_cannot_place_its_new_pod_still_has_an_old_one():
    session = session_of(
        "cluster create small --nodes 1 --cores 4",
        "kubectl create deployment web --image nginx",
        "advance 30s",
        "kubectl set resources deploy/web --requests cpu=50",
        "advance 30s",
    )
    web = Clusters(session.world).facts(View("workloads"), 0, 10).rows[0]
    assert (web.desired, web.updated, web.available, web.old) == (1, 1, 1, 1)


def test_an_autoscaler_that_waits_for_its_window_says_what_holds_it():
    session = session_of(
        "cluster create small --nodes 1 --cores 4",
        "kubectl create deployment web --image nginx --replicas 3",
        "kubectl set resources deploy/web --requests cpu=100m",
        "kubectl autoscale deploy/web --min 1 --max 4 --cpu-percent 50",
        "advance 120s",
    )
    looking = Clusters(session.world)
    assert looking.facts(View("autoscalers"), 0, 10).rows[0].limit == "ScaleDownStabilized"
