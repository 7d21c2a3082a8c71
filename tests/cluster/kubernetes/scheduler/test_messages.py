"""Why a pod has no node, in the scheduler's own words."""

from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.profile import profile
from simulator.cluster.kubernetes.scheduler.budgets import Stated
from simulator.cluster.kubernetes.scheduler.preemption import Preemption
from simulator.report.bench.scheduled import (
    HOSTNAME,
    REQUIRED,
    Bench,
    spec_of,
    spread,
    term,
)

SMALL = Resources(4000, 8 << 30, 0, (), 110)
ANTI = {"podAntiAffinity": {REQUIRED: [term(HOSTNAME, app="web")]}}


def message(bench, pod):
    diagnosis = bench.cycle.schedule(pod).diagnosis
    search = Preemption(bench.cycle, Stated()).search(pod, diagnosis)
    return f"{diagnosis.message} {search.message}".strip()


def nodes(bench, count, **more):
    for number in range(count):
        bench.node(f"n{number}", SMALL, **more)


def test_anti_affinity_and_surge_lock_each_other():
    bench = Bench()
    nodes(bench, 3)
    spec = spec_of(affinity=ANTI)
    assert [bool(bench.decide(bench.pod(spec, {"app": "web"}))) for _ in range(3)] == [True] * 3
    assert message(bench, bench.pod(spec, {"app": "web"})) == (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. "
        "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
    )


def spreading(bench, policy):
    one = {**spread(HOSTNAME, "DoNotSchedule", app="web"), "nodeTaintsPolicy": policy}
    spec = spec_of(topologySpreadConstraints=[one])
    return [bench.decide(bench.pod(spec, {"app": "web"})) for _ in range(6)], spec


def test_spread_counts_a_node_that_cannot_be_used():
    bench = Bench()
    nodes(bench, 2)
    bench.node("n2", SMALL, taints=[Taint("node_group", "NoSchedule", "special")])
    placed, spec = spreading(bench, "Ignore")
    assert sorted(filter(None, placed)) == ["n0", "n1"]
    assert message(bench, bench.pod(spec, {"app": "web"})) == (
        "0/3 nodes are available: 1 node(s) had untolerated taint {node_group: special}, "
        "2 node(s) didn't match pod topology spread constraints. "
        "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
        "2 No preemption victims found for incoming pod."
    )


def test_a_cordoned_node_holds_the_minimum_down_like_a_tainted_one():
    bench = Bench()
    nodes(bench, 2)
    bench.node("n2", SMALL, cordoned=True)
    placed, spec = spreading(bench, "Ignore")
    assert sorted(filter(None, placed)) == ["n0", "n1"]
    assert message(bench, bench.pod(spec, {"app": "web"})).startswith(
        "0/3 nodes are available: 1 node(s) were unschedulable, "
        "2 node(s) didn't match pod topology spread constraints. "
    )


def test_where_taints_are_honoured_only_usable_nodes_are_spread_over():
    for more in ({"taints": [Taint("node_group", "NoSchedule", "special")]}, {"cordoned": True}):
        bench = Bench()
        nodes(bench, 2)
        bench.node("n2", SMALL, **more)
        assert sorted(spreading(bench, "Honor")[0]) == ["n0"] * 3 + ["n1"] * 3


def test_all_that_is_short_is_listed_and_preemption_says_what_would_still_be_short():
    bench = Bench()
    nodes(bench, 2)
    bench.state.add(bench.pod(spec_of("3"), priority=5), "n0")
    bench.state.add(bench.pod(spec_of("3"), priority=50), "n1")
    bench.state.add(bench.pod(spec_of("100m"), priority=5), "n1")
    assert message(bench, bench.pod(spec_of("2"), priority=1)) == (
        "0/2 nodes are available: 2 Insufficient cpu. "
        "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."
    )
    assert message(bench, bench.pod(spec_of("3900m"), priority=10)).startswith(
        "0/2 nodes are available: 2 Insufficient cpu."
    )
    bench.state.add(bench.pod(spec_of("3"), priority=50), "n0")
    assert message(bench, bench.pod(spec_of("2"), priority=10)) == (
        "0/2 nodes are available: 2 Insufficient cpu. "
        "preemption: 0/2 nodes are available: 2 Insufficient cpu."
    )


def test_what_no_node_could_ever_hold_is_not_helped_by_preemption():
    bench = Bench()
    nodes(bench, 1)
    assert message(bench, bench.pod(spec_of("5", "9Gi"), priority=10)) == (
        "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. "
        "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    )


def test_before_1_34_whoever_is_too_big_for_an_empty_node_was_told_of_victims():
    texts = {
        "k8s-1.33": " preemption: 0/1 nodes are available: "
        "1 No preemption victims found for incoming pod.",
        "k8s-1.23": "",
    }
    for word, text in texts.items():
        bench = Bench(profile(word))
        nodes(bench, 1)
        told = message(bench, bench.pod(spec_of("5"), priority=10))
        assert told == f"0/1 nodes are available: 1 Insufficient cpu.{text}"


def test_a_pod_that_never_preempts_says_so():
    bench = Bench()
    nodes(bench, 1)
    bench.state.add(bench.pod(spec_of("3")), "n0")
    spec = spec_of("3", preemptionPolicy="Never")
    assert message(bench, bench.pod(spec, priority=10)) == (
        "0/1 nodes are available: 1 Insufficient cpu. "
        "preemption: not eligible due to preemptionPolicy=Never."
    )


def test_nodes_that_a_pod_does_not_name_are_told_apart_by_version():
    texts = {
        "newest": "1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
        "k8s-1.28": "1 Insufficient cpu, 2 node is filtered out by the prefilter result.",
        "k8s-1.23": "1 Insufficient cpu.",
    }
    field = {"key": "metadata.name", "operator": "In", "values": ["n1"]}
    named = {REQUIRED: {"nodeSelectorTerms": [{"matchFields": [field]}]}}
    for word, text in texts.items():
        bench = Bench(profile(word))
        nodes(bench, 3)
        bench.state.add(bench.pod(spec_of("4")), "n1")
        pod = bench.pod(spec_of("1", affinity={"nodeAffinity": named}))
        assert bench.cycle.schedule(pod).diagnosis.message == f"0/3 nodes are available: {text}"


def test_the_text_of_a_taint_changed_with_a_version():
    bench = Bench(profile("k8s-1.23"))
    nodes(bench, 1, taints=[Taint("gpu", "NoExecute", "yes")])
    assert bench.cycle.schedule(bench.pod(spec_of())).diagnosis.message == (
        "0/1 nodes are available: 1 node(s) had taint {gpu: yes}, that the pod didn't tolerate."
    )


def test_a_cluster_without_nodes_says_that():
    bench = Bench()
    diagnosis = bench.cycle.schedule(bench.pod(spec_of())).diagnosis
    assert diagnosis.message == "no nodes available to schedule pods"
