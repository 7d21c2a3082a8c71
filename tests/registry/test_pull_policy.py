"""When a node pulls: policies, back-off, rate limit; and the published table of attempts."""

from __future__ import annotations

import pytest
from pull_helpers import Lab, image, layer
from shipped import SHIPPED

from simulator.engine.backoff import TokenBucket
from simulator.errors import InputError
from simulator.image.reference import Reference
from simulator.registry.policy import ImageManager, default_policy
from simulator.registry.rules import kubelet_bucket

WEB = Reference.parse("registry.local/web:1")


def attempts(lab: Lab, manager: ImageManager, times: list[float], policy: str) -> list[str]:
    """The outcome of one attempt at each time."""
    found: list[str] = []

    def one(at: float):
        yield lab.sim.env.timeout(at)
        ensured = yield from manager.ensure(lab.registry, WEB, policy)
        found.append(ensured.outcome)

    for at in times:
        lab.sim.start(one(at - lab.sim.now))
    lab.sim.advance(max(times) + 0.5)
    return found


def test_an_image_that_is_there_is_pulled_again_only_by_always():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 1)))
    manager = ImageManager(lab.machine(), constants=SHIPPED)
    assert attempts(lab, manager, [0, 1], "IfNotPresent") == ["pulled", "present"]
    assert attempts(lab, manager, [2], "Always") == ["pulled"]
    assert attempts(lab, manager, [3], "Never") == ["present"]


def test_never_does_not_ask_the_registry():
    lab = Lab()
    assert attempts(lab, ImageManager(lab.machine(), constants=SHIPPED), [0], "Never") == [
        "ErrImageNeverPull"
    ]
    assert len(lab.sim.journal) == 0


def test_a_missing_image_is_tried_at_ten_then_twenty_seconds():
    lab = Lab()
    manager = ImageManager(lab.machine(), constants=SHIPPED)
    outcomes = attempts(lab, manager, [0, 9, 10, 29, 30, 69, 70], "IfNotPresent")
    failed, waits = "ErrImagePull", "ImagePullBackOff"
    assert outcomes == [failed, waits, failed, waits, failed, waits, failed]


def test_one_name_in_back_off_does_not_hold_back_another():
    lab = Lab()
    manager = ImageManager(lab.machine(), constants=SHIPPED)
    attempts(lab, manager, [0], "Always")
    assert manager.retry_after_s(WEB) == pytest.approx(9.5)
    assert manager.retry_after_s(Reference.parse("registry.local/other")) == 0


def test_success_forgets_the_failures():
    lab = Lab()
    manager = ImageManager(lab.machine(), constants=SHIPPED)
    attempts(lab, manager, [0], "Always")
    lab.registry.publish(WEB, image(layer("a", 1)))
    assert attempts(lab, manager, [10], "Always") == ["pulled"]
    assert manager.retry_after_s(WEB) == 0


def test_the_kubelet_starts_at_most_ten_pulls_at_once():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 0)))
    manager = ImageManager(lab.machine(), constants=SHIPPED, bucket=kubelet_bucket(SHIPPED))
    outcomes = attempts(lab, manager, [0.0] * 11, "Always")
    assert outcomes.count("ErrImagePull") == 1
    assert outcomes.count("pulled") == 10


def test_the_default_policy_depends_on_the_tag():
    names = ("web", "web:latest", "web:1.2", f"web@sha256:{'a' * 64}")
    policies = [default_policy(Reference.parse(name)) for name in names]
    assert policies == ["Always", "Always", "IfNotPresent", "IfNotPresent"]


def test_an_unknown_policy_is_refused_with_the_nearest():
    lab = Lab()
    manager = ImageManager(lab.machine(), constants=SHIPPED)
    with pytest.raises(InputError, match="did you mean 'IfNotPresent'"):
        next(manager.ensure(lab.registry, WEB, "IfNotPressent"))


def test_a_token_bucket_refills_to_its_size_and_no_further():
    bucket = TokenBucket(rate_per_s=2, burst=3)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert (bucket.wait_s(0), bucket.available(0.25)) == (0.5, 0.5)
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait_s(100, tokens=4) == float("inf")


def test_an_outage_breaks_pulls_off_and_the_node_comes_back_by_its_back_off():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 400)))
    manager = ImageManager(lab.machine(), constants=SHIPPED)
    outcomes = []

    def kubelet():
        while not outcomes or outcomes[-1].outcome != "pulled":
            outcomes.append((yield from manager.ensure(lab.registry, WEB)))
            yield lab.sim.env.timeout(1)

    lab.sim.start(kubelet())
    lab.sim.at(2, lab.registry.go_down)
    lab.sim.at(20, lab.registry.come_back)
    lab.sim.advance(100)
    failures = [one.message for one in outcomes if one.outcome == "ErrImagePull"]
    assert [text.rpartition(": ")[2] for text in failures] == [
        "unexpected EOF",
        "connection refused",
    ]
    # Broken off at 2 s, refused at 12 s, tried again 20 s later, and 4 s to download.
    assert outcomes[-1].pull.finished_s == pytest.approx(36, abs=1.01)
