"""Many hosts: each a box with what is on it as signs, or each a sign itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from simulator.look.cluster_facts import SHADES
from simulator.look.host_pages import DOWN
from simulator.tui.glyphs import glyphs, state_glyph, state_role
from simulator.tui.rows import cores_text, memory_text
from simulator.tui.widgets.cluster_boxes import letter_of
from simulator.tui.widgets.columns import meter
from simulator.tui.widgets.ink import Line, fit, text_of
from simulator.tui.widgets.nest import flow
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.look.answers import Totals
    from simulator.look.host_pages import HostFacts, HostsFacts

PODS = {"R": "running", "r": "starting", "P": "starting", "X": "failed", "T": "restarting",
        "C": "exited"}  # fmt: skip
"""States of containers that stand for how pods are."""


def host_box(one: HostFacts | None, width: int, *, chosen: bool, phase: int) -> tuple[Line, ...]:
    """Four lines: name and state, CPU, memory, then what is on it and its requests."""
    if one is None:
        return (((" " * width, "plain"),),) * 4
    signs, view = glyphs(), one.view
    frame = signs.heavy_box if chosen else signs.box
    ink = "accent" if chosen else "bad" if view.state in ("off", "panicked") else "rule"
    side = (frame[3], ink)
    node = one.node
    used = node.used if node is not None and node.used is not None else None
    cores = max(view.cpu_cores, used[0] if used is not None else 0.0)
    held = max(float(view.memory_used_bytes), used[1] if used is not None else 0.0)
    cpu = _bar("CPU", cores, float(view.cores), cores_text(cores, view.cores), width - 2)
    memory = _bar("mem", held, view.memory_bytes, memory_text(held, view.memory_bytes), width - 2)
    return (
        _title(one, width, frame, ink, chosen=chosen), (side, *cpu, side), (side, *memory, side),
        _bottom(one, width, frame, ink, phase),
    )  # fmt: skip


def _title(one: HostFacts, width: int, frame: str, ink: str, *, chosen: bool) -> Line:
    signs, view = glyphs(), one.view
    ready = one.node is None or one.node.ready
    state = view.state if ready or view.state != "running" else "not ready"
    glyph = state_glyph(view.state) if ready else signs.bad
    role = state_role(view.state) if ready else "bad"
    word = "up" if state == "running" else state
    mark = signs.cursor if chosen else " "
    tail = f" {glyph} {word} "
    room = width - 3 - len(mark) - len(tail)
    name = fit(view.name, min(len(view.name), max(3, room)), signs.ellipsis)
    rule = frame[1] * max(0, room - len(name))
    return (
        (frame[0] + frame[1], ink), (mark, "accent"), (name, "title"), (tail, role),
        (rule, ink), (frame[2], ink),
    )  # fmt: skip


def _bar(name: str, used: float, of: float, words: str, width: int) -> Line:
    room = max(3, width - len(name) - len(words) - 4)
    line: Line = ((f" {name} ", "dim"), *meter(used, of, room), (f" {words}", "plain"))
    gap = width - len(text_of(line))
    if gap < 0:
        return ((fit(text_of(line), width, glyphs().ellipsis), "plain"),)
    return (*line, (" " * gap, "plain"))


def _bottom(one: HostFacts, width: int, frame: str, ink: str, phase: int) -> Line:
    pods = one.node.on_it if one.node is not None else ()
    states = [(PODS[letter_of(pod)], None, False) for pod in pods] or one.states
    room = width - 5
    inside = _signs(states, room)
    if inside:
        inside = ((" ", "plain"), *inside, (" ", "plain"))
    left = width - 3 - len(text_of(inside))
    words = f"{one.requests_per_s:.0f}/s " if one.requests_per_s else ""
    if words and left >= len(words) + 3:
        stream = flow(one.requests_per_s, left - len(words), phase, frame[1])
        return (
            (frame[4] + frame[1], ink), *inside, (words, "accent"), *stream, (frame[5], ink)
        )  # fmt: skip
    return ((frame[4] + frame[1], ink), *inside, (frame[1] * max(0, left) + frame[5], ink))


def _signs(states: Sequence[tuple[str, int | None, bool]], room: int) -> Line:
    """A sign each; where there is no room for that, how many of each."""
    found = [(state_glyph(*one), state_role(*one)) for one in states]
    if len(found) <= room:
        return tuple(found)
    line: list[tuple[str, str]] = []
    for (glyph, role), count in Counter(found).most_common():
        text = f"{count}{glyph} "
        if len(text_of(tuple(line))) + len(text) > room:
            break
        line.append((text, role))
    return tuple(line)


@dataclass(frozen=True, slots=True)
class Cells:
    """Hosts as signs in a grid; each sign is of so many hosts, where not all have a place."""

    count: int
    width: int
    each: int

    @property
    def signs(self) -> int:
        """How many signs there are."""
        return ceil(self.count / self.each)

    @property
    def height(self) -> int:
        """Lines that they take."""
        return ceil(self.signs / self.width)

    def range_of(self, cell: int) -> tuple[int, int]:
        """The first and the last host of a sign."""
        first = cell * self.each
        return first, min(self.count, first + self.each) - 1


def cells_of(count: int, width: int, height: int) -> Cells:
    """As few hosts a sign as there is room for."""
    width, height = max(1, width), max(1, height)
    return Cells(count, width, max(1, ceil(count / (width * height))))


def cells_line(cells: Cells, fills: bytes, y: int, chosen: int) -> Line:
    """One line of signs: the fullest of each; one with a host that is down says so."""
    signs = glyphs()
    top = len(signs.levels) - 1
    line: list[tuple[str, str]] = []
    for cell in range(y * cells.width, min(cells.signs, (y + 1) * cells.width)):
        first, last = cells.range_of(cell)
        part = fills[first : last + 1]
        down = DOWN in part
        most = max([one for one in part if one != DOWN], default=0)
        sign = signs.bad if down else signs.levels[max(1, most * top // SHADES)] if most else "_"
        role = "bad" if down or most >= SHADES else "warn" if most >= SHADES - 1 else "good"
        line.append((sign, "chosen" if cell == chosen else role))
    return tuple(line)


def totals_words(total: Totals, head: HostsFacts | None, services: float) -> list[tuple[str, str]]:
    """One line about all hosts, in parts that are left out whole."""
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(total.states.items()))
    down = f", {head.down} down" if head is not None and head.down else ""
    parts = [(f" {counted(total.hosts, 'host')}{down}  ", "bad" if down else "title")]
    parts += [
        (f"CPU {cores_text(total.cpu_cores, total.cores)}  ", "plain"),
        (f"memory {memory_text(total.memory_used_bytes, total.memory_bytes)}  ", "plain"),
    ]
    parts += [(f"{services:,.0f} requests/s  ", "accent")] if services else []
    return [*parts, (states, "dim")]
