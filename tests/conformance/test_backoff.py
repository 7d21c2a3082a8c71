from __future__ import annotations

from typing import Any

from conformance_tables import each_case
from shipped import SHIPPED

from simulator.cluster.kubernetes.kubelet.crashes import next_wait_s
from simulator.engine import FlowNetwork, Simulation
from simulator.engine.backoff import Backoff, TokenBucket
from simulator.image.events import ImagePulled, PullFailed
from simulator.image.model import SCRATCH
from simulator.image.reference import Reference
from simulator.registry.client import ImageClient
from simulator.registry.policy import Ensured, ImageManager
from simulator.registry.registry import Registry

WEB = Reference.parse("registry.local/web:1")


@each_case("backoff", "client_go")
def test_delays_double_up_to_the_cap(case: dict[str, Any]) -> None:
    backoff = Backoff(case["initial_s"], case["max_s"])
    before = []
    for at in case["failures_at_s"]:
        before.append(backoff.delay_s)
        backoff.fail(at)
    assert case["expect"]["delay_before_each_s"] == before
    assert case["expect"].get("delay_after_last_s", backoff.delay_s) == backoff.delay_s


@each_case("backoff", "reset")
def test_a_late_failure_starts_again(case: dict[str, Any]) -> None:
    backoff = Backoff(case["initial_s"], case["max_s"], case["reset_after_s"])
    for at in case["failures_at_s"]:
        backoff.fail(at)
    assert case["expect"]["delay_after_last_s"] == backoff.delay_s


@each_case("backoff", "retry_loop")
def test_a_retry_waits_until_the_window_is_over(case: dict[str, Any]) -> None:
    backoff = Backoff(case["initial_s"], case["max_s"])
    for tick in case["expect"]["ticks"]:
        waits = backoff.remaining(tick["at_s"]) > 0
        assert tick["in_backoff"] == waits, tick
        if waits:
            assert tick["delay_s"] == backoff.delay_s, tick
        else:
            backoff.fail(tick["at_s"])


@each_case("backoff", "image_pull")
def test_image_pulls_are_attempted_as_published(case: dict[str, Any]) -> None:
    sim = Simulation()
    network = FlowNetwork(sim)
    registry = Registry(network, "registry.local")
    client = ImageClient(sim, network, "node", nic_in=network.link("nic", 1e9), constants=SHIPPED)
    bucket = TokenBucket(0, 1, tokens=0) if case["registry_rate_exhausted"] else None
    manager = ImageManager(
        client, bucket=bucket, initial_s=case["initial_s"], max_s=case["max_s"], constants=SHIPPED
    )
    manager.store_broken = case["inspect_error"]
    if not case["registry_error"]:
        registry.publish(WEB, SCRATCH)
    if case["image_present"]:
        client.store.add(SCRATCH, WEB)
    outcomes: list[Ensured] = []

    def kubelet() -> Any:
        for _ in case["expect"]["attempts"]:
            outcomes.append((yield from manager.ensure(registry, WEB, case["policy"])))
            yield sim.env.timeout(case["attempts_every_s"])

    sim.start(kubelet())
    sim.advance(1000)
    words = [("ok" if one.ok else one.outcome) for one in outcomes]
    assert [one["result"] for one in case["expect"]["attempts"]] == words
    asked = sum(isinstance(entry.event, ImagePulled | PullFailed) for entry in sim.journal)
    assert sum(one["pulled"] for one in case["expect"]["attempts"]) == asked


@each_case("backoff", "crash_loop")
def test_a_container_that_crashes_waits_longer_each_time(case: dict[str, Any]) -> None:
    first = 0 if case["first_restart_immediate"] else 1
    wait_s, found = 0.0, []
    for number, ran_s in enumerate(case["run_s"]):
        wait_s = next_wait_s(wait_s, number + first, ran_s)
        found.append(wait_s)
    assert case["expect"]["delay_before_restart_s"] == found
