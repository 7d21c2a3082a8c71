"""Images of services: the digest that they are pinned to, and registries that run in a swarm."""

from __future__ import annotations

import pytest
from swarm_shop import Shop

IMAGE = "docker service inspect -f '{{.Spec.TaskTemplate.ContainerSpec.Image}}' "
STACK = "services: {web: {image: 'localhost:5000/shop:1'}}\n"


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path, {"stack.yml": STACK})


@pytest.fixture
def hosted(shop):
    """A registry that is a service of the swarm, and an image in it."""
    shop("docker service create --name registry -p 5000:5000 registry:2")
    moved(shop, "1.27")
    return shop


def moved(shop, version):
    """The tag means another image from now on."""
    shop(f"docker pull nginx:{version}")
    shop(f"docker tag nginx:{version} localhost:5000/shop:1")
    shop("docker push localhost:5000/shop:1")


def image(shop, service="web"):
    return shop(IMAGE + service)[0]


def test_a_service_is_pinned_to_what_the_tag_means_now_and_lists_leave_the_digest_out(shop):
    shop("docker service create --name web --replicas 3 nginx:1.27")
    name, _, digest = image(shop).partition("@")
    assert (name, digest[:7]) == ("nginx:1.27", "sha256:")
    assert shop("docker service ls")[1].endswith("nginx:1.27")
    assert "@" not in "".join(shop("docker service ps web") + shop("docker ps"))
    assert f"nginx:1.27@{digest}" in shop("docker service ps --no-trunc web")[1]
    assert shop("docker images")[1].split()[:2] == ["nginx", "<none>"]


def test_who_asks_no_registry_has_the_tag_alone(shop):
    shop("docker service create -d --no-resolve-image --name web nginx")
    assert image(shop) == "nginx"


def test_what_no_registry_has_is_said_and_not_pinned(shop):
    said = shop("docker service create -d --name web nginx:nope")
    assert said[0] == "image nginx:nope could not be accessed on a registry to record"
    assert image(shop) == "nginx:nope"


def test_an_image_that_is_taken_to_exist_runs_by_its_digest(shop):
    shop("docker service create --name web --replicas 3 acme/shop:1")
    assert image(shop).startswith("acme/shop:1@sha256:")
    assert "3/3" in shop("docker service ls")[1]


def test_every_node_reaches_a_registry_that_is_a_service_at_its_own_port(hosted):
    hosted("docker service create --name web --replicas 3 localhost:5000/shop:1")
    assert "3/3" in hosted("docker service ls")[2]
    assert len({line.split()[3] for line in hosted("docker service ps web")[1:]}) == 3


def test_a_tag_that_moves_is_taken_up_when_the_image_is_asked_for_again(hosted):
    hosted("docker service create --name web localhost:5000/shop:1")
    before = image(hosted)
    moved(hosted, "1.28")
    hosted("docker service update --force web")
    assert image(hosted) == before
    hosted("docker service update --image localhost:5000/shop:1 web")
    assert image(hosted) != before


@pytest.mark.parametrize(("how", "anew"), [("always", True), ("changed", False), ("never", False)])
def test_a_stack_looks_a_tag_up_anew_always_when_it_has_changed_or_never(hosted, how, anew):
    deploy = f"docker stack deploy -d --resolve-image {how} -c stack.yml shop"
    hosted(deploy)
    before = image(hosted, "shop_web")
    assert before.startswith("localhost:5000/shop:1@sha256:") == (how != "never")
    moved(hosted, "1.28")
    hosted(deploy)
    assert (image(hosted, "shop_web") != before) == anew
