"""Each thing that keeps a node from being taken away is told, with the pod that it is."""

import json
from pathlib import Path

import pytest

from simulator.shell import Session
from simulator.world import World

PREFIX = "cluster-autoscaler.kubernetes.io"


class Town:
    """Two nodes of a group, and the pod of a ReplicaSet on each."""

    def __init__(self, tmp_path, flags="--min 1", **pod):
        self.session, self.folder = Session(World(1), folder=Path(tmp_path)), Path(tmp_path)
        self.run("cluster create c --nodes 3")
        self.run("kubectl cordon node-2 node-3")
        self.place(**pod)
        self.run("advance 20s")
        self.run("kubectl uncordon node-2 node-3")
        self.run(f"kubectl annotate node node-2 {PREFIX}/scale-down-disabled=true")
        self.run(f"cluster autoscale {flags} --set scale-down-unneeded-time=2m")

    def run(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return result.text

    def apply(self, body):
        (self.folder / "one.json").write_text(json.dumps(body))
        self.run("kubectl apply -f one.json")

    def place(self, kind="ReplicaSet", namespace="default", notes=None, cpu="1", volumes=()):
        inner = {
            "containers": [
                {"name": "c", "image": "nginx", "resources": {"requests": {"cpu": cpu}}}
            ],
            "volumes": list(volumes),
        }
        meta = {"labels": {"app": "a"}, "annotations": notes or {}}
        spec = {"selector": {"matchLabels": {"app": "a"}},
                "template": {"metadata": meta, "spec": inner}}  # fmt: skip
        top = {"name": "a", "namespace": namespace}
        if kind == "Pod":
            body = {"apiVersion": "v1", "kind": kind, "metadata": {**top, **meta}, "spec": inner}
        else:
            body = {"apiVersion": "apps/v1", "kind": kind, "metadata": top, "spec": spec}
        self.apply(body)

    def why(self, name="node-1"):
        return self.run(f"why node/{name}")

    def nodes(self):
        return self.run("kubectl get nodes -o name").split()


@pytest.mark.parametrize(("pod", "said"), [
    ({"kind": "Pod"}, "NotReplicated: pod default/a has no controller"),
    ({"namespace": "kube-system"}, "UnmovableKubeSystemPod: pod kube-system/a-"),
    ({"notes": {f"{PREFIX}/safe-to-evict": "false"}}, "NotSafeToEvictAnnotation: pod default/a-"),
    ({"volumes": [{"name": "v", "emptyDir": {}}]}, "LocalStorageRequested: pod default/a-"),
    ({"cpu": "2"}, "NotUnderutilized: 51% of it is asked for, the threshold is 50%"),
])  # fmt: skip
def test_what_keeps_a_node_is_told_and_keeps_it(tmp_path, pod, said):
    town = Town(tmp_path, **pod)
    town.run("advance 200s")
    assert said in town.why()
    assert town.nodes() == ["node/node-1", "node/node-2"]


@pytest.mark.parametrize(("pod", "flag"), [
    ({"namespace": "kube-system"}, "skip-nodes-with-system-pods=false"),
    ({"volumes": [{"name": "v", "emptyDir": {}}]}, "skip-nodes-with-local-storage=false"),
    ({"cpu": "2"}, "scale-down-utilization-threshold=0.6"),
    ({"kind": "Pod", "notes": {f"{PREFIX}/safe-to-evict": "true"}}, ""),
])  # fmt: skip
def test_what_is_switched_off_keeps_no_node(tmp_path, pod, flag):
    town = Town(tmp_path, flags=f"--set {flag}" if flag else "", **pod)
    town.run("advance 15s")
    assert "    not needed for" in town.why()


def test_a_budget_keeps_a_node_and_is_named_at_the_next_look_too(tmp_path):
    town = Town(tmp_path)
    budget = {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}}
    town.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": {"name": "b"}, "spec": budget})  # fmt: skip
    for _ in range(3):
        town.run("advance 10s")
        assert "NotEnoughPdb: a budget does not let pod default/a-" in town.why()


def test_a_node_that_may_not_go_says_so_itself(tmp_path):
    town = Town(tmp_path)
    town.run("advance 15s")
    assert "ScaleDownDisabledAnnotation: it says" in town.why("node-2")


def test_the_least_size_and_pauses_are_told_beside_how_long_a_node_was_not_needed(tmp_path):
    town = Town(tmp_path, flags="--min 3")
    town.run("advance 200s")
    assert "NodeGroupMinSizeReached: its group has no more than 3 nodes" in town.why("node-3")
    town.run("cluster autoscale --min 1 --set scale-down-enabled=false")
    town.run("advance 200s")
    assert "no node goes: scale-down-enabled=false" in town.why("node-3")
    assert len(town.nodes()) == 3


def test_after_a_node_was_added_none_goes_for_a_while(tmp_path):
    town = Town(tmp_path, flags="--max 4 --boot 30s")
    town.run("kubectl scale rs a --replicas 13")
    town.run("advance 30s")
    assert "scale-down-delay-after-add" in town.why() or "NotUnderutilized" in town.why()
    town.run("kubectl delete rs a")
    town.run("advance 200s")
    assert "no node goes for" in town.why("node-3")
    assert "scale-down-delay-after-add" in town.why("node-3")


def test_where_too_many_nodes_are_not_ready_nothing_is_done(tmp_path):
    town = Town(tmp_path, flags="--set ok-total-unready-count=1")
    town.run("fault power node-2")
    town.run("fault power node-3")
    town.run("advance 100s")
    assert "ClusterUnhealthy" in town.why()
    town.run("advance 1300s")
    assert len(town.nodes()) == 3


@pytest.mark.parametrize(("flag", "said"), [
    ("scale-down-enbled=false", "did you mean 'scale-down-enabled'"),
    ("scale-down-unneeded-time=soon", "scale-down-unneeded-time: "),
    ("scale-down-utilization-threshold=2", "expected 0 to 1"),
])  # fmt: skip
def test_flags_that_are_none_change_nothing(tmp_path, flag, said):
    town = Town(tmp_path)
    assert said in town.session.execute(f"cluster autoscale --set {flag}").error
