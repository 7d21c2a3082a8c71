"""What roles and bindings allow somebody, asked as kubectl's page on RBAC asks it."""

from __future__ import annotations

import pytest
from image_shop import Shop

READER = "--as=system:serviceaccount:dev:reader"


@pytest.fixture
def shop(tmp_path) -> Shop:
    shop = Shop(tmp_path)
    shop("cluster create shop --nodes 1; kubectl create ns dev; kubectl create sa reader -n dev")
    shop("kubectl create role reader -n dev --verb=get,list --resource=pods,deploy,pods/log")
    shop("kubectl create rolebinding reader -n dev --role=reader --serviceaccount=dev:reader")
    return shop


def may(shop: Shop, words: str) -> bool:
    """Whether ``kubectl auth can-i`` says yes; ``no`` comes with exit code 1."""
    result = shop.session.execute(f"kubectl auth can-i {words}")
    assert (result.error or result.lines[-1]) in ("yes", "no")
    return result.error is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("list pods -n dev", True),
        ("get deployments.apps -n dev", True),
        ("get pods --subresource=log -n dev", True),
        ("get pods --subresource=exec -n dev", False),
        ("delete pods -n dev", False),
        ("list pods -n default", False),
        ("list nodes", False),
        ("'*' '*' -n dev", False),
        ("get /healthz", False),
    ],
)
def test_an_account_may_what_its_role_says_in_its_namespace(shop, words, expected):
    assert may(shop, f"{words} {READER}") is expected


def test_who_made_the_cluster_may_everything(shop):
    assert may(shop, "'*' '*'")
    assert may(shop, "delete nodes")


def test_the_roles_for_people_are_there_from_the_start(shop):
    shop("kubectl create clusterrolebinding seers --clusterrole=view --group=seers")
    shop("kubectl create rolebinding makers -n dev --clusterrole=edit --user=ann")
    assert may(shop, "list services --as=bob --as-group=seers")
    assert not may(shop, "get secrets --as=bob --as-group=seers")
    assert may(shop, "create deployments -n dev --as=ann")
    assert may(shop, "get secrets -n dev --as=ann")
    assert not may(shop, "create roles -n dev --as=ann")
    assert not may(shop, "create deployments -n default --as=ann")
    assert may(shop, "delete nodes --as=root --as-group=system:masters")


def test_a_rule_may_name_single_objects_and_be_aggregated_by_label(shop):
    shop("kubectl create clusterrole one --verb=get --resource=configmaps --resource-name=conf")
    shop("kubectl label clusterrole one team=a")
    shop("kubectl create clusterrole all --aggregation-rule=team=a")
    shop("kubectl create clusterrolebinding all --clusterrole=all --user=ann")
    assert may(shop, "get configmaps/conf --as=ann")
    assert not may(shop, "get configmaps/other --as=ann")


def test_what_somebody_may_is_listed(shop):
    lines = shop(f"kubectl auth can-i --list -n dev {READER}").split("\n")
    assert [line.split()[0] for line in lines[-3:]] == ["pods", "pods/log", "deployments.apps"]
    assert "without impersonating" in shop.refuses("kubectl auth can-i get pods --as-group=x")
