"""What Compose prints of an order: one row a thing, warnings in front, prefixed output behind.

Source: docker/compose ``cmd/display/tty.go``, ``plain.go``, ``cmd/formatter/logs.go``.
"""

from __future__ import annotations

import json

from simulator.cluster.compose.progress import DONE, ERROR, WARNING, WORKING, Progress, Row

WIDTH = 80
_MARKS = {DONE: "✔", ERROR: "✘", WARNING: "!", WORKING: "⠿"}


def warned(text: str) -> str:
    """A warning as the tool's log prints it on a terminal."""
    return f"WARN[0000] {text}"


def rows(progress: Progress, style: str) -> list[str]:
    """All of an order so far: ``tty``, ``plain``, ``json`` or ``quiet``."""
    warnings = [*progress.notes, *(warned(text) for text in progress.warnings)]
    if style == "quiet":
        return warnings
    if style == "plain":
        return warnings + [f" {' '.join(part)}".rstrip() for part in progress.said]
    if style == "json":
        return warnings + [_json(*part) for part in progress.said]
    return warnings + _table(progress)


def _json(name: str, text: str, details: str) -> str:
    shown = {"id": name, "text": text} | ({"details": details} if details else {})
    return json.dumps(shown, ensure_ascii=False)


def _table(progress: Progress) -> list[str]:
    found = list(progress.rows.values())
    if not found:
        return []
    done = sum(one.state != WORKING for one in found)
    width = max(len(one.name) for one in found)
    clocks = [_clock(progress, one) for one in found]
    longest = max(map(len, clocks))
    lines = [f"[+] {progress.operation} {done}/{len(found)}"]
    for one, clock in zip(found, clocks, strict=True):
        text = f" {_MARKS[one.state]} {one.name:<{width}} {one.text} {one.details}".rstrip()
        gap = max(1, WIDTH - len(text) - longest)
        lines.append(f"{text}{' ' * gap}{clock:>{longest}}")
    return lines


def _clock(progress: Progress, one: Row) -> str:
    end = progress.sim.now if one.ended is None else one.ended
    return f"{end - one.begun:.1f}s"
