"""PodTopologySpread against the table, row by row: in columns, by counts and by walking."""

from __future__ import annotations

from typing import Any

import numpy as np
from conformance_tables import each_case

from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import NONE
from simulator.cluster.kubernetes.profile import profile
from simulator.cluster.kubernetes.scheduler.eyes import Walking
from simulator.cluster.kubernetes.scheduler.plugin import Verdict
from simulator.report.bench.scheduled import REQUIRED, Bench, node_of

PROFILES = {"k8s-1.23": "k8s-1.23", "k8s-1.24+": "newest"}


def requirements(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"key": one["key"], "operator": one["op"], "values": one["values"]} for one in rows]


def constraint(row: dict[str, Any]) -> dict[str, Any]:
    found = {
        "maxSkew": row["max_skew"],
        "topologyKey": row["topology_key"],
        "whenUnsatisfiable": row["when_unsatisfiable"],
        "minDomains": row["min_domains"],
        "nodeAffinityPolicy": row["node_affinity_policy"],
        "nodeTaintsPolicy": row["node_taints_policy"],
        "matchLabelKeys": row["match_label_keys"],
    }
    if row["selector"] is not None:
        found["labelSelector"] = {"matchExpressions": requirements(row["selector"])}
    return found


def pod(bench: Bench, row: dict[str, Any]) -> Pod:
    spec: dict[str, Any] = {
        "containers": [],
        "topologySpreadConstraints": [constraint(one) for one in row["spread"]],
        "nodeSelector": row["node_selector"],
    }
    if row["required_node_affinity"] is not None:
        terms = [
            {"matchExpressions": requirements(one["expressions"])}
            for one in row["required_node_affinity"]
        ]
        spec["affinity"] = {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}}
    return bench.pod(spec, row["labels"], name=row["name"], namespace=row["namespace"])


def world(case: dict[str, Any]) -> Bench:
    bench = Bench(profile(PROFILES[case["profile"]]))
    for row in (*case["nodes"], *case["other_nodes"]):
        taints = [Taint(one["key"], one["effect"], one["value"]) for one in row["taints"]]
        bench.state.columns.put(node_of(row["name"], NONE, row["labels"], taints))
    for row in case["existing_pods"]:
        placed = bench.pod(
            {"containers": []}, row["labels"], name=row["name"], namespace=row["namespace"],
            deleting=1.0 if row["terminating"] else None,
        )  # fmt: skip
        bench.state.add(placed, row["node"])
    usual = case["system_default_spread"]
    if usual is not None:
        labels = {one["key"]: "" for one in usual["selector"]} if "selector" in usual else {}
        bench.services.append((case["pod"]["namespace"], labels))
    bench.state.columns.refresh()
    return bench


def status(refused: Verdict | None) -> str:
    if refused is None:
        return "fits"
    return "unschedulable" if refused.resolvable else "unresolvable"


@each_case("scheduler_topology_spread", "filter")
def test_a_domain_has_room_for_one_more(case: dict[str, Any]) -> None:
    bench = world(case)
    spread, one = bench.cycle.spread, pod(bench, case["pod"])
    ready = spread.prepare(one)
    assert ready is not None
    order = bench.state.columns.order
    mask = spread.of_all(one, ready)
    assert mask is not None
    for eyes in (bench.state.counts, Walking(bench.state.columns, bench.state.counting)):
        seen = spread.see(one, ready, eyes)
        each = [spread.of_node(one, seen, place) for place in range(len(order))]
        found = {row.node.name: status(told) for row, told in zip(order, each, strict=True)}
        assert case["expect"]["nodes"] == found
        assert mask.tolist() == [told is None for told in each]
    failing = np.flatnonzero(~mask)
    told_of_all = {
        order[place].node.name: status(verdict)
        for verdict, places in spread.tally(one, ready, failing)
        for place in places.tolist()
    }
    fits = {order[place].node.name: "fits" for place in np.flatnonzero(mask).tolist()}
    assert case["expect"]["nodes"] == {**fits, **told_of_all}


@each_case("scheduler_topology_spread", "score")
def test_the_emptier_a_domain_the_higher_the_score(case: dict[str, Any]) -> None:
    bench = world(case)
    spread, one = bench.cycle.spread, pod(bench, case["pod"])
    ready = spread.prepare_score(one)
    assert ready is not None
    places = [bench.state.columns.places[row["name"]] for row in case["nodes"]]
    chosen = np.array(places, dtype=np.int64)
    raw = spread.score_all(one, ready, chosen)
    assert raw is not None
    for eyes in (bench.state.counts, Walking(bench.state.columns, bench.state.counting)):
        seen = spread.see_scores(one, ready, chosen, eyes)
        assert [spread.score_node(one, seen, place) for place in places] == raw.tolist()
    names = [row["name"] for row in case["nodes"]]
    found = dict(zip(names, spread.normalise(raw).tolist(), strict=True))
    assert case["expect"]["scores"] == found
