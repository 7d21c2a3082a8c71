"""Pods that wait, crash or do not go, and nodes that are emptied or lost."""

import pytest
from shop import SERVICE, Shop

SPREAD = (
    "topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, maxSkew: 1, "
    "whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}POLICY}]"
)


def test_an_empty_domain_that_cannot_be_used_holds_the_others_back(tmp_path):
    shop = Shop(tmp_path)
    shop.say("kubectl taint node node-3 node_group=special:NoSchedule")
    shop.web(6, spec=SPREAD.replace("POLICY", ""))
    shop.say("advance 30s")
    assert shop.row("deploy web")[1] == "2/6"
    assert (
        "0/3 nodes are available: 1 node(s) had untolerated taint {node_group: special}, 2 node(s) "
        "didn't match pod topology spread constraints. preemption: 0/3 nodes are available: "
        "1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming "
        "pod." in shop.words()
    )
    shop.web(6, spec=SPREAD.replace("POLICY", ", nodeTaintsPolicy: Honor"))
    shop.say("advance 60s")
    assert shop.row("deploy web")[1] == "6/6"


def test_a_budget_without_slack_keeps_a_drain_from_ending(tmp_path):
    shop = Shop(tmp_path)
    shop.web(1)
    shop.say("advance 30s", "kubectl create pdb web --selector app=web --min-available 1")
    node = shop.get("pods -l app=web", ".items[0].spec.nodeName")
    began = shop.now
    result = shop.run(f"kubectl drain {node} --ignore-daemonsets --timeout=30s")
    assert f"node/{node} cordoned" in result.text
    assert "evicting pod default/web-" in result.text
    again = (
        "(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget."
    )
    said = f"{result.text}\n{result.error}"
    assert again in said
    assert f'error: unable to drain node "{node}"' in said
    assert "global timeout reached: 30s" in said
    assert shop.now - began == pytest.approx(30, abs=1)
    assert shop.row(f"node {node}")[1] == "Ready,SchedulingDisabled"
    assert shop.row("deploy web")[1] == "1/1"


def test_a_crash_loop_keeps_its_times(tmp_path):
    shop = Shop(tmp_path, "cluster create c --nodes 1")
    shop.apply(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: "
        '{drydock.dev/workload: "exit code=1 after=1s"}}\n'
        "spec: {containers: [{name: app, image: registry.example/web:1}]}\n"
    )
    while shop.row("pod web")[3] == "0":
        shop.say("advance 1s")
    first = shop.now
    starts = [0.0]
    while len(starts) < 5:
        shop.say("advance 1s")
        if int(shop.row("pod web")[3].split()[0]) > len(starts):
            starts.append(shop.now - first)
    assert starts == pytest.approx([0, 11, 32, 73, 154], abs=16)
    assert all(one >= right - 1.5 for one, right in zip(starts, [0, 11, 32, 73, 154], strict=True))
    assert "Back-off restarting failed container app in pod web_default(" in shop.words()


@pytest.mark.parametrize(("limit", "pods"), [("backoffLimit: 3", 4), ("", 7)])
def test_a_job_that_fails_makes_so_many_pods_and_keeps_them(tmp_path, limit, pods):
    shop = Shop(tmp_path)
    shop.apply(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n    metadata: "
        '{annotations: {drydock.dev/workload: "exit code=1 after=1s"}}\n    spec: '
        "{restartPolicy: Never, containers: [{name: c, image: registry.example/j:1}]}\n"
        f"  {limit}\n"
    )
    shop.say("advance 20m")
    rows = shop.say("kubectl get pods --no-headers").splitlines()
    assert [one.split()[2] for one in rows] == ["Error"] * pods
    failed = shop.condition("job j", "Failed")
    assert (failed["reason"], failed["message"]) == (
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
    )
    assert shop.row("job j")[2] == "0/1"


def test_a_node_that_loses_power_is_noticed_late_and_left_later(tmp_path):
    shop = Shop(tmp_path)
    shop.web(3)
    shop.apply(SERVICE)
    shop.say("advance 30s")
    node = shop.get("pods -l app=web", ".items[0].spec.nodeName")
    cut = shop.now
    shop.say(f"fault power {node}")
    while shop.row(f"node {node}")[1] == "Ready":
        shop.say("advance 1s")
    assert 40 <= shop.now - cut <= 55
    assert "Terminating" not in shop.say("kubectl get pods")
    while "Terminating" not in shop.say("kubectl get pods"):
        shop.say("advance 1s")
    assert 340 <= shop.now - cut <= 361
    assert "Marking for deletion Pod default/web-" in shop.words()
    shop.say("advance 10s")
    assert shop.row("deploy web")[1] == "3/3"
