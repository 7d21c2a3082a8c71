"""NodeAffinity, TaintToleration and ImageLocality against the tables, row by row, both faces."""

from __future__ import annotations

from typing import Any

import numpy as np
from conformance_tables import each_case
from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import PreferredNode, Taint
from simulator.cluster.kubernetes.objects.selectors import (
    NodeSelector,
    NodeSelectorTerm,
    Requirement,
)
from simulator.cluster.kubernetes.profile import profile
from simulator.cluster.kubernetes.scheduler.config import Config
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, Verdict
from simulator.report.bench.scheduled import PREFERRED, REQUIRED, Bench

OLD = profile("k8s-1.23")


def put(bench: Bench, name: str, labels: dict[str, str], taints: tuple[Taint, ...] = ()) -> None:
    node = Node(kind="Node", api_version="v1", meta=Meta(name, labels=labels))
    bench.state.columns.put(replace(node, spec=replace(node.spec, taints=taints)))
    bench.state.columns.refresh()


def plugin(bench: Bench, name: str) -> Plugin:
    return next(one for one in (*bench.cycle.filters, *bench.cycle.scores) if one.name == name)


def refusal(bench: Bench, name: str, spec: dict[str, Any]) -> Verdict | None:
    """The only node's verdict, which must be that of the columns."""
    one, pod = plugin(bench, name), bench.pod(spec)
    ready = one.prepare(pod)
    if ready is None:
        return None
    refused = one.of_node(pod, one.see(pod, ready, bench.state.counts), 0)
    mask = one.of_all(pod, ready)
    assert (mask is None or bool(mask[0])) == (refused is None)
    if refused is not None:
        told = list(one.tally(pod, ready, np.array([0])))
        assert [told_of.reasons for told_of, _ in told] == [refused.reasons]
    return refused


def scores(bench: Bench, name: str, spec: dict[str, Any]) -> dict[str, int]:
    one, pod = plugin(bench, name), bench.pod(spec)
    order, ready = bench.state.columns.order, one.prepare_score(pod)
    chosen = np.arange(len(order))
    raw = np.zeros(len(order), dtype=np.int64)
    if ready is not None:
        found = one.score_all(pod, ready, chosen)
        assert found is not None
        seen = one.see_scores(pod, ready, chosen, bench.state.counts)
        assert [one.score_node(pod, seen, place) for place in chosen] == found.tolist()
        raw = found
    normal = one.normalise(raw).tolist()
    return {row.node.name: score for row, score in zip(order, normal, strict=True)}


# --- node affinity --------------------------------------------------------------------------------


def requirement(row: dict[str, Any]) -> dict[str, Any]:
    return {"key": row["key"], "operator": row["op"], "values": row["values"]}


def term(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "matchExpressions": [requirement(one) for one in row["expressions"]],
        "matchFields": [requirement(one) for one in row["fields"]],
    }


def typed(row: dict[str, Any]) -> NodeSelectorTerm:
    def parts(rows: list[dict[str, Any]]) -> tuple[Requirement, ...]:
        return tuple(Requirement(one["key"], one["op"], tuple(one["values"])) for one in rows)

    return NodeSelectorTerm(parts(row["expressions"]), parts(row["fields"]))


@each_case("scheduler_node_affinity", "filter")
def test_a_node_is_meant_or_not(case: dict[str, Any]) -> None:
    enforced, required = case["enforced"], case["required"]
    added = None if enforced is None else NodeSelector(tuple(map(typed, enforced)))
    bench = Bench(OLD, Config(added_required=added))
    put(bench, case["node"]["name"] or "", case["node"]["labels"])
    spec: dict[str, Any] = {"containers": [], "nodeSelector": case["node_selector"]}
    if required is not None:
        terms = {"nodeSelectorTerms": [term(one) for one in required]}
        spec["affinity"] = {"nodeAffinity": {REQUIRED: terms}}
    refused = refusal(bench, "NodeAffinity", spec)
    assert case["expect"]["fits"] == (refused is None)
    assert case["expect"]["reason"] == (None if refused is None else refused.reasons[0])


@each_case("scheduler_node_affinity", "score")
def test_nodes_that_are_preferred_score_higher(case: dict[str, Any]) -> None:
    def preferred(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"weight": one["weight"], "preference": term(one)} for one in rows]

    added = tuple(PreferredNode(one["weight"], typed(one)) for one in case["enforced_preferred"])
    bench = Bench(OLD, Config(added_preferred=added))
    for row in case["nodes"]:
        put(bench, row["name"], row["labels"])
    affinity = {"nodeAffinity": {PREFERRED: preferred(case["preferred"])}}
    assert case["expect"]["scores"] == scores(
        bench, "NodeAffinity", {"containers": [], "affinity": affinity}
    )


# --- taints ---------------------------------------------------------------------------------------


def tainted(bench: Bench, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        taints = tuple(Taint(one["key"], one["effect"], one["value"]) for one in row["taints"])
        put(bench, row["name"], {}, taints)


def tolerating(case: dict[str, Any]) -> dict[str, Any]:
    given = [
        {name: value for name, value in one.items() if value is not None}
        for one in case["tolerations"]
    ]
    return {"containers": [], "tolerations": given}


@each_case("scheduler_taint_toleration", "filter")
def test_taints_that_are_not_tolerated_keep_a_pod_away(case: dict[str, Any]) -> None:
    bench = Bench(OLD)
    tainted(bench, case["nodes"])
    refused = refusal(bench, "TaintToleration", tolerating(case))
    assert case["expect"]["fits"] == (refused is None)
    if case["expect"]["message"] is not None:
        assert refused is not None
        assert case["expect"]["message"] == refused.reasons[0]


@each_case("scheduler_taint_toleration", "score")
def test_soft_taints_count_against_a_node(case: dict[str, Any]) -> None:
    bench = Bench(OLD)
    tainted(bench, case["nodes"])
    assert case["expect"]["scores"] == scores(bench, "TaintToleration", tolerating(case))


# --- images ---------------------------------------------------------------------------------------


@each_case("scheduler_image_locality")
def test_nodes_that_have_large_images_already_score_higher(case: dict[str, Any]) -> None:
    bench = Bench(OLD)
    for row in case["nodes"]:
        put(bench, row["name"], {})
        for image in row["images"]:
            for name in image["names"]:
                bench.state.images.here(row["name"], name, image["size_bytes"])
    containers = [
        {"name": f"c{number}", "image": image} for number, image in enumerate(case["containers"])
    ]
    assert case["expect"]["scores"] == scores(bench, "ImageLocality", {"containers": containers})
