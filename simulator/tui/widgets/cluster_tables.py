"""Objects of any kind as rows of a table, with the columns that ``kubectl get`` has for them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line, fit

MOST = 44
"""Cells of a column; the last one has what is left."""
GAP = 2


class Table:
    """Columns that only grow while one looks at the same view, so that nothing jumps."""

    def __init__(self) -> None:
        self._widths: list[int] = []
        self._kind = ""

    def heads(self, kind: str, rows: Sequence[Any], now: float) -> Line:
        """The names of the columns, wide enough for these rows too."""
        from simulator.shell.kubectl.printers import columns_of  # not before there is a table

        names = [one.lower() for one in columns_of(kind)[0]]
        if kind != self._kind or len(names) != len(self._widths):
            self._kind, self._widths = kind, [len(one) for one in names]
        for one in rows:
            if one is not None:
                found = zip(self._widths, cells(one, now), strict=True)
                self._widths = [min(MOST, max(width, len(cell))) for width, cell in found]
        return ((self._line(names), "dim"),)

    def line(self, one: Any, now: float) -> Line:
        """The cells of an object under their names."""
        return ((self._line(cells(one, now)), "plain"),)

    def _line(self, row: Sequence[str]) -> str:
        mark = glyphs().ellipsis
        parts = [
            fit(cell, width, mark) for cell, width in zip(row[:-1], self._widths, strict=False)
        ]
        return (" " * GAP).join([*parts, row[-1]])


def cells(one: Any, now: float) -> tuple[str, ...]:
    """What ``kubectl get`` prints of an object; its name with its namespace."""
    from simulator.shell.kubectl.printers import columns_of

    moment: Any = SimpleNamespace(sim=SimpleNamespace(now=now))  # all that printers ask for
    row, _ = columns_of(one.kind)[2](one, moment)
    space = one.meta.namespace
    if space in ("", "default"):
        return row
    return (f"{space}/{row[0]}", *row[1:])
