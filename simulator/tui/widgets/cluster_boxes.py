"""Nodes as boxes: what is asked for and used of what each has, and its pods as signs in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from simulator.look.cluster_facts import NodeFacts
from simulator.shell.kubectl.pod_words import status_of
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line, fit, join, text_of
from simulator.units import format_binary_bytes

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.objects.pod import Pod

HEIGHT = 4
"""Lines of a box."""
LEAST, MOST = 25, 58
"""Cells of the width of a box."""
ROOMY = 30
"""Cells from which a box says how many pods there may be."""
NUMBERS, OF = 10, 12
"""Cells of the percentages, and of what they are of, where there is room."""
LETTERS = {
    "R": ("ready", "good"), "r": ("not ready", "warn"), "P": ("pending", "warn"),
    "X": ("failing", "bad"), "T": ("ending", "warn"), "C": ("done", "dim"),
}  # fmt: skip
"""Signs of pods: what each means, and its ink."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Boxes beside and below each other: so many of them, for a width."""

    count: int
    columns: int
    width: int

    @property
    def height(self) -> int:
        """Lines that all of them take."""
        return ceil(self.count / self.columns) * HEIGHT

    def top(self, index: int) -> int:
        """The line on which a box begins."""
        return index // self.columns * HEIGHT

    def at(self, x: int, line: int) -> int:
        """Which box is at a place; there need not be one."""
        column = min(self.columns - 1, x // (self.width + 1))
        return line // HEIGHT * self.columns + column

    def line(self, number: int, box: Callable[[int], tuple[Line, ...]]) -> Line:
        """One line across all boxes of a row."""
        first = number // HEIGHT * self.columns
        parts: list[Line] = []
        for index in range(first, min(first + self.columns, self.count)):
            parts += [((" ", "plain"),), box(index)[number % HEIGHT]]
        return join(parts[1:])


def grid(count: int, width: int, height: int) -> Grid:
    """As few columns as show all boxes at once; where none do, as many as there is room for."""
    most = max(1, min(max(1, count), (width + 1) // (LEAST + 1)))
    least = min(most, ceil((width + 1) / (MOST + 1)))
    fits = (one for one in range(least, most + 1) if ceil(count / one) * HEIGHT <= height)
    columns = next(fits, most)
    return Grid(count, columns, min(MOST, (width + 1) // columns - 1))


# --- one box --------------------------------------------------------------------------------------


def box(node: NodeFacts | None, width: int, *, chosen: bool) -> tuple[Line, ...]:
    """Four lines; the chosen one has a heavy frame."""
    if node is None:
        return ((((" " * width), "plain"),),) * HEIGHT
    signs = glyphs()
    frame = signs.heavy_box if chosen else signs.box
    ink = "accent" if chosen else "rule"
    used = node.used or (None, None)
    cores = None if used[0] is None else used[0] * 1000
    cpu = _meter("cpu", node.cpu_asked, cores, node.cpu, f"{node.cpu / 1000:g}", width - 2)
    size = format_binary_bytes(node.memory)
    memory = _meter("mem", node.memory_asked, used[1], node.memory, size, width - 2)
    side = (frame[3], ink)
    return (
        _title(node, width, frame, ink, chosen), (side, *cpu, side), (side, *memory, side),
        _pods(node, width, frame, ink),
    )  # fmt: skip


def _title(node: NodeFacts, width: int, frame: str, ink: str, chosen: bool) -> Line:
    signs = glyphs()
    word, glyph, role = "ready", signs.ok, "good"
    if not node.ready:
        word, glyph, role = "not ready", signs.bad, "bad"
    elif node.cordoned:
        word, glyph, role = "cordoned", signs.paused, "warn"
    elif node.taints:
        word = "tainted"
    of = f"/{node.most_pods}" if width >= ROOMY else ""
    count = f" {node.pods}{of} "
    state = f" {glyph} {word} "
    mark = signs.cursor if chosen else " "
    room = width - 3 - len(mark) - len(state) - len(count)
    name = fit(node.name, min(len(node.name), max(3, room)), signs.ellipsis)
    rule = frame[1] * max(0, room - len(name))
    return (
        (frame[0] + frame[1], ink), (mark, "accent"), (name, "title"), (state, role), (rule, ink),
        (count, "dim"), (frame[2], ink),
    )  # fmt: skip


def _meter(name: str, asked: float, used: float | None, there: float, of: str, width: int) -> Line:
    """Used, asked for, free; both in percent of what there is."""
    shares = asked / there if there else 0.0, (used or 0.0) / there if there else 0.0
    numbers = f"{shares[0]:>5.0%}" + ("    ?" if used is None else f"{shares[1]:>5.0%}")
    more = OF if width >= LEAST + OF else 0
    room = width - 4 - NUMBERS - more
    line: Line = ((f"{name} ", "dim"), *bar(*shares, max(3, room)), (numbers, "plain"))
    return (*line, (fit(f" of {of}", more), "dim")) if more else line


def bar(asked: float, used: float, width: int) -> Line:
    """Cells that are used, that are used beyond what was asked for, asked for and idle, free."""
    signs = glyphs()
    full, wanted = _cells(used, width), _cells(asked, width)
    role = "bad" if used >= 0.97 else "warn" if used >= 0.8 else "good"
    both = min(full, wanted)
    return (
        (signs.block * both, role), (signs.over * (full - both), "warn"),
        (signs.shade * (wanted - both), "accent"),
        (signs.dot * (width - max(full, wanted)), "rule"),
    )  # fmt: skip


def _cells(share: float, width: int) -> int:
    """A little is not nothing."""
    return min(width, max(1 if share > 0.005 else 0, round(share * width)))


def _pods(node: NodeFacts, width: int, frame: str, ink: str) -> Line:
    letters = [letter_of(pod) for pod in node.on_it]
    room = width - 5
    inside: Line = _each(letters) if len(letters) <= room else _counted(letters)
    if inside:
        inside = ((" ", "plain"), *inside, (" ", "plain"))
    rule = frame[1] * max(0, width - 3 - len(text_of(inside)))
    return ((frame[4] + frame[1], ink), *inside, (rule + frame[5], ink))


def _each(letters: Iterable[str]) -> Line:
    return tuple((one, LETTERS[one][1]) for one in letters)


def _counted(letters: list[str]) -> Line:
    """Where there is no room for each: how many of each kind, those in trouble first."""
    counts = Counter(letters)
    order = [one for one in "XPrTRC" if counts[one]]
    parts = [(f"{counts[one]}{one}", LETTERS[one][1]) for one in order]
    return join([((" " if number else "", "plain"), part) for number, part in enumerate(parts)])


def letter_of(pod: Pod) -> str:
    """A sign for how a pod is."""
    status = pod.status
    if status.ready and not pod.deleting and status.phase == "Running":
        return "R"
    word = status_of(pod)
    if word in ("Terminating", "Unknown"):
        return "T"
    if word in ("Completed", "Succeeded"):
        return "C"
    if "Back" in word or "Err" in word or word in ("OOMKilled", "Failed", "Evicted"):
        return "X"
    return "r" if word in ("Running", "NotReady") else "P"


def legend(width: int) -> Line:
    """What the signs mean, as far as there is room."""
    signs = glyphs()
    parts: list[tuple[str, str]] = [
        (f"{signs.block} used ", "good"), (f"{signs.shade} asked, % of each; ", "accent"),
        *((f"{one} {word} ", role) for one, (word, role) in LETTERS.items()),
        (f" {signs.over} used but not asked", "warn"),
    ]  # fmt: skip
    found: list[tuple[str, str]] = []
    for part in parts:
        if len(text_of((*found, part))) > width:
            break
        found.append(part)
    return tuple(found)
