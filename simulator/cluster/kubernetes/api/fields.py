"""The fields of all built-in kinds: types, which are required, how lists are merged.

Read from ``assets/kubernetes/fields.json``, which holds what the API's own description says: for
each type its fields, as ``TYPE ! p=STRATEGY k=MERGE_KEY l=MAP,KEYS``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from simulator.files import asset


class Field(msgspec.Struct, frozen=True):
    """One field. ``type``: string, int, bool, number, quantity, intstr, time, bytes, any, the name
    of a type, ``[TYPE]`` for a list, ``{TYPE}`` for a map."""

    type: str
    required: bool = False
    strategy: str = ""
    """``merge``, ``replace`` or ``merge,retainKeys``, of a strategic merge patch."""
    merge_key: str = ""
    map_keys: tuple[str, ...] = ()
    """What tells the entries of a list apart, for server-side apply."""

    @property
    def inner(self) -> str:
        """The type of its entries, where it is a list or a map."""
        return self.type[1:-1]


@cache
def _table() -> Any:
    return json.loads(asset("kubernetes/fields.json").read_text(encoding="utf-8"))


def type_of_kind(api_version: str, kind: str) -> str | None:
    """The type of a kind's documents; None where it is not built in."""
    found = _table()["kinds"].get(api_version, {}).get(kind)
    return str(found) if found is not None else None


@cache
def fields_of(type_: str) -> Mapping[str, Field] | None:
    """The fields of a type by name; None where it is no type with fields."""
    raw = _table()["types"].get(type_)
    return None if raw is None else {name: _field(text) for name, text in raw.items()}


def _field(text: str) -> Field:
    type_, *words = text.split(" ")
    said = dict(word.partition("=")[::2] for word in words)
    keys = tuple(one for one in said.get("l", "").split(",") if one)
    return Field(type_, "!" in said, said.get("p", ""), said.get("k", ""), keys)
