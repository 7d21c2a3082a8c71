"""Commands that kubelets carry out in containers: hooks and probes."""

import pytest
from inside import inside as run_inside
from ward import Ward, container, pod

BUSYBOX = "busybox:1.36"


def asked(*words):
    return {"exec": {"command": list(words)}}


def script(text, **more):
    return container(image=BUSYBOX, command=["sh", "-c", text], **more)


def inside(ward, *words, name="web"):
    made = ward.cluster.kubelets.container(ward.pod(name), "app")
    return run_inside(ward.world, made.name, *words).lines


def test_a_file_that_goes_makes_the_liveness_probe_fail():
    ward = Ward()
    probe = asked("cat", "/tmp/healthy") | {"initialDelaySeconds": 5, "periodSeconds": 5}
    app = script("touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600", livenessProbe=probe)
    ward.apply(pod("web", app, workload=""))
    ward.until(lambda: ward.status().restarts == 1)
    # 30 s well, three failures 5 s apart, 30 s of grace that its shell does not hear of.
    assert ward.world.now == pytest.approx(30 + 10 + 30, abs=8)
    said = "Liveness probe failed: cat: /tmp/healthy: No such file or directory"
    assert said in ward.events("Unhealthy")
    assert "Container app failed liveness probe, will be restarted" in ward.events("Killing")


def test_a_server_is_asked_by_commands_too():
    ward = Ward()
    app = container(
        image="nginx:1.27", readinessProbe=asked("cat", "/tmp/ready") | {"periodSeconds": 2}
    )
    ward.apply(pod("web", app, workload=""))
    ward.advance(20)
    assert not ward.pod().status.ready
    made = ward.cluster.kubelets.container(ward.pod(), "app")
    ward.run(f"docker exec {made.name} touch /tmp/ready")
    ward.advance(5)
    assert ward.pod().status.ready
    ward.run(f"docker exec {made.name} rm /tmp/ready")
    ward.advance(8)
    assert not ward.pod().status.ready


def test_a_command_that_takes_too_long_has_failed():
    ward = Ward()
    app = script("sleep 10000", readinessProbe=asked("sleep", "5"))
    ward.apply(pod("web", app, workload=""))
    ward.advance(30)
    assert not ward.pod().status.ready
    assert 'Readiness probe failed: command timed out: "sleep 5" timed out after 1s' in (
        ward.events("Unhealthy")
    )


def test_hooks_are_carried_out():
    ward = Ward()
    hooks = {"postStart": asked("sh", "-c", "echo hello > /usr/share/message")}
    ward.apply(pod("web", container(image="nginx:1.27", lifecycle=hooks), workload=""))
    ward.advance(20)
    assert ward.pod().status.ready
    assert inside(ward, "cat", "/usr/share/message") == ("hello",)


def test_a_container_whose_first_hook_fails_is_killed_and_started_anew():
    ward = Ward()
    hooks = {"postStart": asked("sh", "-c", "exit 3")}
    ward.apply(pod("web", container(image="nginx:1.27", lifecycle=hooks), workload=""))
    ward.advance(60)
    assert "PostStartHook failed" in ward.events("FailedPostStartHook")
    assert "FailedPostStartHook" in ward.events("Killing")
    assert ward.status().restarts >= 1
    assert not ward.pod().status.ready


@pytest.mark.parametrize(
    ("text", "seconds", "failed"),
    [("sleep 4; echo bye", 4, False), ("sleep 4; exit 1", 4, True), ("sleep 100", 30, False)],
)
def test_a_hook_before_the_end_takes_its_time_and_of_the_grace(text, seconds, failed):
    ward = Ward()
    hooks = {"preStop": asked("sh", "-c", text)}
    ward.apply(pod("web", container(image="nginx:1.27", lifecycle=hooks), workload=""))
    ward.advance(20)
    ward.delete("web")
    gone = ward.until(lambda: ward.pod() is None) - 20
    assert gone == pytest.approx(seconds, abs=0.5)
    assert bool(ward.events("FailedPreStopHook")) == failed


def test_containers_wait_for_the_first_hook_of_the_one_before():
    ward = Ward()
    hooks = {"postStart": asked("sh", "-c", "sleep 5; echo done")}
    first = container("first", image="nginx:1.27", lifecycle=hooks)
    ward.apply(pod("web", first, container("second", image="nginx:1.27"), workload=""))
    ward.advance(30)
    one, two = ward.pod().status.containers
    assert two.running_since - one.running_since >= 5
