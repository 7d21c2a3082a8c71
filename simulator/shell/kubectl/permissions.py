"""``kubectl auth``: who is asking, and what they may do; nothing is forbidden to anybody here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.contexts import USER
from simulator.shell.kubectl.output import printed_data
from simulator.shell.kubectl.target import COMMON, EVERYWHERE, KubectlError, cluster_of
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

GROUPS = ("kubeadm:cluster-admins", "system:authenticated")
NOTE = "  (not modelled: RBAC: whoever asks an API server may do everything)"
VERBS = (
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch", "*", "bind",
    "escalate", "impersonate", "use", "approve", "sign", "head", "post", "put", "options",
    "proxy", "connect", "attest", "trace",
)  # fmt: skip
_AS = tuple(
    Flag((name,), "", text("who"), refused="no RBAC: everybody may do the same")
    for name in ("--as", "--as-group", "--as-uid")
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
    known="--no-headers",
)  # fmt: skip
def can_i(session: Session, call: Call) -> Iterable[str]:
    """Yes, and once a word on why."""
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    words = list(call["WORDS"])
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
