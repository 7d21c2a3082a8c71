"""How many nodes the cluster autoscaler thinks are enough, against the table, row by row."""

from __future__ import annotations

from typing import Any

from conformance_tables import each_case

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.packing import (
    Alike,
    estimate,
    in_order,
)
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Node, NodeStatus
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.scheduler.trial import Trial
from simulator.report.bench.scheduled import HOSTNAME, ZONE, Bench


def resources(row: dict[str, Any]) -> Resources:
    return Resources(row["cpu_millis"], row["memory_bytes"], 0, (), row["max_pods"])


def template(row: dict[str, Any]) -> Node:
    labels = {ZONE: row["zone"], HOSTNAME: "template"}
    status = NodeStatus(resources(row), resources(row))
    return Node(kind="Node", api_version="v1", meta=Meta("new", labels=labels), status=status)


def spec(row: dict[str, Any]) -> dict[str, Any]:
    asked = {"cpu": f"{row['cpu_millis']}m", "memory": row["memory_bytes"]}
    container: dict[str, Any] = {"name": "app", "resources": {"requests": asked}}
    if row["host_port"] is not None:
        container["ports"] = [{"containerPort": 80, "hostPort": row["host_port"]}]
    found: dict[str, Any] = {"containers": [container]}
    if row["spread"] is not None:
        found["topologySpreadConstraints"] = [
            {
                "maxSkew": row["spread"]["max_skew"],
                "topologyKey": row["spread"]["topology_key"],
                "minDomains": row["spread"]["min_domains"],
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {"app": "estimatee"}},
            }
        ]
    return found


def groups(bench: Bench, case: dict[str, Any]) -> list[Alike]:
    return [
        Alike(tuple(bench.pod(wanted, {"app": "estimatee"}) for _ in range(row["count"])))
        for row in case["pod_groups"]
        for wanted in [spec(row)]
    ]


@each_case("cluster_autoscaler", "estimate")
def test_pods_are_packed_as_the_upstream_table_says(case: dict[str, Any]) -> None:
    bench = Bench()
    for row in case["existing_nodes"]:
        bench.node(row["name"], resources(row), {ZONE: row["zone"]})
    with Trial(bench.cycle) as trial:
        found = estimate(
            trial,
            template(case["node_template"]),
            groups(bench, case),
            case["max_new_nodes"] or None,
            existing=[row["name"] for row in case["existing_nodes"]],
        )
    expected = case["expect"]
    assert expected["nodes"] == found.nodes
    assert expected["pods"] == len(found.pods)
    if expected["scheduled_groups"] is not None:
        assert expected["scheduled_groups"] == list(found.groups)


@each_case("cluster_autoscaler", "order")
def test_the_largest_pods_are_packed_first(case: dict[str, Any]) -> None:
    found = in_order(groups(Bench(), case), template(case["node_template"]))
    assert case["expect"]["order"] == found
