"""From inside a pod: names of Services and pods, and who answers at their addresses."""

import pytest

from simulator.shell import Session
from simulator.world import World

SHOP = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: db}, ports: [{port: 8000, targetPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: empty}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {type: ExternalName, externalName: front.default.svc.cluster.local}
---
apiVersion: v1
kind: Pod
metadata: {name: asker}
spec: {containers: [{name: c, image: busybox, command: [sleep, "100000"]}]}
"""


class Inside:
    def __init__(self, folder):
        (folder / "shop.yaml").write_text(SHOP)
        self.session = Session(World(), folder=folder)
        for line in ("cluster create c --nodes 2", "kubectl create namespace far",
                     "kubectl apply -f shop.yaml", "kubectl apply -f shop.yaml -n far",
                     "advance 60s"):  # fmt: skip
            assert self.session.execute(line).error is None, line

    def run(self, command, space="default"):
        return self.session.execute(f"kubectl exec -n {space} asker -- {command}")

    def ip(self, what):
        return self.session.execute(f"kubectl get {what}").text

    def addresses(self, name, space="default"):
        lines = self.run(f"nslookup {name}", space).lines
        found = [one.split()[1] for one in lines if one.startswith("Address:")]
        return found[1:]


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    return Inside(tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize(
    "name", ["front", "front.default", "front.default.svc", "front.default.svc.cluster.local"]
)
def test_a_service_is_found_under_each_of_its_names(inside, name):
    address = inside.ip("svc front -o jsonpath={.spec.clusterIP}")
    assert inside.addresses(name) == [address]
    assert "Welcome to nginx" in inside.run(f"wget -qO- http://{name}:8000").text


def test_a_short_name_means_the_service_of_ones_own_namespace(inside):
    near = inside.ip("svc front -o jsonpath={.spec.clusterIP}")
    far = inside.ip("svc front -n far -o jsonpath={.spec.clusterIP}")
    assert near != far
    assert inside.addresses("front", "far") == [far]
    assert inside.addresses("front.far") == [far]


def test_a_headless_service_is_all_its_pods_and_each_has_a_name(inside):
    each = inside.ip("pods -l app=db -o jsonpath={.items[*].status.podIP}").split()
    assert sorted(inside.addresses("db")) == sorted(each)
    assert inside.addresses("db-1.db") == [inside.ip("pod db-1 -o jsonpath={.status.podIP}")]


def test_an_external_name_is_another_name(inside):
    assert inside.addresses("outside") == inside.addresses("front")


def test_pods_reach_each_other_by_address_and_nobody_else_there(inside):
    address = inside.ip("pod db-0 -o jsonpath={.status.podIP}")
    assert "Welcome to nginx" in inside.run(f"wget -qO- http://{address}").text
    assert "onnection refused" in inside.run(f"wget -qO- http://{address}:81").error


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("http://empty", "refused"),
        ("-T 2 http://front:81", "timed out"),
        ("http://nosuch", "bad address"),
        ("http://front.nosuch", "bad address"),
    ],
)
def test_what_is_not_there_fails_in_its_own_way(inside, where, words):
    result = inside.run(f"wget -qO- {where}")
    assert words in (result.error or "") + result.text


def test_a_pod_has_the_files_that_its_kubelet_writes(inside):
    resolv = inside.run("cat /etc/resolv.conf").lines
    assert resolv == (
        "search default.svc.cluster.local svc.cluster.local cluster.local",
        "nameserver 10.96.0.10",
        "options ndots:5",
    )
    own = inside.ip("pod asker -o jsonpath={.status.podIP}")
    assert f"{own}\tasker" in inside.run("cat /etc/hosts").lines
    assert inside.run("hostname -i").text == own
