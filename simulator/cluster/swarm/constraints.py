"""Constraints of placement: ``node.labels.zone==a``, all of which a node must meet.

Words are compared whole and without regard to case; what a node does not have is an empty word
(swarmkit, ``manager/constraint``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network

import msgspec

from simulator.cluster.swarm.objects import Node
from simulator.errors import InputError

NODE_LABEL, ENGINE_LABEL = "node.labels.", "engine.labels."
OPERATORS = ("==", "!=")
_KEY = re.compile(r"(?i)[a-z_][a-z0-9\-_.]+", re.ASCII)
_VALUE = re.compile(r"(?i)[a-z0-9:\-_\s.*()?+\[\]\\^$|/]+", re.ASCII)


class Constraint(msgspec.Struct, frozen=True):
    """One of them."""

    key: str
    equal: bool
    value: str

    def met(self, *words: str) -> bool:
        """Whether one of the words is what it asks for (or none is what it forbids)."""
        wanted = self.value.casefold()
        return any(word.casefold() == wanted for word in words) is self.equal


def parse(texts: tuple[str, ...] | list[str]) -> list[Constraint]:
    """Constraints from words; InputError for what is none."""
    return [_parsed(text) for text in texts]


@lru_cache(maxsize=1000)  # asked for each node
def _parsed(text: str) -> Constraint:
    for operator in OPERATORS:
        if operator not in text:
            continue
        key, _, value = text.partition(operator)
        key, value = key.strip(), value.strip()
        if not _KEY.fullmatch(key):
            raise InputError(f"key '{key}' is invalid")
        if not _VALUE.fullmatch(value):
            raise InputError(f"value '{value}' is invalid")
        return Constraint(key, operator == "==", value)
    raise InputError(f"constraint expected one operator from {', '.join(OPERATORS)}")


def matches(constraints: list[Constraint], node: Node) -> bool:
    """Whether a node meets all of them."""
    return all(_meets(one, node) for one in constraints)


def _meets(one: Constraint, node: Node) -> bool:
    key, what = one.key.lower(), node.description
    if key == "node.ip":
        return _ip(one, node.address)
    if key.startswith(NODE_LABEL) and len(key) > len(NODE_LABEL):
        return one.met(node.spec.labels.get(one.key[len(NODE_LABEL) :], ""))
    if key.startswith(ENGINE_LABEL) and len(key) > len(ENGINE_LABEL):
        return one.met(what.engine_labels.get(one.key[len(ENGINE_LABEL) :], ""))
    words = {
        "node.id": node.id,
        "node.hostname": what.hostname,
        "node.role": node.spec.role,
        "node.platform.os": what.os if what.platform else "",
        "node.platform.arch": what.arch if what.platform else "",
    }
    return key in words and one.met(words[key])


def _ip(one: Constraint, address: str) -> bool:
    try:
        wanted = ip_network(one.value, strict=False)
    except ValueError:
        return False
    try:
        within = ip_address(address) in wanted
    except ValueError:
        within = False
    return within is one.equal


def label_of(node: Node, descriptor: str) -> str | None:
    """The value that a preference goes by; None: the swarm knows no such thing."""
    word = descriptor.lower()
    if word.startswith(NODE_LABEL) and len(word) > len(NODE_LABEL):
        return node.spec.labels.get(descriptor[len(NODE_LABEL) :], "")
    if word.startswith(ENGINE_LABEL) and len(word) > len(ENGINE_LABEL):
        return node.description.engine_labels.get(descriptor[len(ENGINE_LABEL) :], "")
    return None
