"""Claims get volumes, pods wait for them, and what becomes of data when pods and claims go."""

import pytest
from calls import calls

from simulator.shell import Session
from simulator.world import World

VOLUME = """\
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAME, labels: {disk: NAME}}
spec:
  capacity: {storage: SIZE}
  accessModes: [MODES]
  storageClassName: CLASS
  persistentVolumeReclaimPolicy: RECLAIM
  hostPath: {path: /mnt/NAME}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: NAME}
spec:
  accessModes: [MODES]
  resources: {requests: {storage: SIZE}}
  storageClassName: CLASS
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  terminationGracePeriodSeconds: 1
  nodeSelector: {kubernetes.io/hostname: NODE}
  volumes: [{name: d, persistentVolumeClaim: {claimName: CLAIM}}]
  containers:
  - {name: c, image: alpine, command: [sleep, "100000"], volumeMounts: [{name: d, mountPath: /d}]}
"""
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: NAME}
provisioner: PROVISIONER
reclaimPolicy: RECLAIM
volumeBindingMode: MODE
"""
SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: nginx, volumeMounts: [{name: data, mountPath: /d}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
USUAL = {"SIZE": "1Gi", "MODES": "ReadWriteOnce", "CLASS": '""', "RECLAIM": "Retain",
         "NODE": "node-1", "CLAIM": "data", "MODE": "Immediate",
         "PROVISIONER": "disk.example"}  # fmt: skip


class Shop:
    """A cluster to which manifests are applied."""

    def __init__(self, folder, line="cluster create c --nodes 2"):
        self.folder = folder
        self.session = Session(World(), folder=folder)
        self.say(line)

    def say(self, *lines):
        found = []
        for line in lines:
            result = self.session.execute(line)
            assert result.error is None, (line, result.error)
            found += result.lines
        return "\n".join(found)

    def apply(self, text, **words):
        for word, value in {**USUAL, **words}.items():
            text = text.replace(word, value)
        (self.folder / "one.yaml").write_text(text)
        return self.say("kubectl apply -f one.yaml")

    def phase(self, name, kind="pvc"):
        return self.say(f"kubectl get {kind} {name} -o jsonpath={{.status.phase}}")

    def bound(self, name):
        return self.say(f"kubectl get pvc {name} -o jsonpath={{.spec.volumeName}}")


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def test_a_claim_gets_the_smallest_volume_that_is_large_enough(shop):
    for name, size in (("tiny", "500Mi"), ("big", "9Gi"), ("fits", "2Gi")):
        shop.apply(VOLUME, NAME=name, SIZE=size)
    shop.apply(CLAIM, NAME="data")
    assert shop.bound("data") == "fits"
    assert [shop.phase(one, "pv") for one in ("fits", "big")] == ["Bound", "Available"]


@pytest.mark.parametrize(
    ("volume", "claim"),
    [
        ({"SIZE": "500Mi"}, {}),
        ({"CLASS": "slow"}, {}),
        ({}, {"MODES": "ReadWriteMany"}),
        ({}, {"CLASS": '"", selector: {matchLabels: {disk: other}}'.replace(", sel", "\n  sel")}),
    ],
)
def test_a_volume_that_is_not_what_is_asked_for_stays_free(shop, volume, claim):
    shop.apply(VOLUME, NAME="v", **volume)
    shop.apply(CLAIM, NAME="data", **claim)
    assert (shop.phase("data"), shop.phase("v", "pv")) == ("Pending", "Available")
    words = "no persistent volumes available for this claim and no storage class is set"
    assert words in shop.say("kubectl describe pvc data")


def test_a_volume_that_comes_later_is_taken(shop):
    shop.apply(CLAIM, NAME="data")
    assert shop.phase("data") == "Pending"
    shop.apply(VOLUME, NAME="v")
    assert (shop.phase("data"), shop.bound("data")) == ("Bound", "v")


def test_a_class_makes_a_volume_at_once_or_when_the_first_pod_has_a_node(shop):
    shop.apply(CLASS, NAME="eager")
    shop.apply(CLAIM, NAME="now", CLASS="eager")
    shop.apply(CLAIM, NAME="later", CLASS="standard")
    shop.say("advance 10s")
    assert [shop.phase(one) for one in ("now", "later")] == ["Bound", "Pending"]
    assert "waiting for first consumer" in shop.say("kubectl describe pvc later")
    shop.apply(POD, NAME="user", CLAIM="later")
    shop.say("advance 30s")
    assert [shop.phase("later"), shop.phase("user", "pod")] == ["Bound", "Running"]


def test_a_class_that_is_not_there_is_named(shop):
    shop.apply(CLAIM, NAME="data", CLASS="gold")
    assert 'storageclass.storage.k8s.io "gold" not found' in shop.say("kubectl describe pvc data")
    shop.apply(CLASS, NAME="gold")
    shop.say("advance 10s")
    assert shop.phase("data") == "Bound"


def test_a_pod_whose_claim_is_not_bound_waits_with_the_real_words(shop):
    shop.apply(CLAIM, NAME="data")
    shop.apply(POD, NAME="user")
    shop.say("advance 2s")
    told = shop.say("kubectl describe pod user")
    assert "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims" in told
    shop.apply(VOLUME, NAME="v")
    shop.say("advance 30s")
    assert shop.phase("user", "pod") == "Running"


def test_a_pod_whose_claim_is_missing_waits_for_it(shop):
    shop.apply(POD, NAME="user")
    shop.say("advance 2s")
    assert 'persistentvolumeclaim "data" not found' in shop.say("kubectl describe pod user")


def test_data_outlives_the_pod_and_follows_to_another_node(shop):
    shop.apply(CLAIM, NAME="data", CLASS="standard")
    shop.apply(POD, NAME="one")
    shop.say("advance 30s", "kubectl exec one -- sh -c 'echo kept > /d/x'")
    shop.say("kubectl delete pod one")
    shop.apply(POD, NAME="two", NODE="node-2")
    shop.say("advance 30s")
    assert shop.say("kubectl exec two -- cat /d/x") == "kept"


def test_a_disk_that_one_node_may_have_is_not_given_to_a_second(shop):
    shop.apply(CLAIM, NAME="data", CLASS="standard")
    shop.apply(POD, NAME="one")
    shop.say("advance 30s")
    shop.apply(POD, NAME="two", NODE="node-2")
    shop.say("advance 30s")
    assert "Multi-Attach error for volume" in shop.say("kubectl describe pod two")
    assert "ContainerCreating" in shop.say("kubectl get pod two")
    shop.say("kubectl delete pod one", "advance 30s")
    assert shop.phase("two", "pod") == "Running"


def test_a_claim_that_is_used_does_not_go_before_its_pod(shop):
    shop.apply(CLAIM, NAME="data", CLASS="standard")
    shop.apply(POD, NAME="one")
    shop.say("advance 30s", "kubectl delete pvc data --wait=false", "advance 30s")
    assert "Terminating" in shop.say("kubectl get pvc data")
    shop.say("kubectl delete pod one", "advance 5s")
    assert "not found" in shop.session.execute("kubectl get pvc data").error


@pytest.mark.parametrize(("policy", "left"), [("Retain", "Released"), ("Delete", "")])
def test_what_becomes_of_a_volume_when_its_claim_goes(shop, policy, left):
    shop.apply(VOLUME, NAME="v", RECLAIM=policy)
    shop.apply(CLAIM, NAME="data")
    shop.say("kubectl delete pvc data", "advance 1s")
    found = shop.session.execute("kubectl get pv v -o jsonpath={.status.phase}")
    assert "\n".join(found.lines) == left
    if left:
        shop.apply(CLAIM, NAME="next")
        assert shop.phase("next") == "Pending", "a released volume is nobody's until it is freed"


def test_a_bound_claim_whose_volume_is_gone_is_lost(shop):
    shop.apply(VOLUME, NAME="v")
    shop.apply(CLAIM, NAME="data")
    shop.say(
        "kubectl patch pv v --type merge -p '{\"metadata\": {\"finalizers\": null}}'",
        "kubectl delete pv v", "advance 1s",
    )  # fmt: skip
    assert shop.phase("data") == "Lost"


def test_a_disk_stays_in_the_zone_in_which_it_was_made(tmp_path):
    shop = Shop(tmp_path, "cluster create c --nodes 3 --zones 3")
    shop.apply(CLAIM, NAME="data", CLASS="standard")
    shop.apply(POD, NAME="one", NODE="node-2")
    shop.say("advance 30s", "kubectl delete pod one")
    shop.apply(POD, NAME="two", NODE="node-3")
    shop.say("advance 2s")
    told = shop.say("kubectl describe pod two")
    assert "2 node(s) didn't match Pod's node affinity/selector" in told
    assert "1 node(s) had volume node affinity conflict" in told


def test_pods_of_a_set_have_claims_of_their_own_that_stay(shop):
    shop.apply(SET)
    shop.say("advance 60s")
    assert [shop.phase(f"db-{n}", "pod") for n in (0, 1)] == ["Running", "Running"]
    assert [shop.phase(f"data-db-{n}") for n in (0, 1)] == ["Bound", "Bound"]
    shop.say("kubectl exec db-1 -- sh -c 'echo mine > /d/x'", "kubectl delete pod db-1")
    shop.say("advance 60s")
    assert shop.say("kubectl exec db-1 -- cat /d/x") == "mine"
    shop.say("kubectl delete sts db", "advance 10s")
    assert [shop.phase(f"data-db-{n}") for n in (0, 1)] == ["Bound", "Bound"]


def test_a_claim_may_grow_and_its_volume_with_it(shop):
    shop.apply(CLASS, NAME="eager")
    shop.apply(CLAIM, NAME="data", CLASS="eager")
    shop.say("advance 10s")
    patch = '{"spec": {"resources": {"requests": {"storage": "4Gi"}}}}'
    shop.say(f"kubectl patch pvc data --type merge -p '{patch}'", "advance 1s")
    assert "4Gi" in shop.say("kubectl get pvc data")
    assert "4Gi" in shop.say(f"kubectl get pv {shop.bound('data')}")


def test_pods_without_claims_pay_nothing_for_those_that_have_some(tmp_path):
    costs = []
    for claims in (0, 20):
        folder = tmp_path / str(claims)
        folder.mkdir()
        shop = Shop(folder)
        for number in range(claims):
            shop.apply(CLAIM, NAME=f"c{number}", CLASS="standard")
        shop.say("kubectl create deployment web --image nginx", "advance 20s")
        costs.append(calls(lambda shop=shop: shop.say("kubectl scale deploy/web --replicas 9")))
    assert costs[1] <= costs[0] * 1.02


# --- claims are bound before their pods ---

LATE = {"NAME": "data", "CLASS": "standard"}
BIG = POD.replace("name: c, image", "name: c, resources: {requests: {cpu: 3}}, image")
PLAIN = """\
apiVersion: v1
kind: Pod
metadata: {name: second}
spec:
  nodeSelector: {kubernetes.io/hostname: node-1}
  containers: [{name: c, image: nginx, resources: {requests: {cpu: 3}}}]
"""


def of_pod(shop, name, path):
    return shop.say(f"kubectl get pod {name} -o jsonpath={{{path}}}")


def test_a_pod_has_no_node_before_its_disk_is_made_and_its_room_is_kept_meanwhile(shop):
    shop.apply(CLAIM, **LATE)
    shop.apply(BIG, NAME="first")
    shop.say("advance 1s")
    assert (of_pod(shop, "first", ".status.phase"), of_pod(shop, "first", ".spec.nodeName")) == (
        "Pending", "",
    )  # fmt: skip
    assert "room is kept on node-1" in shop.say("why pod/first")
    shop.apply(PLAIN)
    shop.say("advance 1s")
    assert "Insufficient cpu" in shop.say("kubectl describe pod second")
    shop.say("advance 3s")
    assert of_pod(shop, "first", ".spec.nodeName") == "node-1"
    events = shop.say("kubectl get events")
    assert events.index("ProvisioningSucceeded") < events.index("assigned default/first")


def test_room_that_is_kept_is_free_again_when_its_pod_is_deleted(shop):
    shop.apply(CLAIM, **LATE)
    shop.apply(BIG, NAME="first")
    shop.say("advance 1s", "kubectl delete pod first")
    shop.apply(PLAIN)
    shop.say("advance 5s")
    assert of_pod(shop, "second", ".spec.nodeName") == "node-1"


def test_a_pod_whose_node_goes_meanwhile_looks_for_another(shop):
    shop.apply(CLAIM, **LATE)
    shop.apply(POD.replace("  nodeSelector: {kubernetes.io/hostname: NODE}\n", ""), NAME="first")
    shop.say("advance 1s")
    kept = shop.say("why pod/first").partition("room is kept on ")[2].partition(":")[0]
    shop.say(f"kubectl delete node {kept}", "advance 20s")
    assert of_pod(shop, "first", ".spec.nodeName") not in ("", kept)


def test_a_volume_that_is_there_already_is_bound_at_once(shop):
    shop.apply(CLASS, NAME="manual", PROVISIONER="kubernetes.io/no-provisioner",
               MODE="WaitForFirstConsumer")  # fmt: skip
    shop.apply(VOLUME, NAME="v", CLASS="manual")
    shop.apply(CLAIM, NAME="data", CLASS="manual")
    shop.apply(POD, NAME="first")
    shop.say("advance 1s")
    assert (shop.phase("data"), of_pod(shop, "first", ".spec.nodeName")) == ("Bound", "node-1")
