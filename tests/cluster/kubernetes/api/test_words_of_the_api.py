"""Kinds, ages, fields: what an API server knows without a store."""

import pytest

from simulator.cluster.kubernetes.api.decoding import problems, refusal, without
from simulator.cluster.kubernetes.api.fields import fields_of, type_of_kind
from simulator.cluster.kubernetes.api.kinds import KINDS, REMOVED, Kinds
from simulator.cluster.kubernetes.api.times import age, stamp


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("po", "Pod"), ("Pods", "Pod"), ("deploy", "Deployment"), ("svc", "Service"),
        ("deployments.apps", "Deployment"), ("deployment.v1.apps", "Deployment"),
        ("hpa", "HorizontalPodAutoscaler"), ("pdb", "PodDisruptionBudget"),
        ("sts", "StatefulSet"), ("ds", "DaemonSet"), ("cj", "CronJob"), ("ns", "Namespace"),
        ("netpol", "NetworkPolicy"), ("pvc", "PersistentVolumeClaim"), ("no", "Node"),
    ],
)  # fmt: skip
def test_a_word_means_a_kind(word, kind):
    assert Kinds().find(word).kind == kind


def test_a_word_that_means_none_has_a_nearest_one():
    kinds = Kinds()
    assert kinds.find("deploymnets") is None
    assert kinds.near("deploymnets") == "deployments"


WITHOUT_FIELDS = ("apiregistration.k8s.io", "autoscaling.k8s.io", "flowcontrol.apiserver.k8s.io",
                  "resource.k8s.io")  # fmt: skip
"""Groups whose objects are kept as they are written."""


def test_every_kind_has_its_fields_and_every_removed_version_names_one_that_is_served():
    served = {kind.api_version for kind in KINDS}
    for kind in KINDS:
        if kind.group not in WITHOUT_FIELDS:
            assert type_of_kind(kind.api_version, kind.kind), kind.kind
    assert all(now == "" or now in served for _, now in REMOVED.values())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (-0.5, "0s"), (-5, "<invalid>"), (119, "119s"), (120, "2m"), (312, "5m12s"),
        (600, "10m"), (10_799, "179m"), (10_800, "3h"), (11_100, "3h5m"), (8 * 3600, "8h"),
        (47 * 3600, "47h"), (48 * 3600, "2d"), (76 * 3600, "3d4h"), (8 * 86400, "8d"),
        (729 * 86400, "729d"), (730 * 86400, "2y"), (740 * 86400, "2y10d"),
        (3000 * 86400, "8y"),
    ],
)  # fmt: skip
def test_ages_are_as_kubectl_prints_them(seconds, text):
    assert age(seconds) == text


def test_times_begin_where_those_of_docker_do():
    assert stamp(61.9) == "2026-01-01T00:01:01Z"


def test_a_list_knows_by_what_its_entries_are_told_apart():
    ports = fields_of("core.v1.ServiceSpec")["ports"]
    assert (ports.strategy, ports.merge_key, ports.map_keys) == (
        "merge", "port", ("port", "protocol"),
    )  # fmt: skip


# --- strict decoding ------------------------------------------------------------------------------


def said(spec, kind="Deployment", version="apps/v1"):
    data = {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}
    found = problems(data, version, kind)
    return found, str(refusal(found, version, kind) or "")


def test_unknown_fields_are_named_together_each_with_the_nearest_one():
    found, text = said({"replica": 3, "template": {"spec": {"contaniers": []}}})
    assert text == (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        'unknown field "spec.replica", unknown field "spec.template.spec.contaniers"'
    )
    assert [one.nearest for one in found] == ["replicas", "containers"]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"replicas": "3"},
         "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type "
         "int32"),
        ({"template": {"metadata": {"labels": {"app": 1}}}},
         "json: cannot unmarshal number into Go struct field ObjectMeta.spec.template.metadata."
         "labels of type string"),
        ({"paused": "yes"},
         "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type "
         "bool"),
        ({"template": {"spec": {"containers": {"name": "a"}}}},
         "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers "
         "of type []v1.Container"),
        ({"template": {"spec": {"containers": [{"command": "a"}]}}},
         "json: cannot unmarshal string into Go struct field Container.spec.template.spec."
         "containers.command of type []string"),
        ({"template": []},
         "json: cannot unmarshal array into Go struct field DeploymentSpec.spec.template of type "
         "v1.PodTemplateSpec"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_told_as_the_server_tells_it(spec, text):
    start = 'Deployment in version "v1" cannot be handled as a Deployment: '
    assert said(spec)[1] == start + text


@pytest.mark.parametrize(
    ("text", "at"), [("%%%", "0"), ("YWJ*", "3"), ("YWJj", ""), ("YQ==", ""), ("YWJjZA", "4")]
)
def test_a_secret_is_base64(text, at):
    data = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"a": text}}
    told = [one.text for one in problems(data, "v1", "Secret")]
    assert told == ([f"illegal base64 data at input byte {at}"] if at else [])


def test_what_nobody_knows_is_left_out_where_that_is_no_error():
    data = {"spec": {"replica": 1, "template": {"spec": {"x": {}, "hostPID": True}}}}
    found = problems(data, "apps/v1", "Deployment")
    assert without(data, found) == {"spec": {"template": {"spec": {"hostPID": True}}}}
    assert data["spec"]["replica"] == 1
