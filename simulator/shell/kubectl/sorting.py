"""``--sort-by``: objects in the order of a field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from simulator.shell.kubectl.target import KubectlError

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.objects.meta import Object

_AMOUNT = re.compile(r"[0-9.]+([mkMGTPE]|[KMGTPE]i)?")
_STEP = re.compile(r"\.((?:\\.|[^.\[\\])+)|\[([0-9]+)\]|\['([^']*)'\]")


def in_order(found: list[Object], path: str) -> list[Object]:
    """Objects by a field; KubectlError where none of them has it."""
    from simulator.cluster.kubernetes.data import as_data

    if not found:
        return found
    pairs = [(one, as_data(one)) for one in found]
    if all(value_at(said, path) is None for _, said in pairs):
        shown = path if path.startswith("{") else "{" + path + "}"
        raise KubectlError(
            f'error: couldn\'t find any field with path "{shown}" in the list of objects'
        )
    return [one for one, _ in sorted(pairs, key=lambda pair: sort_key(pair[1], path))]


def sort_key(said: Any, path: str) -> Any:
    """Where data stand in the order of a field: what has none comes first, amounts by size."""
    from simulator.cluster.kubernetes.objects.quantity import parse

    value = value_at(said, path)
    if value is None:
        return (0, 0, "")
    if isinstance(value, int | float):
        return (1, value, "")
    text = str(value)
    if _AMOUNT.fullmatch(text):
        return (1, parse(text).nanos / 1e9, text)
    return (2, 0, text)


def value_at(said: Any, path: str) -> Any:
    """What is at a path such as ``{.status.conditions[0].type}``; None: nothing."""
    text = path.strip().strip("{}")
    text = text if text.startswith((".", "[")) else f".{text}"
    for name, number, key in _STEP.findall(text):
        if number:
            at = int(number)
            said = said[at] if isinstance(said, list) and at < len(said) else None
        else:
            word = name.replace("\\.", ".") or key
            said = said.get(word) if isinstance(said, dict) else None
    return said
