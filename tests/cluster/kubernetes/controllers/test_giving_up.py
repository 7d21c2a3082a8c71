"""Which pods an owner gives up: an order that is kept says what ranking all says, and is cheap."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.giving_up import KEPT_S, Order, rank
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Pod, PodStatus
from simulator.cluster.kubernetes.objects.templates import Templates
from tests.calls import calls
from tests.kube_control import Control, workload

TEMPLATE = Templates().of({"containers": [{"name": "app", "image": "app:1"}]}, {})
COST = "controller.kubernetes.io/pod-deletion-cost"
CHANGES = st.sampled_from(
    ("come", "bind", "run", "unready", "restart", "cost", "go", "wait", "ask")
)


def new_pod(name, now):
    meta = Meta(name, "default", f"uid-{name}", created=now)
    return Pod(kind="Pod", api_version="v1", meta=meta, template=TEMPLATE)


def with_status(pod, **changes):
    return replace(pod, status=replace(pod.status, **changes))


def changed(pod, what, number, now):
    if what == "bind" and not pod.node:
        return replace(pod, node=f"n{number % 3}")
    if what == "run":
        return with_status(pod, phase="Running", ready_since=now)
    if what == "unready":
        return with_status(pod, ready_since=None)
    if what == "restart":
        restarts = sum(one.restarts for one in pod.status.containers) + 1
        return with_status(pod, containers=(ContainerStatus("app", restarts=restarts),))
    if what == "cost":
        notes = {COST: ("-5", "0", "7", "much")[number % 4]}
        return replace(pod, meta=replace(pod.meta, annotations=notes))
    return pod


def by_ranking_all(pods, now):
    on_node = Counter(pod.node for pod in pods)
    return sorted(pods, key=lambda pod: rank(pod, on_node[pod.node], now))


@given(st.lists(st.tuples(CHANGES, st.integers(0, 11), st.integers(0, 11)), max_size=50))
def test_whatever_happens_the_first_to_go_are_those_that_ranking_all_of_them_says(story):
    now, pods, order = 100.0, {}, Order(())
    for what, whose, number in story:
        name = f"p{whose}"
        if what == "wait":
            now += (0.1, 0.9, 3.0, 70.0)[number % 4]
        elif what == "come" and name not in pods:
            pods[name] = new_pod(name, now)
            order.put(pods[name])
        elif what == "go" and name in pods:
            order.drop(pods.pop(name).key)
        elif what == "ask":
            assert order.first(number, now) == by_ranking_all(pods.values(), now)[:number]
        elif name in pods:
            pods[name] = changed(pods[name], what, number, now)
            order.put(pods[name])
    assert order.first(len(pods), now) == by_ranking_all(pods.values(), now)


def test_pods_without_a_node_go_first_then_those_that_are_most_on_theirs_then_the_youngest():
    old = with_status(replace(new_pod("old", 0.0), node="n1"), phase="Running", ready_since=1.0)
    young = with_status(
        replace(new_pod("young", 90.0), node="n2"), phase="Running", ready_since=95.0
    )
    pair = [replace(young, meta=replace(young.meta, name=f"pair-{n}"), node="n3") for n in (1, 2)]
    order = Order([old, young, *pair, new_pod("nowhere", 99.0)])
    found = [pod.name for pod in order.first(5, 100.0)]
    assert found == ["nowhere", "pair-1", "pair-2", "young", "old"]
    assert [pod.status for pod in order.first(1, 100.0)] == [PodStatus()]


class Staggered(Control):
    """No two pods get ready at the same instant."""

    def place(self, pod):
        self.start_s = 1.0 + self.placed % 97 / 97
        super().place(pod)


def rolled_out(replicas):
    world = Staggered(nodes=replicas // 5)
    world.apply("Deployment", "web", workload(replicas=replicas))
    world.until(10.0)
    world.apply("Deployment", "web", workload("app:2", replicas=replicas))
    count = calls(lambda: world.until(60.0))
    status = world.get("Deployment", "web").status
    assert (status.replicas, status.updated_replicas, status.ready_replicas) == (replicas,) * 3
    return count


def test_a_rollout_of_twice_the_pods_costs_twice_as_much():
    assert rolled_out(160) <= 2.2 * rolled_out(80)


def scaled_down(replicas, steps):
    world = Staggered(nodes=replicas // 5)
    world.apply("ReplicaSet", "web", workload(replicas=replicas))
    world.until(10.0)

    def fewer():
        for step in range(steps):
            world.scale("ReplicaSet", "web", replicas - 1 - step)
            world.until(11.0 + step / 100)

    count = calls(fewer)
    assert len([one for one in world.pods() if not world.get("Pod", one).deleting]) == (
        replicas - steps
    )
    return count


def test_a_scale_down_in_twice_the_steps_from_twice_the_pods_costs_twice_as_much():
    assert scaled_down(120, 60) <= 2.2 * scaled_down(60, 30)


def test_an_owner_that_gives_up_nothing_for_long_has_no_order_kept():
    world = Control()
    world.apply("ReplicaSet", "web", workload(replicas=6))
    world.until(10.0)
    world.scale("ReplicaSet", "web", 5)
    world.until(20.0)
    orders = world.controllers.replica_sets.orders
    assert len(orders) == 1
    world.until(20.0 + KEPT_S)
    world.delete("Pod", world.pods()[0])
    world.until(90.0)
    assert len(orders) == 0
    world.scale("ReplicaSet", "web", 0)
    world.until(100.0)
    assert (world.pods(), len(orders)) == ([], 0)
