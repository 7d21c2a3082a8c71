"""A cluster at a prompt, for stories that operators tell."""

from __future__ import annotations

import json

from simulator.shell import Session
from simulator.world import World

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: web}}
  STRATEGY
  template:
    metadata:
      labels: {app: web}
      annotations: {drydock.dev/workload: "server cpu=1ms workers=4 startup=1s"}
    spec:
      SPEC
      containers:
      - {name: app, image: "registry.example/web:IMAGE", ports: [{containerPort: 80}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


class Shop:
    """Lines that must succeed, and what they said."""

    def __init__(self, folder, line="cluster create c --nodes 3"):
        self.folder = folder
        self.session = Session(World(), folder=folder)
        self.say(line)

    @property
    def now(self):
        return self.session.world.now

    def run(self, line):
        return self.session.execute(line)

    def say(self, *lines):
        found = []
        for line in lines:
            result = self.run(line)
            assert result.error is None, (line, result.error)
            found += result.lines
        return "\n".join(found)

    def apply(self, text, flags=""):
        (self.folder / "one.yaml").write_text(text)
        return self.say(f"kubectl apply {flags} -f one.yaml")

    def web(self, replicas=3, image="1", strategy="", spec=""):
        text = DEPLOYMENT.replace("REPLICAS", str(replicas)).replace("IMAGE", image)
        return self.apply(text.replace("STRATEGY", strategy).replace("SPEC", spec))

    def get(self, what, path):
        return self.say(f"kubectl get {what} -o jsonpath={{{path}}}")

    def replicas(self):
        return int(self.get("deploy web", ".spec.replicas"))

    def row(self, what):
        return self.say(f"kubectl get {what} --no-headers").split()

    def condition(self, what, kind):
        said = self.say(f"kubectl get {what} -o json")
        found = json.loads(said)["status"].get("conditions", [])
        return next(one for one in found if one["type"] == kind)

    def words(self, about=""):
        return self.say(f"kubectl events --for {about}" if about else "kubectl get events")
