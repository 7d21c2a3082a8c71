"""Autoscalers that do something else than people expect."""

import pytest
from shop import Shop

HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: LEAST
  maxReplicas: MOST
  BEHAVIOR
  metrics:
  - type: External
    external: {metric: {name: queue}, target: {type: AverageValue, averageValue: "TARGET"}}
"""


def autoscaled(shop, least, most, target, behavior=""):
    text = HPA.replace("LEAST", str(least)).replace("MOST", str(most))
    shop.apply(text.replace("TARGET", str(target)).replace("BEHAVIOR", behavior))


@pytest.mark.parametrize(
    ("behavior", "steps"),
    [
        ("", [4, 8, 16, 32, 64, 100]),
        ("behavior: {scaleDown: {stabilizationWindowSeconds: 60}}", [5, 10, 20, 40, 80, 100]),
    ],
)
def test_how_fast_it_grows_depends_on_whether_behavior_is_there(tmp_path, behavior, steps):
    shop = Shop(tmp_path, "cluster create c --nodes 1 --cores 64 --max-pods 200")
    shop.web(1)
    shop.say("cluster metric queue 1000000")
    autoscaled(shop, 1, 100, 1, behavior)
    seen = []
    for _ in steps:
        shop.say("advance 15s")
        seen.append(shop.replicas())
    assert seen == steps
    limited = shop.condition("hpa web", "ScalingLimited")
    assert (limited["status"], limited["reason"]) == ("True", "TooManyReplicas")


def test_a_file_that_says_replicas_undoes_the_autoscaler_each_time(tmp_path):
    shop = Shop(tmp_path)
    shop.web(2)
    shop.say("cluster metric queue 600")
    autoscaled(shop, 3, 10, 100)
    shop.say("advance 60s")
    assert shop.replicas() == 6
    assert "configured" in shop.web(2, spec="hostname: other")
    assert shop.replicas() == 2
    shop.say("advance 15s")
    assert shop.replicas() == 3
    shop.say("advance 15s")
    assert shop.replicas() == 6
    words = shop.words()
    assert "reason: Current number of replicas below Spec.MinReplicas" in words
    assert "above target" in words


def test_scaled_to_nothing_it_sleeps_until_somebody_wakes_it(tmp_path):
    shop = Shop(tmp_path)
    shop.web(2)
    shop.say("cluster metric queue 600")
    autoscaled(shop, 2, 6, 100)
    shop.say("advance 60s", "kubectl scale deploy web --replicas 0", "advance 10m")
    assert shop.replicas() == 0
    asleep = shop.condition("hpa web", "ScalingActive")
    assert (asleep["status"], asleep["reason"]) == ("False", "ScalingDisabled")
    assert asleep["message"] == (
        "scaling is disabled since the replica count of the target is zero"
    )
    shop.say("kubectl scale deploy web --replicas 1", "advance 15s")
    assert shop.replicas() == 2


def test_a_metric_that_cannot_be_had_is_told_at_every_look(tmp_path):
    shop = Shop(tmp_path)
    shop.web(4)
    shop.say("cluster metric queue --error 'no answer'")
    autoscaled(shop, 1, 10, 100)
    shop.say("advance 61s")
    blind = shop.condition("hpa web", "ScalingActive")
    assert (blind["status"], blind["reason"]) == ("False", "FailedGetExternalMetric")
    assert blind["message"].startswith("the HPA was unable to compute the replica count:")
    assert "invalid metrics (1 invalid out of 1), first error is:" in shop.words()
    assert shop.replicas() == 4
