"""What a screen asks of a cluster: the right numbers, and no more work than rows are seen."""

from pathlib import Path

import pytest
from calls import calls

from simulator.look.cluster_facts import View
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


@pytest.mark.parametrize("kind", ["overview", "nodes", "pods", "workloads", "services"])
def test_a_frame_costs_what_is_seen_and_not_what_there_is(kind):
    costs = []
    for size in (1, 2):
        session = filled(40 * size, 200 * size)
        looking = Clusters(session.world)
        looking.facts(View(kind), 0, 30)
        costs.append(calls(lambda looking=looking: looking.facts(View(kind), 0, 30)))
    assert costs[1] <= costs[0] * 1.2 + 20


def test_names_are_listed_again_only_when_some_came_or_went():
    session = filled(3, 4)
    looking = Clusters(session.world)
    first = looking.facts(View("pods"), 0, 10).keys
    session.execute("advance 60s")
    assert looking.facts(View("pods"), 0, 10).keys is first
    session.execute("kubectl scale deploy/web --replicas 5")
    assert len(looking.facts(View("pods"), 0, 10).keys) == 5


def test_who_looks_at_a_cluster_changes_nothing():
    seen, unseen = filled(3, 4), filled(3, 4)
    looking = Clusters(seen.world)
    for _ in range(5):
        for kind in ("overview", "nodes", "pods", "workloads", "services", "autoscalers"):
            looking.facts(View(kind), 0, 30)
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
