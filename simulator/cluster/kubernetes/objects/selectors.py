"""Label selectors and node selectors, as parts of specifications."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """``key operator values``: In, NotIn, Exists, DoesNotExist; for nodes Gt and Lt too."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Selects by labels: all must hold; an empty one selects everything."""

    match_labels: Mapping[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object of these labels is selected."""
        for key, value in self.match_labels.items():
            if labels.get(key) != value:
                return False
        return all(holds(one, labels) for one in self.match_expressions)


def holds(one: Requirement, labels: Mapping[str, str]) -> bool:
    """Whether labels meet a requirement (apimachinery, ``labels.Requirement.Matches``)."""
    value = labels.get(one.key)
    match one.operator:
        case "In":
            return value in one.values
        case "NotIn":
            return value not in one.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _compares(one, value)
    return False


def _compares(one: Requirement, value: str | None) -> bool:
    try:
        mine, bound = int(value or ""), int(one.values[0])
    except (ValueError, IndexError):
        return False
    return mine > bound if one.operator == "Gt" else mine < bound


class NodeSelectorTerm(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Requirements on labels and fields of a node, all of which must hold."""

    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


class NodeSelector(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Terms, one of which must hold."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()
