"""``kubectl auth``: who is asking, and what they may do.

Nothing is forbidden to anybody here; what roles would allow somebody else is worked out (``--as``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.contexts import USER
from simulator.shell.kubectl.output import printed_data
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    KubectlError,
    cluster_of,
    namespace_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.kubectl.rules import Question
    from simulator.shell.session import Session

GROUPS = ("kubeadm:cluster-admins", "system:authenticated")
NOTE = "  (not modelled: RBAC: whoever asks an API server may do everything)"
VERBS = (
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch", "*", "bind",
    "escalate", "impersonate", "use", "approve", "sign", "head", "post", "put", "options",
    "proxy", "connect", "attest", "trace",
)  # fmt: skip
AS_NOTE = "  (what its roles say; nobody is kept from anything by them here)"
_AS = (
    Flag(("--as",), "as this user, or system:serviceaccount:NAMESPACE:NAME", text("who")),
    Flag(("--as-group",), "as somebody in this group too", text("group"), repeat=True),
)


@verb(
    "kubectl auth can-i", "Tell whether something is allowed", aliases=("k auth can-i",),
    arguments=(Argument("WORDS", text("word"), "VERB TYPE [NAME], or VERB TYPE/NAME",
                        optional=True, repeat=True),),
    flags=(*COMMON, EVERYWHERE, *_AS,
           Flag(("-q", "--quiet"), "say nothing: the exit code tells"),
           Flag(("--list",), "all that is allowed"),
           Flag(("--subresource",), "as log, exec, scale", text("subresource"))),
    examples=("kubectl auth can-i create deployments", "kubectl auth can-i --list"),
    known="--no-headers --as-uid",
)  # fmt: skip
def can_i(session: Session, call: Call) -> Iterable[str]:
    """Yes, and once a word on why."""
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    words = list(call["WORDS"])
    if call["as_group"] and not call["as"]:
        raise KubectlError("error: requesting uid, groups or user-extra without impersonating a "
                           "user")  # fmt: skip
    if call["as"]:
        return _as_somebody(session, call, cluster, words)
    if call["list"]:
        session.note("rbac", NOTE)
        top = ("Resources", "Non-Resource URLs", "Resource Names", "Verbs")
        return aligned([top, ("*.*", "[]", "[]", "[*]"), ("", "[*]", "[]", "[*]")])
    if len(words) not in (2, 3):
        raise KubectlError("error: you must specify two arguments: verb resource or verb "
                           "resource/resourceName.")  # fmt: skip
    if call["quiet"]:
        return []
    session.note("rbac", NOTE)
    lines = []
    if words[0] not in VERBS:
        lines.append(f"Warning: verb '{words[0]}' is not a known verb")
    resource = words[1].partition("/")[0]
    kind = cluster.kinds.find(resource)
    if kind is None and resource != "*" and words[1][0] != "/":
        lines.append(f"Warning: the server doesn't have a resource type '{resource}'")
    elif kind is not None and not kind.namespaced:
        lines.append(f"Warning: resource '{resource}' is not namespace scoped"
                     + (f" in group '{kind.group}'" if kind.group else ""))  # fmt: skip
    return [*lines, *([""] if lines else []), "yes"]


def _as_somebody(session: Session, call: Call, cluster: Cluster, words: list[str]) -> list[str]:
    """What the roles that are bound to somebody allow."""
    from simulator.shell.kubectl import rules

    session.note("rbac-as", AS_NOTE)
    who = rules.asker(call["as"], call["as_group"])
    space = "" if call["all_namespaces"] else namespace_of(session, call)
    if call["list"]:
        return _rows(rules.rules_of(cluster, who, space))
    if len(words) not in (2, 3):
        raise KubectlError("error: you must specify two arguments: verb resource or verb "
                           "resource/resourceName.")  # fmt: skip
    if not rules.allowed(cluster, who, _question(call, cluster, words, space)):
        raise KubectlError("no")
    return [] if call["quiet"] else ["yes"]


def _question(call: Call, cluster: Cluster, words: list[str], space: str) -> Question:
    from simulator.shell.kubectl.rules import Question

    if words[1].startswith("/"):
        return Question(words[0], path=words[1])
    word, _, name = words[1].partition("/")
    kind = cluster.kinds.find(word)
    part = f"/{call['subresource']}" if call["subresource"] else ""
    if kind is None:
        plural, _, group = word.partition(".")
        return Question(words[0], "*" if word == "*" else group, plural + part, name, space)
    name = name or (words[2] if len(words) > 2 else "")
    inside = space if kind.namespaced else ""
    return Question(words[0], kind.group, kind.plural + part, name, inside)


def _rows(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """The rules as a table: a row for each resource, its group after it."""
    from simulator.shell.kubectl.printers import aligned

    rows: list[tuple[str, ...]] = [("Resources", "Non-Resource URLs", "Resource Names", "Verbs")]
    for rule in found:
        verbs, names = _listed(rule.get("verbs")), _listed(rule.get("resourceNames"))
        for group in rule.get("apiGroups") or ():
            rows += [
                (f"{one}.{group}" if group else str(one), "[]", names, verbs)
                for one in rule.get("resources") or ()
            ]
        if rule.get("nonResourceURLs"):
            rows.append(("", _listed(rule["nonResourceURLs"]), names, verbs))
    return aligned(list(dict.fromkeys(rows)))


def _listed(words: Iterable[str] | None) -> str:
    return f"[{' '.join(words or ())}]"


@verb("kubectl auth whoami", "Tell who is asking", aliases=("k auth whoami",),
      flags=(*COMMON, Flag(("-o", "--output"), "yaml, json", text("format"))),
      examples=("kubectl auth whoami",))  # fmt: skip
def whoami(session: Session, call: Call) -> Iterable[str]:
    """Whoever made the cluster."""
    from simulator.shell.kubectl.printers import aligned

    cluster_of(session, call)
    if call["output"]:
        return printed_data(
            {
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "SelfSubjectReview",
                "status": {"userInfo": {"groups": list(GROUPS), "username": USER}},
            },
            call["output"],
        )
    return aligned(
        [("ATTRIBUTE", "VALUE"), ("Username", USER), ("Groups", f"[{' '.join(GROUPS)}]")]
    )
