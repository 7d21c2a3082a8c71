"""Clusters of scenarios, and folders of manifests that are scenarios by themselves."""

from __future__ import annotations

import pytest

from simulator.errors import DrydockError, InputError
from simulator.scenario import build, load
from simulator.scenario.manifests import portable
from simulator.trials.playing import Run

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
SPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
SHOP = """\
format: 1
until: 20s
clusters:
- name: shop
  nodes: [{count: 2, cores: 8, labels: {disk: ssd}}]
  manifests: [files]
traffic: {web.shop: poisson 20/s}
"""


@pytest.fixture
def folder(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.yaml").write_text(WEB)
    (files / "b.yaml").write_text(SERVICE)
    (files / "z.yaml").write_text(SPACE)
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


def cluster(built):
    return next(iter(built.world.orchestras.clusters.values()))


def test_a_scenario_begins_when_its_deployments_are_available(folder):
    built = build(load(folder / "shop.yaml"))
    deployment = cluster(built).store.find("Deployment", "shop", "web")
    assert deployment.status.available_replicas == 2
    node = cluster(built).store.find("Node", "", "node-1")
    assert (node.meta.labels["disk"], node.status.capacity.cpu_millis) == ("ssd", 8000)


def test_its_traffic_finds_its_services_and_none_of_it_is_lost(folder):
    run = Run(load(folder / "shop.yaml"))
    run.go()
    tally = run.session.world.services["web.shop"].tally
    assert (tally.ok > 300, sum(tally.failed.values())) == (True, 0)


def test_two_runs_are_the_same_to_the_last_event(folder):
    digests = []
    for _ in range(2):
        run = Run(load(folder / "shop.yaml"))
        run.go()
        digests.append(run.session.world.journal.digest)
    assert digests[0] == digests[1]


def test_a_folder_of_manifests_is_a_scenario_with_namespaces_first(folder):
    built = build(load(folder / "files", ["clusters.0.nodes.0.count=1"]))
    assert cluster(built).store.find("Deployment", "shop", "web").status.available_replicas == 2
    assert cluster(built).store.table("Node").count == 1


def test_a_scenario_in_the_folder_is_what_is_run(folder):
    (folder / "scenario.yaml").write_text(SHOP.replace("name: shop", "name: mine"))
    assert cluster(build(load(folder))).name == "mine"


def test_what_is_no_object_is_left_out_and_named(folder):
    (folder / "files" / "values.yaml").write_text("replicas: 3\n")
    built = build(load(folder / "files"))
    assert built.notes == ("values.yaml: left out: no object of Kubernetes",)


def test_a_refused_object_is_refused_where_it_stands(folder):
    bad = WEB.replace("replicas: 2", "replicas: -2")
    (folder / "files" / "b.yaml").write_text(f"{SERVICE}---\n{bad}")
    with pytest.raises(DrydockError) as caught:
        build(load(folder / "files"))
    assert str(caught.value).startswith("b.yaml:6:1: Invalid: Deployment.apps")
    assert "spec.replicas: Invalid value: -2" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clusters: [{name: a, nodes: [{cores: 0}]}]", "number of cores"),
        ("clusters: [{name: a, nods: []}]", "did you mean 'nodes'"),
        ("clusters: [{name: a, profile: k8s-1.3}]", "k8s-1.3"),
        ("clusters: [{name: a, nodes: [{taints: [x]}]}]", "bad taint"),
        ("clusters: [a, a]", "already a cluster named a"),
        ("clusters: [{name: a, manifests: [../x.yaml]}]", "../x.yaml"),
        ("clusters: [{name: a, manifests: [none.yaml]}]", "no such file"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder, text, said):
    (folder / "bad.yaml").write_text(f"format: 1\n{text}\n")
    with pytest.raises(DrydockError) as caught:
        build(load(folder / "bad.yaml"))
    assert said in str(caught.value)


def test_an_empty_folder_has_no_manifests(tmp_path):
    with pytest.raises(InputError) as caught:
        build(load(tmp_path))
    assert "a folder without manifests" in str(caught.value)


def test_what_another_cluster_wrote_into_an_object_is_not_taken_over():
    meta = {"name": "web", "uid": "1", "resourceVersion": "7", "labels": {"a": "b"}}
    said = {"kind": "Deployment", "metadata": meta, "spec": {}, "status": {"replicas": 2}}
    kept = {"name": "web", "labels": {"a": "b"}}
    assert portable(said) == {"kind": "Deployment", "metadata": kept, "spec": {}}


def test_what_an_owner_makes_again_is_left_to_it():
    owned = {"name": "p", "ownerReferences": [{"kind": "ReplicaSet", "controller": True}]}
    assert portable({"kind": "Pod", "metadata": owned}) is None
    assert portable({"kind": "Event", "metadata": {"name": "e"}}) is None
