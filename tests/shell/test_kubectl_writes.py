"""What kubectl's writing verbs print and do, as the real tool does."""

from __future__ import annotations

import json

import pytest
from image_shop import Shop

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
"""
DNS = """\
apiVersion: v1
kind: Service
metadata: {name: dns}
spec:
  selector: {app: dns}
  ports: [{name: dns-tcp, port: 53, protocol: TCP}]
"""
BOTH = DNS.replace("TCP}]", "TCP}, {name: dns-udp, port: 53, protocol: UDP}]")


def settings(name: str, **data: str) -> str:
    meta = {"name": name}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 2")
    shop.write("web.yaml", WEB)
    return shop


def stored(shop: Shop, kind: str, name: str, namespace: str = "default"):
    return shop.session.world.orchestras.get("shop").store.find(kind, namespace, name)


def test_apply_says_created_then_unchanged_then_configured(shop):
    assert shop("kubectl apply -f web.yaml") == "deployment.apps/web created"
    assert shop("kubectl apply -f web.yaml") == "deployment.apps/web unchanged"
    shop.write("web.yaml", WEB.replace("replicas: 2", "replicas: 3"))
    assert shop("kubectl apply -f web.yaml") == "deployment.apps/web configured"
    assert stored(shop, "Deployment", "web").spec.replicas == 3


def test_apply_undoes_what_somebody_else_wrote_into_the_same_field(shop):
    shop("kubectl apply -f web.yaml")
    shop("kubectl scale deploy web --replicas=6")
    assert shop("kubectl apply -f web.yaml") == "deployment.apps/web configured"
    assert stored(shop, "Deployment", "web").spec.replicas == 2


def test_apply_leaves_fields_alone_that_the_file_does_not_have(shop):
    shop.write("web.yaml", WEB.replace("  replicas: 2\n", ""))
    shop("kubectl apply -f web.yaml")
    shop("kubectl scale deploy web --replicas=6")
    assert shop("kubectl apply -f web.yaml") == "deployment.apps/web unchanged"
    assert stored(shop, "Deployment", "web").spec.replicas == 6


def test_a_port_of_the_same_number_is_merged_by_apply_and_kept_by_the_server(shop):
    shop.write("dns.yaml", DNS)
    shop("kubectl apply -f dns.yaml")
    shop.write("dns.yaml", BOTH)
    assert shop("kubectl apply -f dns.yaml") == "service/dns configured"
    assert len(stored(shop, "Service", "dns").spec.ports) == 1
    assert shop("kubectl apply --server-side -f dns.yaml") == "service/dns serverside-applied"
    assert len(stored(shop, "Service", "dns").spec.ports) == 2


def test_one_bad_document_keeps_none_of_the_others_back(shop):
    bad = WEB.replace("replicas: 2", "replicas: -1").replace("name: web}\n", "name: bad}\n", 1)
    shop.write("all.yaml", f"{settings('a', x='1')}\n---\n{bad}---\n{settings('b', x='1')}\n")
    printed, error = shop.prints_and_fails("kubectl apply -f all.yaml")
    assert printed == "configmap/a created\nconfigmap/b created"
    assert error.startswith('The Deployment "bad" is invalid: \nspec.replicas: Invalid value') or (
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0" in error
    )


def test_an_object_that_is_there_is_not_created_again(shop):
    shop("kubectl create -f web.yaml")
    assert shop.refuses("kubectl create -f web.yaml") == (
        'Error from server (AlreadyExists): error when creating "web.yaml": '
        'deployments.apps "web" already exists'
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deployment x --image=nginx", "deployment.apps/x created"),
        ("job x --image=busybox -- sleep 5", "job.batch/x created"),
        ('cronjob x --image=busybox --schedule="*/5 * * * *"', "cronjob.batch/x created"),
        ("service clusterip x --tcp=80:8080", "service/x created"),
        ("service nodeport x --tcp=80 --node-port=30080", "service/x created"),
        ("quota x --hard=pods=3", "resourcequota/x created"),
        ("pdb x --selector=app=web --min-available=1", "poddisruptionbudget.policy/x created"),
        ("priorityclass x --value=7", "priorityclass.scheduling.k8s.io/x created"),
        ("serviceaccount x", "serviceaccount/x created"),
        ("namespace x", "namespace/x created"),
        ("configmap x --from-literal=a=b", "configmap/x created"),
        ("secret generic x --from-literal=a=b", "secret/x created"),
    ],
)
def test_objects_are_made_of_words_tried_and_printed(shop, line, said):
    assert shop(f"kubectl create {line}").startswith(said)
    tried = line.replace(" -- ", " --dry-run=server -- ") if " -- " in line else line
    assert "already exists" in shop.refuses(f"kubectl create {tried}")


def test_a_dry_run_prints_the_manifest_and_makes_nothing(shop):
    printed = shop("kubectl create deployment x --image=nginx --dry-run=client -o yaml")
    assert stored(shop, "Deployment", "x") is None
    shop.write("x.yaml", printed)
    assert shop("kubectl apply -f x.yaml") == "deployment.apps/x created"
    assert shop("kubectl create ns y --dry-run=server") == "namespace/y created (server dry run)"
    assert stored(shop, "Namespace", "y", "") is None


def test_a_job_is_made_of_a_cron_jobs_template(shop):
    shop('kubectl create cronjob tick --image=busybox --schedule="0 0 1 1 *" -- sleep 1')
    assert shop("kubectl create job now --from=cronjob/tick") == "job.batch/now created"
    assert stored(shop, "Job", "now").data["spec"]["template"]["spec"]["containers"][0][
        "image"
    ] == ("busybox")


def test_scale_minds_how_many_there_are(shop):
    shop("kubectl apply -f web.yaml")
    assert shop("kubectl scale deploy/web --current-replicas=2 --replicas=3") == (
        "deployment.apps/web scaled"
    )
    assert "Expected replicas to be 2, was 3" in shop.refuses(
        "kubectl scale deploy/web --current-replicas=2 --replicas=4"
    )


def test_a_rollout_is_waited_for_and_undone(shop):
    shop("kubectl apply -f web.yaml")
    assert shop("kubectl rollout status deploy/web").endswith(
        'deployment "web" successfully rolled out'
    )
    shop("kubectl set image deploy/web web=nginx:1.28")
    shop("kubectl rollout status deploy/web")
    assert shop("kubectl rollout undo deploy/web") == "deployment.apps/web rolled back"
    shop("kubectl rollout status deploy/web")
    assert (
        stored(shop, "Deployment", "web").data["spec"]["template"]["spec"]["containers"][0]["image"]
        == "nginx:1.27"
    )


def test_what_is_deleted_is_gone_when_the_prompt_is_back(shop):
    shop("kubectl apply -f web.yaml")
    shop("kubectl rollout status deploy/web")
    pod = next(iter(shop.session.world.orchestras.get("shop").store.table("Pod"))).name
    assert shop(f"kubectl delete pod {pod}") == f'pod "{pod}" deleted from default namespace'
    assert stored(shop, "Pod", pod) is None
    assert shop.refuses("kubectl delete deploy nope") == (
        'Error from server (NotFound): deployments.apps "nope" not found'
    )
    assert shop("kubectl delete deploy nope --ignore-not-found") == ""


def test_a_drain_moves_pods_and_an_uncordoned_node_takes_them_again(shop):
    shop("kubectl apply -f web.yaml")
    shop("kubectl rollout status deploy/web")
    printed = shop("kubectl drain node-1 --ignore-daemonsets")
    assert printed.startswith("node/node-1 cordoned\nevicting pod default/web-")
    assert printed.endswith("node/node-1 drained")
    assert shop("kubectl cordon node-1") == "node/node-1 already cordoned"
    assert shop("kubectl uncordon node-1") == "node/node-1 uncordoned"


def test_undo_brings_a_cluster_back_to_the_last_byte(shop):
    shop("kubectl apply -f web.yaml")
    shop("kubectl rollout status deploy/web")
    before = shop.session.world.journal.digest
    shop("kubectl delete deploy web")
    shop("advance 30s")
    shop("undo")
    assert shop.session.world.journal.digest == before
    assert stored(shop, "Deployment", "web").status.available_replicas == 2


def test_a_program_in_a_pod_is_there_again_after_an_undo(shop):
    shop("kubectl apply -f web.yaml")
    assert "container not found" in shop.refuses("kubectl exec deploy/web -- ls")
    shop("kubectl rollout status deploy/web")
    assert shop("kubectl exec deploy/web -- sh -c 'echo hi > /x; cat /x'") == "hi"
    before = shop.session.world.journal.digest
    shop("kubectl delete deploy web")
    shop("undo")
    assert shop.session.world.journal.digest == before
    assert shop("kubectl exec deploy/web -- cat /x") == "hi"
    assert "(exit code 1)" in shop.refuses("kubectl exec deploy/web -- false")


def test_a_drain_gives_up_at_its_timeout_where_a_budget_holds(shop):
    shop.write("web.yaml", WEB.replace("replicas: 2", "replicas: 1"))
    shop("kubectl apply -f web.yaml")
    shop("kubectl create pdb web --selector=app=web --min-available=1")
    shop("kubectl rollout status deploy/web")
    node = next(iter(shop.session.world.orchestras.get("shop").store.table("Pod"))).node
    printed, error = shop.prints_and_fails(
        f"kubectl drain {node} --ignore-daemonsets --timeout=30s"
    )
    assert printed.count("(will retry after 5s): Cannot evict pod as it would violate the") == 6
    assert "global timeout reached: 30s" in error
    assert stored(shop, "Node", node, "").spec.unschedulable


def test_a_diff_shows_what_apply_would_do_and_does_nothing(shop):
    shop("kubectl apply -f web.yaml")
    assert shop("kubectl diff -f web.yaml") == ""
    shop.write("web.yaml", WEB.replace("replicas: 2", "replicas: 4"))
    printed, error = shop.prints_and_fails("kubectl diff -f web.yaml")
    assert "-  replicas: 2\n+  replicas: 4" in printed
    assert error == "exit status 1"
    assert stored(shop, "Deployment", "web").spec.replicas == 2


def test_an_edited_file_takes_the_place_of_an_editor(shop):
    shop("kubectl apply -f web.yaml")
    assert "there is no editor here" in shop.refuses("kubectl edit deploy web")
    shop.write("edited.yaml", shop("kubectl get deploy web -o yaml").replace("1.27", "1.28"))
    shop("kubectl rollout status deploy/web")
    assert shop("kubectl edit deploy web --from edited.yaml") == "deployment.apps/web edited"
    template = stored(shop, "Deployment", "web").data["spec"]["template"]
    assert template["spec"]["containers"][0]["image"] == "nginx:1.28"


def test_a_selector_is_replaced_as_a_whole(shop):
    shop("kubectl create service clusterip web --tcp=80")
    assert shop("kubectl set selector svc web tier=front") == "service/web selector updated"
    assert stored(shop, "Service", "web").spec.selector == {"tier": "front"}


def test_the_account_of_pods_is_changed(shop):
    shop("kubectl apply -f web.yaml")
    shop("kubectl create sa me")
    assert shop("kubectl set sa deploy web me") == "deployment.apps/web serviceaccount updated"
    template = stored(shop, "Deployment", "web").data["spec"]["template"]
    assert template["spec"]["serviceAccountName"] == "me"


def test_a_watch_prints_a_row_for_each_change(shop):
    shop("kubectl apply -f web.yaml")
    lines = shop("kubectl get pods -w").splitlines()
    assert lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    first = lines[1].split()[0]
    states = [one.split()[1:3] for one in lines if one.startswith(first)]
    assert states == [["0/1", "ContainerCreating"], ["1/1", "Running"]]
    assert lines[-1] == "(watched for 60s)"
    assert shop.refuses("kubectl get pods nope -w") == (
        'Error from server (NotFound): pods "nope" not found'
    )
