"""Objects of kinds that kubectl knows nothing of: all fields, as words (``describe.go``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_ACRONYMS = ("API", "URL", "UID", "OSB", "GUID")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-")
_PLAIN = re.compile(r"[A-Za-z-]+")


def content(said: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Each field in a line, what is in it below (``printUnstructuredContent``)."""
    for field, value in sorted(said.items()):
        if isinstance(value, Mapping):
            yield f"{indent}{label(field)}:"
            yield from content(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{label(field)}:"
            for one in value:
                if isinstance(one, Mapping):
                    yield from content(one, indent + "  ")
                else:
                    yield f"{indent}  {_shown(one)}"
        else:
            yield f"{indent}{label(field)}:\t{_shown(value)}"


def label(field: str) -> str:
    """A field in words: ``targetRef`` is Target Ref (``smartLabelFor``)."""
    if not _PLAIN.fullmatch(field):
        return field
    parts = _PARTS.findall(field)
    words = [one.upper() if one.upper() in _ACRONYMS else one[:1].upper() + one[1:]
             for one in parts]  # fmt: skip
    return " ".join(words)


def _shown(value: Any) -> str:
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
