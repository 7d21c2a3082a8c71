"""Strict decoding: every field is one that its type has, and of its type.

The API server's own words for what is wrong, each with the path at which it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from simulator.cluster.kubernetes.api.errors import ApiError, bad_request
from simulator.cluster.kubernetes.api.fields import fields_of, type_of_kind
from simulator.cluster.kubernetes.api.reading import Path
from simulator.errors import nearest

MOST = 100
"""Problems of one document that are told."""


class Problem(msgspec.Struct, frozen=True):
    """A field that is not known, or of the wrong type."""

    path: Path
    text: str
    unknown: bool
    nearest: str | None = None


def problems(data: dict[str, Any], api_version: str, kind: str) -> list[Problem]:
    """What is wrong with a document of a built-in kind; nothing for others."""
    type_ = type_of_kind(api_version, kind)
    if type_ is None:
        return []
    found: list[Problem] = []
    for one in _check(data, type_, ()):
        found.append(one)
        if len(found) >= MOST:
            break
    return found


def metadata_refusal(data: dict[str, Any], api_version: str, kind: str) -> ApiError | None:
    """What the server says of ``metadata`` that is none, whatever the kind."""
    found = _check(data.get("metadata"), "meta.ObjectMeta", ("metadata",))
    wrong = [one for one in found if not one.unknown]
    return refusal(wrong, api_version, kind)


def _check(value: Any, type_: str, path: Path) -> Iterator[Problem]:
    if value is None:
        return
    if type_[0] in "[{":
        yield from _check_many(value, type_, path)
        return
    fields = fields_of(type_)
    if fields is None:
        wrong = _wrong(value, type_)
        if wrong:
            yield Problem(path, _unmarshal(wrong, path, type_), unknown=False)
        return
    if not isinstance(value, dict):
        yield Problem(path, _unmarshal(_json_type(value), path, type_), unknown=False)
        return
    for name, one in value.items():
        field = fields.get(name)
        if field is None:
            text = f'unknown field "{dotted((*path, name))}"'
            yield Problem((*path, name), text, True, nearest(name, list(fields)))
        else:
            yield from _check(one, field.type, (*path, name))


def _check_many(value: Any, type_: str, path: Path) -> Iterator[Problem]:
    wanted = list if type_[0] == "[" else dict
    if not isinstance(value, wanted):
        yield Problem(path, _unmarshal(_json_type(value), path, type_), unknown=False)
        return
    entries = enumerate(value) if isinstance(value, list) else value.items()
    for key, one in entries:
        if one is None and type_[1:-1] in ("string", "quantity"):
            continue
        yield from _check(one, type_[1:-1], (*path, key))


_GO = {"string": "string", "int": "int32", "bool": "bool", "number": "float64", "bytes": "[]uint8"}


def _wrong(value: Any, type_: str) -> str:
    """The JSON type of a value that is not of this type; nothing where it is."""
    found = _json_type(value)
    if type_ == "any":
        return ""
    if type_ in ("string", "bytes", "time"):
        return "" if isinstance(value, str) else found
    if type_ == "bool":
        return "" if isinstance(value, bool) else found
    if isinstance(value, bool | dict | list):
        return found
    if type_ == "int":
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return "" if whole else (f"number {value}" if isinstance(value, float) else found)
    if type_ == "number":
        return "" if isinstance(value, int | float) else found
    return ""


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "number"


def _unmarshal(found: str, path: Path, type_: str) -> str:
    words = [str(one) for one in path if isinstance(one, str)]
    owner = words[-2].capitalize() if len(words) > 1 else "Object"
    goal = _GO.get(type_, f"v1.{type_.rpartition('.')[2].strip('[]{}')}")
    return (
        f"json: cannot unmarshal {found} into Go struct field {owner}.{'.'.join(words)} of type "
        f"{goal}"
    )


def dotted(path: Path) -> str:
    """``spec.containers[0].image``."""
    text = ""
    for one in path:
        text += f"[{one}]" if isinstance(one, int) else f".{one}" if text else str(one)
    return text


def refusal(found: list[Problem], api_version: str, kind: str) -> ApiError | None:
    """What the server says of a document with problems: wrong types first, then unknown fields."""
    wrong = [one for one in found if not one.unknown]
    version = api_version.rpartition("/")[2]
    start = f'{kind} in version "{version}" cannot be handled as a {kind}: '
    if wrong:
        return bad_request(start + wrong[0].text)
    if found:
        return bad_request(start + "strict decoding error: " + ", ".join(one.text for one in found))
    return None
