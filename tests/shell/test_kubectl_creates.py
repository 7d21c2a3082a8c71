"""``kubectl create`` and its kin as kubectl's own examples write them."""

from __future__ import annotations

import json

import pytest
from image_shop import Shop


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 1")
    return shop


def made(shop: Shop, line: str) -> dict:
    """What a line would make."""
    return json.loads(shop(f"kubectl create {line} --dry-run=client -o json"))


def test_a_role_has_a_rule_for_each_group_of_its_resources(shop):
    role = made(shop, "role r --verb=get,list --verb=watch --resource=pods,pods/log,rs.apps")
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["get", "list", "watch"]},
    ]
    assert made(shop, "clusterrole c --verb=get --non-resource-url=/logs/*")["rules"] == [
        {"nonResourceURLs": ["/logs/*"], "verbs": ["get"]}
    ]
    assert "doesn't have a resource type" in shop.refuses(
        "kubectl create role r --verb=get --resource=pots"
    )


def test_a_binding_names_users_groups_and_accounts(shop):
    line = "rolebinding b --role=admin --user=ann --group=team --serviceaccount=monitoring:sa"
    group = "rbac.authorization.k8s.io"
    assert made(shop, line)["subjects"] == [
        {"kind": "User", "apiGroup": group, "name": "ann"},
        {"kind": "Group", "apiGroup": group, "name": "team"},
        {"kind": "ServiceAccount", "name": "sa", "namespace": "monitoring"},
    ]
    assert "exactly one" in shop.refuses("kubectl create rolebinding b --user=ann")
    shop("kubectl create rolebinding b --clusterrole=view --user=ann")
    shop("kubectl set subject rolebinding b --user=bob")
    names = shop("kubectl get rolebinding b -o jsonpath='{.subjects[*].name}'")
    assert names == "ann bob"


def test_an_ingress_is_made_of_rules(shop):
    ingress = made(
        shop,
        "ingress i --class=default --default-backend=web:http --rule='foo.com/*=svc:8080,tls=sec' "
        "--rule=foo.com/admin=adm:http --rule=/path=other:80",
    )["spec"]
    assert ingress["ingressClassName"] == "default"
    assert ingress["defaultBackend"]["service"] == {"name": "web", "port": {"name": "http"}}
    assert ingress["tls"] == [{"hosts": ["foo.com"], "secretName": "sec"}]
    first, second = ingress["rules"]
    assert [(one["path"], one["pathType"]) for one in first["http"]["paths"]] == [
        ("/", "Prefix"), ("/admin", "Exact"),
    ]  # fmt: skip
    assert "host" not in second
    assert "is invalid and should be in format" in shop.refuses(
        "kubectl create ingress i --rule=foo.com"
    )


def test_secrets_come_from_lines_certificates_and_registries(shop, tmp_path):
    (tmp_path / "x.env").write_text("# no\nA=1\n\nB=two=2\n")
    assert made(shop, "configmap c --from-env-file=x.env")["data"] == {"A": "1", "B": "two=2"}
    (tmp_path / "tls.crt").write_text("c")
    assert made(shop, "secret tls t --cert=tls.crt --key=tls.crt")["type"] == "kubernetes.io/tls"
    hub = made(shop, "secret docker-registry h --docker-username=ann --docker-password=x")
    assert hub["type"] == "kubernetes.io/dockerconfigjson"
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.txt").write_text("alpha")
    assert made(shop, "configmap d --from-file=conf")["data"] == {"a.txt": "alpha"}
    assert "another key by that name" in shop.refuses(
        "kubectl create configmap d --from-literal=a=1 --from-literal=a=2"
    )


def test_variables_come_from_the_keys_of_a_map(shop):
    shop("kubectl create configmap c --from-literal=log-level=debug --from-literal=b=2")
    shop("kubectl create deployment web --image=nginx")
    shop("kubectl set env deploy/web --from=configmap/c --prefix=APP_ --keys=log-level")
    shop("kubectl set env deploy/web A=1")
    assert shop("kubectl set env deploy/web --list").split("\n") == [
        "# deployments web, container nginx",
        "# APP_LOG_LEVEL from configmap c, key log-level",
        "A=1",
    ]


def test_an_autoscaler_of_words_goes_by_amounts_and_shares(shop):
    shop("kubectl create deployment web --image=nginx")
    shop("kubectl autoscale deployment web --max=6 --cpu=500m --memory=70%")
    targets = "{.spec.metrics[*].resource.target}"
    assert shop(f"kubectl get hpa web -o jsonpath='{targets}'") == (
        '{"averageValue":"500m","type":"AverageValue"} '
        '{"averageUtilization":70,"type":"Utilization"}'
    )


def test_a_service_of_words_has_the_labels_of_its_workload(shop):
    shop("kubectl create deployment web --image=nginx; kubectl expose deploy web --port=80")
    assert "service/web" in shop("kubectl get svc -l app=web -o name")
    shop("kubectl expose deploy web --port=53 --protocol=UDP --selector=a=b -l x=y --name=dns")
    spec = json.loads(shop("kubectl get svc dns -o jsonpath='{.spec}'"))
    assert (spec["ports"][0]["protocol"], spec["selector"]) == ("UDP", {"a": "b"})


def test_a_pod_of_words_may_have_a_service_and_a_piece_laid_over_it(shop):
    assert shop("kubectl run web --image=nginx --port=80 --expose").split("\n") == [
        "service/web created", "pod/web created",
    ]  # fmt: skip
    shop("""kubectl run host --image=nginx --overrides='{"spec": {"hostNetwork": true}}' -q""")
    assert shop("kubectl get pod host -o jsonpath='{.spec.hostNetwork}'") == "true"
    assert "invalid JSON" in shop.refuses("kubectl run bad --image=nginx --overrides='{'")


def test_a_shell_in_a_pod_of_its_own_is_typed_at_and_goes_when_it_is_left(shop):
    shop("kubectl run -it --rm box --image=busybox --restart=Never -- sh")
    assert shop("hostname") == "box"
    assert shop("exit") == 'pod "box" deleted from default namespace'
    shop("kubectl run -it stay --image=busybox --restart=Never")
    shop("exit")
    assert "Completed" in shop("kubectl get pod stay")


def test_a_dump_has_nodes_and_the_logs_of_pods(shop):
    shop("kubectl run talk --image=busybox --restart=Never -- echo hello; advance 10s")
    dump = shop("kubectl cluster-info dump --namespaces default")
    assert '"kind": "NodeList"' in dump
    assert (
        "==== START logs for container talk of pod default/talk ====\nhello\n==== END logs for"
    ) in dump
    assert "not found" in shop.refuses("kubectl cluster-info dump --namespaces nowhere")


def test_what_a_session_has_by_itself_is_set_by_its_path_and_no_more(shop):
    assert shop("kubectl config set contexts.shop.namespace dev") == (
        'Property "contexts.shop.namespace" set.'
    )
    assert shop("kubectl get pods") == "No resources found in dev namespace."
    assert "not modelled" in shop.refuses("kubectl config set clusters.shop.server https://x")
    assert "is not modelled" in shop.refuses("kubectl config set-credentials ann --username=ann")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("autoscale deploy web --max 3 --cpu=abc", 'averageValue: Invalid value: "abc"'),
        ("autoscale deploy web --max 3 --memory=-1Mi", "must be positive"),
        ("run a --image=nginx --overrides='{\"metadata\": null}'", "its kind and its name a"),
        ("create role r --verb=get --resource=,", "at least one resource"),
        ("create role r --verb=, --resource=pods", "at least one verb"),
        ("create clusterrole r --aggregation-rule=x", "unexpected label spec"),
        ("create ingress r --default-backend=:", "servicename:serviceport"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_there(shop, line, words):
    shop("kubectl create deployment web --image=nginx")
    assert words in shop.refuses(f"kubectl {line}")
    assert shop("kubectl get hpa,roles,clusterroles,ingresses") == (
        "No resources found in default namespace."
    )
