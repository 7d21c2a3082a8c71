"""A node loses power and comes back, as kubectl shows it."""

import json

from simulator.shell.session import Session
from simulator.world.world import World

POD = {"containers": [{"name": "app", "image": "nginx"}]}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": POD}
SPEC = {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}


def lines(session, line):
    result = session.execute(line)
    assert result.error is None, result.error
    return [one.split() for one in result.lines]


def started(folder):
    session = Session(World(1), folder=folder)
    session.execute("cluster create c --nodes 3")
    for kind, name in (("Deployment", "web"), ("StatefulSet", "db")):
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": POD}
        spec = {**SPEC, "selector": {"matchLabels": labels}, "template": template}
        body = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
        (folder / "one.json").write_text(json.dumps(body))
        lines(session, "kubectl apply -f one.json")
    session.world.advance(60.0)
    return session


def test_a_deployment_replaces_what_was_on_it_and_a_stateful_set_waits_for_its_return(tmp_path):
    session = started(tmp_path)
    lines(session, "fault power node-3")
    session.world.advance(60.0 + 56.0)
    assert [row[1] for row in lines(session, "kubectl get nodes")[1:]] == [
        "Ready", "Ready", "NotReady",
    ]  # fmt: skip
    states = [row[2] for row in lines(session, "kubectl get pods")[1:]]
    assert states == ["Running"] * 6
    session.world.advance(60.0 + 380.0)
    states = sorted(row[2] for row in lines(session, "kubectl get pods")[1:])
    assert states == ["Running"] * 5 + ["Terminating"] * 2
    lines(session, "fault recover node-3")
    session.world.advance(session.world.now + 60.0)
    assert [row[1] for row in lines(session, "kubectl get nodes")[1:]] == ["Ready"] * 3
    rows = lines(session, "kubectl get pods")[1:]
    assert [row[2] for row in rows] == ["Running"] * 6
