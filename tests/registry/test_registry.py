"""Registries: names, tags and blobs; who may have them; limits; garbage."""

from __future__ import annotations

import pytest
from pull_helpers import Lab, image, layer
from shipped import SHIPPED

from simulator.errors import Refused
from simulator.image.catalogue import Catalogue
from simulator.image.events import BlobsCollected
from simulator.image.model import Image, Index, Platform
from simulator.image.reference import Reference
from simulator.registry.hub import public_hub
from simulator.registry.registries import Registries
from simulator.registry.repository import RateLimit

BASE = layer("base", 30)
APP = image(BASE, layer("app", 5))


def ref(text: str = "registry.local/team/web:1.0") -> Reference:
    return Reference.parse(text)


def test_a_published_image_is_found_by_tag_and_by_digest():
    registry = Lab().registry
    digest = registry.publish(ref(), APP)
    assert registry.resolve(ref()) is APP
    assert registry.resolve(ref(f"registry.local/team/web@{digest}")) is APP
    assert registry.tags("team/web") == ["1.0"]


def test_a_moved_tag_leaves_the_old_image_reachable_by_digest():
    registry = Lab().registry
    old = registry.publish(ref(), APP)
    newer = image(BASE, layer("app", 6))
    registry.publish(ref(), newer)
    assert registry.resolve(ref()) is newer
    assert registry.resolve(ref(f"registry.local/team/web@{old}")) is APP


def test_a_manifest_list_gives_its_images_by_their_own_digests():
    registry = Lab().registry
    arm = image(layer("arm", 3), platform="linux/arm64")
    registry.publish(ref(), Index((APP, arm)))
    assert registry.resolve(ref(f"registry.local/team/web@{arm.manifest_digest}")) is arm


def test_an_unknown_repository_is_denied_in_the_words_users_know():
    registry = Lab().registry
    registry.publish(ref(), APP)
    with pytest.raises(Refused) as refusal:
        registry.resolve(ref("registry.local/team/wep"))
    assert str(refusal.value) == (
        "pull access denied for registry.local/team/wep, repository does not exist or may "
        "require 'docker login': denied: requested access to the resource is denied; "
        "did you mean 'registry.local/team/web'?"
    )


def test_an_unknown_tag_is_another_message():
    registry = Lab().registry
    registry.publish(ref(), APP)
    with pytest.raises(Refused, match="not found: manifest unknown") as refusal:
        registry.resolve(ref("registry.local/team/web:1.00"))
    assert str(refusal.value).endswith("did you mean 'registry.local/team/web:1.0'?")


def test_a_private_repository_looks_as_if_it_did_not_exist():
    registry = Lab().registry
    registry.add_user("ann", "secret")
    registry.publish(ref(), APP)
    registry.restrict("team/web", ["ann"])
    with pytest.raises(Refused, match="may require 'docker login'") as refusal:
        registry.resolve(ref())
    assert "did you mean" not in str(refusal.value)
    assert registry.resolve(ref(), user=registry.login("ann", "secret")) is APP
    with pytest.raises(Refused, match="unauthorized: incorrect username or password"):
        registry.login("ann", "guess")


def test_pushing_without_the_right_is_denied():
    registry = Lab().registry
    registry.publish(ref(), APP)
    registry.restrict("team/web", readers=[], writers=["ci"])
    registry.check_push(ref(), "ci")
    with pytest.raises(Refused, match="denied: requested access to the resource is denied"):
        registry.check_push(ref(), "ann")


def test_on_the_public_hub_people_push_only_under_their_own_name():
    hub = public_hub(Lab().net, constants=SHIPPED)
    assert hub.may_write("ann/web", "ann")
    for name, user in (("library/python", "ann"), ("ann/web", None), ("bob/web", "ann")):
        assert not hub.may_write(name, user)


def test_the_rate_limit_is_a_token_bucket_for_each_client():
    lab = Lab(anonymous_limit=RateLimit(pulls=2, period_s=20))
    lab.registry.publish(ref(), APP)
    for _ in range(2):
        lab.registry.resolve(ref(), client="a")
    with pytest.raises(Refused, match="toomanyrequests: You have reached your unauthenticated"):
        lab.registry.resolve(ref(), client="a")
    lab.registry.resolve(ref(), client="b")
    lab.registry.resolve(ref(), client="a", user="ann")
    lab.sim.advance(9.9)
    with pytest.raises(Refused):
        lab.registry.resolve(ref(), client="a")
    lab.sim.advance(10)
    assert lab.registry.resolve(ref(), client="a") is APP


def test_a_registry_that_is_down_refuses_the_connection():
    registry = Lab().registry
    registry.available = False
    with pytest.raises(Refused, match="connection refused"):
        registry.resolve(ref())


def test_a_blob_is_stored_once_for_all_repositories():
    registry = Lab().registry
    registry.publish(ref(), APP)
    registry.publish(ref("registry.local/team/other"), image(BASE, layer("other", 2)))
    assert registry.stored_bytes == 37e6


def test_a_manifest_needs_its_blobs():
    registry = Lab().registry
    with pytest.raises(Refused, match="blob unknown to registry"):
        registry.put(ref(), APP)


def test_garbage_collection_keeps_what_any_manifest_names():
    lab = Lab()
    registry = lab.registry
    registry.publish(ref(), APP)
    registry.publish(ref("registry.local/team/other"), image(BASE, layer("other", 2)))
    registry.delete_tag(ref())
    assert registry.collect_garbage().freed_bytes == 0
    collected = registry.collect_garbage(delete_untagged=True)
    assert (len(collected.blobs), collected.freed_bytes) == (1, 5e6)
    assert registry.has_blob(BASE.digest)
    assert [event.freed_bytes for event in lab.events(BlobsCollected)] == [5e6]


def test_the_hub_serves_the_catalogue_as_manifest_lists():
    hub = public_hub(Lab().net, constants=SHIPPED)
    index = hub.resolve(Reference.parse("python:3.12"))
    assert isinstance(index, Index)
    assert Platform() in index.platforms
    pinned = Reference.parse(f"python:3.12@{index.images[0].manifest_digest}")
    found = hub.resolve(pinned)
    assert isinstance(found, Image)
    assert found == Catalogue.load().resolve("python:3.12", found.platform)


def test_a_misspelt_catalogue_image_gets_the_nearest_one():
    with pytest.raises(Refused, match="did you mean 'python'"):
        public_hub(Lab().net, constants=SHIPPED).resolve(Reference.parse("pyhton"))


def test_a_reference_finds_its_registry():
    lab = Lab()
    registries = Registries(public_hub(lab.net, constants=SHIPPED))
    registries.add(lab.registry)
    assert registries.of(ref()) is lab.registry
    assert registries.of(Reference.parse("python")) is registries.hub
    assert registries.get("") is registries.hub
    with pytest.raises(Refused, match="exists"):
        registries.add(lab.registry)


def test_a_registry_that_nobody_added_is_no_such_host():
    registries = Registries(public_hub(Lab().net, constants=SHIPPED))
    with pytest.raises(Refused, match=r"no such host; did you mean 'docker\.io'"):
        registries.of(Reference.parse("docker.oi/web"))
