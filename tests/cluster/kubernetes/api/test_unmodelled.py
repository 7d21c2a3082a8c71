"""Fields from which nothing follows are named with what that means."""

from pathlib import Path

from simulator.cluster.kubernetes.api.fields import fields_of
from simulator.cluster.kubernetes.api.unmodelled import (
    CONTAINER,
    INGRESS,
    POD,
    SERVICE,
    unmodelled,
)
from simulator.shell.session import Session
from simulator.world.world import World

MANIFEST = """
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  hostPID: true
  containers: [{name: a, image: nginx, securityContext: {runAsUser: 1000}}]
"""


def test_only_fields_that_there_are_are_listed():
    for type_, listed in (
        ("PodSpec", POD), ("Container", CONTAINER), ("ServiceSpec", SERVICE)
    ):  # fmt: skip
        assert {one.field for one in listed} <= set(fields_of(f"core.v1.{type_}"))
    assert {one.field for one in INGRESS} <= set(fields_of("networking.v1.IngressSpec"))


def test_a_value_that_means_nothing_special_is_not_told():
    assert unmodelled("Service", {"spec": {"internalTrafficPolicy": "Cluster"}}) == {}
    assert list(unmodelled("Service", {"spec": {"internalTrafficPolicy": "Local"}})) == [
        "spec.internalTrafficPolicy"
    ]
    assert unmodelled("Deployment", {"spec": {"template": []}}) == {}


def test_apply_tells_each_once_in_a_session(tmp_path):
    session = Session(World(1), folder=Path(tmp_path))
    session.execute("cluster create c --nodes 1")
    said = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(MANIFEST.replace("NAME", name))
        result = session.execute(f"kubectl apply -f {name}.yaml")
        assert result.error is None, result.error
        said.append("\n".join(map(str, result.lines)))
    assert said[0].count("not modelled") == 2
    assert "spec.hostPID: a pod sees its own processes only" in said[0]
    assert "not modelled" not in said[1]
