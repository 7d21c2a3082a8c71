"""Default spreading goes by a pod's Services and its owner."""

from msgspec.structs import replace
from test_scheduler import World

from simulator.cluster.kubernetes.objects.meta import Meta, Owner
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.objects.workloads import ReplicaSet
from simulator.report.bench.scheduled import HOSTNAME, ZONE, node_of, spec_of


def service(name, **selector):
    made = Service(kind="Service", api_version="v1", meta=Meta(name, "default"))
    return replace(made, spec=replace(made.spec, selector=selector))


def replica_set(world, name, **labels):
    made = ReplicaSet(kind="ReplicaSet", api_version="apps/v1", meta=Meta(name, "default"))
    return world.server.create(
        replace(made, spec=replace(made.spec, selector=LabelSelector(labels)))
    )


def owned(world, name, owner, labels):
    template = world.templates.of(spec_of("100m"), labels)
    owners = (Owner("ReplicaSet", owner.name, owner.meta.uid),)
    meta = Meta(name, "default", labels=template.labels, owners=owners)
    return world.server.create(Pod(kind="Pod", api_version="v1", meta=meta, template=template))


def selector(world, name):
    return world.scheduler.defaults.of(world.get(name))


def test_a_pod_that_nothing_selects_is_not_spread():
    world = World()
    world.pod("a")
    world.server.create(service("other", app="db"))
    assert selector(world, "a") is None


def test_services_and_the_owner_are_put_together():
    world = World()
    world.server.create(service("by-app", app="web"))
    world.server.create(service("by-tier", tier="front"))
    owner = replica_set(world, "web", app="web", hash="1")
    owned(world, "a", owner, {"app": "web", "tier": "front", "hash": "1"})
    assert selector(world, "a").match_labels == {"app": "web", "tier": "front", "hash": "1"}


def test_a_service_that_changes_counts_from_then_on():
    world = World()
    world.pod("a")
    assert selector(world, "a") is None
    world.server.create(service("web", app="web"))
    assert selector(world, "a").match_labels == {"app": "web"}


def test_replicas_of_a_set_are_spread_over_zones_and_hosts():
    world = World(nodes=0)
    for number in range(6):
        name = f"n{number}"
        labels = {HOSTNAME: name, ZONE: "ab"[number // 3]}
        world.server.create(node_of(name, world.shape, labels))
    owner = replica_set(world, "web", app="web")
    for number in range(6):
        owned(world, f"web-{number}", owner, {"app": "web"})
    world.until(1.0)
    names = world.where(*(f"web-{number}" for number in range(6)))
    assert sorted(names) == [f"n{number}" for number in range(6)]
    zones = ["ab"[int(name[1]) // 3] for name in names]
    assert all(zones[at] != zones[at + 1] for at in (0, 2, 4))
