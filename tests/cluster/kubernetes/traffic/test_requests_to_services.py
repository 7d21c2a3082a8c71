"""Requests to Services, with containers of a host as pods: what the proxies know, and when."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import ApiError
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.pod import Pod, PodStatus
from simulator.cluster.kubernetes.objects.registry import Builder
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.network import Network
from simulator.shell.session import Session
from simulator.world.world import World

SPEC = {"containers": [{"name": "app", "image": "app", "ports": [{"containerPort": 80}]}]}
SERVER = "server cpu=1ms dist=constant workers=4"
LAG_S = 1.0


class Boxes:
    """The containers of a host, each a pod of the same name."""

    def __init__(self, session):
        self.session = session

    def server_of(self, pod, port):
        one = self.session.world.containers.get(pod.name)
        return one if port == 80 else None

    def first(self, pod):
        return self.session.world.containers.get(pod.name)


class Scene:
    """A host with containers, a store with pods of the same names, and a network."""

    def __init__(self, labels):
        self.session = Session(World(1), folder=Path("."))
        self.type("host add h --cores 16")
        self.builder = Builder(Templates())
        world = self.session.world
        self.server = Server(world.sim, Store(), Recorder(world.sim.clock), Naming(1, "c"))
        self.network = Network(
            world.sim, self.server, Boxes(self.session), world.director, "c", LAG_S
        )
        world.director.elsewhere.append(self.network.find)
        for name, label in labels.items():
            self.type(f"docker run -d --name {name} --workload '{SERVER}' alpine")
            self.pod(name, label)
        self.until(5.0)

    def type(self, line):
        result = self.session.execute(line)
        assert result.error is None, result.error

    def until(self, time):
        self.session.world.advance(time)

    def pod(self, name, label):
        template = self.builder.templates.of(SPEC, {"app": label})
        pod = self.server.create(
            Pod(
                kind="Pod", api_version="v1", template=template,
                meta=Meta(name, "default", labels=template.labels),
            )
        )  # fmt: skip
        self.server.bind(pod, "h")
        number = len(list(self.server.store.all(Pod)))
        self.status(name, ip=f"10.244.0.{number}", ready_since=self.session.world.now)

    def status(self, name, **changes):
        pod = self.server.store.get(Pod, "default", name)
        self.server.update_status(pod, replace(pod.status or PodStatus(), **changes))

    def make(self, kind, name, api="v1", annotations=None, **data):
        meta = Meta(name, "default", annotations=annotations or {})
        return self.server.create(self.builder.build(kind, api, meta, data))

    def service(self, name="web", **spec):
        spec = {"selector": {"app": name}, "ports": [{"port": 80}], **spec}
        return self.make("Service", name, spec=spec)

    def got(self, name):
        self.session.world.settle()
        stream = self.session.world.services[name]
        return {one.name: one.ok for one in stream.endpoints.values()}

    def failed(self, name):
        self.session.world.settle()
        failed = self.session.world.services[name].tally.failed
        return {why: count for why, count in failed.items() if count}


def test_every_ready_pod_behind_a_service_gets_its_share():
    scene = Scene({"a": "web", "b": "web", "c": "other"})
    scene.service()
    scene.until(10.0)
    scene.type("traffic web constant 100/s")
    scene.until(30.0)
    got = scene.got("web")
    assert set(got) == {"a", "b"}
    assert sum(got.values()) == pytest.approx(2000, abs=30)
    assert min(got.values()) > 850


def test_a_pod_that_is_not_ready_gets_requests_until_the_proxies_know():
    scene = Scene({"a": "web", "b": "web"})
    scene.service()
    scene.until(10.0)
    scene.type("traffic web constant 100/s")
    scene.until(20.0)
    before = scene.got("web")["b"]
    scene.status("b", ready_since=None)
    scene.until(20.9)
    assert scene.got("web")["b"] > before + 25
    scene.until(22.0)
    assert set(scene.got("web")) == {"a"}
    assert scene.failed("web") == {}


def test_requests_to_a_pod_that_stopped_are_refused_until_the_proxies_know():
    scene = Scene({"a": "web", "b": "web", "c": "web", "d": "web"})
    scene.service()
    scene.until(10.0)
    scene.type("traffic web constant 200/s")
    scene.until(20.0)
    pod = scene.server.store.get(Pod, "default", "d")
    scene.server.delete(pod)
    scene.type("docker kill d")
    scene.until(30.0)
    assert scene.failed("web")["refused"] == pytest.approx(200 / 4 * LAG_S, rel=0.3)
    assert set(scene.got("web")) == {"a", "b", "c"}


def test_a_service_without_pods_answers_nobody():
    scene = Scene({})
    scene.service()
    scene.type("traffic web constant 10/s")
    scene.until(10.0)
    assert set(scene.failed("web")) == {"unavailable"}


def test_a_port_at_which_nobody_listens_refuses():
    scene = Scene({"a": "web"})
    scene.service(ports=[{"port": 80, "targetPort": 8080}])
    scene.until(10.0)
    scene.type("traffic web constant 10/s")
    scene.until(20.0)
    assert set(scene.failed("web")) == {"refused"}


def test_pods_that_leave_serve_where_no_other_is_ready():
    scene = Scene({"a": "web"})
    scene.service()
    scene.until(10.0)
    scene.type("traffic web constant 10/s")
    scene.server.delete(scene.server.store.get(Pod, "default", "a"))
    scene.until(20.0)
    assert scene.failed("web") == {}
    assert scene.got("web")["a"] == pytest.approx(100, abs=3)


@pytest.mark.parametrize(
    "word", ["web", "web.default", "web.default.svc.cluster.local", "web:80", "shop.io/cart"]
)
def test_a_service_is_found_under_each_of_its_names(word):
    scene = Scene({"a": "web"})
    scene.service()
    path = {"path": "/cart", "pathType": "Prefix", "backend": {"service": {"name": "web"}}}
    scene.make("Ingress", "web", spec={"rules": [{"host": "shop.io", "http": {"paths": [path]}}]})
    scene.until(10.0)
    scene.type(f"traffic {word} constant 10/s")
    scene.until(20.0)
    assert sum(sum(scene.got(name).values()) for name in scene.session.world.services) > 90


def test_a_canary_gets_the_weight_that_its_ingress_says_and_changes_with_it():
    scene = Scene({"a": "main", "b": "main", "c": "new"})
    for name in ("main", "new"):
        scene.service(name)

    def rules(name):
        backend = {"service": {"name": name}}
        paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
        return {"rules": [{"host": "shop.io", "http": {"paths": paths}}]}

    prefix = "nginx.ingress.kubernetes.io/canary"
    scene.make("Ingress", "main", spec=rules("main"))
    canary = scene.make(
        "Ingress", "new", spec=rules("new"),
        annotations={prefix: "true", f"{prefix}-weight": "10"},
    )  # fmt: skip
    scene.until(10.0)
    scene.type("traffic shop.io constant 500/s")
    scene.until(20.0)
    assert scene.got("shop.io")["c"] == pytest.approx(500, rel=0.15)
    meta = replace(canary.meta, annotations={prefix: "true", f"{prefix}-weight": "100"})
    scene.server.update(replace(canary, meta=meta))
    before = scene.got("shop.io")["c"]
    scene.until(21.0)
    assert scene.got("shop.io")["c"] - before == pytest.approx(500, abs=10)


def test_addresses_are_given_and_what_is_taken_is_refused():
    scene = Scene({})
    first = scene.service("web", type="NodePort")
    address, port = first.spec.cluster_ip, first.spec.ports[0].node_port
    assert address.startswith("10.")
    assert first.data["spec"]["ports"][0]["nodePort"] == port
    with pytest.raises(ApiError, match="already allocated"):
        scene.service("two", clusterIP=address)
    scene.server.delete(first)
    assert scene.service("three", clusterIP=address).spec.cluster_ip == address


def test_nothing_is_sent_before_anybody_asks():
    scene = Scene({"a": "web"})
    scene.service()
    scene.until(60.0)
    assert scene.session.world.services == {}


def test_a_pod_that_is_ready_before_its_program_listens_gets_requests_once_it_does():
    """Without a readiness probe a pod that is started again is ready at once, and refuses."""
    session = Session(World(1), folder=Path("."))
    for line in (
        "cluster create c --nodes 2",
        "kubectl create deployment web --image=nginx --port=80 --replicas=2",
        'kubectl patch deployment web -p \'{"spec":{"template":{"metadata":{"annotations":'
        '{"drydock.dev/workload":"server cpu=1ms startup=3s"}}}}}\'',
        "kubectl expose deployment web --port=80",
        "advance 1m",
        "traffic web constant 100/s",
        "advance 10s",
        "fault crash deploy/web",
        "advance 30s",
    ):
        result = session.execute(line)
        assert result.error is None, result.error
    session.world.settle()
    web = session.world.services["web"]
    assert len(web.endpoints) == 2
    refused = web.tally.failed["refused"]
    session.execute("advance 10s")
    session.world.settle()
    assert (web.tally.failed["refused"], 0 < refused < 500) == (refused, True)


def test_requests_go_to_a_node_that_lost_power_until_its_lease_is_missed():
    """Nobody on it says that its pods have ended; the node controller misses it after 40 s."""
    session = Session(World(1), folder=Path("."))
    for line in (
        "cluster create c --nodes 4",
        "kubectl create deployment web --image=nginx --port=80 --replicas=4",
        "kubectl expose deployment web --port=80",
        "advance 1m",
        "traffic web constant 40/s",
        "advance 10s",
        "fault power node-2",
        "advance 30s",
    ):
        result = session.execute(line)
        assert result.error is None, result.error
    session.world.settle()
    web = session.world.services["web"]
    assert sum(web.tally.failed.values()) == pytest.approx(40 / 4 * 30, rel=0.2)
    session.execute("advance 90s")
    session.world.settle()
    failed = sum(web.tally.failed.values())
    assert 40 / 4 * 38 < failed < 40 / 4 * 62
    session.execute("advance 30s")
    session.world.settle()
    assert sum(web.tally.failed.values()) == failed
