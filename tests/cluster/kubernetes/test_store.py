from msgspec.structs import replace

from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Meta, Owner
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.queue import WorkQueue
from simulator.engine.checkpoint import Checkpoint
from simulator.engine.simulation import Simulation
from simulator.engine.values import is_value

SPEC = {
    "containers": [{"name": "app", "image": "nginx", "resources": {"requests": {"cpu": "0.5"}}}]
}


def pod(name="", owner=None):
    template = Templates().of(SPEC, {"app": "web"})
    owners = () if owner is None else (Owner("ReplicaSet", "web", owner),)
    meta = Meta(name, "default", labels=template.labels, owners=owners, generate_name="web-")
    return Pod(kind="Pod", api_version="v1", meta=meta, template=template)


def a_server(seed=1):
    sim, store = Simulation(seed), Store()
    return Server(sim, store, Recorder(sim.clock), Naming(seed, "test"))


def test_a_watcher_is_told_what_was_and_what_is():
    server, told = a_server(), []
    server.store.watch(Pod, lambda old, new: told.append((old, new)))
    made = server.create(pod("a"))
    server.bind(made, "n1")
    bound = server.store.get(Pod, "default", "a")
    server.delete(bound, grace_s=0)
    assert [(None, made), (made, bound), (bound, None)] == told


def test_pods_are_found_by_their_owner_until_they_are_gone():
    server = a_server()
    made = [server.create(pod(owner="u1")) for _ in range(3)]
    assert [one.key for one in made] == list(server.store.owned(Pod, "u1"))
    for one in made:
        server.delete(one)
    assert server.store.owned(Pod, "u1") == {}


def test_a_bound_pod_runs_on_for_its_grace_period():
    server = a_server()
    server.bind(server.create(pod("a")), "n1")
    server.delete(server.store.get(Pod, "default", "a"))
    leaving = server.store.get(Pod, "default", "a")
    assert (leaving.meta.deleting_since, leaving.meta.grace_s) == (0.0, 30.0)
    server.gone(leaving)
    assert None is server.store.get(Pod, "default", "a")


def test_one_content_is_one_template():
    templates = Templates()
    one, other = templates.of(SPEC, {"a": "1"}), templates.of(dict(SPEC), {"a": "1"})
    assert one is other
    assert (one.requests.cpu_millis, one.qos) == (500, "Burstable")


def test_names_depend_on_the_seed_alone():
    first, again, other = (a_server(seed).create(pod()).name for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_queue_looks_once_at_what_was_written_several_times():
    sim, seen = Simulation(1), []
    queue = WorkQueue(sim, seen.append)
    for name in ("b", "a", "b"):
        queue.add(("default", name))
    sim.advance(0.0)
    assert seen == [("default", "b"), ("default", "a")]


def test_a_queue_waits_longer_after_each_failure():
    sim, times = Simulation(1), []

    class Failing:
        def sync(self, key):
            times.append(round(sim.now, 3))
            if len(times) < 4:
                queue.again(key)

    queue = WorkQueue(sim, Failing().sync)
    queue.add(("", "a"))
    sim.advance(1.0)
    assert times == [0.0, 0.005, 0.015, 0.035]


def test_events_of_one_kind_are_counted_and_forgotten_after_an_hour():
    server = a_server()
    one = server.create(pod("a"))
    for _ in range(3):
        server.recorder.event(one, "Warning", "BackOff", "Back-off restarting failed container")
    assert [(event.reason, event.count) for event in server.recorder] == [("BackOff", 3)]
    server.sim.advance(3601.0)
    assert list(server.recorder) == []


def counted(recorder):
    return [(one.message, one.count) for one in recorder]


def test_from_the_tenth_message_on_similar_events_are_combined():
    server = a_server()
    one = server.create(pod("a"))
    for number in range(12):
        server.recorder.event(one, "Warning", "FailedCreate", f"no room for {number}", "rs")
        server.sim.advance(server.sim.now + 1.0)
    told = counted(server.recorder)
    assert told[:9] == [(f"no room for {number}", 1) for number in range(9)]
    assert told[9:] == [("(combined from similar events): no room for 11", 3)]
    server.recorder.event(one, "Warning", "FailedCreate", "no room for 3", "rs")
    assert counted(server.recorder)[-1] == ("no room for 3", 2)


def test_events_of_other_objects_reasons_and_sources_are_not_similar():
    server = a_server()
    pods = [server.create(pod(name)) for name in "abcdefghijkl"]
    for number, one in enumerate(pods):
        server.recorder.event(one, "Warning", "BackOff", f"message {number}", "kubelet")
        server.recorder.event(pods[0], "Warning", f"Reason{number}", f"message {number}", "kubelet")
        server.recorder.event(pods[0], "Warning", "BackOff", f"m {number}", f"source-{number}")
    assert all(count == 1 and "combined" not in text for text, count in counted(server.recorder))


def test_after_ten_quiet_minutes_messages_are_counted_anew():
    server = a_server()
    one = server.create(pod("a"))
    for number in range(9):
        server.recorder.event(one, "Warning", "FailedCreate", f"no room for {number}", "rs")
    server.sim.advance(601.0)
    server.recorder.event(one, "Warning", "FailedCreate", "no room for 9", "rs")
    assert counted(server.recorder)[-1] == ("no room for 9", 1)


def test_a_copy_shares_the_objects_and_not_the_tables():
    assert is_value(Pod)
    server = a_server()
    made = server.create(pod("a"))
    copy = Checkpoint.of(server, server.sim).restore()
    assert made is copy.store.get(Pod, "default", "a")
    copy.store.drop(made)
    assert made is server.store.get(Pod, "default", "a")
    assert made == replace(made)
