"""Random clusters, on which the columns and the plain loop must choose alike."""

from __future__ import annotations

from random import Random
from typing import Any

from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.resources import Resources
from simulator.cluster.kubernetes.profile import profile
from simulator.cluster.kubernetes.scheduler.config import Config, Scoring
from simulator.cluster.kubernetes.scheduler.plain import PlainLoop
from simulator.report.bench.scheduled import (
    HOSTNAME,
    PREFERRED,
    REQUIRED,
    ZONE,
    Bench,
    Data,
    spec_of,
    spread,
    term,
    weighted,
)

APPS = ("web", "db", "cache")
ZONES = ("a", "b", "c")
PROFILES = ("newest", "k8s-1.20", "k8s-1.23", "k8s-1.28")
SCORINGS = (
    Scoring(),
    Scoring("MostAllocated", (("cpu", 2), ("memory", 1), ("example.com/gpu", 3))),
    Scoring("RequestedToCapacityRatio", line=((0, 0), (50, 9), (100, 3))),
)
RARELY = 0.15


class Chance:
    """One random cluster and pods for it."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        config = Config(
            scoring=self.draw.choice(SCORINGS), percentage=self.draw.choice((0, 0, 30, 100))
        )
        namespaces = {"default": {"team": "x"}, "other": {"team": "y"}}
        self.bench = Bench(profile(self.draw.choice(PROFILES)), config, seed, namespaces)
        if self.draw.random() < 0.5:
            self.bench.services.append(("default", {"app": "web"}))
        many = self.draw.random() < 0.05
        for number in range(self.draw.randint(100, 160) if many else self.draw.randint(1, 9)):
            self.put_node(f"n{number}")
        self.placed: list[tuple[Pod, str]] = []

    def _maybe(self, share: float = RARELY) -> bool:
        return self.draw.random() < share

    def put_node(self, name: str) -> None:
        """A node is new, or another than before."""
        draw = self.draw
        labels = {} if self._maybe(0.2) else {ZONE: draw.choice(ZONES)}
        labels |= {"disk": "ssd"} if self._maybe(0.5) else {}
        effects = ("NoSchedule", "PreferNoSchedule", "NoExecute")
        taints = [Taint("only", draw.choice(effects), "batch")] if self._maybe() else []
        gpu = (("example.com/gpu", draw.randint(1, 4)),) if self._maybe(0.3) else ()
        cpu, memory = draw.choice((1000, 2000, 4000)), draw.choice((1, 2, 4)) << 30
        if self._maybe(0.03):
            memory = 0
        self.bench.node(
            name, Resources(cpu, memory, 10 << 30, gpu, draw.choice((3, 8, 110))), labels, taints,
            cordoned=self._maybe(0.07),
        )  # fmt: skip
        if self._maybe(0.4):
            size = draw.choice((10, 400, 900)) << 20
            self.bench.state.images.here(name, draw.choice(APPS), size)

    # --- pods -------------------------------------------------------------------------------------

    def pod(self) -> Pod:
        """A pod that may want anything."""
        draw, app = self.draw, self.draw.choice(APPS)
        requests = {} if self._maybe() else {"cpu": draw.choice(("100m", "300m", "1"))}
        requests |= {} if self._maybe() else {"memory": draw.choice(("64Mi", "300Mi", "1Gi"))}
        requests |= {"example.com/gpu": "1"} if self._maybe(0.1) else {}
        container: dict[str, Any] = {
            "name": "app", "image": draw.choice(APPS), "resources": {"requests": requests},
        }  # fmt: skip
        if self._maybe(0.1):
            container["ports"] = [{"containerPort": 80, "hostPort": draw.choice((80, 81))}]
        spec = {**spec_of(), "containers": [container], **self._placing(app)}
        namespace = "other" if self._maybe(0.2) else "default"
        labels = {"app": app, "tier": draw.choice(("x", "y"))}
        priority = draw.choice((0, 0, 10, 100))
        deleting = 1.0 if self._maybe(0.05) else None
        return self.bench.pod(
            spec, labels, namespace=namespace, priority=priority, deleting=deleting
        )

    def _placing(self, app: str) -> dict[str, Any]:
        draw = self.draw
        found: dict[str, Any] = {"affinity": self._affinity(app)}
        if self._maybe():
            found["nodeSelector"] = {"disk": "ssd"}
        if self._maybe(0.3):
            found["tolerations"] = [{"key": "only", "operator": "Exists"}]
        if self._maybe(0.35):
            found["topologySpreadConstraints"] = [
                self._constraint(app) for _ in range(draw.randint(1, 2))
            ]
        return found

    def _constraint(self, app: str) -> Data:
        draw = self.draw
        when = draw.choice(("DoNotSchedule", "ScheduleAnyway"))
        one = {**spread(draw.choice((ZONE, HOSTNAME)), when, draw.randint(1, 3), app=app)}
        if when == "DoNotSchedule" and self._maybe(0.3):
            one["minDomains"] = draw.randint(1, 4)
        one["nodeAffinityPolicy"] = draw.choice(("Honor", "Ignore"))
        one["nodeTaintsPolicy"] = draw.choice(("Honor", "Ignore"))
        if self._maybe(0.3):
            one["matchLabelKeys"] = ["tier"]
        return one

    def _affinity(self, app: str) -> dict[str, Any]:
        draw = self.draw
        found: dict[str, Any] = {}
        if self._maybe():
            need = {"key": ZONE, "operator": "In", "values": draw.sample(ZONES, 2)}
            found["nodeAffinity"] = {
                REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [need]}]}
            }
        elif self._maybe():
            names = {"key": "metadata.name", "operator": "In", "values": ["n0", "n1"]}
            found["nodeAffinity"] = {REQUIRED: {"nodeSelectorTerms": [{"matchFields": [names]}]}}
        elif self._maybe():
            like = {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}
            found["nodeAffinity"] = {PREFERRED: [{"weight": 5, "preference": like}]}
        for kind in ("podAffinity", "podAntiAffinity"):
            parts: dict[str, Any] = {}
            if self._maybe():
                parts[REQUIRED] = [self._term(app) for _ in range(draw.randint(1, 2))]
            if self._maybe():
                key = draw.choice((ZONE, HOSTNAME))
                parts[PREFERRED] = [weighted(draw.randint(1, 9), key, app=draw.choice(APPS))]
            if parts:
                found[kind] = parts
        return found

    def _term(self, app: str) -> Data:
        draw = self.draw
        one = {**term(draw.choice((ZONE, HOSTNAME)), app=draw.choice((app, *APPS)))}
        if self._maybe(0.2):
            one["namespaceSelector"] = {"matchLabels": {"team": draw.choice(("x", "y"))}}
        elif self._maybe(0.2):
            one["namespaces"] = ["default", "other"]
        if self._maybe(0.2):
            one["matchLabelKeys"] = ["tier"]
        return one

    # --- a day in its life ------------------------------------------------------------------------

    def shake(self) -> None:
        """Something changes: a pod goes, a node changes, comes or goes, somebody is nominated."""
        bench, draw = self.bench, self.draw
        if self.placed and self._maybe(0.3):
            pod, node = self.placed.pop(draw.randrange(len(self.placed)))
            bench.state.remove(pod, node)
        if self._maybe(0.1):
            self.put_node(f"n{draw.randint(0, 9)}")
        if self._maybe(0.1):
            bench.state.images.gone(f"n{draw.randint(0, 9)}", draw.choice(APPS))
        if self._maybe(0.03):
            bench.state.columns.drop(f"n{draw.randint(0, 9)}")
        if self._maybe(0.1) and bench.state.columns.rows:
            names = list(bench.state.columns.rows)
            bench.cycle.nominate(self.pod(), draw.choice(names))

    def agree(self, decisions: int = 15) -> int:
        """How many decisions there were; an AssertionError where the two do not choose alike."""
        plain = PlainLoop(self.bench.cycle)
        for _ in range(decisions):
            self.shake()
            pod = self.pod()
            expected = plain.schedule(pod)
            self.bench.cycle.cycles = plain.cycles - 1
            decision = self.bench.cycle.schedule(pod)
            reasons = {} if decision.diagnosis is None else dict(decision.diagnosis.reasons)
            for word in (ABSENT_NEW, ABSENT_OLD):
                reasons.pop(word, None)
            actual = decision.node, reasons
            assert expected == actual, (expected, actual)
            count = max(1, len(self.bench.state.columns))
            assert plain.start % count == self.bench.cycle.start % count
            if decision.node:
                self.bench.state.add(pod, decision.node)
                self.placed.append((pod, decision.node))
        return decisions


ABSENT_NEW = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
ABSENT_OLD = "node is filtered out by the prefilter result"
"""Said of nodes that are not looked at at all: the loop does not look at them either."""
