"""Situations that operators of HorizontalPodAutoscalers met, by the clock and in its words."""

from pathlib import Path

import pytest

from simulator.cluster.kubernetes.objects.autoscaling import HorizontalPodAutoscaler
from simulator.cluster.kubernetes.objects.workloads import Deployment
from simulator.shell.session import Session
from simulator.world.world import World

EXTERNAL = """
  metrics:
  - type: External
    external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 100}}
"""


class Shop:
    """A cluster, what is typed, and what an autoscaler makes of it."""

    def __init__(self, folder):
        self.folder = folder
        self.session = Session(World(1), folder=Path(folder))
        self.type("cluster create shop --nodes 3 --cores 32")
        self.store = self.session.world.orchestras.get("shop").store
        self.recorder = self.session.world.orchestras.get("shop").recorder

    def type(self, line):
        result = self.session.execute(line)
        assert result.error is None, result.error
        return "\n".join(result.lines)

    def wait(self, seconds):
        self.session.world.advance(self.session.world.now + seconds)

    def apply(self, name, text):
        (self.folder / name).write_text(text)
        return self.type(f"kubectl apply -f {name}")

    def web(self, replicas, annotation="", more="", workload=""):
        note = f"annotations: {{note: {annotation}}}" if annotation else ""
        return self.apply(
            "web.yaml",
            f"""
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  {note}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata:
      labels: {{app: web}}
      annotations: {{{workload}}}
    spec:
      containers:
      - name: app
        image: nginx
        resources: {{requests: {{cpu: 100m, memory: 200Mi}}}}
{more}
""",
        )

    def hpa(self, least, most, more):
        return self.apply(
            "hpa.yaml",
            f"""
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: web}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  minReplicas: {least}
  maxReplicas: {most}
{more}
""",
        )

    @property
    def replicas(self):
        return self.store.get(Deployment, "default", "web").spec.replicas

    def condition(self, word):
        every = self.store.get(HorizontalPodAutoscaler, "default", "web").status.conditions
        return next((one.status, one.reason) for one in every if one.type == word)

    def texts(self, reason):
        return [one.message for one in self.recorder if one.reason == reason]

    def by_sync(self, count):
        found = []
        for _ in range(count):
            self.wait(15.0)
            found.append(self.replicas)
        return found


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.mark.parametrize(
    ("behaviour", "steps"),
    [
        ("", [4, 8, 16, 32, 64, 100]),
        ("  behavior: {scaleDown: {stabilizationWindowSeconds: 60}}", [5, 10, 20, 40, 80, 100]),
    ],
)
def test_how_fast_it_goes_up_depends_on_whether_behaviour_is_there(shop, behaviour, steps):
    shop.web(1)
    shop.hpa(1, 100, EXTERNAL + behaviour)
    shop.type("cluster metric queue 1000000")
    shop.wait(1.0)
    assert shop.by_sync(5) == steps[:5]
    assert shop.condition("ScalingLimited") == ("True", "ScaleUpLimit")
    assert shop.by_sync(2) == [100, 100]
    assert shop.condition("ScalingLimited") == ("True", "TooManyReplicas")


def test_apply_undoes_the_autoscaler_each_time(shop):
    shop.web(2)
    shop.hpa(3, 10, EXTERNAL)
    shop.type("cluster metric queue 600")
    shop.wait(400.0)
    assert shop.replicas == 6
    for _ in range(2):
        assert shop.web(2, annotation="new") == "deployment.apps/web configured"
        assert shop.replicas == 2
        assert shop.by_sync(3) == [3, 6, 6]
    assert shop.texts("SuccessfulRescale") == [
        "New size: 3; reason: Current number of replicas below Spec.MinReplicas",
        "New size: 6; reason: external metric queue above target",
    ]


def test_scaled_to_nought_it_sleeps_until_somebody_wakes_it(shop):
    shop.web(2)
    shop.hpa(2, 6, EXTERNAL)
    shop.type("cluster metric queue 400")
    shop.wait(100.0)
    shop.type("kubectl scale deploy web --replicas=0")
    shop.wait(2000.0)
    assert shop.replicas == 0
    assert shop.condition("ScalingActive") == ("False", "ScalingDisabled")
    shop.type("kubectl scale deploy web --replicas=1")
    assert shop.by_sync(1) == [2]


def test_a_container_without_a_request_makes_it_blind(shop):
    shop.web(1, more="      - {name: proxy, image: nginx}")
    shop.type("kubectl autoscale deploy web --cpu-percent=50 --min=1 --max=5")
    shop.wait(100.0)
    assert "cpu: <unknown>/50%" in shop.type("kubectl get hpa")
    (text,) = shop.texts("FailedGetResourceMetric")
    assert text.startswith(
        "failed to get cpu utilization: missing request for cpu in container proxy of Pod web-"
    )
    (text,) = shop.texts("FailedComputeMetricsReplicas")
    assert text.startswith("invalid metrics (1 invalid out of 1), first error is: failed to get")
    assert shop.condition("ScalingActive") == ("False", "FailedGetResourceMetric")
    assert "the HPA was unable to compute the replica count:" in shop.type("kubectl describe hpa")


TWO = """
  metrics:
  - type: External
    external: {metric: {name: load}, target: {type: AverageValue, averageValue: 50}}
  - type: External
    external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 100}}
"""


def test_while_one_metric_is_broken_it_goes_up_but_never_down(shop):
    shop.web(4)
    shop.hpa(1, 10, TWO)
    shop.type("cluster metric queue --error 'no answer'")
    shop.type("cluster metric load 80")
    shop.wait(1000.0)
    assert shop.replicas == 4
    assert shop.condition("ScalingActive") == ("False", "FailedGetExternalMetric")
    (text,) = shop.texts("FailedComputeMetricsReplicas")
    assert "1 invalid out of 2" in text
    shop.type("cluster metric load 300")
    assert shop.by_sync(1) == [6]
    assert shop.condition("ScalingActive") == ("True", "ValidMetricFound")
    shop.type("cluster metric load 80")
    shop.type("cluster metric queue 100")
    shop.wait(280.0)
    assert shop.replicas == 6
    shop.wait(30.0)
    assert shop.replicas == 2
    assert shop.texts("SuccessfulRescale")[-1] == "New size: 2; reason: All metrics below target"


def test_nothing_is_asked_while_there_is_no_autoscaler(shop):
    asked = []
    scalers = shop.session.world.orchestras.get("shop").autoscalers
    scalers.sync = asked.append
    shop.web(1)
    shop.wait(300.0)
    assert asked == []


def test_a_metric_is_a_value_or_an_error(shop):
    for line in ("cluster metric queue", "cluster metric queue 5 --error 'no answer'"):
        assert "expected a value, or --error TEXT" in str(shop.session.execute(line).error)


MEMORY = """
  metrics:
  - type: Resource
    resource: {name: memory, target: {type: Utilization, averageUtilization: 100}}
"""


@pytest.mark.parametrize(("held", "left"), [(102, 2), (100, 1)])
def test_two_at_51_percent_stay_two_and_two_at_50_become_one(shop, held, left):
    shop.web(2, workload=f"drydock.dev/workload: idle memory={held}MiB")
    shop.hpa(1, 5, MEMORY)
    shop.wait(300.0)
    assert shop.replicas == 2
    shop.wait(300.0)
    assert shop.replicas == left
    assert shop.condition("ScalingActive") == ("True", "ValidMetricFound")
    said = ["New size: 1; reason: All metrics below target"] if left == 1 else []
    assert shop.texts("SuccessfulRescale") == said
