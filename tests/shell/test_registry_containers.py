"""A registry that runs in a container, as Docker's documentation has people start one."""

from __future__ import annotations

import pytest
from image_shop import Shop

from simulator.world.image_commands import PushImage

NAME = "localhost:5000/mine"


@pytest.fixture
def shop(tmp_path) -> Shop:
    found = Shop(tmp_path)
    found("docker pull -q alpine")
    found(f"docker tag alpine {NAME}")
    return found


def start(shop: Shop, flags: str = "") -> None:
    shop(f"docker run -d -p 5000:5000 --name registry {flags} registry:2")
    shop("advance 3s")


def test_what_is_pushed_to_localhost_is_pulled_from_the_container_that_listens_there(shop):
    start(shop)
    assert "Pushed" in shop(f"docker push {NAME}")
    shop(f"docker image rm {NAME}")
    assert "hi" in shop(f"docker run --rm {NAME} echo hi")
    shop("docker restart -t 0 registry")
    shop("advance 3s")
    assert "up to date" in shop(f"docker pull {NAME}")


def test_its_images_are_lost_with_the_container_and_kept_in_a_volume_with_a_name(shop):
    start(shop)
    shop(f"docker push {NAME}")
    shop("docker rm -f -v registry")
    start(shop, "-v kept:/var/lib/registry")
    assert "repository does not exist" in shop.refuses(f"docker pull {NAME}")
    shop(f"docker push {NAME}")
    shop("docker rm -f registry")
    start(shop, "-v kept:/var/lib/registry")
    assert "up to date" in shop(f"docker pull {NAME}")
    assert "docker" in shop("docker exec registry ls /var/lib/registry")


def test_where_no_registry_listens_the_refusal_says_what_to_start(shop):
    assert "'docker run -d -p 5000:5000 registry:2'" in shop.refuses(f"docker push {NAME}")
    shop("docker run -d -p 5000:80 --name web nginx")
    shop("advance 3s")
    assert "no registry answers there but web" in shop.refuses(f"docker push {NAME}")


def test_a_push_breaks_off_when_the_container_of_its_registry_ends(shop):
    start(shop)
    world = shop.session.world
    job = world.apply(PushImage(NAME, "a")).job
    world.advance(0.005)
    assert not job.done
    shop("docker kill registry")
    world.advance(0.005)
    assert (job.done, job.error) == (True, "unexpected EOF")
