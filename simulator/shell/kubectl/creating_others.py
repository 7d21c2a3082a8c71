"""``kubectl create``: Jobs, Services, quotas, budgets, accounts and what else is made of words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.selecting import read_selector
from simulator.shell.kubectl.target import (
    COMMON,
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
    one_of,
)
from simulator.shell.kubectl.writing import SHOWN
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_NAME = Argument("NAME", text("name"), "what it is called")
_COMMAND = Argument("COMMAND", text("word"), "its command", optional=True, repeat=True)
_IMAGE = Flag(("--image",), "the image", text("image"))
_TCP = Flag(("--tcp",), "PORT or PORT:TARGET", text("ports"), repeat=True)


def _object(api: str, kind: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **rest}


def _needed(call: Call, *names: str) -> None:
    missing = [f'"{one}"' for one in names if not call[one.replace("-", "_")]]
    if missing:
        raise KubectlError(f"error: required flag(s) {', '.join(missing)} not set")


def _pairs(said: str, what: str) -> dict[str, str]:
    found = {}
    for one in said.split(","):
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise KubectlError(f"error: invalid argument syntax for {what}: {one}")
        found[key] = value
    return found


# --- what runs and ends ---------------------------------------------------------------------------


def _pods(call: Call, name: str, restart: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": name, "image": call["image"]}
    if call["COMMAND"]:
        container["command"] = list(call["COMMAND"])
    return {"spec": {"containers": [container], "restartPolicy": restart}}


@verb(
    "kubectl create job", "Run an image to its end", aliases=("k create job",),
    arguments=(_NAME, _COMMAND),
    flags=(*COMMON, *SHOWN, _IMAGE, Flag(("--from",), "as cronjob/NAME makes one", text("what"))),
    examples=("kubectl create job pi --image=perl:5.34.0 -- perl -e 1",
              "kubectl create job now --from=cronjob/report"),
)  # fmt: skip
def job(session: Session, call: Call) -> Iterable[str]:
    """A Job of one pod, of an image or of a CronJob's template."""
    name = call["NAME"]
    if bool(call["image"]) == bool(call["from"]):
        raise KubectlError("error: either --image or --from must be specified")
    if call["image"]:
        spec = {"template": _pods(call, name, "Never")}
        return generated(session, call, _object("batch/v1", "Job", name, spec=spec), "job")
    cluster = cluster_of(session, call)
    kind, _, of = call["from"].partition("/")
    if kind_of(cluster, kind).kind != "CronJob" or not of:
        raise KubectlError(f"error: from must be an existing cronjob: {call['from']}")
    cron = one_of(cluster, kind_of(cluster, kind), namespace_of(session, call), of)
    body = _object("batch/v1", "Job", name, spec=cron.data["spec"]["jobTemplate"]["spec"])
    body["metadata"]["annotations"] = {"cronjob.kubernetes.io/instantiate": "manual"}
    return generated(session, call, body, "job")


@verb(
    "kubectl create cronjob", "Run an image at times", aliases=(
        "kubectl create cj", "k create cronjob", "k create cj"),
    arguments=(_NAME, _COMMAND),
    flags=(*COMMON, *SHOWN, _IMAGE, Flag(("--schedule",), "minute hour day month weekday",
                                         text("schedule")),
           Flag(("--restart",), "OnFailure (default) or Never", text("policy"))),
    examples=('kubectl create cronjob tick --image=busybox --schedule="*/1 * * * *" -- date',),
)  # fmt: skip
def cron_job(session: Session, call: Call) -> Iterable[str]:
    """A CronJob."""
    _needed(call, "image", "schedule")
    name = call["NAME"]
    template = _pods(call, name, call["restart"] or "OnFailure")
    inner = {"metadata": {"name": name}, "spec": {"template": template}}
    spec = {"schedule": call["schedule"], "jobTemplate": inner}
    return generated(session, call, _object("batch/v1", "CronJob", name, spec=spec), "cronjob")


# --- Services -------------------------------------------------------------------------------------


def _ports(said: Iterable[str]) -> list[dict[str, Any]]:
    found = []
    for one in said:
        port, colon, target = one.partition(":")
        if not port.isdigit():
            raise KubectlError(f"error: port must be numeric: {port}")
        goal: Any = target if colon else port
        found.append({
            "name": one.replace(":", "-"), "port": int(port), "protocol": "TCP",
            "targetPort": int(goal) if goal.isdigit() else goal,
        })  # fmt: skip
    return found


def _service(session: Session, call: Call, type_: str, **more: Any) -> list[str]:
    if not call["tcp"] and more.get("clusterIP") != "None":
        raise KubectlError("error: at least one tcp port specifier must be provided")
    name = call["NAME"]
    spec: dict[str, Any] = {"type": type_, "selector": {"app": name}}
    if call["tcp"]:
        spec["ports"] = _ports(call["tcp"])
    spec |= more
    body = _object("v1", "Service", name, spec=spec)
    body["metadata"]["labels"] = {"app": name}
    return generated(session, call, body, f"{type_} service")


@verb("kubectl create service clusterip", "Make a Service inside the cluster",
      aliases=("k create service clusterip", "kubectl create svc clusterip"), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, _TCP, Flag(("--clusterip",), "its address, or None",
                                         text("address"))),
      examples=("kubectl create service clusterip web --tcp=80:8080",))  # fmt: skip
def cluster_ip(session: Session, call: Call) -> Iterable[str]:
    """For pods with the label app=NAME."""
    address = call["clusterip"]
    return _service(session, call, "ClusterIP", **({"clusterIP": address} if address else {}))


@verb("kubectl create service nodeport", "Make a Service at a port of every node",
      aliases=("k create service nodeport", "kubectl create svc nodeport"), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, _TCP, Flag(("--node-port",), "which (default: a free one)",
                                         integer("port", 0, 65_535))),
      examples=("kubectl create service nodeport web --tcp=80",))  # fmt: skip
def node_port(session: Session, call: Call) -> Iterable[str]:
    """For pods with the label app=NAME."""
    if not call["node_port"]:
        return _service(session, call, "NodePort")
    ports = [{**one, "nodePort": call["node_port"]} for one in _ports(call["tcp"])]
    return _service(session, call, "NodePort", ports=ports)


@verb("kubectl create service loadbalancer", "Make a Service with a balancer before it",
      aliases=("k create service loadbalancer", "kubectl create svc loadbalancer"),
      arguments=(_NAME,), flags=(*COMMON, *SHOWN, _TCP),
      examples=("kubectl create service loadbalancer web --tcp=80:8080",))  # fmt: skip
def load_balancer(session: Session, call: Call) -> Iterable[str]:
    """For pods with the label app=NAME."""
    return _service(session, call, "LoadBalancer")


@verb("kubectl create service externalname", "Make a name that stands for one outside",
      aliases=("k create service externalname", "kubectl create svc externalname"),
      arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, _TCP,
             Flag(("--external-name",), "the name outside", text("name"))),
      examples=("kubectl create service externalname db --external-name db.example.com",)
      )  # fmt: skip
def external_name(session: Session, call: Call) -> Iterable[str]:
    """A Service without pods."""
    _needed(call, "external-name")
    name = call["NAME"]
    spec: dict[str, Any] = {"type": "ExternalName", "externalName": call["external_name"]}
    spec["selector"] = {"app": name}
    if call["tcp"]:
        spec["ports"] = _ports(call["tcp"])
    body = _object("v1", "Service", name, spec=spec)
    body["metadata"]["labels"] = {"app": name}
    return generated(session, call, body, "ExternalName service")


# --- rules ----------------------------------------------------------------------------------------


@verb("kubectl create quota", "Bound what a namespace may have", aliases=(
          "kubectl create resourcequota", "k create quota"), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, Flag(("--hard",), "pods=3,requests.cpu=2", text("amounts")),
             Flag(("--scopes",), "BestEffort,NotTerminating", text("scopes"))),
      examples=("kubectl create quota small --hard=pods=3,requests.cpu=2",))  # fmt: skip
def quota(session: Session, call: Call) -> Iterable[str]:
    """A ResourceQuota."""
    spec: dict[str, Any] = {"hard": _pairs(call["hard"], "--hard")} if call["hard"] else {}
    if call["scopes"]:
        spec["scopes"] = call["scopes"].split(",")
    return generated(session, call, _object("v1", "ResourceQuota", call["NAME"], spec=spec),
                     "quota")  # fmt: skip


def _amount(said: str) -> int | str:
    return int(said) if said.isdigit() else said


@verb("kubectl create poddisruptionbudget", "Bound how many pods may be evicted at once",
      aliases=("kubectl create pdb", "k create pdb"), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, Flag(("--selector",), "labels of the pods", text("selector")),
             Flag(("--min-available",), "number or share", text("amount")),
             Flag(("--max-unavailable",), "number or share", text("amount"))),
      examples=("kubectl create pdb web --selector=app=web --min-available=1",))  # fmt: skip
def budget(session: Session, call: Call) -> Iterable[str]:
    """A PodDisruptionBudget."""
    if not call["selector"]:
        raise KubectlError("error: a selector must be specified")
    least, most = call["min_available"], call["max_unavailable"]
    if (least is None) == (most is None):
        raise KubectlError("error: one of min-available or max-unavailable must be specified")
    tests = read_selector(call["selector"])
    if any(operator != "In" or len(values) != 1 for _, operator, values in tests):
        raise KubectlError("error: only KEY=VALUE is modelled in --selector; write a file for more")
    labels = {key: values[0] for key, _, values in tests}
    bound = {"maxUnavailable": _amount(most)} if least is None else {"minAvailable": _amount(least)}
    spec = {"selector": {"matchLabels": labels}, **bound}
    body = _object("policy/v1", "PodDisruptionBudget", call["NAME"], spec=spec)
    return generated(session, call, body, "poddisruptionbudgets")


@verb("kubectl create priorityclass", "Name a priority", aliases=("kubectl create pc",
          "k create pc"), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, Flag(("--value",), "higher goes first",
                                   integer("value", -(2**31), 10**9)),
             Flag(("--global-default",), "of pods that name none"),
             Flag(("--description",), "for people", text("text")),
             Flag(("--preemption-policy",), "PreemptLowerPriority or Never", text("policy"))),
      examples=("kubectl create priorityclass high --value=1000",))  # fmt: skip
def priority_class(session: Session, call: Call) -> Iterable[str]:
    """A PriorityClass."""
    body = _object("scheduling.k8s.io/v1", "PriorityClass", call["NAME"], value=call["value"] or 0)
    body["globalDefault"] = bool(call["global_default"])
    body["preemptionPolicy"] = call["preemption_policy"] or "PreemptLowerPriority"
    body["description"] = call["description"] or ""
    return generated(session, call, body, "priorityclass")


@verb("kubectl create serviceaccount", "Make an account for pods", aliases=(
          "kubectl create sa", "k create sa"), arguments=(_NAME,), flags=(*COMMON, *SHOWN),
      examples=("kubectl create serviceaccount builder",))  # fmt: skip
def service_account(session: Session, call: Call) -> Iterable[str]:
    """A ServiceAccount."""
    return generated(session, call, _object("v1", "ServiceAccount", call["NAME"]), "serviceaccount")
