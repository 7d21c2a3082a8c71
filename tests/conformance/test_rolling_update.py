"""The table of a rolling update's arithmetic, row by row."""

import pytest

from simulator.cluster.kubernetes.controllers.progress import complete, progressing, timed_out
from simulator.cluster.kubernetes.controllers.rolling import (
    Old,
    cleanup_unhealthy,
    fenceposts,
    new_replicas,
    proportion,
    reconcile_old,
    scale_down_old,
)
from simulator.cluster.kubernetes.objects.meta import Condition, Meta
from simulator.cluster.kubernetes.objects.workloads import (
    Deployment,
    DeploymentSpec,
    DeploymentStatus,
)
from tests.conformance.conformance_tables import each_case

TABLE = "rolling_update"


def posts(case):
    return fenceposts(case["max_surge"], case["max_unavailable"], case["desired"])


@each_case(TABLE, "fenceposts")
def test_fenceposts(case):
    if case["expect"]["error"]:
        with pytest.raises(ValueError, match="invalid"):
            posts(case)
        return
    assert posts(case) == (case["expect"]["surge"], case["expect"]["unavailable"])


@each_case(TABLE, "new_replicas")
def test_new_replicas(case):
    everything = case["old_replicas"] + case["new_replicas"]
    found = new_replicas(
        case["strategy"], case["desired"], case["max_surge"], everything, case["new_replicas"]
    )
    assert found == case["expect"]["new_replicas"]


@each_case(TABLE, "reconcile_new")
def test_reconcile_new(case):
    new, desired = case["new_replicas"], case["desired"]
    everything = case["old_replicas"] + new
    found = min(
        desired, new_replicas(case["strategy"], desired, case["max_surge"], everything, new)
    )
    assert (found != new, found) == (case["expect"]["scaled"], case["expect"]["new_replicas"])


@each_case(TABLE, "reconcile_old")
def test_reconcile_old(case):
    _, unavailable = posts(case)
    old = [Old(case["old_replicas"], case["old_available"])]
    (found,) = reconcile_old(
        old, case["desired"], unavailable, case["new_replicas"], case["new_available"]
    )
    scaled = found != case["old_replicas"]
    assert (scaled, found) == (case["expect"]["scaled"], case["expect"]["old_replicas"])


@each_case(TABLE, "cleanup_unhealthy")
def test_cleanup_unhealthy(case):
    old = [Old(case["old_replicas"], case["old_available"])]
    (found,) = cleanup_unhealthy(old, case["max_cleanup"])
    assert case["old_replicas"] - found == case["expect"]["removed"]


@each_case(TABLE, "scale_down_old")
def test_scale_down_old(case):
    _, unavailable = posts(case)
    old = [Old(case["old_replicas"], case["old_available"])]
    (found,) = scale_down_old(old, case["desired"], unavailable, 0)
    scaled = found != case["old_replicas"]
    assert (scaled, found) == (case["expect"]["scaled"], case["expect"]["old_replicas"])


@each_case(TABLE, "complete")
def test_complete(case):
    found = complete(case["desired"], case["replicas"], case["updated"], case["available"])
    assert found == case["expect"]["complete"]


@each_case(TABLE, "progressing")
def test_progressing(case):
    before, after = (
        DeploymentStatus(one["replicas"], one["updated"], one["ready"], one["available"])
        for one in (case["before"], case["after"])
    )
    assert progressing(before, after) == case["expect"]["progressing"]


@each_case(TABLE, "deadline")
def test_deadline(case):
    most = case["progress_deadline_s"]
    spec = DeploymentSpec() if most is None else DeploymentSpec(progress_deadline_seconds=most)
    one = Deployment(kind="Deployment", api_version="apps/v1", meta=Meta("web"), spec=spec)
    known = Condition("Progressing", "True", "ReplicaSetUpdated", "", 0.0, 0.0)
    found = timed_out(one, known, float(case["seconds_since_progress"]))
    assert found == case["expect"]["timed_out"]


@each_case(TABLE, "max_unavailable")
def test_max_unavailable(case):
    most = _unavailable(case)
    assert most == case["expect"]["max_unavailable"]


@each_case(TABLE, "min_available")
def test_min_available(case):
    least = 0 if case["strategy"] == "Recreate" else case["desired"] - _unavailable(case)
    assert least == case["expect"]["min_available"]


def _unavailable(case):
    if case["strategy"] == "Recreate" or not case["desired"]:
        return 0
    return min(posts(case)[1], case["desired"])


@each_case(TABLE, "proportional")
def test_proportional(case):
    found = proportion(
        case["replica_set_replicas"], case["replica_set_max_replicas"], case["desired"],
        case["max_surge"],
    )  # fmt: skip
    assert found == case["expect"]["change"]
