"""Whatever a manifest holds, it is taken or refused; nothing else ever happens."""

import copy
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.cluster.kubernetes.api.kinds import Kinds
from simulator.cluster.kubernetes.api.reading import read
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.server.admission.chain import Admission
from simulator.cluster.kubernetes.server.requests import Requests
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.engine.simulation import Simulation
from simulator.errors import DrydockError

PROBE = {"httpGet": {"port": "http", "path": "/"}, "periodSeconds": 5}
POD = {
    "containers": [
        {
            "name": "app", "image": "nginx:1", "command": ["a"], "args": ["b"],
            "ports": [{"name": "http", "containerPort": 80}],
            "env": [{"name": "A", "value": "b"},
                    {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
            "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
            "livenessProbe": PROBE, "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        }
    ],
    "initContainers": [{"name": "init", "image": "busybox"}],
    "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}],
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "nodeSelector": {"a": "b"},
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}
                ]
            }
        },
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "a", "labelSelector": {"matchLabels": {"app": "web"}}}
            ]
        },
    },
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule",
         "labelSelector": {"matchLabels": {"app": "web"}}}
    ],
}  # fmt: skip
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": POD}
WORKLOAD = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}
JOB = {"template": {"spec": {**POD, "restartPolicy": "Never"}}}
SPECS = {
    ("v1", "Pod"): POD,
    ("apps/v1", "Deployment"): {
        **WORKLOAD, "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}}
    },
    ("apps/v1", "StatefulSet"): {
        **WORKLOAD, "serviceName": "web",
        "volumeClaimTemplates": [
            {"metadata": {"name": "d"},
             "spec": {"accessModes": ["ReadWriteOnce"],
                      "resources": {"requests": {"storage": "1Gi"}}}}
        ],
    },
    ("apps/v1", "DaemonSet"): {name: WORKLOAD[name] for name in ("selector", "template")},
    ("v1", "ReplicationController"): {**WORKLOAD, "selector": {"app": "web"}},
    ("batch/v1", "Job"): JOB,
    ("batch/v1", "CronJob"): {"schedule": "* * * * *", "jobTemplate": {"spec": JOB}},
    ("v1", "Service"): {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]},
    ("autoscaling/v2", "HorizontalPodAutoscaler"): {
        "maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "web"},
        "metrics": [
            {"type": "Resource",
             "resource": {"name": "cpu",
                          "target": {"type": "Utilization", "averageUtilization": 50}}}
        ],
        "behavior": {"scaleDown": {"policies": [
            {"type": "Pods", "value": 1, "periodSeconds": 15}]}},
    },
    ("policy/v1", "PodDisruptionBudget"): {
        "minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}
    },
    ("networking.k8s.io/v1", "Ingress"): {
        "rules": [
            {"host": "a.example", "http": {"paths": [
                {"path": "/", "pathType": "Prefix",
                 "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}
        ]
    },
    ("v1", "PersistentVolumeClaim"): {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}
    },
    ("v1", "ResourceQuota"): {"hard": {"pods": "3"}, "scopes": ["BestEffort"]},
    ("v1", "LimitRange"): {"limits": [{"type": "Container", "max": {"cpu": "1"}}]},
    ("networking.k8s.io/v1", "NetworkPolicy"): {
        "podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]
    },
}  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(),
    st.sampled_from(
        ["", "a", "1Gi", "-1", "1e9999", "200%", "%", "\0", "ünï", "a b", "x" * 300, "yes", "None"]
    ),
    st.just([]), st.just({}), st.just([None]), st.just([{}]), st.just([[]]),
    st.just({"a": None}), st.just({"a": {}}), st.just([1, "a"]), st.just({"": ""}),
)  # fmt: skip


def requests():
    sim, store, templates = Simulation(1), Store(), Templates()
    server = Server(sim, store, Recorder(sim.clock), Naming(1, "c"))
    Admission(server, templates)
    server.create(Namespace(kind="Namespace", api_version="v1", meta=Meta("default")))
    return Requests(server, Kinds(), Builder(templates))


def document(kind):
    meta = {"name": "web", "labels": {"app": "web"}, "annotations": {"a": "b"}}
    said = {"apiVersion": kind[0], "kind": kind[1], "metadata": meta, "spec": SPECS[kind]}
    return copy.deepcopy(said)


def places(value, path=()):
    """The paths of all values of a document."""
    yield path
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in list(entries):
            yield from places(one, (*path, key))


def put(value, path, odd):
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = copy.deepcopy(odd)


@pytest.mark.parametrize("kind", SPECS, ids="/".join)
def test_a_plain_manifest_is_taken(kind):
    assert requests().create(document(kind), "default").name == "web"


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_manifest_with_odd_values_is_taken_or_refused(data):
    said = document(data.draw(st.sampled_from(sorted(SPECS))))
    for _ in range(data.draw(st.integers(1, 2))):
        where = [path for path in places(said) if path]
        put(said, data.draw(st.sampled_from(where)), data.draw(ODD))
    for strict in (True, False):
        with suppress(DrydockError):
            requests().apply(said, "default", strict=strict)


@given(st.text(alphabet="ab:-{}[]&*!|>'\"#%,?@` \n\t01\ufeff\0é", max_size=60))
@settings(max_examples=150, deadline=None)
def test_a_text_is_read_or_refused(text):
    with suppress(DrydockError):
        read(text, "x.yaml")
