"""``-o go-template``: templates of Go over objects as they are, with kubectl's own functions."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from simulator.errors import InputError
from simulator.shell.kubectl.target import KubectlError
from simulator.shell.templates import NoValue, go_text, render

_VERB = re.compile(r"%[-+0]?[0-9]*(?:\.[0-9]+)?[svdqfx%]")


def expand(data: Any, template: str) -> str:
    """A template filled in; what it cannot be is said as kubectl says it."""
    try:
        return render(template, loose(data), FUNCTIONS)
    except InputError as error:
        raise KubectlError(f"error: error parsing template {template}, {error}") from None


class Loose(dict[str, Any]):
    """Data of which any field may be asked: what is not there is ``<no value>``, as in kubectl."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Any:
        return NoValue()


def loose(data: Any) -> Any:
    """Data, and all that is in them, of which any field may be asked."""
    if isinstance(data, dict):
        return Loose((key, loose(one)) for key, one in data.items())
    return [loose(one) for one in data] if isinstance(data, list) else data


def _decoded(text: Any) -> str:
    try:
        return base64.b64decode(str(text), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise KubectlError(f"error: base64 decode failed: {go_text(text)!r}") from None


def _printf(form: Any, *values: Any) -> str:
    """``printf`` of Go, with the verbs that people use; a missing value is told as Go does."""
    left = list(values)

    def filled(match: re.Match[str]) -> str:
        verb = match[0]
        if verb == "%%":
            return "%"
        if not left:
            return f"%!{verb[-1]}(MISSING)"
        value = left.pop(0)
        if verb[-1] in "dfx":
            return str(verb % value) if isinstance(value, int | float) else go_text(value)
        if verb[-1] == "q":
            return f'"{go_text(value)}"'
        return str((verb[:-1] + "s") % go_text(value))

    return _VERB.sub(filled, str(form))


def _exists(value: Any, *keys: Any) -> bool:
    for key in keys:
        there = isinstance(value, dict) and key in value.keys()  # noqa: SIM118 - Loose has any key
        there = there or (isinstance(value, list) and isinstance(key, int) and key < len(value))
        if not there:
            return False
        value = value[key]
    return True


FUNCTIONS: dict[str, Any] = {
    "base64decode": _decoded,
    "printf": _printf,
    "exists": _exists,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
}
"""``kubectl``'s own (base64decode, exists) and Go's that docker's templates here do not have."""
