"""``inspect --pretty``: names and values in lines, those that belong together below each other.

Source: docker/cli, the templates of ``cli/command/node/formatter.go`` and
``cli/command/service/formatter.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Value: TypeAlias = "str | Sequence[str | tuple[str, Value]]"
"""A text, or what stands below: lines, and names with values."""


def fields(*pairs: tuple[str, Value], depth: int = 0) -> list[str]:
    """``Name:    value`` each; what has no value is left out."""
    lines: list[str] = []
    shown = [(name, value) for name, value in pairs if _said(value)]
    widest = max((len(name) for name, value in shown if isinstance(value, str)), default=0)
    for name, value in shown:
        start = " " * depth
        if isinstance(value, str):
            lines.append(f"{start}{name + ':':<{widest + 2}}{value}")
            continue
        lines.append(f"{start}{name}:")
        lines += [f"{start} - {one}" for one in value if isinstance(one, str)]
        lines += fields(*(one for one in value if isinstance(one, tuple)), depth=depth + 1)
    return lines


def _said(value: Value) -> bool:
    if isinstance(value, str):
        return bool(value)
    return any(isinstance(one, str) or _said(one[1]) for one in value)
