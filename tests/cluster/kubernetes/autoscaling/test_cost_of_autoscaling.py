"""What autoscalers cost: for each pod that is theirs, not for all there are."""

import pytest
from test_groups_of_nodes import World

from simulator.cluster.kubernetes.autoscaling.labelled import Labelled
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.scheduler.trial import Trial


def asked(count, monkeypatch):
    """Questions to the scheduler for that many pods alike that wait."""
    world = World(nodes=1, most=1)
    for number in range(count):
        world.pod(f"p{number}", "3")
    world.wait(1.0)
    calls = []
    for word in ("refusal", "fitting"):
        real = getattr(Trial, word)
        monkeypatch.setattr(
            Trial, word, lambda self, *rest, real=real: calls.append(1) or real(self, *rest)
        )
    world.group.spec = world.group.spec.__class__(
        name="pool", least=1, most=5, template=world.group.spec.template
    )
    world.wait(10.0)
    monkeypatch.undo()
    return len(calls)


def test_pods_alike_are_asked_for_once(monkeypatch):
    assert asked(100, monkeypatch) == asked(200, monkeypatch) <= 5


@pytest.mark.parametrize("others", [10, 200])
def test_only_the_pods_with_its_labels_are_looked_at(others, monkeypatch):
    world = World(nodes=1)
    labelled = Labelled(world.store)
    for number in range(3):
        template = world.templates.of({"containers": []}, {"app": "mine", "tier": "all"})
        _put(world, f"mine-{number}", template)
    for number in range(others):
        template = world.templates.of({"containers": []}, {"app": "other", "tier": "all"})
        _put(world, f"other-{number}", template)
    selector = LabelSelector({"tier": "all", "app": "mine"})
    looked = []
    real = LabelSelector.matches
    monkeypatch.setattr(
        LabelSelector, "matches", lambda self, labels: looked.append(1) or real(self, labels)
    )
    found = labelled.pods("default", selector)
    assert [pod.name for pod in found] == ["mine-0", "mine-1", "mine-2"]
    assert len(looked) == 3


def test_labels_that_change_and_pods_that_go_are_followed():
    world = World(nodes=1)
    labelled = Labelled(world.store)
    selector = LabelSelector({"app": "mine"})
    assert labelled.pods("default", selector) == []
    template = world.templates.of({"containers": []}, {"app": "mine"})
    first, second = (_put(world, name, template) for name in ("a", "b"))
    assert [pod.name for pod in labelled.pods("default", selector)] == ["a", "b"]
    world.server.delete(first, 0.0)
    assert [pod.name for pod in labelled.pods("default", selector)] == ["b"]
    assert [pod.name for pod in labelled.pods("other", selector)] == []
    world.server.delete(second, 0.0)
    assert labelled._names == {}


def _put(world, name, template):
    from simulator.cluster.kubernetes.objects.meta import Meta

    meta = Meta(name, "default", labels=template.labels)
    return world.server.create(Pod(kind="Pod", api_version="v1", meta=meta, template=template))
