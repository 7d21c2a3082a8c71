"""``kubectl api-resources`` and ``api-versions``: which kinds a server has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell import grammar
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import choice, text
from simulator.shell.kubectl.target import COMMON, KubectlError, cluster_of
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.shell.session import Session

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
"""What may be done with objects of every kind that is modelled (discovery of an API server)."""
_TOP = ("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND")
_MORE = ("VERBS", "CATEGORIES")


@verb(
    "kubectl api-resources", "List the kinds of a cluster", aliases=("k api-resources",),
    flags=(
        *COMMON,
        Flag(("-o", "--output"), "wide: with verbs and categories; name: names only",
             text("format")),
        Flag(("--namespaced",), "true: those in namespaces; false: those in none",
             choice("true or false", ("true", "false"))),
        Flag(("--api-group",), "only of this group ('' is the core)", grammar.Kind("group", str)),
        Flag(("--verbs",), "only those that all of these may be done with", text("verbs")),
        Flag(("--categories",), "only those in this category: all", text("categories")),
        Flag(("--sort-by",), "name or kind", text("field")),
        Flag(("--no-headers",), "without the headings"),
    ),
    examples=("kubectl api-resources", "kubectl api-resources --namespaced=false -o wide"),
    known="--cached",
)  # fmt: skip
def api_resources(session: Session, call: Call) -> Iterable[str]:
    """Every kind that the flags choose, with its words."""
    from simulator.shell.kubectl.printers import aligned

    output, order = call["output"] or "", call["sort_by"] or ""
    if output not in ("", "wide", "name"):
        raise KubectlError(f"error: --output {output} is not available")
    if order not in ("", "name", "kind"):
        raise KubectlError("error: --sort-by accepts only name or kind")
    kinds = [one for one in cluster_of(session, call).kinds if _chosen(call, one)]
    kinds.sort(key=lambda one: (one.group, one.plural))
    if order:
        kinds.sort(key=lambda one: one.plural if order == "name" else one.kind)
    if output == "name":
        return [one.resource for one in kinds]
    wide = output == "wide"
    top = [] if call["no_headers"] else [_TOP + (_MORE if wide else ())]
    return aligned([*top, *(_row(one, wide=wide) for one in kinds)])


def _chosen(call: Call, one: Kind) -> bool:
    inside, group = call["namespaced"], call["api_group"]
    verbs = (call["verbs"] or "").split(",") if call["verbs"] else ()
    rooms = (call["categories"] or "").split(",") if call["categories"] else ()
    return (
        (inside is None or one.namespaced == (inside == "true"))
        and (group is None or one.group == group)
        and all(each in VERBS for each in verbs)
        and all(each == "all" and one.in_all for each in rooms)
    )


def _row(one: Kind, *, wide: bool) -> tuple[str, ...]:
    row = (one.plural, ",".join(one.short), one.api_version, str(one.namespaced).lower(), one.kind)
    return (*row, ",".join(VERBS), "all" if one.in_all else "") if wide else row


@verb("kubectl api-versions", "List the versions of the API of a cluster",
      aliases=("k api-versions",), flags=COMMON, examples=("kubectl api-versions",))  # fmt: skip
def api_versions(session: Session, call: Call) -> Iterable[str]:
    """Groups with their versions."""
    kinds = cluster_of(session, call).kinds
    return sorted({word for one in kinds for word in (one.api_version, *one.other_versions)})
