"""Strict decoding: every field is one that its type has, and of its type.

The API server's own words for what is wrong, each with the path at which it stands.
"""

from __future__ import annotations

import copy
import re
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
        found.append(one if isinstance(one, Problem) else _told(one, type_))
        if len(found) >= MOST:
            break
    return found


def metadata_refusal(data: dict[str, Any], api_version: str, kind: str) -> ApiError | None:
    """What the server says of ``metadata`` that is none, whatever the kind."""
    for one in _check(data.get("metadata"), META, ()):
        if isinstance(one, _Wrong):
            return refusal([_told(one, META, "metadata")], api_version, kind)
    return None


class _Wrong(msgspec.Struct, frozen=True):
    """A value that is not of its field's type."""

    path: Path
    found: str
    type: str


def _told(one: _Wrong, root: str, *words: str) -> Problem:
    """In the words of Go's decoder: the struct that has the field, and the fields down to it."""
    if one.found.startswith(ILLEGAL):
        return Problem((*words, *one.path), one.found, unknown=False)
    owner, type_, said = root, root, list(words)
    for step in one.path:
        if type_[0] in "[{":
            type_ = type_[1:-1]
            continue
        fields = fields_of(type_) or {}
        owner, type_ = type_, fields[str(step)].type
        said.append(str(step))
    text = (
        f"json: cannot unmarshal {one.found} into Go struct field "
        f"{owner.rpartition('.')[2]}.{'.'.join(said)} of type {_go(one.type, said)}"
    )
    return Problem((*words, *one.path), text, unknown=False)


META = "meta.ObjectMeta"
LONG = (
    "activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerationSeconds", "runAsUser",
    "runAsGroup", "fsGroup", "expirationSeconds", "generation", "observedGeneration",
    "deletionGracePeriodSeconds",
)  # fmt: skip
"""Fields that have 64 bits; all other whole numbers have 32."""


def _go(type_: str, fields: list[str]) -> str:
    """A type as Go names it."""
    if type_ == "int":
        return "int64" if fields and fields[-1] in LONG else "int32"
    if type_[0] == "[":
        return f"[]{_go(type_[1:-1], fields)}"
    if type_[0] == "{":
        inner = type_[1:-1]
        return "v1.ResourceList" if inner == "quantity" else f"map[string]{_go(inner, fields)}"
    if type_ in _GO:
        return _GO[type_]
    version, _, name = type_.rpartition(".")
    version = version.rpartition(".")[2]
    return f"{version if version.startswith('v') else 'v1'}.{name}"


def _check(value: Any, type_: str, path: Path) -> Iterator[Problem | _Wrong]:
    if value is None:
        return
    if type_[0] in "[{":
        yield from _check_many(value, type_, path)
        return
    fields = fields_of(type_)
    if fields is None:
        wrong = _wrong(value, type_)
        if wrong:
            yield _Wrong(path, wrong, type_)
        return
    if not isinstance(value, dict):
        yield _Wrong(path, _json_type(value), type_)
        return
    for name, one in value.items():
        field = fields.get(name)
        if field is None:
            text = f'unknown field "{dotted((*path, name))}"'
            yield Problem((*path, name), text, True, nearest(name, list(fields)))
        else:
            yield from _check(one, field.type, (*path, name))


def _check_many(value: Any, type_: str, path: Path) -> Iterator[Problem | _Wrong]:
    wanted = list if type_[0] == "[" else dict
    if not isinstance(value, wanted):
        yield _Wrong(path, _json_type(value), type_)
        return
    entries = enumerate(value) if isinstance(value, list) else value.items()
    for key, one in entries:
        if one is None and type_[1:-1] in ("string", "quantity"):
            continue
        yield from _check(one, type_[1:-1], (*path, key))


_GO = {
    "string": "string",
    "bool": "bool",
    "number": "float64",
    "bytes": "[]uint8",
    "any": "interface {}",
}


def _wrong(value: Any, type_: str) -> str:
    """The JSON type of a value that is not of this type; nothing where it is."""
    found = _json_type(value)
    if type_ == "any":
        return ""
    if type_ == "bytes" and isinstance(value, str):
        return _base64(value)
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


_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]", re.ASCII)
ILLEGAL = "illegal base64 data at input byte "


def _base64(text: str) -> str:
    """Where a text stops to be base64; nothing where it is, with its padding."""
    plain = text.replace("\r", "").replace("\n", "")
    body = plain.rstrip("=")
    odd = _NOT_BASE64.search(body)
    if odd is not None:
        return f"{ILLEGAL}{odd.start()}"
    padding = len(plain) - len(body)
    right = not len(plain) % 4 and padding <= 2 and len(body) % 4 != 1
    return "" if right else f"{ILLEGAL}{len(body) // 4 * 4 if not padding else len(body)}"


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "string" if isinstance(value, str) else "number"


def without(data: dict[str, Any], found: list[Problem]) -> dict[str, Any]:
    """The document without the fields that nobody knows."""
    unknown = [one.path for one in found if one.unknown]
    if not unknown:
        return data
    kept = copy.deepcopy(data)
    for path in unknown:
        at: Any = kept
        for step in path[:-1]:
            at = at[step]
        at.pop(path[-1], None)
    return kept


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
