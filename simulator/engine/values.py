"""What is a value: something made of nothing that ever changes, so that copies may share it."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

_SCALARS = frozenset((str, int, float, bool, bytes, complex, type(None)))
_HOLDERS = frozenset((tuple, frozenset, Mapping, typing.Union, types.UnionType, typing.ClassVar))


def is_value(kind: Any) -> bool:
    """Whether all objects of a type are values, by what its definition says of its fields.

    Frozen dataclasses, named tuples and frozen structs are, if their fields are; a ``Mapping`` in
    one is taken for one that nobody changes. What cannot be told is none, a type that speaks of
    itself included.
    """
    known = _KNOWN.get(kind)
    if known is None:
        _KNOWN[kind] = False
        known = _KNOWN[kind] = _find_out(kind)
    return known


_KNOWN: dict[Any, bool] = dict.fromkeys((*_SCALARS, Ellipsis), True)


def _find_out(kind: Any) -> bool:
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return True
    if origin is Mapping:
        return True
    if origin is not None:
        return origin in _HOLDERS and all(map(is_value, typing.get_args(kind)))
    if not isinstance(kind, type):
        return False
    return issubclass(kind, Enum) or (_is_frozen(kind) and _fields_are_values(kind))


def _is_frozen(kind: type) -> bool:
    if dataclasses.is_dataclass(kind):
        return bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]
    if issubclass(kind, tuple):
        return hasattr(kind, "_fields")
    return bool(getattr(getattr(kind, "__struct_config__", None), "frozen", False))


def _fields_are_values(kind: type) -> bool:
    try:
        hints = typing.get_type_hints(kind)
    except (NameError, TypeError):
        return False  # a type that is known to type checkers only
    return all(map(is_value, hints.values()))
