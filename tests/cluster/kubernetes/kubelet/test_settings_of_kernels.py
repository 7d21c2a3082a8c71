"""What pods tell their node's kernel, and programs that they say themselves, whatever the image."""

import pytest
from ward import Ward, container, pod

PRIVILEGED = {"securityContext": {"privileged": True}}


def first(script, **more):
    return container("first", "busybox", command=["sh", "-c", script], **more)


def started(*goes_first):
    ward = Ward("cluster create ward --nodes 1")
    app = container("app", "nginx")
    ward.apply(pod("web", app, workload="", initContainers=list(goes_first)))
    ward.advance(40)
    return ward


def test_a_privileged_container_sets_what_all_on_its_node_see():
    ward = started(first("sysctl -w vm.max_map_count=262144 vm.swappiness=1", **PRIVILEGED))
    assert ward.pod().status.ready
    assert ward.run("kubectl exec web -c app -- cat /proc/sys/vm/max_map_count") == ["262144"]
    shown = ward.run("on node-1 sysctl vm.max_map_count vm.swappiness")
    assert shown == ["vm.max_map_count = 262144", "vm.swappiness = 1"]


def test_what_belongs_to_a_network_is_the_pods_own():
    ward = started(first("sysctl -w net.core.somaxconn=65535", **PRIVILEGED))
    ward.apply(pod("other", container("app", "nginx"), workload=""))
    ward.advance(20)
    seen = [ward.run(f"kubectl exec {name} -c app -- cat /proc/sys/net/core/somaxconn")
            for name in ("web", "other")]  # fmt: skip
    assert seen == [["65535"], ["4096"]]
    assert ward.run("on node-1 sysctl -n net.core.somaxconn") == ["4096"]


@pytest.mark.parametrize(("words", "more", "said"), [
    ("vm.max_map_count=262144", {}, "error setting key 'vm.max_map_count': Read-only file system"),
    ("vm.max_map_count=x", PRIVILEGED, "error setting key 'vm.max_map_count': Invalid argument"),
    ("vm.no_such=1", PRIVILEGED, "error: 'vm.no_such' is an unknown key"),
    ("kernel.pid_max=9", PRIVILEGED, "is not modelled"),
])  # fmt: skip
def test_what_cannot_be_set_ends_the_container_with_an_error(words, more, said):
    ward = started(first(f"sysctl -w {words}", **more))
    assert not ward.pod().status.ready
    assert said in "\n".join(ward.run("kubectl logs web -c first"))


def test_a_kernel_that_starts_anew_has_its_defaults_again():
    ward = started(first("sysctl -w vm.swappiness=1", **PRIVILEGED))
    ward.run("kubectl delete pod web")
    for line in ("fault power node-1", "advance 30s", "fault recover node-1", "advance 90s"):
        ward.run(line)
    assert ward.run("on node-1 sysctl -n vm.swappiness") == ["60"]


def hog(megabytes, *more):
    args = ["--vm", "2", "--vm-bytes", f"{megabytes}M", "--vm-hang", "1", *more]
    return container("app", "polinux/stress", command=["stress"], args=args,
                     resources={"limits": {"memory": "200Mi"}})  # fmt: skip


def test_memory_that_stress_takes_is_charged_to_its_container():
    ward = Ward()
    ward.apply(pod("large", hog(120), workload=""), pod("small", hog(70), workload=""))
    ward.advance(30)
    assert ward.status("small").running_since is not None
    assert ward.status("large").last.reason == "OOMKilled"


def test_a_command_is_carried_out_although_nobody_knows_the_image():
    ward = Ward()
    words = ["sh", "-c", "echo one; sleep 3; exit 4"]
    ward.apply(pod("web", container(command=words), workload="", restartPolicy="Never"))
    ward.advance(30)
    assert ward.status().ended.exit_code == 4
    assert ward.run("kubectl logs web") == ["one"]


def test_an_image_that_nobody_knows_has_a_systems_usual_programs():
    ward = Ward()
    ward.apply(pod("web", workload=""))
    ward.advance(30)
    assert ward.run("kubectl exec web -- sh -c 'echo $HOSTNAME'") == ["web"]
