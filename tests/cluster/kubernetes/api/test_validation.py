"""What is refused, in upstream's words: manifests that are right but for one field."""

import copy

import pytest
from test_hostile_manifests import document, requests

from simulator.cluster.kubernetes.api.errors import ApiError

BASE = "spec.template.spec.containers.0"


def changed(said, path, value):
    at, *steps = said, *path.split(".")
    for step in steps[:-1]:
        at = at[int(step) if isinstance(at, list) else step]
    at[int(steps[-1]) if isinstance(at, list) else steps[-1]] = value
    return said


def refusal(kind, path, value):
    with pytest.raises(ApiError) as found:
        requests().create(changed(document(kind), path, value), "default")
    return str(found.value)


DEPLOYMENT, SERVICE = ("apps/v1", "Deployment"), ("v1", "Service")
SCALER = ("autoscaling/v2", "HorizontalPodAutoscaler")
CLAIM = ("v1", "PersistentVolumeClaim")


@pytest.mark.parametrize(
    ("kind", "path", "value", "text"),
    [
        (DEPLOYMENT, "spec.replicas", -1,
         "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        (DEPLOYMENT, f"{BASE}.image", "", "containers[0].image: Required value"),
        (DEPLOYMENT, f"{BASE}.volumeMounts.0.name", "w",
         'containers[0].volumeMounts[0].name: Not found: "w"'),
        (DEPLOYMENT, f"{BASE}.resources.requests.cpu", "x",
         "resources.requests[cpu]: Invalid value: \"x\": quantities must match"),
        (DEPLOYMENT, f"{BASE}.resources", {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
         'requests: Invalid value: "2": must be less than or equal to cpu limit of 1'),
        (DEPLOYMENT, f"{BASE}.livenessProbe.exec", {"command": ["a"]},
         "may not specify more than 1 handler type"),
        (DEPLOYMENT, "spec.template.spec.restartPolicy", "Never",
         'Unsupported value: "Never": supported values: "Always"'),
        (DEPLOYMENT, "metadata.name", "Web", 'metadata.name: Invalid value: "Web": a lowercase'),
        (SERVICE, "spec.ports.0.port", 70_000, "must be between 1 and 65535, inclusive"),
        (SCALER, "spec.maxReplicas", 0, "must be greater than 0"),
        (SCALER, "spec.metrics.0.type", "CPU",
         'spec.metrics[0].type: Unsupported value: "CPU": supported values: "ContainerResource", '
         '"External", "Object", "Pods", "Resource"'),
        (SCALER, "spec.metrics.0.resource.target", {"type": "Utilization"},
         "must set either a target raw value or a target utilization"),
        (SCALER, "spec.behavior.scaleDown.policies.0.periodSeconds", 1801,
         "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less "
         "than or equal to 1800"),
        (SCALER, "spec.behavior.scaleDown.policies", [],
         "spec.behavior.scaleDown.policies: Required value: must specify at least one Policy"),
        (("batch/v1", "CronJob"), "spec.schedule", "daily",
         'spec.schedule: Invalid value: "daily": expected exactly 5 fields, found 1: [daily]'),
        (CLAIM, "spec.accessModes", [], "at least 1 access mode is required"),
        (CLAIM, "spec.resources", {}, "spec.resources[storage]: Required value"),
        (("policy/v1", "PodDisruptionBudget"), "spec.maxUnavailable", 1,
         "minAvailable and maxUnavailable cannot be both set"),
    ],
)  # fmt: skip
def test_one_wrong_field_is_refused(kind, path, value, text):
    assert text in refusal(kind, path, value)


@pytest.mark.parametrize(
    ("kind", "path", "value", "text"),
    [
        (DEPLOYMENT, "spec.selector.matchLabels", {"app": "web", "b": "c"}, "field is immutable"),
        (("v1", "Pod"), "spec.containers.0.command", ["z"],
         "pod updates may not change fields other than `spec.containers[*].image`,`spec.init"),
        (("batch/v1", "Job"), "spec.template.spec.containers.0.image", "b", "field is immutable"),
        (("apps/v1", "StatefulSet"), "spec.serviceName", "b",
         "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template'"),
        (CLAIM, "spec.accessModes", ["ReadWriteMany"], "spec is immutable after creation except"),
        (CLAIM, "spec.resources.requests.storage", "1Mi",
         "field can not be less than status.capacity"),
    ],
)  # fmt: skip
def test_what_may_not_change_does_not(kind, path, value, text):
    api = requests()
    first = document(kind)
    if kind == DEPLOYMENT:
        first["spec"]["template"]["metadata"]["labels"]["b"] = "c"
    api.apply(first, "default")
    with pytest.raises(ApiError) as found:
        api.apply(changed(copy.deepcopy(first), path, value), "default")
    assert text in str(found.value)


def test_a_config_map_that_is_sealed_never_changes():
    api = requests()
    said = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    api.apply({**said, "immutable": True, "data": {"a": "1"}}, "default")
    with pytest.raises(ApiError) as found:
        api.apply({**said, "immutable": True, "data": {"a": "2"}}, "default")
    assert str(found.value) == (
        'ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set'
    )


def test_a_template_that_can_make_no_pod_is_refused_before_it_has_to():
    path = "spec.template.spec.affinity.podAntiAffinity"
    path += ".requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey"
    assert "topologyKey" in refusal(DEPLOYMENT, path, None)
    text = refusal(("apps/v1", "StatefulSet"), "spec.volumeClaimTemplates", [{}])
    assert "spec.volumeClaimTemplates[0].metadata.name: Required value" in text
