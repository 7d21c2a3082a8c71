"""Verbs that change one thing: scale, set, label, annotate, patch, taint, cordon, expose, run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.generating import SHOWN, generated
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    kind_of,
    named,
    namespace_of,
    one_of,
    sent,
)
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

_OBJECTS = Argument("TYPE", text("type or type/name"), "what, and names", repeat=True)
_ALL = Flag(("--all",), "all of the type")


def targets(
    session: Session, call: Call, cluster: Cluster, words: Iterable[str]
) -> list[tuple[Kind, str, str]]:
    """The objects that a line names: kind, namespace, name."""
    from simulator.shell.kubectl.selecting import chosen

    namespace = namespace_of(session, call)
    found = []
    for kind, name in named(cluster, words):
        if name:
            found.append((kind, namespace if kind.namespaced else "", name))
        elif call.values.get("all") or call.values.get("selector"):
            found += [(kind, *one.key) for one in chosen(session, call, cluster, kind)]
        else:
            raise KubectlError("error: resource(s) were provided, but no name was specified")
    return found


def patched(
    session: Session,
    cluster: Cluster,
    target: tuple[Kind, str, str],
    patch: Any,
    how: str = "merge",
) -> str:
    """Send a patch: ``patched`` or ``patched (no change)``."""
    kind, namespace, name = target
    word, *_ = sent(
        session,
        ApiRequest(
            cluster=cluster.name, verb="patch", kind=kind.kind, namespace=namespace, name=name,
            body=json.dumps(patch), how=how,
        ),
    )  # fmt: skip
    return word


@verb(
    "kubectl scale",
    "Change how many pods something has",
    aliases=("k scale",),
    arguments=(_OBJECTS,),
    flags=(
        *COMMON, SELECTOR, _ALL,
        Flag(("--replicas",), "how many", integer("replicas", -1_000_000, 1_000_000)),
        Flag(("--current-replicas",), "only if there are so many now", integer("n", -1, 1_000_000)),
    ),
    examples=("kubectl scale deploy web --replicas=5", "kubectl scale --replicas=0 sts/db"),
    known="-f --timeout --resource-version --dry-run -o",
)  # fmt: skip
def scale(session: Session, call: Call) -> Iterable[str]:
    """Write the scale subresource."""
    cluster = cluster_of(session, call)
    count = call["replicas"]
    if count is None:
        raise KubectlError('error: required flag(s) "replicas" not set')
    if count < 0:
        raise KubectlError(
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or "
            "equal to 0"
        )
    for kind, namespace, name in targets(session, call, cluster, call["TYPE"]):
        try:
            _check_current(cluster, call, kind, namespace, name)
            request = ApiRequest(
                cluster=cluster.name, verb="scale", kind=kind.kind, namespace=namespace, name=name,
                replicas=count,
            )  # fmt: skip
            sent(session, request)
            session.say([f"{kind.title}/{name} scaled"])
        except DrydockError as error:
            session.fail(call, error)
    return []


def _check_current(cluster: Cluster, call: Call, kind: Kind, namespace: str, name: str) -> None:
    wanted = call["current_replicas"]
    one = one_of(cluster, kind, namespace, name)
    spec: Any = getattr(one, "spec", None)
    now = getattr(spec, "replicas", None)
    if wanted not in (None, -1) and now != wanted:
        raise KubectlError(f"error: Expected replicas to be {wanted}, was {now}")


# --- labels and annotations -----------------------------------------------------------------------


def _words_and_changes(words: Iterable[str]) -> tuple[list[str], dict[str, str | None]]:
    """``pods web-0 app=web tier-`` as names and changes (None: it goes)."""
    names: list[str] = []
    changes: dict[str, str | None] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            changes[key] = value
        elif word.endswith("-") and names and "/" not in word[-2:]:
            changes[word[:-1]] = None
        else:
            names.append(word)
    return names, changes


def _noted(session: Session, call: Call, field: str, word: str) -> list[str]:
    cluster = cluster_of(session, call)
    names, changes = _words_and_changes(call["TYPE"])
    if not changes:
        raise KubectlError(f"error: at least one {field[:-1]} update is required")
    for target in targets(session, call, cluster, names):
        kind, namespace, name = target
        try:
            one = one_of(cluster, kind, namespace, name)
            before = dict(getattr(one.meta, field))
            taken = [
                key for key, value in changes.items()
                if value is not None and before.get(key, value) != value
            ]  # fmt: skip
            if taken and not call["overwrite"]:
                key = taken[0]
                raise KubectlError(
                    f"error: '{key}' already has a value ({before[key]}), and --overwrite is false"
                )
            done = patched(session, cluster, target, {"metadata": {field: changes}})
            gone = all(value is None for value in changes.values())
            said = f"un{word}" if gone and word == "labeled" else word
            session.say([f"{kind.title}/{name} {'not ' + word if 'no change' in done else said}"])
        except DrydockError as error:
            session.fail(call, error)
    return []


_OVERWRITE = Flag(("--overwrite",), "change what has a value already")


@verb(
    "kubectl label", "Set labels (KEY=VALUE) or take them away (KEY-)", aliases=("k label",),
    arguments=(_OBJECTS,), flags=(*COMMON, SELECTOR, _ALL, _OVERWRITE),
    examples=("kubectl label node node-1 disk=ssd", "kubectl label pod web-0 tier-"),
    known="--list --local --resource-version --dry-run -o -f",
)  # fmt: skip
def label(session: Session, call: Call) -> Iterable[str]:
    """Labels of objects."""
    return _noted(session, call, "labels", "labeled")


@verb(
    "kubectl annotate", "Set annotations (KEY=VALUE) or take them away (KEY-)",
    aliases=("k annotate",), arguments=(_OBJECTS,), flags=(*COMMON, SELECTOR, _ALL, _OVERWRITE),
    examples=("kubectl annotate deploy web kubernetes.io/change-cause='new image'",),
    known="--list --local --resource-version --dry-run -o -f",
)  # fmt: skip
def annotate(session: Session, call: Call) -> Iterable[str]:
    """Annotations of objects."""
    return _noted(session, call, "annotations", "annotated")


@verb(
    "kubectl patch", "Change fields of an object", aliases=("k patch",),
    arguments=(_OBJECTS,),
    flags=(
        *COMMON,
        Flag(("-p", "--patch"), "the patch, as JSON or YAML", text("patch")),
        Flag(("--type",), "strategic (default), merge or json", text("type")),
    ),
    examples=("kubectl patch deploy web -p '{\"spec\":{\"replicas\":2}}'",),
    known="--patch-file --subresource --dry-run -o -f --local",
)  # fmt: skip
def patch(session: Session, call: Call) -> Iterable[str]:
    """A patch, as it is."""
    from simulator.cluster.kubernetes.api.reading import _documents

    cluster = cluster_of(session, call)
    if not call["patch"]:
        raise KubectlError("error: must specify --patch or --patch-file containing the contents of "
                           "the patch")  # fmt: skip
    said = next(iter(_documents(call["patch"], "<patch>")), None)
    how = call["type"] or "strategic"
    if how not in ("strategic", "merge", "json"):
        raise KubectlError(f'error: --type must be one of [json merge strategic], not "{how}"')
    for target in targets(session, call, cluster, call["TYPE"]):
        word = patched(session, cluster, target, said, how)
        session.say([f"{target[0].title}/{target[2]} {word}"])
    return []


# --- set ------------------------------------------------------------------------------------------


def template_patch(kind: Kind, inner: Any) -> Any:
    """A patch of the pods that objects of a kind make."""
    if kind.kind == "Pod":
        return {"spec": inner}
    if kind.kind == "CronJob":
        return {"spec": {"jobTemplate": {"spec": {"template": {"spec": inner}}}}}
    return {"spec": {"template": {"spec": inner}}}


def _containers(one: Any) -> list[str]:
    from simulator.cluster.kubernetes.data import as_data

    spec = as_data(one).get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    inner = spec.get("template", {}).get("spec", spec)
    return [str(each.get("name")) for each in inner.get("containers", [])]


def _set(session: Session, call: Call, names: list[str], make: Any, what: str) -> list[str]:
    cluster = cluster_of(session, call)
    for target in targets(session, call, cluster, names):
        kind, namespace, name = target
        try:
            there = _containers(one_of(cluster, kind, namespace, name))
            said = template_patch(kind, {"containers": make(there)})
            if "no change" not in patched(session, cluster, target, said, "strategic"):
                session.say([f"{kind.title}/{name} {what} updated"])
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl set image", "Change the images of containers", aliases=("k set image",),
    arguments=(_OBJECTS,), flags=(*COMMON, SELECTOR, _ALL),
    examples=("kubectl set image deploy/web web=nginx:1.28",),
    known="--local --record --dry-run -o -f",
)  # fmt: skip
def set_image(session: Session, call: Call) -> Iterable[str]:
    """``CONTAINER=IMAGE`` each; ``*`` means all containers."""
    names, changes = _words_and_changes(call["TYPE"])

    def made(there: list[str]) -> list[dict[str, Any]]:
        found = {}
        for container, image in changes.items():
            if container != "*" and container not in there:
                raise KubectlError(f'error: unable to find container named "{container}"')
            for one in there if container == "*" else [container]:
                found[one] = {"name": one, "image": image}
        return list(found.values())

    if not changes:
        raise KubectlError("error: at least one image update is required")
    return _set(session, call, names, made, "image")


@verb(
    "kubectl set resources", "Change requests and limits of containers",
    aliases=("k set resources",), arguments=(_OBJECTS,),
    flags=(
        *COMMON, SELECTOR, _ALL,
        Flag(("--requests",), "cpu=100m,memory=64Mi", text("amounts")),
        Flag(("--limits",), "cpu=200m,memory=128Mi", text("amounts")),
        Flag(("-c", "--containers"), "of one container only", text("name")),
    ),
    examples=("kubectl set resources deploy web --requests=cpu=200m,memory=256Mi",),
    known="--local --record --dry-run -o -f",
)  # fmt: skip
def set_resources(session: Session, call: Call) -> Iterable[str]:
    """Amounts of each container, or of one."""
    said = {
        word: dict(one.partition("=")[::2] for one in call[word].split(","))
        for word in ("requests", "limits")
        if call[word]
    }
    if not said:
        raise KubectlError("error: you must specify an update to requests or limits (in the form "
                           "of --requests/--limits)")  # fmt: skip
    only = call["containers"]

    def made(there: list[str]) -> list[dict[str, Any]]:
        return [{"name": one, "resources": said} for one in there if only in (None, one, "*")]

    return _set(session, call, list(call["TYPE"]), made, "resource requirements")


@verb(
    "kubectl set env", "Change variables of containers", aliases=("k set env",),
    arguments=(_OBJECTS,), flags=(*COMMON, SELECTOR, _ALL,
        Flag(("-c", "--containers"), "of one container only", text("name"))),
    examples=("kubectl set env deploy/web LOG=debug OLD-",),
    known="--from --prefix --list --local --dry-run -o -f --overwrite --resolve --keys",
)  # fmt: skip
def set_env(session: Session, call: Call) -> Iterable[str]:
    """``NAME=VALUE`` each, or ``NAME-`` to take one away."""
    names, changes = _words_and_changes(call["TYPE"])
    only = call["containers"]

    def made(there: list[str]) -> list[dict[str, Any]]:
        env = [
            {"name": key, "$patch": "delete"} if value is None else {"name": key, "value": value}
            for key, value in changes.items()
        ]
        return [{"name": one, "env": env} for one in there if only in (None, one, "*")]

    return _set(session, call, names, made, "env")


# --- nodes ----------------------------------------------------------------------------------------


def cordon_one(session: Session, cluster: Cluster, name: str, *, on: bool) -> str:
    """Cordon or uncordon a node: ``node/n1 cordoned``."""
    kind = kind_of(cluster, "nodes")
    one: Any = one_of(cluster, kind, "", name)
    word = "cordoned" if on else "uncordoned"
    if bool(one.spec.unschedulable) == on:
        return f"node/{name} already {word}"
    value = True if on else None
    patched(session, cluster, (kind, "", name), {"spec": {"unschedulable": value}})
    return f"node/{name} {word}"


def _node_names(session: Session, call: Call, cluster: Cluster) -> list[str]:
    from simulator.shell.kubectl.selecting import chosen

    if call.values.get("selector"):
        return [one.name for one in chosen(session, call, cluster, kind_of(cluster, "nodes"))]
    return [one.removeprefix("node/") for one in call["NODE"]]


_NODES = Argument("NODE", text("node"), "names of nodes", optional=True, repeat=True)


@verb("kubectl cordon", "Let no new pods on nodes", aliases=("k cordon",), arguments=(_NODES,),
      flags=(*COMMON, SELECTOR), examples=("kubectl cordon node-1",))  # fmt: skip
def cordon(session: Session, call: Call) -> Iterable[str]:
    """Mark nodes as not to be scheduled on."""
    cluster = cluster_of(session, call)
    return [
        cordon_one(session, cluster, name, on=True) for name in _node_names(session, call, cluster)
    ]


@verb("kubectl uncordon", "Let pods on nodes again", aliases=("k uncordon",), arguments=(_NODES,),
      flags=(*COMMON, SELECTOR), examples=("kubectl uncordon node-1",))  # fmt: skip
def uncordon(session: Session, call: Call) -> Iterable[str]:
    """The opposite of cordon."""
    cluster = cluster_of(session, call)
    return [
        cordon_one(session, cluster, name, on=False) for name in _node_names(session, call, cluster)
    ]


@verb(
    "kubectl taint", "Keep pods away from nodes (KEY=VALUE:EFFECT), or no more (KEY:EFFECT-)",
    aliases=("k taint",),
    arguments=(Argument("NODES", text("word"), "nodes NAME… TAINT…", repeat=True),),
    flags=(*COMMON, SELECTOR, _ALL, _OVERWRITE),
    examples=("kubectl taint nodes node-1 gpu=yes:NoSchedule", "kubectl taint node node-1 gpu-"),
)  # fmt: skip
def taint(session: Session, call: Call) -> Iterable[str]:
    """Taints of nodes."""
    cluster = cluster_of(session, call)
    words = list(call["NODES"])
    said = [one for one in words[1:] if ":" in one or one.endswith("-") or "=" in one]
    names = [words[0], *(one for one in words[1:] if one not in said)]
    if not said:
        raise KubectlError("error: at least one taint update is required")
    for kind, _, name in targets(session, call, cluster, names):
        one: Any = one_of(cluster, kind, "", name)
        taints = [dict(each) for each in one.data.get("spec", {}).get("taints", [])]
        for word in said:
            taints = _tainted(taints, word, name, overwrite=bool(call["overwrite"]))
        patched(session, cluster, (kind, "", name), {"spec": {"taints": taints or None}})
        gone = all(word.endswith("-") for word in said)
        session.say([f"node/{name} {'untainted' if gone else 'tainted'}"])
    return []


def _tainted(
    taints: list[dict[str, Any]], word: str, node: str, *, overwrite: bool
) -> list[dict[str, Any]]:
    gone = word.endswith("-")
    start, _, effect = word.removesuffix("-").partition(":")
    key, _, value = start.partition("=")
    same = [one for one in taints if one["key"] == key and effect in ("", one["effect"])]
    if gone:
        if not same:
            raise KubectlError(f'error: taint "{word.removesuffix("-")}" not found')
        return [one for one in taints if one not in same]
    if effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
        raise KubectlError(
            f"error: invalid taint effect: {effect or word}, unsupported taint effect"
        )
    if same and not overwrite:
        raise KubectlError(
            f"error: node {node} already has {key} taint(s) with same effect(s) and --overwrite is "
            "false"
        )
    fresh = {"key": key, "effect": effect} | ({"value": value} if value else {})
    return [*(one for one in taints if one not in same), fresh]


# --- making ---------------------------------------------------------------------------------------


@verb(
    "kubectl autoscale", "Let an autoscaler choose how many pods something has",
    aliases=("k autoscale",), arguments=(_OBJECTS,),
    flags=(
        *COMMON, *SHOWN,
        Flag(("--min",), "least pods", integer("n", -1, 1_000_000)),
        Flag(("--max",), "most pods", integer("n", -1, 1_000_000)),
        Flag(("--cpu-percent",), "wanted use of the CPU request", integer("percent", -1, 100_000)),
        Flag(("--cpu",), "the same, as 50%", text("percent")),
        Flag(("--name",), "of the autoscaler", text("name")),
    ),
    examples=("kubectl autoscale deploy web --min=2 --max=10 --cpu-percent=50",),
    known="-f --memory",
)  # fmt: skip
def autoscale(session: Session, call: Call) -> Iterable[str]:
    """A HorizontalPodAutoscaler."""
    cluster = cluster_of(session, call)
    if call["max"] is None:
        raise KubectlError('error: required flag(s) "max" not set')
    percent = call["cpu_percent"]
    if percent is None and call["cpu"]:
        percent = int(call["cpu"].rstrip("%"))
    lines = []
    for kind, namespace, name in targets(session, call, cluster, call["TYPE"]):
        one_of(cluster, kind, namespace, name)
        metric = {"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent or 80},
        }}  # fmt: skip
        least = {} if call["min"] in (None, -1) else {"minReplicas": call["min"]}
        spec = {
            "scaleTargetRef": {"apiVersion": kind.api_version, "kind": kind.kind, "name": name},
            "maxReplicas": call["max"], "metrics": [metric], **least,
        }  # fmt: skip
        lines += generated(session, call, {
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": call["name"] or name}, "spec": spec,
        }, word="autoscaled")  # fmt: skip
    return lines


@verb(
    "kubectl expose", "Make a Service for pods", aliases=("k expose",), arguments=(_OBJECTS,),
    flags=(
        *COMMON, *SHOWN,
        Flag(("--port",), "of the Service", integer("port", 1, 65_535)),
        Flag(("--target-port",), "of the pods, by number or name", text("port")),
        Flag(("--type",), "ClusterIP, NodePort, LoadBalancer", text("type")),
        Flag(("--name",), "of the Service", text("name")),
        Flag(("--cluster-ip",), "its address, or None", text("address")),
    ),
    examples=("kubectl expose deploy web --port=80 --target-port=8080",),
    known="--protocol --selector -f --external-ip --session-affinity --labels",
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
    ),
    trailing=False,
    examples=("kubectl run web --image=nginx --port=80",
              "kubectl run job --image=busybox --restart=Never -- sleep 5"),
    known="--rm -i -t --attach --expose --overrides --stdin --tty",
)  # fmt: skip
def run(session: Session, call: Call) -> Iterable[str]:
    """A bare pod."""
    if not call["image"]:
        raise KubectlError('error: required flag(s) "image" not set')
    name = call["NAME"]
    container: dict[str, Any] = {"name": name, "image": call["image"]}
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
    return generated(session, call, {
        "apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec,
    })  # fmt: skip
