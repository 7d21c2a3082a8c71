"""The vertical autoscaler: histograms that forget, what they recommend, and that nobody acts."""

import json
from pathlib import Path

import pytest

from simulator.cluster.kubernetes.autoscaling.vertical.histograms import HALF_LIFE_S, Histogram
from simulator.cluster.kubernetes.autoscaling.vertical.recommending import (
    LEAST_MEMORY,
    MOST,
    Usage,
    advice,
    within,
)
from simulator.engine.checkpoint import Checkpoint
from simulator.shell import Session
from simulator.world import World

MI = 1 << 20


def test_buckets_grow_and_a_percentile_is_the_end_of_one():
    """The numbers of upstream's ``TestExponentialHistogramOptions``."""
    one = Histogram(10.0, 100.0, 2.0)
    assert one.last == 4
    found = []
    for value in (0.0, 5.0, 10.0, 15.0, 30.0, 69.0, 70.0, 100.0, 99999.0):
        one = Histogram(10.0, 100.0, 2.0)
        one.add(value, 1.0, 0.0)
        found.append(round(one.percentile(0.9), 9))
    assert found == [10.0, 10.0, 30.0, 30.0, 70.0, 70.0, 150.0, 150.0, 150.0]


def test_what_is_a_half_life_old_weighs_half():
    one = Histogram(1.0, 100.0, 2.0)
    one.add(0.5, 3.0, 0.0)
    one.add(2.0, 2.0, 0.0)
    assert one.percentile(0.6) == 1.0
    one.add(2.0, 1.0, HALF_LIFE_S)
    assert one.percentile(0.6) == 3.0
    one.add(0.5, 1.0, 300 * HALF_LIFE_S)
    assert one.percentile(0.9) == 1.0


def test_what_is_taken_back_leaves_nothing():
    one = Histogram(1.0, 100.0, 2.0)
    assert one.percentile(0.9) == 0.0
    one.add(50.0, 1.0, 5.0)
    one.take_back(50.0, 1.0, 5.0)
    assert one.percentile(0.9) == 0.0


def used(cores, amount, minutes):
    usage = Usage()
    for minute in range(minutes):
        usage.used_cpu(cores, 60.0 * minute)
        usage.used_memory("a", amount, 60.0 * minute)
    return usage


def test_bounds_close_in_on_the_target_as_days_go_by():
    wide = []
    for days in (1, 2, 8):
        found = advice(used(1.0, 1000 * MI, 1440 * days), 1)
        assert found.lower["cpu"] <= found.target["cpu"] <= found.upper["cpu"]
        wide.append(found.upper["memory"] / found.target["memory"])
        assert wide[-1] == pytest.approx(1 + 1 / days, rel=2e-3)
    assert wide == sorted(wide, reverse=True)
    assert found.target["cpu"] == pytest.approx(1150, rel=0.06)
    assert found.target["memory"] == pytest.approx(1150 * MI, rel=0.06)


def test_the_first_sample_says_little():
    found = advice(used(1.0, 1000 * MI, 1), 1)
    assert (found.lower["cpu"], found.upper["cpu"]) == (25, MOST)


def test_little_use_gets_the_least_which_the_containers_of_a_pod_share():
    usage = used(0.001, 1 * MI, 10)
    assert [advice(usage, count).target for count in (1, 2)] == [
        {"cpu": 25, "memory": LEAST_MEMORY}, {"cpu": 12, "memory": LEAST_MEMORY // 2},
    ]  # fmt: skip


def test_of_each_day_only_the_peak_of_memory_counts():
    usage = used(1.0, 500 * MI, 100)
    usage.used_memory("a", 2000 * MI, 6000.0)
    usage.used_memory("a", 500 * MI, 6060.0)
    assert advice(usage, 1).target["memory"] == pytest.approx(2300 * MI, rel=0.06)


def test_a_kill_for_want_of_memory_asks_for_a_fifth_more_or_100_mib():
    for requested, needed in ((100 * MI, 200 * MI), (1000 * MI, 1200 * MI)):
        usage = used(1.0, 50 * MI, 2)
        usage.killed("a", float(requested), 130.0)
        found = max(advice(usage, 1).target["memory"], LEAST_MEMORY)
        assert found == pytest.approx(max(needed * 1.15, LEAST_MEMORY), rel=0.06)


def test_a_policy_bounds_what_is_recommended():
    found = within({"cpu": 50, "memory": 900}, {"cpu": 100}, {"memory": 500}, ("cpu", "memory"))
    assert found == {"cpu": 100, "memory": 500}
    assert within({"cpu": 50, "memory": 900}, {}, {}, ("memory",)) == {"memory": 900}


class Town:
    def __init__(self, tmp_path, mode="Auto", policies=()):
        self.session, self.folder = Session(World(1), folder=Path(tmp_path)), Path(tmp_path)
        self.run("cluster create c --nodes 2")
        words = "server cpu=10ms workers=8 memory=300MiB"
        app = {"name": "app", "image": "far.example/web:1",
               "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}  # fmt: skip
        template = {"metadata": {"labels": {"app": "web"},
                                 "annotations": {"drydock.dev/workload": words}},
                    "spec": {"containers": [app]}}  # fmt: skip
        selector = {"matchLabels": {"app": "web"}}
        workload = {"replicas": 2, "template": template, "selector": selector}
        self.apply("Deployment", "apps/v1", workload)
        self.apply("Service", "v1", {"selector": {"app": "web"}, "ports": [{"port": 80}]})
        self.said = self.apply("VerticalPodAutoscaler", "autoscaling.k8s.io/v1", {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "updatePolicy": {"updateMode": mode},
            "resourcePolicy": {"containerPolicies": list(policies)},
        })  # fmt: skip
        self.run("traffic web constant 60/s")

    def run(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return result.text

    def apply(self, kind, version, spec):
        body = {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}
        (self.folder / "one.json").write_text(json.dumps(body))
        return self.run("kubectl apply -f one.json")

    def field(self, path):
        return self.run(f"kubectl get vpa web -o jsonpath={{{path}}}")


ADVICE = ".status.recommendation.containerRecommendations[0]"


def test_advice_follows_from_use_and_nobody_acts_on_it(tmp_path):
    town = Town(tmp_path)
    assert "advice only" in town.said
    before = town.run("kubectl get pods -o name")
    town.run("advance 10m")
    row = town.run("kubectl get vpa --no-headers").split()
    assert row == ["web", "Auto", "380m", "380258472", "True", "10m"]
    assert town.field(f"{ADVICE}.lowerBound.cpu") == "260m"
    assert town.run("kubectl get pods -o name") == before
    requests = "jsonpath={.items[*].spec.containers[0].resources.requests.cpu}"
    assert town.run(f"kubectl get pods -o {requests}") == "1 1"
    told = town.run("why vpa/web")
    assert "advice only: nobody evicts pods" in told
    assert "target: cpu 380m, memory 380258472" in told
    assert "asks for now: cpu 1, memory 1Gi" in told


def test_policies_bound_and_leave_out(tmp_path):
    every = {"containerName": "*", "minAllowed": {"cpu": "500m"}, "maxAllowed": {"memory": "100Mi"}}
    town = Town(tmp_path, "Off", [every])
    assert "not modelled" not in town.said
    town.run("advance 5m")
    assert town.field(f"{ADVICE}.target") == '{"cpu":"500m","memory":"104857600"}'
    assert town.field(f"{ADVICE}.uncappedTarget.cpu") == "410m"
    other = Town(tmp_path, "Off", [{"containerName": "app", "mode": "Off"}])
    other.run("advance 5m")
    assert other.field(".status.conditions[0].status") == "False"
    assert "no advice: its policy is Off" in other.run("why vpa/web")


def test_one_whose_target_is_not_there_says_so(tmp_path):
    town = Town(tmp_path)
    town.run("kubectl delete deploy web")
    town.run("advance 5m")
    assert "No pods match this VPA object" in town.run("kubectl describe vpa web")


@pytest.mark.parametrize(("spec", "said"), [
    ({}, "spec.targetRef: Required value"),
    ({"targetRef": {"kind": "Deployment"}}, "spec.targetRef.name: Required value"),
    ({"targetRef": {"kind": "A", "name": "b"}, "updatePolicy": {"updateMode": "On"}},
     'spec.updatePolicy.updateMode: Unsupported value: "On"'),
    ({"targetRef": {"kind": "A", "name": "b"}, "resourcePolicy": {"containerPolicies": [3]}},
     "spec.resourcePolicy.containerPolicies[0]: Invalid value"),
    ({"targetRef": {"kind": "A", "name": "b"}, "resourcePolicy": []}, ""),
])  # fmt: skip
def test_what_is_none_is_refused(tmp_path, spec, said):
    session = Session(World(1), folder=Path(tmp_path))
    session.execute("cluster create c --nodes 1")
    body = {"apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler",
            "metadata": {"name": "web"}, "spec": spec}  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(body))
    result = session.execute("kubectl apply -f one.json")
    assert said in (result.error or "")
    assert session.execute("advance 3m").error is None


def test_a_copy_of_the_world_advises_alike(tmp_path):
    town = Town(tmp_path)
    town.run("advance 5m")
    world = town.session.world
    copy = Checkpoint.of(world, world.sim).restore()
    found = []
    for one in (world, copy):
        one.advance(one.now + 300.0)
        cluster = one.orchestras.get("c")
        found.append(cluster.store.find("VerticalPodAutoscaler", "default", "web").status)
    assert found[0] == found[1]
