"""Which objects of a kind a line means: by namespace, labels and fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from simulator.shell.grammar import Call
from simulator.shell.kubectl.target import KubectlError, namespace_of

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

_SET = re.compile(r"([^\s!=,()]+)\s+(in|notin)\s+\(([^)]*)\)")
Test = tuple[str, str, tuple[str, ...]]


def read_selector(text: str) -> list[Test]:
    """``app=web,tier!=db,env in (a,b),!x,y`` as (key, operator, values)."""
    found: list[Test] = []
    rest = text
    for match in _SET.finditer(text):
        values = tuple(one.strip() for one in match[3].split(","))
        found.append((match[1], "In" if match[2] == "in" else "NotIn", values))
        rest = rest.replace(match[0], "")
    for word in filter(None, (one.strip() for one in rest.split(","))):
        if "!=" in word:
            key, _, value = word.partition("!=")
            found.append((key.strip(), "NotIn", (value.strip(),)))
        elif "=" in word:
            key, _, value = word.replace("==", "=").partition("=")
            found.append((key.strip(), "In", (value.strip(),)))
        elif word.startswith("!"):
            found.append((word[1:].strip(), "DoesNotExist", ()))
        elif " " in word or "(" in word:
            raise KubectlError(f"error: unable to parse requirement: found '{word}'")
        else:
            found.append((word, "Exists", ()))
    return found


def matches(tests: Iterable[Test], labels: Mapping[str, str]) -> bool:
    """Whether labels meet all of them."""
    for key, operator, values in tests:
        value = labels.get(key)
        met = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[operator]
        if not met:
            return False
    return True


def chosen(session: Session, call: Call, cluster: Cluster, kind: Kind) -> list[Object]:
    """All objects of a kind that a line's flags choose, by namespace and name."""
    table = cluster.table(kind.kind)
    if kind.namespaced and not call.values.get("all_namespaces"):
        rooms = [table.namespaces.get(namespace_of(session, call), {})]
    else:
        rooms = [table.namespaces[name] for name in sorted(table.namespaces)]
    found = [room[name] for room in rooms for name in sorted(room)]
    return selected(call, kind, found)


def selected(call: Call, kind: Kind, found: list[Object]) -> list[Object]:
    """Those that have the labels and fields of a line's flags."""
    if call.values.get("selector"):
        tests = read_selector(call["selector"])
        found = [one for one in found if matches(tests, one.meta.labels)]
    if call.values.get("field_selector"):
        fields = read_selector(call["field_selector"])
        found = [one for one in found if matches(fields, _fields(one, kind, fields))]
    return found


_FIELDS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec.nodeName", "status.phase", "status.podIP", "spec.restartPolicy",
            "spec.schedulerName", "spec.serviceAccountName"),
    "Node": ("spec.unschedulable",),
    "Job": ("status.successful",),
    "Secret": ("type",),
    "Namespace": ("status.phase",),
    "Event": ("involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "reason",
              "type"),
}  # fmt: skip


def _fields(one: Object, kind: Kind, tests: Iterable[Test]) -> Mapping[str, str]:
    from simulator.cluster.kubernetes.data import as_data

    known = ("metadata.name", "metadata.namespace", *_FIELDS.get(kind.kind, ()))
    for name, _, _ in tests:
        if name not in known:
            raise KubectlError(
                f'Error from server (BadRequest): Unable to find "{kind.api_version}, '
                f'Resource={kind.plural}" that match label selector "", field selector '
                f'"{name}": field label not supported: {name}'
            )
    said = as_data(one)
    return {name: _at(said, name) for name in known}


def _at(said: object, path: str) -> str:
    for word in path.split("."):
        said = said.get(word, "") if isinstance(said, dict) else ""
    return str(said).lower() if isinstance(said, bool) else str(said)
