"""Measures of images, walls, limits, and of what clusters and swarms keep."""

from __future__ import annotations

import pytest

from simulator.course.session import open_session
from simulator.errors import InputError
from simulator.look import Measures


def typed(*lines, folder=None):
    session = open_session(1, folder)
    for line in lines:
        assert session.execute(line).error is None, line
    return Measures(session.world)


def test_a_container_in_a_machine_of_its_own_has_a_kernel_of_its_own():
    measures = typed(
        "host add dock --cores 4 --memory 8g",
        "docker run -d --name plain alpine sleep 999",
        "docker run -d --name walled --runtime firecracker alpine sleep 999",
        "docker run -d --name filtered --runtime gvisor alpine sleep 999",
        "advance 5s",
    )
    assert [measures.kernel_of(n) for n in ("plain", "walled", "filtered")] == [
        "dock", "walled.vm", "dock",
    ]  # fmt: skip
    assert measures.falls_with("walled", "plain")
    assert not measures.falls_with("plain", "walled")
    assert measures.falls_with("filtered", "plain")


def test_limits_that_are_not_there_are_infinite():
    measures = typed(
        "host add dock",
        "docker run -d --name free alpine sleep 9",
        "docker run -d --name bound -m 64m --pids-limit 5 --cpus 0.5 alpine sleep 9",
    )
    assert measures.memory_limit("free") == measures.pids_limit("free") == float("inf")
    assert measures.memory_limit("bound") == 64 << 20
    assert (measures.pids_limit("bound"), measures.cpu_limit("bound")) == (5, 0.5)
    assert measures.file_exists("free", "/etc/passwd")
    assert not measures.file_exists("free", "/nothing")
    assert measures.verdict("alpine", "dock") == "native"


def test_a_verdict_is_over_what_was_pushed_last_not_over_what_was_pulled_here(
    tmp_path, monkeypatch
):
    (tmp_path / "Dockerfile").write_text('FROM alpine\nCMD ["sleep", "60"]\n')
    both = "docker build -H farm --platform linux/amd64,linux/arm64 -t r.x/a --push ."
    world = ("host add desk", "host add farm --arch arm64 --emulation on", "registry add r.x")
    measures = typed(*world, both, "docker pull r.x/a", folder=tmp_path)
    assert (measures.verdict("r.x/a", "desk"), measures.verdict("r.x/a", "farm")) == (
        "native",
        "native",
    )
    again = "docker build -t r.x/a --push ."
    assert typed(*world, both, again, folder=tmp_path).verdict("r.x/a", "farm") == "emulated"


def test_what_nobody_answered_has_no_latency_and_no_share_of_errors():
    measures = typed("host add dock", "service create web")
    with pytest.raises(InputError, match="no request has ended yet"):
        measures.error_rate("web")
    measures = typed("host add dock", "service create web", "traffic web 10/s", "advance 5s")
    with pytest.raises(InputError, match="nothing was answered in this time"):
        measures.max("web.p95")
    assert measures.error_rate("web") == 1


def test_workloads_of_a_cluster_are_measured_by_name():
    measures = typed(
        "cluster create k --nodes 3",
        "kubectl create deployment web --image nginx --replicas 4",
        "advance 60s",
    )
    assert (measures.ready_replicas("web"), measures.spread("web")) == (4, 3)
    assert (measures.most_on_a_node("web"), measures.pending_pods()) == (2, 0)
    assert measures.update_state("default/web") == "complete"
    assert measures.cluster_events("Scheduled") == 4
    with pytest.raises(InputError, match="did you mean 'web'"):
        measures.ready_replicas("wbe")


def test_what_pods_run_and_what_they_ask_for_is_measured():
    measures = typed(
        "cluster create k --nodes 3",
        "kubectl create deployment web --image nginx --replicas 3",
        "kubectl set resources deployment web --requests=cpu=250m",
        "advance 60s",
    )
    assert measures.on_image("web", "nginx") == measures.on_image("web", "nginx:latest") == 3
    assert measures.on_image("web", "nginx:1.25") == 0
    assert measures.requested_cpu("web") == 0.75


def test_a_kernel_is_ones_own_where_nobody_else_is_on_it():
    measures = typed(
        "host add dock",
        "docker run -d --network-alias web alpine sleep 1d",
        "docker run -d --network-alias web --runtime firecracker alpine sleep 1d",
        "docker run -d --network-alias other --runtime firecracker alpine sleep 1d",
    )
    assert (measures.own_kernels("web"), measures.own_kernels("other")) == (1, 1)


def test_events_are_counted_from_either_end():
    measures = typed("host add a", "host add b", "advance 5s", "host add c")
    times = [measures.event_time("HostCreated", index) for index in (1, 3, -1, -3)]
    assert times == [0, 5, 5, 0]
    with pytest.raises(InputError, match="no such event yet"):
        measures.event_time("HostCreated", -4)


def test_services_of_a_swarm_are_measured_by_the_same_words():
    measures = typed(
        "host add a", "docker swarm init", "docker service create --name api --replicas 2 nginx",
        "advance 20s",
    )  # fmt: skip
    assert (measures.ready_replicas("api"), measures.desired_replicas("api")) == (2, 2)
    assert (measures.spread("api"), measures.pending_pods("api")) == (1, 0)
