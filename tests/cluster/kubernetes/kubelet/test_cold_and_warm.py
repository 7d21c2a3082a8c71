"""Whether a pod is a row or processes on a machine is not to be seen from outside."""

import random

import pytest
from ward import SERVER, Ward, container, deployment, http, pod, service

PORTS = [{"containerPort": 80}]
PROBED = container(ports=PORTS, readinessProbe=http(), livenessProbe=http())


def quiet(ward):
    ward.apply(deployment(replicas=6), pod("idle", workload="idle memory=100MiB"))
    ward.advance(60)
    ward.apply(deployment(replicas=2))
    ward.advance(60)


def stubborn(ward):
    ward.apply(pod("deaf", workload="server cpu=1ms sigterm=ignored"))
    ward.apply(pod("slow", workload="server cpu=1ms sigterm=handled startup=20s"))
    ward.advance(30)
    ward.delete("deaf", 10.0)
    ward.delete("slow")
    ward.advance(30)


def requests(ward):
    ward.apply(deployment("web", 4, PROBED), service())
    ward.advance(30)
    ward.run("traffic web constant 200/s")
    ward.advance(30)
    ward.apply(deployment("web", 2, PROBED))
    ward.advance(60)


def overload(ward):
    probed = container(ports=PORTS, readinessProbe=http(timeoutSeconds=30), livenessProbe=http())
    slow = SERVER.replace("1ms", "50ms").replace("workers=4", "workers=1 queue=10000")
    ward.apply(deployment("web", 2, probed, workload=slow), service())
    ward.advance(30)
    ward.run("traffic web constant 60/s")
    ward.advance(180)


def rolled(ward):
    ward.apply(deployment("web", 4, PROBED))
    ward.advance(30)
    changed = {**PROBED, "image": "far.example/app:v2"}
    ward.apply(deployment("web", 4, changed, workload=SERVER + " startup=5s"))
    ward.advance(120)


def crashing(ward):
    ward.apply(pod("bad", workload="exit code=1 after=2s"), pod("good"))
    ward.advance(200)


def of_its_node(ward):
    ward.apply(deployment(replicas=6), service())
    ward.advance(30)
    ward.run("fault power node-1")
    ward.advance(120)
    ward.run("fault recover node-1")
    ward.advance(120)


@pytest.mark.parametrize(
    "story", [quiet, stubborn, requests, overload, rolled, crashing, of_its_node]
)
def test_a_story_has_one_history_cold_and_warm(story):
    cold, warm = Ward(), Ward(warm=True)
    story(cold)
    story(warm)
    mine = [str(entry) for entry in cold.world.journal]
    theirs = [str(entry) for entry in warm.world.journal]
    assert mine == theirs
    assert cold.digest == warm.digest
    assert [one.status for one in cold.pods()] == [one.status for one in warm.pods()]
    assert list(cold.cluster.recorder) == list(warm.cluster.recorder)


def test_nothing_of_a_quiet_pod_is_on_its_machine():
    ward = Ward()
    quiet(ward)
    assert [len(one.containers) for one in ward.world.fleet.nodes.values()] == [0, 0]


def test_looking_inside_changes_nothing_that_happens():
    looked, left = Ward(), Ward()
    for ward in (looked, left):
        ward.apply(deployment(replicas=4, workload=SERVER + " startup=3s"))
        ward.advance(20)
    for one in looked.pods():
        looked.cluster.kubelets.container(one, "app")
    for ward in (looked, left):
        ward.advance(30)
        ward.apply(deployment(replicas=1, workload=SERVER + " startup=3s"))
        ward.advance(60)
    assert looked.digest == left.digest


WORKLOADS = [
    SERVER,
    SERVER + " startup=6s",
    "server cpu=40ms workers=1 queue=5000 sigterm=handled",
    "server cpu=5ms workers=2 sigterm=ignored startup=2s",
    "idle memory=300MiB sigterm=handled",
    "idle memory=100MiB",
    "exit code=1 after=7s",
    "leak rate=2MiB/s",
    "batch cpu=3s",
]
IMAGES = ["far.example/app:v1", "far.example/app:v1", "far.example/big:v2", "far.example/app:nix"]
SHAPES = [
    {},
    {"readinessProbe": http()},
    {"livenessProbe": http(periodSeconds=3, failureThreshold=2), "readinessProbe": http()},
    {"startupProbe": http(periodSeconds=2), "livenessProbe": http(periodSeconds=5)},
    {"resources": {"limits": {"memory": "200Mi", "cpu": "500m"}}},
]


def wandering(ward, seed, steps=14):
    """A story of things that happen at random."""
    chance = random.Random(seed)
    names, busy = ["a", "b", "c"], set()
    ward.apply(*[service(name) for name in names])
    for _ in range(steps):
        name, act = chance.choice(names), chance.choice("aaadddtttf")
        if act == "a":
            app = container(image=chance.choice(IMAGES), ports=PORTS, **chance.choice(SHAPES))
            workload, grace = chance.choice(WORKLOADS), chance.choice([3, 30])
            ward.apply(
                deployment(
                    name, chance.randint(0, 5), app, workload=workload,
                    terminationGracePeriodSeconds=grace,
                )
            )  # fmt: skip
        elif act == "d" and ward.pods():
            ward.delete(chance.choice(ward.pods()).name, chance.choice([None, 0.0, 5.0]))
        elif act == "t":
            ward.run(f"traffic {name} poisson {chance.choice([1, 20, 90])}/s")
            busy.add(name)
        elif act == "f":
            node = f"node-{chance.randint(1, 2)}"
            up = ward.house.boxes[node].up
            ward.run(f"fault {'power' if up else 'recover'} {node}")
        ward.advance(chance.choice([0.5, 3.0, 11.0, 60.0, 90.0]))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_has_one_history_cold_and_warm(seed):
    worlds = [Ward("cluster create ward --nodes 3", warm=warm) for warm in (False, True)]
    for ward in worlds:
        wandering(ward, seed)
    cold, warm = worlds
    assert cold.digest == warm.digest
    assert [one.status for one in cold.pods()] == [one.status for one in warm.pods()]
    assert list(cold.cluster.recorder) == list(warm.cluster.recorder)
