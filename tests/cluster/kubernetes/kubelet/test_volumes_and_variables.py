"""What containers of pods are given: variables, files, folders that outlive them."""

import base64

import pytest
from inside import answer, view_of
from ward import SERVER, Ward, container, pod

from simulator.node.insides import environment

BUSYBOX = "busybox:1.36"
SLEEP = ["sh", "-c", "sleep 100000"]


def script(name, text, **more):
    return container(name, image=BUSYBOX, command=["sh", "-c", text], **more)


def config(name="settings", kind="ConfigMap", **data):
    if kind == "Secret":
        data = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "data": data}


def inside(ward, name, *words, of="app"):
    """What a command prints in a container of a pod."""
    made = ward.cluster.kubelets.container(ward.pod(name), of)
    assert made is not None, ward.run_of(name, of).message
    return answer(view_of(ward.world, made.name), words, environment(made)).lines


def env_of(ward, name="web"):
    return dict(line.split("=", 1) for line in inside(ward, name, "env"))


def test_variables_come_from_maps_secrets_and_the_pod_itself():
    ward = Ward()
    ward.apply(config(color="red", size="xl"), config("keys", "Secret", password="geheim"))
    env = [
        {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
        {"name": "PASS", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "password"}}},
        {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "URL", "value": "http://$(ME)/$(NOBODY)"},
    ]
    app = container(
        image=BUSYBOX, command=SLEEP, env=env, resources={"limits": {"cpu": "1500m"}},
        envFrom=[{"prefix": "S_", "configMapRef": {"name": "settings"}}],
    )  # fmt: skip
    ward.apply(pod("web", app, workload=""))
    ward.advance(10)
    found = env_of(ward)
    assert (found["COLOR"], found["PASS"], found["ME"]) == ("red", "geheim", "web")
    assert (found["IP"], found["CPUS"]) == (ward.pod().status.ip, "2")
    assert (found["S_size"], found["URL"]) == ("xl", "http://web/$(NOBODY)")


def test_variables_stay_as_they_were_at_the_start_of_their_container():
    ward = Ward()
    ward.apply(config(color="red"))
    app = container(image=BUSYBOX, command=SLEEP, envFrom=[{"configMapRef": {"name": "settings"}}])
    ward.apply(pod("web", app, workload="idle memory=5MiB"))
    ward.advance(10)
    ward.apply(config(color="blue"))
    ward.advance(10)
    assert env_of(ward)["color"] == "red"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"configMapKeyRef": {"name": "nosuch", "key": "a"}}, 'configmap "nosuch" not found'),
        ({"secretKeyRef": {"name": "nosuch", "key": "a"}}, 'secret "nosuch" not found'),
        (
            {"configMapKeyRef": {"name": "settings", "key": "a"}},
            "couldn't find key a in ConfigMap default/settings",
        ),
    ],
)
def test_a_container_waits_for_what_its_variables_are_made_of(source, problem):
    ward = Ward()
    ward.apply(config(b="1"))
    ward.apply(pod("web", container(env=[{"name": "A", "valueFrom": source}])))
    ward.advance(20)
    assert ward.status().waiting == "CreateContainerConfigError"
    assert ward.status().message == problem
    assert f"Error: {problem}" in ward.events("Failed")
    kind = "Secret" if "secretKeyRef" in source else "ConfigMap"
    ward.apply(config("nosuch", kind, a="1"), config(a="1"))
    ward.advance(20)
    assert ward.pod().status.ready


def test_what_is_optional_is_not_waited_for():
    ward = Ward()
    source = {"configMapKeyRef": {"name": "nosuch", "key": "a", "optional": True}}
    shown = {"name": "shown", "configMap": {"name": "nosuch", "optional": True}}
    app = container(
        env=[{"name": "A", "valueFrom": source}],
        volumeMounts=[{"name": "shown", "mountPath": "/etc/shown"}],
    )
    ward.apply(pod("web", app, volumes=[shown]))
    ward.advance(20)
    assert ward.pod().status.ready


def test_a_pod_waits_for_what_its_volumes_show():
    ward = Ward()
    app = container(volumeMounts=[{"name": "conf", "mountPath": "/etc/conf"}])
    ward.apply(pod("web", app, volumes=[{"name": "conf", "configMap": {"name": "settings"}}]))
    ward.advance(30)
    assert ward.status().waiting == "ContainerCreating"
    said = 'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found'
    assert len(ward.events("FailedMount")) == 6
    assert set(ward.events("FailedMount")) == {said}
    ward.apply(config(a="1"))
    ward.advance(60)
    assert ward.pod().status.ready


def test_maps_and_secrets_are_files():
    ward = Ward()
    ward.apply(config(**{"app.conf": "level = 3\n"}), config("keys", "Secret", token="geheim"))
    items = [{"key": "token", "path": "deep/token.txt"}]
    volumes = [
        {"name": "conf", "configMap": {"name": "settings"}},
        {"name": "keys", "secret": {"secretName": "keys", "items": items}},
        {
            "name": "about",
            "downwardAPI": {
                "items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
            },
        },
    ]
    mounts = [
        {"name": "conf", "mountPath": "/etc/conf"},
        {"name": "conf", "mountPath": "/etc/one.conf", "subPath": "app.conf"},
        {"name": "keys", "mountPath": "/etc/keys"},
        {"name": "about", "mountPath": "/etc/about"},
    ]
    app = container(image=BUSYBOX, command=SLEEP, volumeMounts=mounts)
    ward.apply(pod("web", app, workload="", volumes=volumes))
    ward.advance(10)
    assert inside(ward, "web", "cat", "/etc/conf/app.conf") == ("level = 3",)
    assert inside(ward, "web", "cat", "/etc/one.conf") == ("level = 3",)
    assert inside(ward, "web", "cat", "/etc/keys/deep/token.txt") == ("geheim",)
    assert inside(ward, "web", "cat", "/etc/about/labels") == ('app="web"',)


def test_containers_of_a_pod_share_a_folder_that_goes_with_it():
    ward = Ward("cluster create ward --nodes 1")
    mounts = [{"name": "shared", "mountPath": "/data"}]
    writer = script("writer", "echo hello > /data/note; sleep 100000", volumeMounts=mounts)
    reader = script("reader", "sleep 100000", volumeMounts=mounts)
    shared = {"name": "shared", "emptyDir": {}}
    ward.apply(pod("web", writer, reader, workload="", volumes=[shared]))
    ward.advance(20)
    assert inside(ward, "web", "cat", "/data/note", of="reader") == ("hello",)
    host = ward.world.fleet.nodes["node-1"].storage.volumes.host
    folder = f"/var/lib/kubelet/pods/{ward.pod().meta.uid}"
    assert host.exists(f"{folder}/volumes/kubernetes.io~empty-dir/shared/note")
    ward.delete("web", 0.0)
    ward.advance(5)
    assert not host.exists(folder)


def test_a_folder_of_the_node_outlives_its_pods():
    ward = Ward("cluster create ward --nodes 1")
    volumes = [{"name": "node", "hostPath": {"path": "/srv/shared"}}]
    mounts = [{"name": "node", "mountPath": "/data"}]
    for name, text in (("first", "echo hello > /data/note"), ("second", "sleep 1000")):
        ward.apply(
            pod(name, script("app", text, volumeMounts=mounts), workload="", volumes=volumes,
                restartPolicy="Never")
        )  # fmt: skip
        ward.advance(10)
    assert inside(ward, "second", "cat", "/data/note") == ("hello",)


def test_programs_that_only_serve_have_volumes_too():
    ward = Ward()
    ward.apply(config(a="1"))
    volumes = [
        {"name": "conf", "configMap": {"name": "settings"}},
        {"name": "fast", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}},
    ]
    app = container(
        volumeMounts=[
            {"name": "conf", "mountPath": "/etc/conf"},
            {"name": "fast", "mountPath": "/dev/shm"},
        ]
    )
    ward.apply(pod("web", app, workload=SERVER, volumes=volumes))
    ward.advance(10)
    assert ward.cluster.kubelets.container(ward.pod(), "app") is not None
