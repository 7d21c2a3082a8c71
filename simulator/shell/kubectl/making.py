"""``kubectl expose`` and ``run``: a Service or a pod of a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.attaching import ATTACHED, attach, check
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.target import (
    COMMON,
    KubectlError,
    cluster_of,
    one_of,
)
from simulator.shell.kubectl.targeting import (
    OBJECTS,
    targets,
)
from simulator.shell.kubectl.writing import SHOWN
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb(
    "kubectl expose", "Make a Service for pods", aliases=("k expose",), arguments=(OBJECTS,),
    flags=(
        *COMMON, *GIVEN, *SHOWN,
        Flag(("--port",), "of the Service", integer("port", 1, 65_535)),
        Flag(("--target-port",), "of the pods, by number or name", text("port")),
        Flag(("--type",), "ClusterIP, NodePort, LoadBalancer", text("type")),
        Flag(("--name",), "of the Service", text("name")),
        Flag(("--cluster-ip",), "its address, or None", text("address")),
    ),
    examples=("kubectl expose deploy web --port=80 --target-port=8080",),
    known="--protocol --selector --external-ip --session-affinity --labels",
)  # fmt: skip
def expose(session: Session, call: Call) -> Iterable[str]:
    """A Service with the selector of a workload."""
    from simulator.cluster.kubernetes.data import as_data

    cluster = cluster_of(session, call)
    lines = []
    for kind, namespace, name in targets(session, call, cluster, call["TYPE"]):
        said = as_data(one_of(cluster, kind, namespace, name))
        selector = said["metadata"].get("labels", {})
        if kind.kind != "Pod":
            chosen = said.get("spec", {}).get("selector", {})
            selector = chosen.get("matchLabels", chosen)
        port = call["port"] or _first_port(said)
        if port is None:
            raise KubectlError("error: couldn't find port via --port flag or introspection")
        goal = call["target_port"] or str(port)
        entry = {"port": port, "targetPort": int(goal) if goal.isdigit() else goal}
        spec: dict[str, Any] = {"selector": selector, "ports": [entry]}
        if call["type"]:
            spec["type"] = call["type"]
        if call["cluster_ip"]:
            spec["clusterIP"] = call["cluster_ip"]
        title_ = call["name"] or name
        lines += generated(session, call, {
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": title_}, "spec": spec,
        }, word="exposed")  # fmt: skip
    return lines


def _first_port(said: Any) -> int | None:
    spec = said.get("spec", {})
    inner = spec.get("template", {}).get("spec", spec)
    for one in inner.get("containers", []):
        for port in one.get("ports", []):
            return int(port["containerPort"])
    return None


@verb(
    "kubectl run", "Run an image in a pod of its own", aliases=("k run",),
    arguments=(
        Argument("NAME", text("name"), "of the pod"),
        Argument("COMMAND", text("word"), "arguments of its program", optional=True, repeat=True),
    ),
    flags=(
        *COMMON, *SHOWN,
        Flag(("--image",), "the image", text("image")),
        Flag(("--port",), "that it listens on", integer("port", 1, 65_535)),
        Flag(("--env",), "NAME=VALUE", text("variable"), repeat=True),
        Flag(("--labels",), "KEY=VALUE,…", text("labels")),
        Flag(("--restart",), "Always, OnFailure or Never", text("policy")),
        Flag(("--command",), "the words replace the program of the image, too"),
        Flag(("--annotations",), "KEY=VALUE", text("annotation"), repeat=True),
        *ATTACHED,
    ),
    trailing=False,
    examples=("kubectl run -it --rm ask --image=busybox --restart=Never -- hostname",
              "kubectl run web --image=nginx --port=80",
              "kubectl run job --image=busybox --restart=Never -- sleep 5"),
    known="--expose --overrides --quiet --override-type --image-pull-policy",
)  # fmt: skip
def run(session: Session, call: Call) -> Iterable[str]:
    """A bare pod."""
    if not call["image"]:
        raise KubectlError('error: required flag(s) "image" not set')
    check(call)
    name = call["NAME"]
    container: dict[str, Any] = {"name": name, "image": call["image"]}
    if call["tty"]:
        container["tty"] = True
    if call["COMMAND"]:
        container["command" if call["command"] else "args"] = list(call["COMMAND"])
    if call["port"]:
        container["ports"] = [{"containerPort": call["port"]}]
    if call["env"]:
        container["env"] = [
            dict(zip(("name", "value"), one.partition("=")[::2], strict=True))
            for one in call["env"]
        ]
    labels = dict(one.partition("=")[::2] for one in (call["labels"] or f"run={name}").split(","))
    meta: dict[str, Any] = {"name": name, "labels": labels}
    if call["annotations"]:
        meta["annotations"] = dict(one.partition("=")[::2] for one in call["annotations"])
    spec = {"containers": [container], "restartPolicy": call["restart"] or "Always"}
    said = generated(session, call, {
        "apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec,
    })  # fmt: skip
    attached = (call["stdin"] or call["attach"]) and (call["dry_run"] or "none") == "none"
    if attached:
        attach(session, call)
    return [] if attached else said
