"""Rollouts that get stuck, and why: rounding, room, order."""

import pytest
from shop import Shop

ANTI = (
    "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
    "[{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}"
)
BAD = "registry.example/web:does-not-exist"
ONE_BY_ONE = "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}"


@pytest.mark.parametrize(
    ("replicas", "available", "new"), [(10, 8, 5), (3, 3, 1), (4, 3, 2), (1, 1, 1)]
)
def test_a_bad_image_stops_where_surge_rounds_up_and_unavailable_down(
    tmp_path, replicas, available, new
):
    shop = Shop(tmp_path)
    shop.web(replicas)
    shop.say("advance 30s", f"kubectl set image deploy/web app={BAD}", "advance 60s")
    row = shop.row("deploy web")
    assert row[1:4] == [f"{available}/{replicas}", str(new), str(available)]
    assert len(shop.say("kubectl get pods --no-headers").splitlines()) == available + new


def test_a_rollout_that_does_not_go_on_ends_at_its_deadline_and_is_taken_back_by_hand(tmp_path):
    shop = Shop(tmp_path)
    shop.web(10)
    shop.say("advance 30s", f"kubectl set image deploy/web app={BAD}")
    began = shop.now
    result = shop.run("kubectl rollout status deploy/web")
    waits = (
        'Waiting for deployment "web" rollout to finish: 5 out of 10 new replicas have been '
        "updated..."
    )
    assert waits in result.text
    assert result.error == 'error: deployment "web" exceeded its progress deadline'
    assert 600 <= shop.now - began <= 620
    stuck = shop.condition("deploy web", "Progressing")
    assert (stuck["status"], stuck["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert "has timed out progressing." in stuck["message"]
    shop.say("kubectl rollout undo deploy/web", "advance 30s")
    assert shop.row("deploy web")[1:4] == ["10/10", "10", "10"]


def test_anti_affinity_and_surge_lock_each_other(tmp_path):
    shop = Shop(tmp_path)
    shop.web(3, spec=ANTI)
    shop.say("advance 30s")
    shop.web(3, "2", spec=ANTI)
    shop.say("advance 30s")
    words = shop.words()
    assert (
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. preemption: "
        "0/3 nodes are available: 3 No preemption victims found for incoming pod." in words
    )
    assert shop.row("deploy web")[1:4] == ["3/3", "1", "3"]
    shop.web(3, "2", ONE_BY_ONE, ANTI)
    shop.say("advance 60s")
    assert shop.row("deploy web")[1:4] == ["3/3", "3", "3"]


def test_a_quota_without_room_for_the_surge_stops_a_rollout_in_silence(tmp_path):
    shop = Shop(tmp_path)
    shop.web(3)
    shop.say("advance 30s", "kubectl create quota q --hard pods=3")
    assert "configured" in shop.web(3, "2")
    shop.say("advance 30s")
    told = "is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3"
    assert told in shop.words()
    assert shop.condition("deploy web", "ReplicaFailure")["status"] == "True"
    assert shop.row("deploy web")[1:3] == ["3/3", "0"]
    shop.web(3, "2", ONE_BY_ONE)
    shop.say("advance 60s")
    assert shop.row("deploy web")[1:3] == ["3/3", "3"]


SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 3
  serviceName: web
  podManagementPolicy: POLICY
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: app, image: "registry.example/web:1", ports: [{containerPort: 80}]}]
"""


def test_a_stateful_set_does_not_come_back_from_a_bad_image_by_itself(tmp_path):
    shop = Shop(tmp_path)
    shop.apply(SET.replace("POLICY", "OrderedReady"))
    shop.say("advance 60s", f"kubectl set image sts/web app={BAD}", "advance 60s")
    image = ".spec.containers[0].image"
    images = [shop.get(f"pod web-{n}", image).rpartition(":")[2] for n in range(3)]
    assert images == ["1", "1", "does-not-exist"]
    shop.say("kubectl set image sts/web app=registry.example/web:1", "advance 5m")
    assert shop.get("pod web-2", image).endswith("does-not-exist")
    shop.say("kubectl delete pod web-2", "advance 60s")
    assert shop.get("pod web-2", image).endswith(":1")
    assert shop.row("sts web")[1] == "3/3"


def test_in_parallel_the_same_heals_by_itself(tmp_path):
    shop = Shop(tmp_path)
    shop.apply(SET.replace("POLICY", "Parallel"))
    shop.say("advance 60s", f"kubectl set image sts/web app={BAD}", "advance 60s",
             "kubectl set image sts/web app=registry.example/web:1", "advance 5m")  # fmt: skip
    assert shop.row("sts web")[1] == "3/3"


PORTS = """\
apiVersion: v1
kind: Service
metadata: {name: dns}
spec:
  selector: {app: dns}
  ports:
  - {name: dns-tcp, port: 53, protocol: TCP}
"""


@pytest.mark.parametrize(("flags", "count"), [("", 1), ("--server-side --force-conflicts", 2)])
def test_a_second_protocol_at_a_port_is_lost_where_lists_merge_by_port(tmp_path, flags, count):
    shop = Shop(tmp_path)
    shop.apply(PORTS)
    more = PORTS + "  - {name: dns-udp, port: 53, protocol: UDP}\n"
    shop.apply(more, flags)
    assert len(shop.get("svc dns", ".spec.ports[*].name").split()) == count
