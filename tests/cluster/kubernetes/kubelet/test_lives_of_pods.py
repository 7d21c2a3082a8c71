"""From the binding of a pod until it is gone."""

import pytest
from ward import SERVER, Ward, container, http, pod

BUSYBOX = "busybox:1.36"


def script(name, text, **more):
    return container(name, image=BUSYBOX, command=["sh", "-c", text], **more)


def test_a_pod_is_pulled_started_ready_and_gone():
    ward = Ward()
    ward.apply(pod("web"))
    ward.advance(10)
    one = ward.pod()
    assert (one.status.phase, one.status.ready) == ("Running", True)
    assert one.status.ready_since == one.status.containers[0].running_since
    reasons = [each.reason for each in ward.cluster.recorder]
    assert reasons == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
    (pulled,) = ward.events("Pulled")
    assert pulled.startswith('Successfully pulled image "far.example/app:v1" in ')
    assert pulled.endswith("including waiting). Image size: 80000000 bytes.")
    ward.delete("web")
    ward.advance(1)
    assert ward.pod() is None
    assert ward.events("Killing") == ["Stopping container app"]


def test_a_node_pulls_an_image_once_and_images_one_after_the_other():
    ward = Ward("cluster create ward --nodes 1")
    ward.apply(*[pod(f"web-{number}") for number in range(4)])
    ward.apply(pod("other", container(image="far.example/other:v1")))
    ward.advance(30)
    assert len(ward.events("Pulling")) == 5
    starts = [one.status.containers[0].running_since for one in ward.pods() if one.name != "other"]
    assert max(starts) - min(starts) < 1
    assert ward.status("other").running_since > max(starts) + 2
    ward.apply(pod("late"))
    ward.advance(5)
    assert ward.events("Pulled", "late") == [
        'Container image "far.example/app:v1" already present on machine'
    ]


@pytest.mark.parametrize(
    ("image", "policy", "waiting", "event"),
    [
        ("nginx:nosuch", "IfNotPresent", "ImagePullBackOff", "Error: ErrImagePull"),
        ("far.example/app:does-not-exist", "Always", "ImagePullBackOff", "Error: ErrImagePull"),
        ("Bad Name", "Always", "InvalidImageName", "Error: InvalidImageName"),
        ("far.example/app:v1", "Never", "ErrImageNeverPull", "Error: ErrImageNeverPull"),
    ],
)
def test_an_image_that_is_not_to_be_had_keeps_its_pod_waiting(image, policy, waiting, event):
    ward = Ward()
    ward.apply(pod("web", container(image=image, imagePullPolicy=policy)))
    ward.advance(8)
    assert ward.status().waiting == waiting
    assert ward.pod().status.phase == "Pending"
    assert event in ward.events("Failed")


def test_pulls_that_fail_are_tried_again_later_each_time():
    ward = Ward()
    ward.apply(pod("web", container(image="nginx:nosuch")))
    ward.advance(700)
    # At 0, 10, 30, 70, 150 and 310 s, and 5 min after that; each takes a moment.
    assert len(ward.events("Pulling")) == 7
    assert set(ward.events("BackOff")) == {'Back-off pulling image "nginx:nosuch"'}


def test_init_containers_run_in_turn_and_sidecars_before_what_follows():
    ward = Ward()
    side = container("side", restartPolicy="Always", startupProbe=http(periodSeconds=1))
    first, second = script("first", "sleep 3"), script("second", "exit 0")
    ward.apply(pod("web", container(), initContainers=[first, side, second]))
    ward.advance(30)
    status = ward.pod().status
    one, beside, two = status.init_containers
    assert one.ended.exit_code == two.ended.exit_code == 0
    assert one.ended.finished_at - one.ended.started_at == pytest.approx(3, abs=0.1)
    assert one.ended.finished_at <= beside.running_since <= two.ended.started_at
    assert two.ended.finished_at <= status.initialized_at <= status.containers[0].running_since
    assert status.ready
    assert beside.ready
    ward.delete("web")
    ward.advance(2)
    assert ward.pod() is None


def test_an_init_container_of_which_nobody_knows_anything_ends():
    ward = Ward()
    migrate = container("migrate", image="far.example/migrate:v2")
    ward.apply(pod("web", initContainers=[migrate]))
    ward.advance(30)
    assert ward.pod().status.ready
    assert ward.pod().status.init_containers[0].ended.exit_code == 0


@pytest.mark.parametrize(("policy", "phase"), [("Never", "Failed"), ("Always", "Pending")])
def test_an_init_container_that_fails_ends_its_pod_or_is_tried_again(policy, phase):
    ward = Ward()
    ward.apply(pod("web", initContainers=[script("first", "exit 3")], restartPolicy=policy))
    ward.advance(40)
    (first,) = ward.pod().status.init_containers
    assert ward.pod().status.phase == phase
    assert (first.ended or first.last).exit_code == 3
    assert (first.restarts > 0) == (policy == "Always")
    assert ward.status().waiting == "PodInitializing"


@pytest.mark.parametrize(
    ("policy", "code", "phase"),
    [
        ("Never", 0, "Succeeded"),
        ("Never", 2, "Failed"),
        ("OnFailure", 0, "Succeeded"),
        ("OnFailure", 2, "Running"),
        ("Always", 0, "Running"),
    ],
)
def test_what_becomes_of_a_pod_whose_container_ends(policy, code, phase):
    ward = Ward()
    ward.apply(pod("web", script("app", f"exit {code}"), workload="", restartPolicy=policy))
    ward.advance(30)
    assert ward.pod().status.phase == phase
    assert (ward.status().restarts > 0) == (phase == "Running")
    assert (ward.status().ended or ward.status().last).exit_code == code


def test_a_restart_policy_is_that_of_each_container():
    ward = Ward()
    notes = {"drydock.dev/workload.app": SERVER}
    ward.apply(pod("web", container(), script("bad", "exit 1"), workload="", notes=notes))
    ward.advance(30)
    good, bad = ward.pod().status.containers
    assert (good.restarts, good.ready) == (0, True)
    assert bad.restarts >= 2
    assert not ward.pod().status.ready


@pytest.mark.parametrize(
    ("workload", "grace_s", "seconds"),
    [
        ("server cpu=1ms sigterm=handled", None, 0),
        ("server cpu=1ms sigterm=ignored", None, 30),
        ("server cpu=1ms sigterm=ignored", 5.0, 5),
        ("server cpu=1ms sigterm=ignored", 0.0, 0),
    ],
)
@pytest.mark.parametrize("warm", [False, True])
def test_who_hears_sigterm_ends_at_once_and_who_does_not_at_the_end_of_its_grace(
    workload, grace_s, seconds, warm
):
    ward = Ward(warm=warm)
    ward.apply(pod("web", workload=workload))
    ward.advance(10)
    since = ward.world.now
    ward.delete("web", grace_s)
    ended = ward.until(lambda: ward.pod() is None)
    assert ended - since == pytest.approx(seconds, abs=0.3)


def test_a_hook_comes_before_sigterm_and_takes_of_the_grace():
    ward = Ward()
    for name, seconds in (("short", 7), ("long", 90)):
        hook = {"preStop": {"sleep": {"seconds": seconds}}}
        ward.apply(pod(name, container(lifecycle=hook)))
    ward.advance(10)
    for name in ("short", "long"):
        ward.delete(name)
    assert ward.until(lambda: ward.pod("short") is None) == pytest.approx(17, abs=0.3)
    assert ward.until(lambda: ward.pod("long") is None) == pytest.approx(40, abs=0.3)


def test_a_container_is_not_ready_before_its_first_hook_is_over():
    ward = Ward()
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "sleep 6"]}}}
    ward.apply(pod("web", container(lifecycle=hook)), pod("plain"))
    ward.advance(30)
    waited = ward.pod().status.ready_since - ward.status().running_since
    assert waited == pytest.approx(6)
    assert ward.pod("plain").status.ready_since == ward.status("plain").running_since


def test_a_program_that_nobody_can_read_is_told_and_the_world_goes_on():
    ward = Ward()
    ward.apply(pod("web", workload="server nosuch=1"), pod("good"))
    ward.advance(10)
    assert ward.status().waiting == "CreateContainerConfigError"
    assert any("nosuch" in one for one in ward.events("Failed"))
    assert ward.pod("good").status.ready


def test_a_pod_ends_with_its_deadline():
    ward = Ward()
    ward.apply(pod("web", activeDeadlineSeconds=20))
    ward.advance(30)
    status = ward.pod().status
    assert (status.phase, status.reason) == ("Failed", "DeadlineExceeded")
    assert status.message == "Pod was active on the node longer than the specified deadline"
    assert not status.ready


def test_what_a_run_before_this_one_printed_is_kept():
    ward = Ward()
    ward.apply(pod("web", script("app", "echo hello; exit 1"), workload=""))
    ward.until(lambda: ward.status().restarts >= 1)
    ward.advance(2)
    logs = ward.cluster.kubelets.logs(ward.pod(), "app", previous=True)
    assert [text for _, text in logs] == ["hello"]
    assert ward.cluster.kubelets.logs(ward.pod(), "nosuch", previous=False) is None


def test_a_container_over_its_memory_limit_is_killed_by_the_kernel():
    ward = Ward()
    limits = {"resources": {"limits": {"memory": "64Mi"}}}
    ward.apply(pod("web", container(**limits), workload="leak rate=20MiB/s"), pod("other"))
    ward.until(lambda: ward.status().restarts >= 1)
    last = ward.status().last
    assert (last.reason, last.exit_code) == ("OOMKilled", 137)
    assert ward.status("other").restarts == 0


@pytest.mark.parametrize(
    ("requests", "limits", "weight", "adjustment"),
    [
        ({}, {}, 2, 1000),
        ({"cpu": "500m", "memory": "4Gi"}, {}, 512, 749),
        ({"cpu": "1", "memory": "1Gi"}, {"cpu": "1", "memory": "1Gi"}, 1024, -997),
    ],
)
def test_a_container_has_the_weight_the_quota_and_the_rank_of_its_resources(
    requests, limits, weight, adjustment
):
    ward = Ward()
    resources = {"resources": {"requests": requests, "limits": limits}}
    ward.apply(pod("web", container(**resources)))
    ward.advance(10)
    made = ward.cluster.kubelets.container(ward.pod(), "app")
    spec = ward.world.fleet.nodes[ward.pod().node].specs[made.id]
    assert (spec.cpu_shares, spec.oom_score_adj) == (weight, pytest.approx(adjustment, abs=3))
    assert spec.cpus == (1 if limits else None)
    assert spec.memory_bytes == ((1 << 30) if limits else None)


def test_the_same_seed_tells_the_same_story_and_another_one_another():
    def told(seed):
        ward = Ward(seed=seed)
        ward.apply(*[pod(f"web-{number}", workload=SERVER) for number in range(5)])
        ward.advance(30)
        return ward.digest

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_a_node_that_is_deleted_lets_go_of_its_pods_whatever_they_were_at():
    ward = Ward("cluster create ward --nodes 1")
    ward.apply(pod("runs"), pod("ends", workload="exit code=1 after=1s"), pod("slow"))
    ward.apply(pod("pulls", container(image="nginx:nosuch")))
    app = container(volumeMounts=[{"name": "v", "mountPath": "/v"}])
    ward.apply(pod("waits", app, volumes=[{"name": "v", "configMap": {"name": "nosuch"}}]))
    ward.advance(13)
    ward.cluster.kubelets.container(ward.pod("runs"), "app")
    ward.delete("slow", 30.0)
    ward.ask("delete", kind="Node", name="node-1", namespace="")
    ward.advance(200)
    assert ward.pods() == []
    assert ward.house.boxes == {}
    assert ward.world.fleet.nodes["node-1"].containers == {}


@pytest.mark.parametrize(
    ("policy", "message"),
    [("File", "out of luck"), ("FallbackToLogsOnError", "out of luck")],
)
def test_a_container_may_say_why_it_ends(policy, message):
    ward = Ward()
    words = "echo out of luck > /dev/termination-log; exit 2"
    app = script("app", words, terminationMessagePolicy=policy)
    ward.apply(pod("web", app, workload="", restartPolicy="Never"))
    ward.advance(20)
    assert ward.status().ended.message.strip() == message


def test_what_it_printed_stands_for_what_it_did_not_say():
    ward = Ward()
    app = script("app", "echo boom; exit 2", terminationMessagePolicy="FallbackToLogsOnError")
    ward.apply(pod("web", app, workload="", restartPolicy="Never"))
    ward.apply(pod("mute", script("app", "echo boom; exit 2"), workload="", restartPolicy="Never"))
    ward.advance(20)
    assert ward.status("web").ended.message == "boom\n"
    assert ward.status("mute").ended.message == ""


@pytest.mark.parametrize(
    ("policy", "phase", "restarts"), [("Always", "Running", 1), ("Never", "Failed", 0)]
)
def test_a_machine_that_comes_back_starts_its_pods_anew_or_has_lost_them(policy, phase, restarts):
    ward = Ward("cluster create ward --nodes 1")
    ward.apply(pod("web", restartPolicy=policy))
    ward.advance(20)
    ward.run("fault power node-1")
    ward.advance(10)
    ward.run("fault recover node-1")
    ward.advance(60)
    one = ward.status()
    assert (ward.pod().status.phase, one.restarts) == (phase, restarts)
    assert (one.last or one.ended).exit_code == 255


def test_pulls_that_were_under_way_when_a_machine_fell_begin_again():
    ward = Ward("cluster create ward --nodes 1")
    ward.apply(pod("web"), pod("other", container(image="far.example/other:v1")))
    ward.advance(1)
    ward.run("fault power node-1")
    ward.advance(2)
    ward.run("fault recover node-1")
    ward.advance(90)
    assert [one.status.ready for one in ward.pods()] == [True, True]


@pytest.mark.parametrize(
    "image", ["gcr.io/google-samples/hello-app:1.0", "shop/cart:v3", "localhost:5000/x:latest"]
)
def test_images_of_registries_that_nobody_knows_are_taken_to_exist(image):
    ward = Ward()
    ward.apply(pod("web", container(image=image), workload=""))
    ward.advance(60)
    assert ward.pod().status.ready


def test_who_reads_the_log_of_a_cold_pod_finds_what_its_program_says():
    ward = Ward()
    ward.apply(pod("web", container(image="nginx:1.27"), workload=""))
    ward.advance(20)
    before = ward.digest
    logs = ward.cluster.kubelets.logs(ward.pod(), "app", previous=False)
    assert [text for _, text in logs] == ["listening"]
    assert logs[0][0] == pytest.approx(ward.status().running_since, abs=0.5)
    assert ward.digest == before
