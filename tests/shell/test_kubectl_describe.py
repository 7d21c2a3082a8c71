"""What describe tells of each kind, padded as the real tool pads it."""

from __future__ import annotations

import pytest
from image_shop import Shop

from simulator.shell.kubectl.describing import _TELLERS
from simulator.shell.kubectl.tabs import tabbed

SHOP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {LOG: "debug\\ninfo"}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: hunter2}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      volumes: [{name: v, configMap: {name: settings}}]
      containers:
      - name: web
        image: "nginx:1.27"
        ports: [{containerPort: 80}]
        volumeMounts: [{name: v, mountPath: /etc/web, readOnly: true}]
        envFrom: [{configMapRef: {name: settings}}]
        env:
        - {name: PW, valueFrom: {secretKeyRef: {name: keys, key: password}}}
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: shop.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /x, pathType: Prefix, backend: {service: {name: gone, port: {number: 80}}}}
"""


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 2")
    shop.write("shop.yaml", SHOP)
    shop("kubectl apply -f shop.yaml; advance 30s")
    return shop


def test_cells_of_lines_that_follow_each_other_are_one_column():
    assert tabbed(["a\tb", "long\tc\td", "no cell", "x\ty"]) == [
        "a     b", "long  c  d", "no cell", "x  y",
    ]  # fmt: skip


def test_a_pod_is_told_with_where_its_variables_and_files_come_from(shop):
    name = shop("kubectl get pods -o name").split("\n")[0].partition("/")[2]
    told = shop(f"kubectl describe pod {name}").split("\n")
    assert told[0] == f"Name:             {name}"
    assert "Service Account:  default" in told
    assert any(line.startswith("Node:             node-") and "/10." in line for line in told)
    assert "      settings  ConfigMap  Optional: false" in told
    assert any("<set to the key 'password' in secret 'keys'>  Optional: false" in e for e in told)
    assert "      /etc/web from v (ro)" in told
    volume = told.index("Volumes:")
    assert told[volume + 1] == "  v:"
    assert told[volume + 2].split()[:2] == ["Type:", "ConfigMap"]
    assert told[volume + 2].index("ConfigMap") == told[volume + 3].index("settings")


def test_a_deployment_is_told_with_its_template_and_sets(shop):
    shop("kubectl set image deploy/web web=nginx:1.28; advance 30s")
    told = shop("kubectl describe deploy web").split("\n")
    assert "Selector:               app=web" in told
    assert "      Image:      nginx:1.28" in told
    assert "  Type           Status  Reason" in told
    old = next(line for line in told if line.startswith("OldReplicaSets:"))
    assert old.endswith("(0/0 replicas created)")


def test_an_ingress_names_what_is_behind_each_path_and_what_is_missing(shop):
    told = shop("kubectl describe ing web")
    assert "/     web:80 (10.244." in told
    assert '/x    gone:80 (<error: services "gone" not found>)' in told


def test_a_secret_is_never_told_and_settings_are(shop):
    assert "password:  7 bytes" in shop("kubectl describe secret keys")
    assert "LOG:\n----\ndebug\ninfo\n" in shop("kubectl describe cm settings")


def test_a_node_tells_what_its_pods_ask_for_and_may_use(shop):
    told = shop("kubectl describe node node-1")
    assert "100m (2%)" in told
    assert "Total limits may be over 100 percent" in told
    assert "InternalIP:  10." in told


def test_every_kind_that_acts_is_told_in_words_of_its_own(shop):
    from simulator.cluster.kubernetes.api.kinds import KINDS

    told_by_fields = {
        "Event",
        "EndpointSlice",
        "StorageClass",
        "RuntimeClass",
        "ControllerRevision",
        "VerticalPodAutoscaler",
    }
    plain = {one.kind for one in KINDS if not one.note} - set(_TELLERS) - told_by_fields
    assert plain == {"CustomResourceDefinition"}


def test_a_quota_and_a_budget_tell_what_is_left(shop):
    shop("kubectl create quota q --hard=pods=9,requests.cpu=2")
    shop("kubectl create pdb b --selector app=web --min-available 1; advance 5s")
    assert "pods          2     9" in shop("kubectl describe quota q")
    assert "Allowed disruptions:  1" in shop("kubectl describe pdb b")
    assert "Resource Quotas" in shop("kubectl describe ns default")


def test_events_come_in_the_order_and_form_asked_for(shop):
    import json

    found = json.loads(shop("kubectl get events -o json"))["items"]
    assert {one["involvedObject"]["kind"] for one in found} == {"Deployment", "ReplicaSet", "Pod"}
    names = "kubectl get events --sort-by=.reason -o jsonpath='{.items[*].reason}'"
    reasons = shop(names).split()
    assert reasons == sorted(reasons)
    assert "FIRST SEEN" in shop("kubectl get events -o wide").split("\n")[0]


def test_events_are_watched_as_they_come(shop):
    shop("kubectl set image deploy/web web=nginx:nosuch")
    lines = shop("kubectl get events -w --field-selector reason=BackOff").split("\n")
    assert lines[0].startswith("LAST SEEN")
    assert sum("BackOff" in line for line in lines) >= 2
    assert lines[-1] == "(watched for 60s)"


def test_a_field_that_nothing_has_sorts_nothing(shop):
    assert shop.refuses("kubectl get pods --sort-by=.nosuch") == (
        'error: couldn\'t find any field with path "{.nosuch}" in the list of objects'
    )


def test_amounts_are_sorted_by_size(shop):
    shop("cluster grow 1 --memory 100g; cluster grow 1 --memory 9g --prefix small-")
    lines = shop("kubectl get nodes --sort-by=.status.capacity.memory -o name").split("\n")
    assert (lines[0], lines[-1]) == ("node/small-1", "node/node-3")


def test_kinds_of_policy_have_columns_of_their_own(shop):
    shop("kubectl create quota q --hard=pods=9,limits.memory=1Gi; advance 1s")
    rows = shop("kubectl get quota").split("\n")
    assert rows[0].split() == ["NAME", "REQUEST", "LIMIT", "AGE"]
    assert "pods: 2/9" in rows[1]
    assert "limits.memory: 256Mi/1Gi" in rows[1]
    assert shop("kubectl get pc").split("\n")[0].split()[1:3] == ["VALUE", "GLOBAL-DEFAULT"]
