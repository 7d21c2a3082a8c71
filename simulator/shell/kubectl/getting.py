"""``kubectl get``, ``events`` and ``api-resources``: what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.following import Anew, Following
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN, objects_of
from simulator.shell.kubectl.output import asked, printed_data
from simulator.shell.kubectl.subresources import SUBRESOURCE, scales
from simulator.shell.kubectl.subresources import asked as part_asked
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    FIELDS,
    OUTPUT,
    SELECTOR,
    KubectlError,
    cluster_of,
    named,
    namespace_of,
    one_of,
    until,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

_WORDS = Argument("TYPE", text("type or type/name"), "what to show, and names", optional=True,
                  repeat=True)  # fmt: skip


@verb(
    "kubectl get",
    "Show objects of a cluster",
    aliases=("k get",),
    arguments=(_WORDS,),
    flags=(
        *COMMON, *GIVEN, EVERYWHERE, SELECTOR, FIELDS, OUTPUT,
        Flag(("--show-labels",), "labels in a column of their own"),
        Flag(("--no-headers",), "without the headings"),
        Flag(("--sort-by",), "in the order of a field", text("path")),
        Flag(("-w", "--watch"), "also what changes, for a minute"),
        Flag(("--ignore-not-found",), "nothing instead of an error"),
        Flag(("--show-managed-fields",), "with who manages which field (yaml, json)"),
        Flag(("-L", "--label-columns"), "labels in columns", text("keys")),
        Flag(("--template",), "the template of -o go-template", text("template")),
        SUBRESOURCE,
    ),
    examples=("kubectl get pods", "kubectl get deploy,svc -o wide", "kubectl get po web-0 -o yaml"),
    known="--watch-only --chunk-size --raw",
)  # fmt: skip
def get(session: Session, call: Call) -> Iterable[str]:
    """Objects as a table, or as they are."""
    cluster = cluster_of(session, call)
    if call["filename"] or call["kustomize"]:
        return _of_files(session, call, cluster)
    wanted = named(cluster, call["TYPE"])
    if wanted and wanted[0][0].kind == "Event":
        from simulator.shell.kubectl.events import event_table

        return event_table(session, call)
    groups = _groups(session, call, cluster, wanted)
    output = asked(session, call)
    if call["watch"]:
        missing = wanted[0][1] and not any(some for _, some in groups)
        return [] if missing else _followed(session, call, cluster, wanted, output)
    single = len(wanted) == 1 and wanted[0][1] != ""
    if part_asked(call) == "scale":
        return scales(cluster, groups, output, single=single)
    if output in ("", "wide"):
        return _tables(session, call, cluster, groups, wide=output == "wide")
    found = [one for _, objects in groups for one in objects]
    managed = bool(call["show_managed_fields"])
    return formatted(found, output, single=single, cluster=cluster, managed=managed)


def _of_files(session: Session, call: Call, cluster: Cluster) -> list[str]:
    """What there is of the objects of files."""
    if call["TYPE"]:
        raise KubectlError("error: when paths, URLs, or stdin is provided as input, you may not "
                           "specify resource arguments as well")  # fmt: skip
    groups: dict[str, tuple[Kind, list[Object]]] = {}
    wanted = objects_of(session, call, cluster)
    for kind, namespace, name in wanted:
        _, found = groups.setdefault(kind.kind, (kind, []))
        try:
            found.append(one_of(cluster, kind, namespace, name))
        except KubectlError as error:
            if not call["ignore_not_found"]:
                session.fail(call, error)
    output = asked(session, call)
    if output in ("", "wide"):
        return _tables(session, call, cluster, list(groups.values()), wide=output == "wide")
    every = [one for _, some in groups.values() for one in some]
    return formatted(every, output, single=len(wanted) == 1, cluster=cluster)


def _groups(
    session: Session, call: Call, cluster: Cluster, wanted: list[tuple[Kind, str]]
) -> list[tuple[Kind, list[Object]]]:
    from simulator.shell.kubectl.selecting import chosen

    groups: dict[str, tuple[Kind, list[Object]]] = {}
    namespace = namespace_of(session, call)
    for kind, name in wanted:
        _, found = groups.setdefault(kind.kind, (kind, []))
        if not name:
            found += chosen(session, call, cluster, kind)
            continue
        try:
            found.append(one_of(cluster, kind, namespace, name))
        except KubectlError as error:
            if not call["ignore_not_found"]:
                session.fail(call, error)
    sort_by = call["sort_by"]
    if sort_by:
        from simulator.shell.kubectl.sorting import in_order

        for _, found in groups.values():
            found[:] = in_order(found, sort_by)
    return list(groups.values())


def _tables(
    session: Session,
    call: Call,
    cluster: Cluster,
    groups: list[tuple[Kind, list[Object]]],
    *,
    wide: bool,
) -> list[str]:
    from simulator.shell.kubectl.printers import aligned

    lines: list[str] = []
    several = len(groups) > 1
    for kind, found in groups:
        if not found:
            continue
        rows = _rows(call, cluster, kind, found, wide=wide, several=several)
        if lines:
            lines.append("")
        lines += aligned(rows)
    if not lines and call["TYPE"] and not call["ignore_not_found"]:
        where = namespace_of(session, call)
        spread = call["all_namespaces"] or not any(kind.namespaced for kind, _ in groups)
        if all(not name for _, name in named(cluster, call["TYPE"])):
            return ["No resources found" if spread else f"No resources found in {where} namespace."]
    return lines


def _followed(
    session: Session, call: Call, cluster: Cluster, wanted: list[tuple[Kind, str]], output: str
) -> list[str]:
    """A row for each object, and one more whenever one has changed or has gone."""
    from simulator.shell.kubectl.printers import aligned

    if len({kind.kind for kind, _ in wanted}) != 1 or output not in ("", "wide"):
        raise KubectlError("error: you may only watch a single resource type, as a table or wide")
    if not session.waits:
        return _streamed(session, call, cluster, wanted, output == "wide")
    kind, end = wanted[0][0], session.world.now + session.follow_s
    news, top = _News(), not call["no_headers"]
    cluster.store.watch(kind.kind, news.heard)
    try:
        changed = _watched(session, call, cluster, wanted)
        first: list[tuple[str, ...]] = []
        while True:
            if changed:
                rows = _rows(call, cluster, kind, changed, wide=output == "wide", several=False)
                body = rows[1:] if first and top else rows
                first = first or rows
                shown = aligned([*first, *body])[len(first) :]
                session.say(shown)
            if not until(session, lambda: bool(news.latest), end):
                return [f"(watched for {session.follow_s:g}s)"]
            changed = _meant(session, call, wanted, news.taken())
    finally:
        cluster.store.unwatch(kind.kind, news.heard)


MOST_WATCHED = 5_000
"""Rows of a watch that are kept, the newest ones."""


def _streamed(
    session: Session, call: Call, cluster: Cluster, wanted: list[tuple[Kind, str]], wide: bool
) -> list[str]:
    """The same while the clock runs by itself: what has changed is another object."""
    from simulator.shell.kubectl.printers import aligned

    kind = wanted[0][0]
    known: dict[tuple[str, str], Object] = {}
    first: list[tuple[str, ...]] = []
    lines: list[str] = []

    def look() -> list[str]:
        nonlocal first
        found = _watched(session, call, cluster, wanted)
        changed = [one for one in found if known.get(one.key) is not one]
        known.update({one.key: one for one in changed})
        if changed:
            rows = _rows(call, cluster, kind, changed, wide=wide, several=False)
            body = rows[1:] if first and not call["no_headers"] else rows
            first = first or rows
            lines.extend(aligned([*first, *body])[len(first) :])
            del lines[1:-MOST_WATCHED]
        return list(lines)

    world, tenths = session.world, Anew(lambda: int(session.world.now * 10), look)
    end = world.now + session.follow_s
    left = f"(watched for {session.follow_s:g}s)"
    title = f"kubectl get {call['TYPE'][0]} -w"
    return session.follow(Following(lambda: world.now, end, tenths, lambda: False, left, title))


class _News:
    """What has changed of a kind since one looked last."""

    def __init__(self) -> None:
        self.latest: dict[tuple[str, str], Object] = {}

    def heard(self, before: Object | None, after: Object | None) -> None:
        """Told of a change; what has gone is shown once more as it was."""
        one = after if after is not None else before
        if one is not None:
            self.latest[one.key] = one

    def taken(self) -> list[Object]:
        """What has changed, by namespace and name."""
        found, self.latest = [self.latest[key] for key in sorted(self.latest)], {}
        return found


def _meant(
    session: Session, call: Call, wanted: list[tuple[Kind, str]], found: list[Object]
) -> list[Object]:
    """Which of some objects a line watches."""
    from simulator.shell.kubectl.selecting import selected

    kind, names = wanted[0][0], {name for _, name in wanted}
    if kind.namespaced and not call["all_namespaces"]:
        space = namespace_of(session, call)
        found = [one for one in found if one.namespace == space]
    if "" not in names:
        return [one for one in found if one.name in names]
    return selected(call, kind, found)


def _watched(
    session: Session, call: Call, cluster: Cluster, wanted: list[tuple[Kind, str]]
) -> list[Object]:
    """What of the objects meant is there now."""
    from simulator.shell.kubectl.selecting import chosen

    namespace = namespace_of(session, call)
    found: list[Object] = []
    for kind, name in wanted:
        if not name:
            found += chosen(session, call, cluster, kind)
        elif one := cluster.find(kind.kind, namespace if kind.namespaced else "", name):
            found.append(one)
    return found


def _rows(
    call: Call, cluster: Cluster, kind: Kind, found: list[Object], *, wide: bool, several: bool
) -> list[tuple[str, ...]]:
    from simulator.shell.kubectl.printers import columns_of

    headings, more, printer = columns_of(kind.kind)
    spaces = call["all_namespaces"] and kind.namespaced
    labels = [one for one in (call["label_columns"] or "").split(",") if one]
    rows: list[tuple[str, ...]] = []
    plain = not (labels or call["show_labels"] or several or wide)
    for one in found:
        cells, extra = printer(one, cluster)
        if plain:
            rows.append((one.meta.namespace, *cells) if spaces else cells)
            continue
        name = f"{kind.title}/{cells[0]}" if several else cells[0]
        row = [one.namespace, name] if spaces else [name]
        row += [*cells[1:], *(extra if wide else ())]
        row += [one.meta.labels.get(key, "") for key in labels]
        if call["show_labels"]:
            words = ",".join(f"{key}={value}" for key, value in sorted(one.meta.labels.items()))
            row.append(words or "<none>")
        rows.append(tuple(row))
    if call["no_headers"]:
        return rows
    top = [*(("NAMESPACE",) if spaces else ()), *headings, *(more if wide else ())]
    top += [key.rpartition("/")[2].upper() for key in labels]
    top += ["LABELS"] if call["show_labels"] else []
    return [tuple(top), *rows]


def formatted(
    found: list[Object], output: str, *, single: bool, cluster: Cluster, managed: bool = False
) -> list[str]:
    """Objects in a format of their own."""
    from simulator.cluster.kubernetes.data import as_data

    if output == "name":
        kinds = cluster.kinds
        return [
            f"{kind.title if kind else one.kind.lower()}/{one.name}"
            for one in found
            for kind in (kinds.named(one.kind),)
        ]
    said = [as_data(one) for one in found]
    if managed:
        from simulator.cluster.kubernetes.patching.fieldsets import managed_data

        for one, data in zip(found, said, strict=True):
            if one.meta.managed:
                data["metadata"]["managedFields"] = managed_data(one.meta.managed)
    whole: Any = said[0] if single and said else {
        "apiVersion": "v1", "items": said, "kind": "List", "metadata": {"resourceVersion": ""},
    }  # fmt: skip
    if single and not said:
        return []
    if output.partition("=")[0] == "custom-columns":
        from simulator.shell.kubectl.jsonpath import custom_columns

        return custom_columns(said, output.partition("=")[2])
    return printed_data(whole, output)
