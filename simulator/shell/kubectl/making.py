"""``kubectl expose`` and ``run``: a Service or a pod of a few words."""

from __future__ import annotations

import json
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
        Flag(("--protocol",), "TCP (default), UDP or SCTP", text("protocol")),
        Flag(("--selector",), "KEY=VALUE,…: other pods than the workload's", text("labels")),
        Flag(("-l", "--labels"), "KEY=VALUE,… of the Service", text("labels")),
        Flag(("--session-affinity",), "None or ClientIP", text("affinity")),
    ),
    examples=("kubectl expose deploy web --port=80 --target-port=8080",),
    known="--external-ip --load-balancer-ip",
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
        if call["selector"]:
            selector = labels_of(call["selector"])
        if not selector:
            raise KubectlError(
                f"error: couldn't retrieve selectors via --selector flag or introspection: the "
                f"{kind.kind.lower()} has no labels and cannot be exposed"
            )
        port = call["port"] or _first_port(said)
        if port is None:
            raise KubectlError("error: couldn't find port via --port flag or introspection")
        goal = call["target_port"] or str(port)
        entry = {"port": port, "targetPort": int(goal) if goal.isdigit() else goal}
        if call["protocol"]:
            entry["protocol"] = call["protocol"]
        spec: dict[str, Any] = {"selector": selector, "ports": [entry]}
        if call["session_affinity"]:
            spec["sessionAffinity"] = call["session_affinity"]
        if call["type"]:
            spec["type"] = call["type"]
        if call["cluster_ip"]:
            spec["clusterIP"] = call["cluster_ip"]
        meta: dict[str, Any] = {"name": call["name"] or name}
        labels = labels_of(call["labels"]) if call["labels"] else said["metadata"].get("labels")
        if labels:
            meta["labels"] = labels
        lines += generated(session, call, {
            "apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec,
        }, word="exposed")  # fmt: skip
    return lines


def labels_of(said: str) -> dict[str, str]:
    """``KEY=VALUE,…`` as labels."""
    pairs = [one.partition("=") for one in said.split(",")]
    if any(not key or not equals for key, equals, _ in pairs):
        raise KubectlError(f"error: unexpected label spec: {said}")
    return {key: value for key, _, value in pairs}


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
        Flag(("-l", "--labels"), "KEY=VALUE,…", text("labels")),
        Flag(("--restart",), "Always, OnFailure or Never", text("policy")),
        Flag(("--command",), "the words replace the program of the image, too"),
        Flag(("--annotations",), "KEY=VALUE", text("annotation"), repeat=True),
        Flag(("--image-pull-policy",), "Always, IfNotPresent or Never", text("policy")),
        Flag(("--overrides",), "a piece of the pod as JSON, laid over it", text("json")),
        Flag(("--expose",), "a Service before it, at --port"),
        Flag(("-q", "--quiet"), "only what the program prints"),
        *ATTACHED,
    ),
    trailing=False,
    examples=("kubectl run -it --rm ask --image=busybox --restart=Never -- hostname",
              "kubectl run web --image=nginx --port=80",
              "kubectl run job --image=busybox --restart=Never -- sleep 5"),
    known="--override-type",
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
    if call["stdin"]:
        container |= {"stdin": True, "stdinOnce": True}
    if call["image_pull_policy"]:
        container["imagePullPolicy"] = call["image_pull_policy"]
    if call["COMMAND"]:
        container["command" if call["command"] else "args"] = list(call["COMMAND"])
    if call["port"]:
        container["ports"] = [{"containerPort": call["port"]}]
    if call["env"]:
        container["env"] = [
            dict(zip(("name", "value"), one.partition("=")[::2], strict=True))
            for one in call["env"]
        ]
    labels = labels_of(call["labels"] or f"run={name}")
    meta: dict[str, Any] = {"name": name, "labels": labels}
    if call["annotations"]:
        meta["annotations"] = dict(one.partition("=")[::2] for one in call["annotations"])
    spec = {"containers": [container], "restartPolicy": call["restart"] or "Always"}
    body = _laid_over({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}, call)
    front = _front(call, labels)
    said = generated(session, call, body)
    said = [*(generated(session, call, front) if front else ()), *said]
    attached = (call["stdin"] or call["attach"]) and (call["dry_run"] or "none") == "none"
    if attached:
        attach(session, call)
    return [] if attached or (call["quiet"] and not call["output"]) else said


def _front(call: Call, labels: dict[str, str]) -> dict[str, Any]:
    """The Service of ``--expose``."""
    if not call["expose"]:
        return {}
    if not call["port"]:
        raise KubectlError("error: --port must be set when exposing a service")
    ports = [{"port": call["port"], "targetPort": call["port"]}]
    return {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": call["NAME"]},
        "spec": {"selector": labels, "ports": ports},
    }  # fmt: skip


def _laid_over(body: dict[str, Any], call: Call) -> dict[str, Any]:
    """The pod with the piece of ``--overrides`` (a merge patch, as kubectl's default is)."""
    from simulator.cluster.kubernetes.patching.merging import merge_patch

    if not call["overrides"]:
        return body
    try:
        piece = json.loads(call["overrides"])
    except ValueError as error:
        raise KubectlError(f"error: invalid JSON in --overrides: {error}") from None
    if not isinstance(piece, dict):
        raise KubectlError("error: --overrides: expected an object of JSON")
    merged: dict[str, Any] = merge_patch(body, piece)
    meta = merged.get("metadata")
    if (
        not isinstance(meta, dict)
        or meta.get("name") != call["NAME"]
        or merged.get("kind") != "Pod"
    ):
        raise KubectlError(f"error: --overrides must leave the pod its kind and its name "
                           f"{call['NAME']}")  # fmt: skip
    return merged
