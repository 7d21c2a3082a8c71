"""Which nodes a node selector means (component-helpers, ``nodeaffinity``)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import (
    NodeSelector,
    NodeSelectorTerm,
    Requirement,
    holds,
)

HOSTNAME = "kubernetes.io/hostname"
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", re.ASCII)


def selector_matches(selector: NodeSelector, labels: Mapping[str, str], name: str) -> bool:
    """Whether one of the terms matches a node; no term matches nothing."""
    return any(term_matches(one, labels, name) for one in selector.node_selector_terms)


def term_matches(term: NodeSelectorTerm, labels: Mapping[str, str], name: str) -> bool:
    """Whether all that a term says holds; a term that says nothing matches nothing."""
    if not term.match_expressions and not term.match_fields:
        return False
    if not all(_valid(one) for one in term.match_expressions):
        return False
    fields = {"metadata.name": name}
    return all(holds(one, labels) for one in term.match_expressions) and all(
        holds(one, fields) for one in term.match_fields
    )


def _valid(one: Requirement) -> bool:
    """An operand that is no value of a label makes its term match nothing."""
    return all(len(value) <= 63 and _VALUE.fullmatch(value) for value in one.values)


def named_nodes(pod: Pod) -> tuple[str, ...] | None:
    """The nodes that a pod names, where every term names some (as those of a DaemonSet do)."""
    affinity = pod.template.spec.affinity.node_affinity
    if affinity is None or affinity.required is None:
        return None
    if not affinity.required.node_selector_terms:
        return None
    names: dict[str, None] = {}
    for term in affinity.required.node_selector_terms:
        found = [
            one.values for one in term.match_fields
            if one.operator == "In" and one.key == "metadata.name"
        ]  # fmt: skip
        if not found:
            return None
        names |= dict.fromkeys(one for one in found[0] if all(one in more for more in found))
    return tuple(names)


def speaks_of_hosts(pod: Pod) -> bool:
    """Whether what a pod must have goes by single nodes, not by kinds of nodes."""
    if HOSTNAME in pod.template.spec.node_selector:
        return True
    affinity = pod.template.spec.affinity.node_affinity
    return (
        affinity is not None and affinity.required is not None and selects_hosts(affinity.required)
    )


def selects_hosts(selector: NodeSelector) -> bool:
    """Whether a selector goes by single nodes."""
    return any(of_host(term) for term in selector.node_selector_terms)


def of_host(term: NodeSelectorTerm) -> bool:
    """Whether a term goes by single nodes."""
    return bool(term.match_fields) or any(one.key == HOSTNAME for one in term.match_expressions)
