"""What roles and bindings allow somebody: asked by ``auth can-i --as``, enforced by nobody.

kubernetes, ``plugin/pkg/auth/authorizer/rbac``: a request is allowed when any rule of any role that
is bound to the user, a group of the user or the account matches it. Nothing is ever forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

Rule: TypeAlias = Mapping[str, Any]
ACCOUNT = "system:serviceaccount:"
MASTERS = "system:masters"
LOOK = ("get", "list", "watch")
CHANGE = ("create", "delete", "deletecollection", "patch", "update")
_EVERYTHING: tuple[Rule, ...] = (
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
)
_SEEN = (
    ("", ("bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "pods",
          "pods/log", "pods/status", "persistentvolumeclaims", "replicationcontrollers",
          "replicationcontrollers/scale", "resourcequotas", "serviceaccounts", "services")),
    ("apps", ("controllerrevisions", "daemonsets", "deployments", "deployments/scale",
              "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale")),
    ("autoscaling", ("horizontalpodautoscalers",)),
    ("batch", ("cronjobs", "jobs")),
    ("discovery.k8s.io", ("endpointslices",)),
    ("networking.k8s.io", ("ingresses", "networkpolicies")),
    ("policy", ("poddisruptionbudgets",)),
)  # fmt: skip
_NOT_WRITTEN = {"bindings", "endpoints", "events", "limitranges", "namespaces", "pods/log",
                "pods/status", "resourcequotas", "controllerrevisions",
                "endpointslices"}  # fmt: skip


class Asker(msgspec.Struct, frozen=True):
    """Who asks: a user, and the groups that it is in."""

    name: str
    groups: frozenset[str]


class Question(msgspec.Struct, frozen=True):
    """What is asked: a verb, and a resource or a path of the server."""

    verb: str
    group: str = ""
    resource: str = ""
    """With its part, as ``pods/log``."""
    name: str = ""
    namespace: str = ""
    path: str = ""


def asker(name: str, groups: Iterable[str]) -> Asker:
    """A user, or the account of ``system:serviceaccount:NAMESPACE:NAME``."""
    found = {*groups, "system:authenticated"}
    if name.startswith(ACCOUNT):
        space = name.removeprefix(ACCOUNT).partition(":")[0]
        found |= {"system:serviceaccounts", f"system:serviceaccounts:{space}"}
    return Asker(name, frozenset(found))


def rules_of(cluster: Cluster, who: Asker, namespace: str) -> Iterator[Rule]:
    """All rules that hold for somebody in a namespace."""
    if MASTERS in who.groups:
        yield from _EVERYTHING
    for binding in cluster.table("ClusterRoleBinding"):
        yield from _bound(cluster, binding, who, "")
    rooms = cluster.table("RoleBinding").namespaces.get(namespace, {})
    for name in sorted(rooms):
        yield from _bound(cluster, rooms[name], who, namespace)


def allowed(cluster: Cluster, who: Asker, question: Question) -> bool:
    """Whether any rule matches."""
    return any(_matches(one, question) for one in rules_of(cluster, who, question.namespace))


def _bound(cluster: Cluster, binding: Any, who: Asker, namespace: str) -> Iterator[Rule]:
    subjects = binding.data.get("subjects") or ()
    if any(_means(one, who, namespace) for one in subjects):
        ref = binding.data.get("roleRef") or {}
        yield from _rules(cluster, str(ref.get("kind")), str(ref.get("name")), namespace)


def _means(subject: Mapping[str, Any], who: Asker, namespace: str) -> bool:
    kind, name = subject.get("kind"), str(subject.get("name"))
    if kind == "ServiceAccount":
        return who.name == f"{ACCOUNT}{subject.get('namespace') or namespace}:{name}"
    return name in who.groups if kind == "Group" else name == who.name


def _rules(cluster: Cluster, kind: str, name: str, namespace: str) -> Iterator[Rule]:
    role: Any = cluster.find(kind, namespace if kind == "Role" else "", name)
    if role is None:
        yield from _BUILT_IN.get(name, ()) if kind == "ClusterRole" else ()
        return
    yield from role.data.get("rules") or ()
    wanted = (role.data.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
    for one in wanted:
        labels = (one.get("matchLabels") or {}).items()
        for other in cluster.table("ClusterRole") if labels else ():
            if labels <= dict(other.meta.labels).items() and other is not role:
                yield from getattr(other, "data", {}).get("rules") or ()


def _matches(rule: Rule, question: Question) -> bool:
    if not {"*", question.verb} & set(rule.get("verbs") or ()):
        return False
    if question.path:
        return any(_covers(one, question.path) for one in rule.get("nonResourceURLs") or ())
    if not {"*", question.group} & set(rule.get("apiGroups") or ()) and question.group != "*":
        return False
    part = question.resource.partition("/")[2]
    words = {"*", question.resource, *([f"*/{part}"] if part else ())}
    names = rule.get("resourceNames") or ()
    return bool(words & set(rule.get("resources") or ())) and (not names or question.name in names)


def _covers(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def _rule(group: str, resources: Iterable[str], verbs: Iterable[str]) -> Rule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


_VIEW = tuple(_rule(group, resources, LOOK) for group, resources in _SEEN)
_EDIT = (
    *_VIEW,
    *(
        _rule(group, [one for one in resources if one not in _NOT_WRITTEN], CHANGE)
        for group, resources in _SEEN
    ),
    _rule("", ("secrets", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy",
               "services/proxy"), (*LOOK, *CHANGE)),
    _rule("", ("serviceaccounts",), ("impersonate",)),
    _rule("", ("pods/eviction",), ("create",)),
)  # fmt: skip
_ADMIN = (
    *_EDIT,
    _rule("rbac.authorization.k8s.io", ("roles", "rolebindings"), (*LOOK, *CHANGE)),
    _rule("authorization.k8s.io", ("localsubjectaccessreviews",), ("create",)),
)
_BUILT_IN: Mapping[str, tuple[Rule, ...]] = {
    "cluster-admin": _EVERYTHING, "admin": _ADMIN, "edit": _EDIT, "view": _VIEW,
}  # fmt: skip
"""The roles for people that every cluster has (``bootstrappolicy``), for the kinds there are."""
