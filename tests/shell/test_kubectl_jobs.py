"""Jobs, CronJobs and budgets as ``kubectl get`` shows them."""

import json

import pytest

from simulator.shell.session import Session
from simulator.world.world import World

POD = {"restartPolicy": "Never", "containers": [
    {"name": "app", "image": "busybox", "command": ["sh", "-c", "sleep 1; exit 1"]}]}  # fmt: skip
JOB = {"template": {"spec": POD}, "backoffLimit": 1}
OBJECTS = [
    {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "sum"}, "spec": JOB},
    {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"},
     "spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": JOB}}},
    {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "db"},
     "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "db"}}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "all.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List",
                                                 "items": OBJECTS}))  # fmt: skip
    session = Session(World(1), folder=folder)
    for line in ("cluster create c --nodes 1", "kubectl apply -f all.json"):
        result = session.execute(line)
        assert result.error is None, result.error
    session.world.advance(120.0)
    return session


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("job", "sum    Failed   0/1           2m         2m"),
        ("cronjob", "tick   */5 * * * *   <none>     False     0        <none>          2m"),
        ("pdb", "db     1               N/A               0                     2m"),
    ],
)
def test_columns(session, kind, row):
    assert list(session.execute(f"kubectl get {kind}").lines)[1] == row


def daemon(image):
    pod = {"containers": [{"name": "app", "image": image}]}
    template = {"metadata": {"labels": {"app": "agent"}}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": "agent"}}, "template": template}
    meta = {"name": "agent"}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta, "spec": spec}


def test_a_daemon_set_goes_back_to_an_earlier_revision(session):
    for image in ("nginx:1.27", "nginx:1.28"):
        (session.folder / "agent.json").write_text(json.dumps(daemon(image)))
        session.execute("kubectl apply -f agent.json")
        session.world.advance(session.world.now + 60.0)
    lines = list(session.execute("kubectl rollout history ds/agent").lines)
    assert lines[1:] == ["REVISION   CHANGE-CAUSE", "1          <none>", "2          <none>"]
    lines = list(session.execute("kubectl rollout undo ds/agent").lines)
    assert lines == ["daemonset.apps/agent rolled back"]
    session.world.advance(session.world.now + 60.0)
    shown = "\n".join(session.execute("kubectl get ds agent -o yaml").lines)
    assert "nginx:1.27" in shown
    lines = list(session.execute("kubectl rollout history ds/agent").lines)
    assert [line.split()[0] for line in lines[2:]] == ["2", "3"]
