"""Pushes: only what is missing goes over the line."""

from __future__ import annotations

import pytest
from pull_helpers import MB, Lab, image, layer
from shipped import SHIPPED

from simulator.clouds import Site
from simulator.image.events import ImagePushed, LayerPushed, PushFailed
from simulator.image.model import Index
from simulator.image.reference import Reference
from simulator.registry.hub import public_hub

WEB = Reference.parse("registry.local/web:1")
NEXT = Reference.parse("registry.local/web:2")
OTHER = Reference.parse("registry.local/other")
BASE = layer("base", 80)


def finished(lab: Lab, push):
    while not push.done.triggered:
        assert lab.sim.step(), "the push never ends"
    return push.done.value


def builder(lab: Lab, **options: object):
    machine = lab.machine("builder", **options)
    machine.compress_bytes_s = 1e15
    return machine


def outcomes(result) -> list[str]:
    return [outcome for _, outcome in result.outcomes]


def test_a_first_push_uploads_everything():
    lab = Lab()
    app = image(BASE, layer("app", 20))
    result = finished(lab, builder(lab).push(lab.registry, WEB, app))
    assert outcomes(result) == ["pushed", "pushed"]
    assert (result.transferred_bytes, result.seconds) == (100 * MB, pytest.approx(1))
    assert lab.registry.resolve(WEB) is app
    assert lab.events(ImagePushed)[0].digest == result.digest


def test_a_second_push_uploads_only_what_changed():
    lab = Lab()
    machine = builder(lab)
    finished(lab, machine.push(lab.registry, WEB, image(BASE, layer("app", 20))))
    result = finished(lab, machine.push(lab.registry, NEXT, image(BASE, layer("app2", 10))))
    assert outcomes(result) == ["exists", "pushed"]
    assert result.transferred_bytes == 10 * MB


def test_a_layer_of_another_repository_is_mounted():
    lab = Lab()
    machine = builder(lab)
    finished(lab, machine.push(lab.registry, WEB, image(BASE)))
    result = finished(lab, machine.push(lab.registry, OTHER, image(BASE)))
    assert (outcomes(result), result.transferred_bytes) == (["mounted"], 0)
    assert [event.origin for event in lab.events(LayerPushed)] == ["", "web"]


def test_a_private_layer_is_not_mounted_for_strangers():
    lab = Lab()
    machine = builder(lab)
    finished(lab, machine.push(lab.registry, WEB, image(BASE)))
    lab.registry.restrict("web", ["ann"])
    assert outcomes(finished(lab, machine.push(lab.registry, OTHER, image(BASE)))) == ["pushed"]


def test_the_base_of_a_hub_image_is_mounted_from_the_official_repository():
    lab = Lab()
    hub = public_hub(lab.net, constants=SHIPPED)
    machine = builder(lab)
    pull = machine.pull(hub, "python:3.12-slim")
    base = finished(lab, pull).image
    own = image(*base.layers, layer("app", 1))
    result = finished(lab, machine.push(hub, "ann/web", own, user="ann"))
    assert outcomes(result) == ["mounted"] * len(base.layers) + ["pushed"]


def test_a_push_without_the_right_is_refused():
    lab = Lab()
    hub = public_hub(lab.net, constants=SHIPPED)
    result = finished(lab, builder(lab).push(hub, "python", image(BASE)))
    assert result.error == "denied: requested access to the resource is denied"
    assert lab.events(PushFailed)[0].reason == result.error


def test_a_slow_compressor_holds_the_line_back():
    lab = Lab()
    machine = builder(lab)
    machine.compress_bytes_s = 30 * MB
    result = finished(lab, machine.push(lab.registry, WEB, image(layer("a", 20, 60))))
    assert result.seconds == pytest.approx(2)


def test_a_cancelled_push_sets_no_tag():
    lab = Lab()
    push = builder(lab).push(lab.registry, WEB, image(layer("a", 100), layer("b", 1)))
    lab.sim.advance(0.5)
    push.cancel()
    lab.sim.advance(10)
    assert push.done.value.error == "context canceled"
    assert lab.registry.tags("web") == []


def test_a_pushed_image_of_the_store_is_found_by_name():
    lab = Lab()
    machine = builder(lab)
    machine.store.add(image(BASE), WEB)
    assert finished(lab, machine.push(lab.registry, WEB)).ok


def test_a_push_shows_a_line_a_layer():
    lab = Lab()
    machine = builder(lab)
    machine.parallel_uploads = 1
    finished(lab, machine.push(lab.registry, OTHER, image(BASE)))
    push = machine.push(lab.registry, WEB, image(BASE, layer("a", 100), layer("b", 10)))
    lab.sim.advance(lab.sim.now + 0.5)
    lines = [(line.status, line.uploaded_bytes) for line in push.progress()]
    assert lines == [("Mounted from other", 0), ("Pushing", pytest.approx(50 * MB)), ("Waiting", 0)]
    finished(lab, push)
    assert [line.status for line in push.progress()][1:] == ["Pushed", "Pushed"]


def test_a_manifest_list_is_pushed_with_the_layers_of_all_its_images():
    lab = Lab()
    arm = image(layer("arm", 30), platform="linux/arm64")
    index = Index((image(BASE), arm))
    assert finished(lab, builder(lab).push(lab.registry, WEB, index)).transferred_bytes == 110 * MB
    assert lab.registry.resolve(WEB) is index


def test_who_is_logged_in_pushes_as_that_user():
    lab = Lab()
    lab.registry.restrict("web", readers=[], writers=["ann"])
    lab.registry.add_user("ann", "secret")
    machine = builder(lab)
    assert not finished(lab, machine.push(lab.registry, WEB, image(BASE))).ok
    machine.login(lab.registry, "ann", "secret")
    assert finished(lab, machine.push(lab.registry, WEB, image(BASE))).ok
    machine.logout(lab.registry)
    assert not finished(lab, machine.push(lab.registry, WEB, image(BASE))).ok


def test_whoever_sends_pays_the_egress():
    aws, gcp = Site.parse("aws"), Site.parse("gcp")
    lab = Lab(site=gcp)
    sender = builder(lab, site=aws)
    pushed = finished(lab, sender.push(lab.registry, WEB, image(layer("a", 1000))))
    assert pushed.egress_usd == pytest.approx(0.09)
    prices = []
    for name, site in (("here", gcp), ("region", Site.parse("gcp/europe-west3")), ("away", aws)):
        machine = lab.machine(name, site=site)
        prices.append(finished(lab, machine.pull(lab.registry, WEB)).egress_usd)
    assert prices == pytest.approx([0.0, 0.02, 0.12])
