"""Server-side apply: fields belong to those who state them, and others are not overruled."""

from __future__ import annotations

import json

import pytest
from image_shop import Shop

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
"""
APPLY = "kubectl apply --server-side -f web.yaml --field-manager"


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 2")
    shop.write("web.yaml", WEB)
    return shop


def stored(shop: Shop, kind: str = "Deployment", name: str = "web"):
    return shop.session.world.orchestras.get("shop").store.find(kind, "default", name)


def managers(shop: Shop, kind: str = "Deployment", name: str = "web") -> list[tuple[str, str]]:
    return [(one.manager, one.operation) for one in stored(shop, kind, name).meta.managed]


def test_two_who_state_the_same_value_share_it(shop):
    assert shop(f"{APPLY} a") == "deployment.apps/web serverside-applied"
    shop(f"{APPLY} b")
    assert managers(shop) == [("a", "Apply"), ("b", "Apply")]


def test_another_value_is_refused_with_who_has_it_and_where(shop):
    shop(f"{APPLY} a")
    shop.write("web.yaml", WEB.replace("nginx:1.27", "nginx:1.28"))
    assert shop.refuses(f"{APPLY} b").split("\n")[0] == (
        'error: Apply failed with 1 conflict: conflict with "a": '
        '.spec.template.spec.containers[name="web"].image'
    )
    assert stored(shop).data["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27"


def test_several_conflicts_are_listed_by_who_has_the_fields(shop):
    shop(f"{APPLY} a")
    shop("kubectl scale deploy web --replicas=4")
    shop.write("web.yaml", WEB.replace("nginx:1.27", "nginx:1.28"))
    assert shop.refuses(f"{APPLY} b").split("\n")[:5] == [
        'error: Apply failed with 2 conflicts: conflicts with "a":',
        '- .spec.template.spec.containers[name="web"].image',
        'conflicts with "kubectl" with subresource "scale" using apps/v1:',
        "- .spec.replicas",
        "Please review the fields above--they currently have other managers. Here",
    ]


def test_force_takes_a_field_over_from_whoever_had_it(shop):
    shop(f"{APPLY} a")
    shop("kubectl scale deploy web --replicas=4")
    shop.refuses(f"{APPLY} a")
    shop(f"{APPLY} a --force-conflicts")
    assert stored(shop).spec.replicas == 2
    assert managers(shop) == [("a", "Apply")]


def test_what_is_stated_no_more_goes_unless_somebody_else_states_it(shop):
    labelled = WEB.replace("{app: web}}\nspec", "{app: web, tier: front, team: x}}\nspec", 1)
    shop.write("web.yaml", labelled)
    shop(f"{APPLY} a")
    shop.write("web.yaml", labelled.replace(", team: x", ""))
    shop(f"{APPLY} b")
    shop.write("web.yaml", WEB)
    shop(f"{APPLY} a")
    assert dict(stored(shop).meta.labels) == {"app": "web", "tier": "front"}


def test_a_whole_probe_goes_with_the_defaults_that_it_was_given(shop):
    probe = 'image: "nginx:1.27", readinessProbe: {httpGet: {port: 80}}'
    shop.write("web.yaml", WEB.replace('image: "nginx:1.27"', probe))
    shop(f"{APPLY} a")
    shop.write("web.yaml", WEB)
    shop(f"{APPLY} a")
    container = stored(shop).data["spec"]["template"]["spec"]["containers"][0]
    assert "readinessProbe" not in container


def test_a_manifest_without_replicas_leaves_them_to_the_autoscaler(shop):
    shop(f"{APPLY} a")
    shop("cluster metric length 600")
    hpa = {
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"}, "spec": {
            "maxReplicas": 6,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [{"type": "External", "external": {
                "metric": {"name": "length"},
                "target": {"type": "AverageValue", "averageValue": 100}}}],
        },
    }  # fmt: skip
    shop.write("hpa.yaml", json.dumps(hpa))
    shop("kubectl apply -f hpa.yaml; advance 60s")
    assert stored(shop).spec.replicas == 6
    assert '"kube-controller-manager" with subresource "scale"' in shop.refuses(f"{APPLY} a")
    shop.write("web.yaml", WEB.replace("  replicas: 2\n", ""))
    shop(f"{APPLY} a")
    assert stored(shop).spec.replicas == 6


def test_what_client_side_apply_wrote_is_taken_over_and_goes_when_it_is_stated_no_more(shop):
    shop.write("web.yaml", WEB.replace("{app: web}}\nspec", "{app: web, tier: front}}\nspec", 1))
    shop("kubectl apply -f web.yaml")
    assert managers(shop) == [("kubectl-client-side-apply", "Update")]
    shop.write("web.yaml", WEB)
    shop("kubectl apply --server-side -f web.yaml")
    assert managers(shop) == [("kubectl", "Apply")]
    assert dict(stored(shop).meta.labels) == {"app": "web"}


def test_managed_fields_are_shown_when_asked_for(shop):
    shop(f"{APPLY} a")
    plain = json.loads(shop("kubectl get deploy web -o json"))
    assert "managedFields" not in plain["metadata"]
    shown = json.loads(shop("kubectl get deploy web -o json --show-managed-fields"))
    entry = shown["metadata"]["managedFields"][0]
    assert (entry["manager"], entry["operation"]) == ("a", "Apply")
    container = entry["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert container == {'k:{"name":"web"}': {".": {}, "f:image": {}, "f:name": {}}}


def test_pruning_deletes_what_was_applied_and_is_in_the_files_no_more(shop):
    settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, labels: {app: web}}\n"
    shop.write("all/one.yaml", settings.replace("NAME", "one"))
    shop.write("all/two.yaml", settings.replace("NAME", "two"))
    shop("kubectl apply -f all; kubectl create configmap own; kubectl label cm own app=web")
    (shop.folder / "all/two.yaml").unlink()
    assert shop("kubectl apply -f all --prune -l app=web") == (
        "configmap/one unchanged\nconfigmap/two pruned"
    )
    assert shop("kubectl get cm -o name").split("\n") == ["configmap/one", "configmap/own"]
    assert "without explicitly passing --all" in shop.refuses("kubectl apply -f all --prune")


def test_by_force_what_cannot_be_changed_is_created_anew(shop):
    shop("kubectl apply -f web.yaml")
    shop.write("web.yaml", WEB.replace("app: web}", "app: other}"))
    assert "field is immutable" in shop.refuses("kubectl apply -f web.yaml")
    assert shop("kubectl apply -f web.yaml --force") == "deployment.apps/web configured"
    assert stored(shop).spec.selector.match_labels == {"app": "other"}


def test_a_dry_run_refuses_what_would_be_refused_and_changes_nothing(shop):
    shop("kubectl apply -f web.yaml")
    assert shop("kubectl scale deploy web --replicas=9 --dry-run=server") == (
        "deployment.apps/web scaled (server dry run)"
    )
    assert stored(shop).spec.replicas == 2
    assert json.loads(
        shop("kubectl scale deploy web --replicas=9 --dry-run=client -o json")
    )["spec"]["replicas"] == 9  # fmt: skip
    assert "NotFound" in shop.refuses("kubectl scale deploy nosuch --replicas=1 --dry-run=client")
    assert shop("kubectl delete deploy web --dry-run=client") == (
        'deployment.apps "web" deleted from default namespace (dry run)'
    )
    assert stored(shop) is not None


def test_what_cannot_be_printed_or_pruned_is_refused_before_anything_is_written(shop):
    assert "unable to match a printer" in shop.refuses("kubectl apply -f web.yaml -o hologram=x")
    shop.refuses("kubectl create deployment web --image=nginx -o nonsense")
    shop.refuses("kubectl apply -f web.yaml --prune --all --prune-allowlist=nonsense")
    assert stored(shop) is None
