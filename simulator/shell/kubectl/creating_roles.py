"""``kubectl create role``, ``clusterrole`` and their bindings; ``kubectl set subject``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.generating import generated
from simulator.shell.kubectl.making import labels_of
from simulator.shell.kubectl.target import COMMON, KubectlError, cluster_of, one_of
from simulator.shell.kubectl.targeting import OBJECTS, patched, targets
from simulator.shell.kubectl.writing import SHOWN, Writer
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

GROUP = "rbac.authorization.k8s.io"
VERSION = f"{GROUP}/v1"
_NAME = Argument("NAME", text("name"), "what it is called")
_RULES = (
    Flag(("--verb",), "get, list, …", text("verbs"), repeat=True),
    Flag(("--resource",), "pods, deployments.apps, pods/log, …", text("resources"), repeat=True),
    Flag(("--resource-name",), "only the one of this name", text("name"), repeat=True),
)
_WHO = (
    Flag(("--user",), "a user", text("user"), repeat=True),
    Flag(("--group",), "a group of users", text("group"), repeat=True),
    Flag(("--serviceaccount",), "NAMESPACE:NAME", text("account"), repeat=True),
)


def _words(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for one in values for word in one.split(",") if word))


def _rules(cluster: Cluster, call: Call) -> list[dict[str, Any]]:
    """One rule for each group of the resources named (``create_role.go``)."""
    by_group: dict[str, list[str]] = {}
    for word in _words(call["resource"]):
        name, slash, part = word.partition("/")
        kind = cluster.kinds.find(name)
        if kind is None and name != "*":
            raise KubectlError(f'error: the server doesn\'t have a resource type "{name}"')
        group, plural = ("", "*") if kind is None else (kind.group, kind.plural)
        by_group.setdefault(group, []).append(f"{plural}{slash}{part}")
    names = {"resourceNames": list(call["resource_name"])} if call["resource_name"] else {}
    return [
        {"apiGroups": [group], "resources": resources, **names, "verbs": _words(call["verb"])}
        for group, resources in by_group.items()
    ]


def _checked(call: Call) -> None:
    if not _words(call["verb"]):
        raise KubectlError("error: at least one verb must be specified")
    if len(_words(call["resource"])) > 1 and call["resource_name"]:
        raise KubectlError("error: invalid resourceName(s), only one resource type may be named")


@verb("kubectl create role", "Allow something in a namespace", aliases=("k create role",),
      arguments=(_NAME,), flags=(*COMMON, *SHOWN, *_RULES),
      examples=("kubectl create role reader --verb=get,list --resource=pods",))  # fmt: skip
def role(session: Session, call: Call) -> Iterable[str]:
    """A Role."""
    _checked(call)
    if not _words(call["resource"]):
        raise KubectlError("error: at least one resource must be specified")
    rules = _rules(cluster_of(session, call), call)
    body = {"apiVersion": VERSION, "kind": "Role", "metadata": {"name": call["NAME"]},
            "rules": rules}  # fmt: skip
    return generated(session, call, body, "role")


@verb("kubectl create clusterrole", "Allow something in all namespaces",
      aliases=("k create clusterrole",), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, *_RULES,
             Flag(("--non-resource-url",), "a path of the server", text("path"), repeat=True),
             Flag(("--aggregation-rule",), "KEY=VALUE: all roles with this label",
                  text("label"))),
      examples=("kubectl create clusterrole reader --verb=get --resource=nodes",))  # fmt: skip
def cluster_role(session: Session, call: Call) -> Iterable[str]:
    """A ClusterRole."""
    body: dict[str, Any] = {
        "apiVersion": VERSION, "kind": "ClusterRole", "metadata": {"name": call["NAME"]},
    }  # fmt: skip
    if call["aggregation_rule"]:
        pairs = labels_of(call["aggregation_rule"])
        body["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": pairs}]}
        return generated(session, call, body, "clusterrole")
    _checked(call)
    if not _words(call["resource"]) and not call["non_resource_url"]:
        raise KubectlError("error: one of resource or nonResourceURL must be specified")
    body["rules"] = _rules(cluster_of(session, call), call)
    if call["non_resource_url"]:
        paths = _words(call["non_resource_url"])
        body["rules"].append({"nonResourceURLs": paths, "verbs": _words(call["verb"])})
    return generated(session, call, body, "clusterrole")


def subjects(call: Call) -> list[dict[str, str]]:
    """Who is meant by the flags of a line."""
    found = [
        {"kind": kind, "apiGroup": GROUP, "name": name}
        for kind, word in (("User", "user"), ("Group", "group"))
        for name in call[word]
    ]
    for one in call["serviceaccount"]:
        space, colon, name = one.partition(":")
        if not colon or not space or not name:
            raise KubectlError("error: serviceaccount must be <namespace>:<name>")
        found.append({"kind": "ServiceAccount", "name": name, "namespace": space})
    return found


def _binding(session: Session, call: Call, kind: str, role_kind: str, name: str) -> list[str]:
    body: dict[str, Any] = {
        "apiVersion": VERSION, "kind": kind, "metadata": {"name": call["NAME"]},
        "roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": name},
    }  # fmt: skip
    who = subjects(call)
    if who:
        body["subjects"] = who
    return generated(session, call, body, kind.lower())


@verb("kubectl create rolebinding", "Give a role to somebody in a namespace",
      aliases=("k create rolebinding",), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, *_WHO, Flag(("--role",), "which Role", text("role")),
             Flag(("--clusterrole",), "which ClusterRole", text("role"))),
      examples=("kubectl create rolebinding r --role=reader --serviceaccount=default:web",)
      )  # fmt: skip
def role_binding(session: Session, call: Call) -> Iterable[str]:
    """A RoleBinding."""
    if bool(call["role"]) == bool(call["clusterrole"]):
        raise KubectlError("error: exactly one of clusterrole or role must be specified")
    kind = "Role" if call["role"] else "ClusterRole"
    return _binding(session, call, "RoleBinding", kind, call["role"] or call["clusterrole"])


@verb("kubectl create clusterrolebinding", "Give a role to somebody in all namespaces",
      aliases=("k create clusterrolebinding",), arguments=(_NAME,),
      flags=(*COMMON, *SHOWN, *_WHO, Flag(("--clusterrole",), "which ClusterRole", text("role"))),
      examples=("kubectl create clusterrolebinding r --clusterrole=view --user=ann",)
      )  # fmt: skip
def cluster_role_binding(session: Session, call: Call) -> Iterable[str]:
    """A ClusterRoleBinding."""
    if not call["clusterrole"]:
        raise KubectlError('error: required flag(s) "clusterrole" not set')
    return _binding(session, call, "ClusterRoleBinding", "ClusterRole", call["clusterrole"])


@verb("kubectl set subject", "Give a role to more people", aliases=("k set subject",),
      arguments=(OBJECTS,), flags=(*COMMON, *GIVEN, *SHOWN, *_WHO), known="--local --all -l",
      examples=("kubectl set subject rolebinding r --user=bob",))  # fmt: skip
def set_subject(session: Session, call: Call) -> Iterable[str]:
    """Besides those who have it."""
    from simulator.cluster.kubernetes.data import as_data

    more = subjects(call)
    if not more:
        raise KubectlError("error: you must specify at least one value of user, group or "
                           "serviceaccount")  # fmt: skip
    writer = Writer(session, call)
    for target in targets(session, call, writer.cluster, call["TYPE"]):
        if target[0].kind not in ("RoleBinding", "ClusterRoleBinding"):
            raise KubectlError(f"error: cannot set a subject on {target[0].kind}")
        there = as_data(one_of(writer.cluster, *target)).get("subjects") or []
        fresh = [one for one in more if one not in there]
        patched(writer.at, writer.cluster, target, {"subjects": [*there, *fresh]})
        writer.say(target, "subjects updated")
    return []
