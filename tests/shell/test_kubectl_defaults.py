"""What every cluster has before anybody has written anything, and names that are not DNS's."""

from __future__ import annotations

import pytest
from image_shop import Shop


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 1")
    return shop


def test_pods_find_the_api_server_by_name(shop):
    assert shop("kubectl get svc").split("\n")[1].split()[:5] == [
        "kubernetes", "ClusterIP", "10.96.0.1", "<none>", "443/TCP",
    ]  # fmt: skip
    shop("kubectl run dns --image=busybox:1.28 -- sleep 3600; advance 20s")
    assert "10.96.0.1" in shop("kubectl exec dns -- nslookup kubernetes.default")


def test_the_service_of_the_api_server_comes_back_when_it_is_deleted(shop):
    shop("kubectl delete svc --all; advance 9s")
    assert shop("kubectl get svc") == "No resources found in default namespace."
    shop("advance 2s")
    assert "10.96.0.1" in shop("kubectl get svc kubernetes")
    shop("cluster rm shop; advance 20s")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("clusterIP: 10.96.0.1", 'clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP '
         "10.96.0.1: provided IP is already allocated"),
        ("clusterIP: 10.10.10.1", "is not in the valid range. The range of valid IPs is "
         "10.96.0.0/12"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_had_is_refused_in_the_servers_words(shop, tmp_path, spec, words):
    (tmp_path / "svc.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        f"spec: {{{spec}, ports: [{{port: 80}}]}}\n"
    )
    error = shop.refuses("kubectl apply -f svc.yaml")
    assert error.startswith('The Service "web" is invalid: ')
    assert words in error


def test_a_port_of_the_nodes_that_cannot_be_had_is_named_by_its_place(shop, tmp_path):
    ports = "[{name: a, port: 80}, {name: b, port: 81, nodePort: 80}]"
    (tmp_path / "svc.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        f"spec: {{type: NodePort, ports: {ports}}}\n"
    )
    assert (
        "spec.ports[1].nodePort: Invalid value: 80: provided port is not in the valid range. The "
        "range of valid ports is 30000-32767"
    ) in shop.refuses("kubectl apply -f svc.yaml")


def test_roles_may_be_named_as_paths_are(shop, tmp_path):
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: NAME}\n"
    (tmp_path / "role.yaml").write_text(role.replace("NAME", '"system:node:reader"'))
    (tmp_path / "bad.yaml").write_text(role.replace("NAME", '"a/b"'))
    assert "clusterrole.rbac.authorization.k8s.io/system:node:reader created" in shop(
        "kubectl apply -f role.yaml"
    )
    assert "may not be" in shop.refuses("kubectl apply -f bad.yaml")


def test_a_kind_of_somebody_elses_is_kept_even_where_its_group_sounds_built_in(shop, tmp_path):
    (tmp_path / "gateway.yaml").write_text(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: front}\n"
    )
    assert "gateway.gateway.networking.k8s.io/front created" in shop(
        "kubectl apply -f gateway.yaml"
    )
    (tmp_path / "old.yaml").write_text(
        "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: front}\n"
    )
    assert "no matches for kind" in shop.refuses("kubectl apply -f old.yaml")


def test_of_pods_on_a_machine_without_power_nobody_hears(shop):
    shop("kubectl create deployment web --image=nginx; advance 20s")
    assert shop("fault power node-1") == "node-1 lost power"
    assert shop("fault recover node-1") == "node-1 is up again"
