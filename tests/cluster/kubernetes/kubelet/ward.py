"""A cluster whose pods are looked at: what the stories of kubelets are told with."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.shell.session import Session
from simulator.world.cluster_commands import ApiRequest
from simulator.world.world import World

SERVER = "server cpu=1ms dist=constant workers=4 sigterm=handled"


class Ward:
    """A session with a cluster."""

    def __init__(self, line="cluster create ward --nodes 2", seed=1, *, warm=False):
        self.session = Session(World(seed), folder=Path("."))
        self.run(line)
        self.cluster = next(iter(self.world.orchestras.clusters.values()))
        self.house.warm_all = warm

    @property
    def world(self):
        return self.session.world

    @property
    def house(self):
        return self.cluster.kubelets.house

    @property
    def digest(self):
        return self.world.journal.digest

    def run(self, line):
        result = self.session.execute(line)
        assert result.error is None, (line, result.error)
        return list(result.lines)

    def advance(self, seconds):
        self.world.advance(self.world.now + seconds)

    def ask(self, verb, **more):
        return self.world.apply(ApiRequest(cluster=self.cluster.name, verb=verb, **more))

    def apply(self, *bodies):
        for body in bodies:
            self.ask("apply", body=json.dumps(body))

    def delete(self, name, grace_s=None, kind="Pod"):
        self.ask("delete", kind=kind, name=name, grace_s=grace_s)

    def pods(self):
        return sorted(self.cluster.store.all(Pod), key=lambda one: one.name)

    def pod(self, name="web"):
        return self.cluster.store.get(Pod, "default", name)

    def status(self, name="web", number=0):
        return self.pod(name).status.containers[number]

    def run_of(self, name="web", container="app"):
        pod = self.pod(name)
        return self.house.life(pod.key, pod.node).run(container)

    def events(self, reason, name=None):
        """Messages of all events of a reason, each as often as it was noted."""
        return [
            one.message
            for one in self.cluster.recorder
            if one.reason == reason and name in (None, one.name)
            for _ in range(one.count)
        ]

    def served(self, name):
        self.world.settle()
        return self.world.services[name].tally.ok

    def until(self, condition, most_s=900.0, step_s=0.25):
        """Go on until something is so: the time of that."""
        end = self.world.now + most_s
        while not condition():
            assert self.world.now < end, "it never came to that"
            self.advance(step_s)
        return self.world.now


def container(name="app", image="far.example/app:v1", **more):
    return {"name": name, "image": image, **more}


def pod(name="web", *containers, workload=SERVER, notes=None, labels=None, **spec):
    every = {"drydock.dev/workload": workload} if workload else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {"app": name, **(labels or {})},
            "annotations": {**every, **(notes or {})},
        },
        "spec": {"containers": list(containers) or [container()], **spec},
    }


def deployment(name="web", replicas=2, *containers, workload=SERVER, **spec):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {
                    "labels": {"app": name},
                    "annotations": {"drydock.dev/workload": workload},
                },
                "spec": {"containers": list(containers) or [container()], **spec},
            },
        },
    }


def service(name="web", port=80, **spec):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": port}], **spec},
    }


def http(path="/healthz", port=80, **more):
    return {"httpGet": {"path": path, "port": port}, **more}
