"""Lines with tabs in them, padded as kubectl's writer does (``text/tabwriter``, padding 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PADDING = 2
NONE = "<none>"
HIDDEN = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation that is not told."""


def tabbed(lines: Iterable[str]) -> list[str]:
    """Cells end with tabs; those of lines that follow each other are one column."""
    rows = [line.split("\t") for line in lines]
    _column(rows, 0, len(rows), 0)
    return ["".join(row) for row in rows]


def _column(rows: list[list[str]], start: int, end: int, at: int) -> None:
    first = start
    while first < end:
        last = first
        while last < end and at < len(rows[last]) - 1:
            last += 1
        if last == first:
            first += 1
            continue
        width = max(len(rows[one][at]) for one in range(first, last)) + PADDING
        for one in range(first, last):
            rows[one][at] = rows[one][at].ljust(width)
        _column(rows, first, last, at + 1)
        first = last


def pairs(name: str, said: Any, indent: str = "") -> list[str]:
    """Labels and the like, each in a line of its own, in the order of their keys."""
    listed = [f"{key}={value}" for key, value in sorted((said or {}).items())]
    return several(f"{indent}{name}:", listed)


def several(name: str, words: list[str]) -> list[str]:
    """A name, and words under each other beside it."""
    first, *rest = words or [NONE]
    return [f"{name}\t{first}", *(f"\t{one}" for one in rest)]


def notes(meta: Any, indent: str = "") -> list[str]:
    """Annotations, but the one that apply keeps."""
    kept = {key: one for key, one in meta.get("annotations", {}).items() if key != HIDDEN}
    listed = [f"{key}: {value}" for key, value in sorted(kept.items())]
    return several(f"{indent}Annotations:", listed)


def when(stamp: str | None) -> str:
    """A time of the API as describe writes it (RFC 1123)."""
    from datetime import datetime

    if not stamp:
        return "<unset>"
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).strftime(
        "%a, %d %b %Y %H:%M:%S +0000"
    )


def head(said: Any, *, labels: bool = True) -> list[str]:
    """What every description begins with."""
    meta = said["metadata"]
    lines = [f"Name:\t{meta['name']}"]
    if "namespace" in meta:
        lines.append(f"Namespace:\t{meta['namespace']}")
    return [*lines, *pairs("Labels", meta.get("labels")), *notes(meta)] if labels else lines


def selector(said: Any) -> str:
    """A selector in words: ``app=web,tier in (a,b)``."""
    said = said or {}
    if "matchLabels" not in said and "matchExpressions" not in said:
        return ",".join(f"{key}={one}" for key, one in sorted(said.items())) or NONE
    words = [f"{key}={one}" for key, one in sorted((said.get("matchLabels") or {}).items())]
    for one in said.get("matchExpressions") or ():
        key, values = one["key"], ",".join(one.get("values") or ())
        words.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
            }.get(one["operator"], f"!{key}")
        )
    return ",".join(words) or NONE
