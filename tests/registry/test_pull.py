"""Pulls: what is fetched, in what order, how long it takes, and how it can fail."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pull_helpers import MB, Lab, image, layer
from shipped import SHIPPED

from simulator.image.events import ImagePulled, LayerDownloaded, LayerExtracted, PullFailed
from simulator.image.model import Index, Platform
from simulator.image.reference import Reference
from simulator.registry.client import ImageClient
from simulator.registry.rules import PullRules

WEB = Reference.parse("registry.local/web")
OTHER = Reference.parse("registry.local/other")


def finished(lab: Lab, pull):
    while not pull.done.triggered:
        assert lab.sim.step(), "the pull never ends"
    return pull.done.value


def test_an_empty_machine_fetches_every_layer_once():
    lab = Lab()
    twice = layer("a", 100)
    lab.registry.publish(WEB, image(twice, layer("b", 50), twice))
    result = finished(lab, lab.machine().pull(lab.registry, WEB))
    assert result.ok
    assert (result.layers, result.transferred_bytes) == (2, 150 * MB)
    assert result.seconds == pytest.approx(1.5)


def test_layers_already_here_are_skipped():
    lab = Lab()
    base = layer("base", 100)
    lab.registry.publish(WEB, image(base, layer("web", 20)))
    lab.registry.publish(OTHER, image(base, layer("other", 30)))
    machine = lab.machine()
    finished(lab, machine.pull(lab.registry, WEB))
    pull = machine.pull(lab.registry, OTHER)
    result = finished(lab, pull)
    assert (result.present_layers, result.transferred_bytes) == (1, 30 * MB)
    assert [line.status for line in pull.progress()] == ["Already exists", "Pull complete"]


def test_pulling_again_says_up_to_date_and_moves_nothing():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 10)))
    machine = lab.machine()
    first = finished(lab, machine.pull(lab.registry, WEB))
    again = finished(lab, machine.pull(lab.registry, WEB))
    assert first.status == "Status: Downloaded newer image for registry.local/web:latest"
    assert again.status == "Status: Image is up to date for registry.local/web:latest"
    assert again.transferred_bytes == 0


def test_three_layers_at_a_time_share_the_link():
    lab = Lab(uplink=90 * MB)
    lab.registry.publish(WEB, image(*(layer(str(n), 30) for n in range(4))))
    pull = lab.machine().pull(lab.registry, WEB)
    lab.sim.advance(0.5)
    assert [line.status for line in pull.progress()] == ["Downloading"] * 3 + ["Waiting"]
    lab.sim.advance(10)
    # Three at 30 MB/s each end together; the fourth then has the link for itself.
    assert lab.times(LayerDownloaded) == pytest.approx([1, 1, 1, 1 + 30 / 90])


def test_a_connection_has_a_limit_of_its_own():
    lab = Lab(uplink=1000 * MB, connection_bytes_s=10 * MB)
    lab.registry.publish(WEB, image(layer("a", 20), layer("b", 20)))
    assert finished(lab, lab.machine().pull(lab.registry, WEB)).seconds == pytest.approx(2)


def test_layers_unpack_in_order_while_later_ones_arrive():
    """Two downloads of 1 s and 4 s, unpacking 5 s and 2 s: max(1 + 5, 4) + 2 = 8 s."""
    lab = Lab(uplink=math.inf, connection_bytes_s=10 * MB)
    lab.registry.publish(WEB, image(layer("a", 10, 50), layer("b", 40, 20)))
    result = finished(lab, lab.machine(unpack_bytes_s=10 * MB).pull(lab.registry, WEB))
    assert result.seconds == pytest.approx(8)
    assert lab.times(LayerExtracted) == pytest.approx([6, 8])


def test_a_small_upper_layer_waits_for_the_large_one_below():
    lab = Lab(uplink=10 * MB)
    lab.registry.publish(WEB, image(layer("large", 90), layer("small", 5)))
    finished(lab, lab.machine().pull(lab.registry, WEB))
    ids = [event.layer for event in lab.events(LayerDownloaded)]
    assert ids == [event.layer for event in lab.events(LayerExtracted)][::-1]


def test_two_unpacking_pulls_share_the_disk():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 0.001, 100)))
    lab.registry.publish(OTHER, image(layer("b", 0.001, 100)))
    disk = lab.net.link("disk", 100 * MB)
    machine = lab.machine(disk=disk)
    pulls = [machine.pull(lab.registry, name) for name in (WEB, OTHER)]
    assert [finished(lab, pull).seconds for pull in pulls] == pytest.approx([2, 2], rel=1e-3)


def test_two_pulls_of_one_layer_share_one_download():
    lab = Lab()
    base = layer("base", 100)
    lab.registry.publish(WEB, image(base))
    lab.registry.publish(OTHER, image(base))
    machine = lab.machine()
    pulls = [machine.pull(lab.registry, name) for name in (WEB, OTHER)]
    assert [finished(lab, pull).seconds for pull in pulls] == pytest.approx([1, 1])
    assert lab.registry.uplink.transferred_bytes == 100 * MB
    assert len(lab.events(LayerDownloaded)) == 1


def test_a_cancelled_pull_leaves_a_shared_download_to_the_other():
    lab = Lab()
    base = layer("base", 100)
    lab.registry.publish(WEB, image(base, layer("own", 100)))
    lab.registry.publish(OTHER, image(base))
    machine = lab.machine()
    gone, kept = machine.pull(lab.registry, WEB), machine.pull(lab.registry, OTHER)
    lab.sim.advance(1)
    gone.cancel()
    gone.cancel()
    assert finished(lab, kept).seconds == pytest.approx(1.5)
    assert gone.done.value.error == "context canceled"
    assert not machine.store.find(WEB)
    # Half of each layer in the first second, then the shared one alone.
    assert lab.registry.uplink.transferred_bytes == pytest.approx(150 * MB)


def test_a_pull_cancelled_at_once_leaves_nothing_behind():
    lab = Lab(request_s=0.1)
    lab.registry.publish(WEB, image(layer("a", 10)))
    machine = lab.machine(rules=replace(PullRules.docker(SHIPPED), parallel_pulls=1))
    first, second = machine.pull(lab.registry, WEB), machine.pull(lab.registry, WEB)
    second.cancel()
    first.cancel()
    third = machine.pull(lab.registry, WEB)
    assert finished(lab, third).ok
    assert machine.pulls == []


def test_a_refused_pull_is_a_result_and_an_event():
    lab = Lab()
    result = finished(lab, lab.machine().pull(lab.registry, WEB))
    assert result.error is not None
    assert result.error.startswith("pull access denied for registry.local/web")
    assert result.status == f"Error response from daemon: {result.error}"
    assert [event.reason for event in lab.events(PullFailed)] == [result.error]


def test_the_machines_own_platform_is_taken_from_a_list():
    lab = Lab()
    x86, arm = image(layer("x", 1)), image(layer("a", 1), platform="linux/arm64")
    lab.registry.publish(WEB, Index((x86, arm)))
    machine = lab.machine(platform=Platform.parse("linux/arm64"))
    assert finished(lab, machine.pull(lab.registry, WEB)).image is arm
    asked = machine.pull(lab.registry, WEB, platform=Platform.parse("linux/amd64"))
    assert finished(lab, asked).image is x86
    none = machine.pull(lab.registry, WEB, platform=Platform.parse("linux/s390x"))
    assert "no matching manifest for linux/s390x in the manifest list entries" in (
        finished(lab, none).error
    )


def test_a_single_foreign_image_comes_with_a_warning():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 1), platform="linux/arm64"))
    result = finished(lab, lab.machine().pull(lab.registry, WEB))
    assert result.ok
    assert "(linux/arm64) does not match the detected host platform (linux/amd64)" in result.warning


def test_serialised_pulls_take_turns():
    lab = Lab()
    for name in (WEB, OTHER):
        lab.registry.publish(name, image(layer(name.repository, 100)))
    machine = lab.machine(rules=PullRules.kubelet(SHIPPED))
    pulls = [machine.pull(lab.registry, name) for name in (WEB, OTHER)]
    assert [finished(lab, pull).finished_s for pull in pulls] == pytest.approx([1, 2])


def test_a_lazy_pull_is_ready_after_a_fraction_and_fetches_the_rest_on_demand():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 1000)))
    machine = lab.machine(unpack_bytes_s=10 * MB)
    result = finished(lab, machine.pull(lab.registry, WEB, lazy=True))
    # 6.4 % of the bytes are downloaded in 0.64 s and unpacked in 6.4 s.
    assert result.seconds == pytest.approx(7.04)
    assert machine.store.find(WEB)
    rest = result.rest
    read = rest.demand(100 * MB)
    background = rest.prefetch()
    lab.sim.advance(1000)
    assert (read.transferred_bytes, rest.left_bytes) == (100 * MB, 0)
    assert background.transferred_bytes == 836 * MB
    assert lab.events(ImagePulled)[0].lazy


def test_a_registry_that_stops_sending_stalls_the_pull_until_it_recovers():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 100)))
    pull = lab.machine().pull(lab.registry, WEB)
    lab.sim.advance(0.5)
    lab.registry.uplink.capacity_bytes_s = 0
    lab.sim.advance(100)
    assert pull.transferred_bytes == pytest.approx(50 * MB)
    lab.registry.uplink.capacity_bytes_s = 100 * MB
    assert finished(lab, pull).finished_s == pytest.approx(100.5)


def test_a_full_disk_refuses_what_does_not_fit():
    lab = Lab()
    base = layer("base", 10, 50)
    lab.registry.publish(WEB, image(base, layer("web", 10, 40)))
    lab.registry.publish(OTHER, image(base, layer("other", 10, 60)))
    machine = lab.machine(capacity_bytes=100 * MB)
    first, second = machine.pull(lab.registry, WEB), machine.pull(lab.registry, OTHER)
    assert finished(lab, first).ok
    assert "no space left on device: 60MB needed, 10MB free" in finished(lab, second).error
    machine.store.delete(first.image.digest)
    third = machine.pull(lab.registry, OTHER)
    assert "110MB needed, 100MB free" in finished(lab, third).error


def test_a_machine_that_goes_down_breaks_off_its_transfers():
    lab = Lab()
    lab.registry.publish(WEB, image(layer("a", 100)))
    machine = lab.machine()
    pull = machine.pull(lab.registry, WEB)
    push = machine.push(lab.registry, OTHER, image(layer("b", 100)))
    lab.sim.advance(0.5)
    machine.stop("host down")
    lab.sim.advance(10)
    assert [one.done.value.error for one in (pull, push)] == ["host down"] * 2
    assert (machine.pulls, machine.pushes) == ([], [])
    assert not any(link.flows for link in lab.net.links)


def storm(seed: int) -> str:
    lab = Lab(uplink=200 * MB, request_s=0.05)
    base = layer("base", 60, 150)
    for n in range(3):
        name = Reference.parse(f"registry.local/app{n}")
        lab.registry.publish(name, image(base, layer(str(n), 10 + n, 30)))
    machines = [lab.machine(f"node-{n}", unpack_bytes_s=50 * MB) for n in range(5)]

    def one(n: int):
        yield lab.sim.env.timeout(lab.sim.streams("start").random())
        yield machines[n % 5].pull(lab.registry, f"registry.local/app{n % 3}").done

    lab.sim.streams.seed = seed
    for n in range(12):
        lab.sim.start(one(n))
    lab.sim.env.run()
    return lab.sim.journal.digest


def test_the_same_seed_gives_the_same_journal():
    assert storm(1) == storm(1)
    assert storm(1) != storm(2)


ACTIONS = st.lists(
    st.tuples(
        st.floats(0, 3),
        st.sampled_from(["pull", "lazy", "cancel", "stop", "remove"]),
        st.integers(0, 3),
    ),
    max_size=15,
)


@settings(deadline=None, max_examples=60)
@given(ACTIONS, st.sampled_from([None, 1, 2]))
def test_whatever_is_cancelled_every_pull_ends_and_nothing_is_left_behind(actions, turns):
    lab = Lab(request_s=0.01)
    base = layer("base", 40, 90)
    for n in range(4):
        lab.registry.publish(
            Reference.parse(f"registry.local/app{n}"), image(base, layer(str(n), 20))
        )
    machine = lab.machine(
        unpack_bytes_s=80 * MB, rules=replace(PullRules.docker(SHIPPED), parallel_pulls=turns)
    )
    pulls = []

    def script():
        for wait, action, n in actions:
            yield lab.sim.env.timeout(wait)
            if action in ("pull", "lazy"):
                name = f"registry.local/app{n}"
                pulls.append(machine.pull(lab.registry, name, lazy=action == "lazy"))
            elif action == "cancel" and pulls:
                pulls[n % len(pulls)].cancel()
            elif action == "stop":
                machine.stop()
            elif machine.store.find(f"registry.local/app{n}"):
                machine.store.remove(f"registry.local/app{n}")

    lab.sim.start(script())
    lab.sim.env.run()
    assert all(pull.done.triggered for pull in pulls)
    assert machine.pulls == []
    assert machine._jobs == {}
    assert not any(link.flows for link in lab.net.links)
    for stored in machine.store.images():
        assert machine.store.missing_layers(stored.image) == []


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 200)), min_size=1, max_size=8),
    st.floats(5, 200),
    st.floats(5, 200),
    st.integers(1, 5),
)
def test_a_pull_takes_between_the_longer_chain_and_the_sum_of_both(sizes, link, unpack, parallel):
    lab = Lab(uplink=link * MB)
    layers = [layer(str(n), down, up) for n, (down, up) in enumerate(sizes)]
    lab.registry.publish(WEB, image(*layers))
    machine: ImageClient = lab.machine(
        unpack_bytes_s=unpack * MB,
        rules=replace(PullRules.docker(SHIPPED), parallel_downloads=parallel),
    )
    result = finished(lab, machine.pull(lab.registry, WEB))
    download = sum(down for down, _ in sizes) / link
    unpacking = sum(up for _, up in sizes) / unpack
    assert max(download, unpacking) - 1e-6 <= result.seconds <= download + unpacking + 1e-6
    assert machine.nic_in.transferred_bytes == pytest.approx(result.transferred_bytes)
