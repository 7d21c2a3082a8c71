"""Autoscalers that go by memory: averages, shares of requests, one container, sidecars."""

import json
from pathlib import Path

import pytest

from simulator.shell import Session
from simulator.world import World

MI = 1 << 20


class Town:
    def __init__(self, tmp_path):
        self.session, self.folder = Session(World(1), folder=Path(tmp_path)), Path(tmp_path)
        self.run("cluster create c --nodes 2")

    def run(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return result.text

    def apply(self, body):
        (self.folder / "one.json").write_text(json.dumps(body))
        self.run("kubectl apply -f one.json")

    def deploy(self, containers, goes_first=()):
        notes = {
            f"drydock.dev/workload.{one['name']}": f"idle memory={one.pop('holds')}MiB"
            for one in (*containers, *goes_first)
        }
        spec = {"containers": list(containers), "initContainers": list(goes_first)}
        template = {"metadata": {"labels": {"app": "a"}, "annotations": notes}, "spec": spec}
        self.apply({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "a"}},
                     "template": template},
        })  # fmt: skip

    def scale(self, **metric):
        self.apply({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "a"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
                     "maxReplicas": 9, "metrics": [metric]},
        })  # fmt: skip

    def served(self):
        return self.run("kubectl top pods --no-headers").splitlines()

    def shown(self):
        return self.run("kubectl get hpa --no-headers").split("  ")[2].strip()


def container(name, holds, requests=None, limits=None, **more):
    resources = {"requests": requests or {}, "limits": limits or {}}
    return {"name": name, "image": "far.example/x:1", "holds": holds, "resources": resources,
            **more}  # fmt: skip


def resource(**target):
    return {"type": "Resource", "resource": {"name": "memory", "target": target}}


def of_container(name, **target):
    inner = {"name": "memory", "container": name, "target": target}
    return {"type": "ContainerResource", "containerResource": inner}


SHARE = {"type": "Utilization", "averageUtilization": 50}
MEAN = {"type": "AverageValue", "averageValue": "300Mi"}
ASKED = {"memory": "200Mi"}
SIDECAR = {"restartPolicy": "Always"}


@pytest.mark.parametrize(("containers", "first", "metric", "shown"), [
    ([container("a", 100)], [], resource(**MEAN), f"memory: {100 * MI}/300Mi"),
    ([container("a", 100, ASKED)], [], resource(**SHARE), "memory: 50%/50%"),
    ([container("a", 100, {"cpu": "1"}, ASKED)], [], resource(**SHARE), "memory: 50%/50%"),
    ([container("a", 100, ASKED), container("b", 60, ASKED)], [], resource(**SHARE),
     "memory: 40%/50%"),
    ([container("a", 100, ASKED), container("b", 60)], [], of_container("a", **SHARE),
     "memory: 50%/50%"),
    ([container("a", 100), container("b", 60)], [], of_container("b", **MEAN),
     f"memory: {60 * MI}/300Mi"),
    ([container("a", 100, ASKED)], [container("s", 20, ASKED, **SIDECAR)], resource(**SHARE),
     "memory: 30%/50%"),
    ([container("a", 100)], [container("s", 20, **SIDECAR)], of_container("s", **MEAN),
     f"memory: {20 * MI}/300Mi"),
])  # fmt: skip
def test_memory_that_is_held_is_shown_and_gone_by(tmp_path, containers, first, metric, shown):
    town = Town(tmp_path)
    town.deploy(json.loads(json.dumps(containers)), json.loads(json.dumps(first)))
    town.scale(**metric)
    town.run("advance 60s")
    assert town.shown() == shown


def test_a_sidecar_without_a_request_leaves_nothing_to_go_by(tmp_path):
    town = Town(tmp_path)
    town.deploy([container("a", 100, ASKED)], [container("s", 20, **SIDECAR)])
    town.scale(**resource(**SHARE))
    town.run("advance 60s")
    assert town.shown() == "memory: <unknown>/50%"
    assert "missing request for memory in container s" in town.run("kubectl describe hpa a")


def test_a_pod_of_which_one_container_was_read_once_is_not_served(tmp_path):
    town = Town(tmp_path)
    town.deploy([container("a", 100), container("b", 60)])
    town.run("advance 60s")
    pod = town.run("kubectl get pods -o name").split()[0].removeprefix("pod/")
    assert len(town.served()) == 2
    town.run(f"kubectl exec {pod} -c b -- true")
    town.run(f"fault crash {pod}.b")
    seen = []
    for _ in range(40):
        town.run("advance 1s")
        seen.append(len(town.served()))
    assert set(seen) == {1, 2}
    assert len(town.served()) == 2


def test_what_is_young_is_served_after_one_reading(tmp_path):
    found = []
    for wait in range(12, 28):
        town = Town(tmp_path)
        town.deploy([container("a", 100)])
        town.run(f"advance {wait}s")
        found.append("100Mi" in (town.session.execute("kubectl top pods").text or ""))
    assert found == sorted(found)
