"""The images pane: what machines have, the layers of an image, the files of one, how it was built.

After dive: what each layer adds, changes and removes, and what of its bytes nobody can see.
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.look.image_facts import (
    ImageFacts,
    LayerFacts,
    PathFacts,
    StoredFacts,
    StoreFacts,
)
from simulator.look.layer_tree import SIGNS
from simulator.look.pages import Page, Place
from simulator.tui.glyphs import bar, glyphs
from simulator.tui.widgets.board import Board
from simulator.tui.widgets.build_graph import Graph, span
from simulator.tui.widgets.columns import Column, Plan, guide
from simulator.tui.widgets.ink import Line, fit
from simulator.units import counted, format_bytes, format_span
from simulator.world.build_facts import LastBuild, Planned

STORES = (
    Column("images", 6, 0, right=True),
    Column("on disk", 9, 0, right=True),
    Column("bar", 16, 2, head=""),
    Column("saved by sharing", 16, 1, right=True),
)
IMAGES = (
    Column("size", 8, 0, right=True),
    Column("bar", 12, 4, head=""),
    Column("own", 8, 2, right=True),
    Column("layers", 6, 3, right=True),
    Column("used by", 13, 5),
    Column("id", 12, 6),
    Column("came", 16, 1),
)
LAYERS = (
    Column("size", 8, 0, right=True),
    Column("bar", 12, 5, head=""),
    Column("+", 7, 1, right=True, head="+added"),
    Column("~", 8, 2, right=True, head="~changed"),
    Column("-", 8, 1, right=True, head="-removed"),
    Column("wasted", 8, 3, right=True),
    Column("cache", 9, 4),
)
FILES = (Column("size", 9, 0, right=True), Column("files", 8, 1, right=True))
INKS = {"added": "good", "changed": "warn", "removed": "bad", "mixed": "plain"}
MOST_WASTES = 3
TIME = 18


class ImagesView(Board):
    """Stores, images, layers, files, builds."""

    number, name = "7", "images"
    start = Place("stores")
    below: ClassVar = {"store": "images", "image": "layers", "layer": "files", "build": "build"}

    def __init__(self, *, widget_id: str = "images") -> None:
        super().__init__(widget_id=widget_id)
        self._plan = Plan((), 40, 12, 12)
        self._graph: Graph | None = None
        self._top = 1

    def alone(self, page: Page) -> str | None:
        """One machine: its images at once."""
        return page.keys[0] if len(page.keys) == 1 and not page.place.filter else None

    def within(self, kind: str, key: str) -> str:
        """Images are known by their whole key, layers by that of their image too."""
        if kind == "layers":
            return key
        if kind == "files":
            return f"{self.place.within}|{key.partition('/')[2]}"
        return self.place.within if kind == "build" else key.partition("/")[2]

    def down(self) -> bool:
        """Go into a row; a folder is opened, or shut again."""
        key = self.cursor_key or ""
        if self.place.kind == "files" and key.startswith("path/"):
            row = self.row
            if isinstance(row, PathFacts) and row.folder and not self.place.filter:
                self.place = self.place._replace(opened=self.place.opened ^ {key[5:]})
                return True
            return False
        return super().down()

    def empty_line(self) -> str:
        """Say why nothing is there."""
        if self.place.filter:
            return f" nothing here matches '{self.place.filter}'"
        if self.place.kind == "files":
            return " this layer changes no file: it says something of the configuration"
        return " no images yet; for example:  docker pull nginx"

    # --- what stands above ------------------------------------------------------------------------

    def lay_out(self, page: Page, width: int) -> tuple[list[Line], Line]:
        """What is said of the whole, and the names of the columns."""
        room, kind = width - 2, page.place.kind
        if kind == "stores":
            self._top = max([one.listed_bytes for one in page.rows if one is not None] or [1])
            self._plan = Plan(STORES, room, 14, 30)
            return [], _heads(self._plan, "machine")
        if kind == "images":
            sizes = [one.size_bytes for one in page.rows if isinstance(one, StoredFacts)]
            self._top = max(sizes, default=1)
            self._plan = Plan(IMAGES, room, 18, 44)
            return [_store_words(page.head)], _heads(self._plan, "image")
        if kind == "layers":
            self._plan = Plan(LAYERS, room, 26, 200)
            return _image_words(page.head, width), _heads(self._plan, "layer, and what made it")
        if kind == "files":
            self._plan = Plan(FILES, room, 24, 90)
            return [_layer_words(page.head, width)], _heads(self._plan, "path")
        return self._build_heads(page.head, room)

    def _build_heads(self, built: LastBuild | None, room: int) -> tuple[list[Line], Line]:
        if built is None:
            return [], ()
        self._graph = Graph(built.graph)
        self._top = 1
        width = self._graph.width
        stages = ", ".join(built.skipped)
        note = f"; not needed: {stages}" if stages else ""
        head: Line = ((f" {_ended(built)}{note}", "plain"),)
        signs = glyphs()
        legend: Line = ((f" {signs.ok} ran  {signs.idle} cached  {signs.dot} configuration only",
                         "dim"),)  # fmt: skip
        heads = (
            f"  {fit('', width)} {fit('when', TIME)} {'took':>7} {'layer':>8} step, and why it ran"
        )
        return [head, legend], ((heads[: room + 2], "dim"),)

    # --- rows -------------------------------------------------------------------------------------

    def row_line(self, row: Any, width: int) -> Line:
        """One row of whatever kind."""
        if isinstance(row, StoreFacts):
            return self._store(row)
        if isinstance(row, StoredFacts):
            return self._image(row)
        if isinstance(row, LayerFacts):
            return self._layer(row)
        if isinstance(row, PathFacts):
            return self._path(row)
        if isinstance(row, tuple):
            return self._step(*row)
        words = "how it was built: stages, steps, what the cache had; enter shows it"
        return ((fit(words, width), "accent"),)

    def _store(self, one: StoreFacts) -> Line:
        full, empty = bar(one.listed_bytes / max(1, self._top), 16)
        return self._plan.line(((fit(one.machine, self._plan.first), "title"),), {
            "images": str(one.images), "on disk": format_bytes(one.disk_bytes),
            "bar": ((full, "accent"), (empty, "rule")),
            "saved by sharing": format_bytes(one.listed_bytes - one.disk_bytes),
        })  # fmt: skip

    def _image(self, one: StoredFacts) -> Line:
        came = f"built at {one.built_at:.0f} s" if one.built_at is not None else "pulled"
        if one.since <= 0 and one.built_at is None:
            came = "was here"
        full, empty = bar(one.size_bytes / max(1, self._top), 12)
        name = fit(one.reference, self._plan.first, glyphs().ellipsis)
        used = counted(one.used_by, "container") if one.used_by else "nobody"
        return self._plan.line(((name, "title"),), {
            "size": format_bytes(one.size_bytes), "bar": ((full, "accent"), (empty, "rule")),
            "own": format_bytes(one.own_bytes), "layers": str(one.layers),
            "used by": ((used, "plain" if one.used_by else "dim"),),
            "id": ((one.id, "dim"),), "came": came,
        })  # fmt: skip

    def _layer(self, one: LayerFacts) -> Line:
        signs = glyphs()
        full, empty = bar(one.size_bytes / one.image_bytes, 12)
        number = f"{one.number:>3} "
        base = one.step is None and bool(one.shared_with)
        ink = "dim" if base else "plain"
        command = fit(one.created_by, self._plan.first - len(number), signs.ellipsis)
        wasted = format_bytes(one.wasted_bytes) if one.wasted_bytes else ""
        return self._plan.line(((number, "accent"), (command, ink)), {
            "size": format_bytes(one.size_bytes), "bar": ((full, "accent"), (empty, "rule")),
            "+": _count(one.added, "good"), "~": _count(one.changed, "warn"),
            "-": _count(one.removed, "bad"), "wasted": ((wasted, "bad"),),
            "cache": _cache(one),
        })  # fmt: skip

    def _path(self, one: PathFacts) -> Line:
        signs = glyphs()
        lead = guide(one.ends)
        sign = SIGNS[one.kind]
        fold = (signs.open if one.open else signs.shut) if one.folder else " "
        room = self._plan.first - len(lead) - 4
        name = fit(one.name + ("/" if one.folder else ""), room, signs.ellipsis)
        ink = INKS[one.kind]
        return self._plan.line(
            ((f"{sign} ", ink), (lead, "rule"), (f"{fold} ", "accent"), (name, ink)),
            {"size": format_bytes(one.size_bytes), "files": f"{one.files:,}"},
        )

    def _step(self, number: int, one: Planned) -> Line:
        graph = self._graph
        if graph is None:
            return ()
        last = max((each.start_s + each.duration_s for each in graph.steps), default=0.0)
        took = format_span(one.duration_s) if one.duration_s else ""
        size = format_bytes(one.size_bytes) if one.size_bytes else ""
        when = span(one, last, TIME)
        gap = TIME - sum(len(text) for text, _ in when)
        where = f"[{one.name.stage}] " if not one.name.stage.isdigit() else ""
        why = "" if one.reason.hit else f"  {one.reason.text}"
        ink = "dim" if one.reason.hit else "plain"
        return (
            *graph.line(number), (" ", "plain"), *when, (" " * gap, "plain"),
            (f" {took:>7} {size:>8} ", "dim"), (where, "accent"), (one.name.text, ink),
            (why, "warn"),
        )  # fmt: skip


def _heads(plan: Plan, first: str) -> Line:
    return (("  ", "plain"), *plan.heads(first))


def _count(number: int, role: str) -> Line:
    return ((f"{number:,}" if number else "", role),)


def _cache(one: LayerFacts) -> Line:
    """Whether the cache had the step that made it; of a base, that others have it too."""
    if one.step is None:
        return (("shared" if one.shared_with else "", "dim"),)
    return (("cached", "good"),) if one.step.cached else ((one.step.reason.kind, "warn"),)


def _store_words(one: StoreFacts | None) -> Line:
    if one is None:
        return (("", "plain"),)
    saved = one.listed_bytes - one.disk_bytes
    return (
        (f" {counted(one.images, 'image')}, {format_bytes(one.disk_bytes)} on disk", "plain"),
        (f"; {format_bytes(one.listed_bytes)} if none shared a layer", "dim"),
        (f", {format_bytes(saved)} saved" if saved > 0 else "", "good"),
    )  # fmt: skip


def _image_words(one: ImageFacts, width: int) -> list[Line]:
    """Size, efficiency and waste, then what is stored more than once, then its build."""
    full, empty = bar(one.efficiency, 12)
    role = "good" if one.efficiency >= 0.95 else "warn" if one.efficiency >= 0.8 else "bad"
    lines: list[Line] = [(
        (f" {format_bytes(one.size_bytes)}  {one.platform}  ", "plain"),
        ("efficiency ", "dim"), (full, role), (empty, "rule"), (f" {one.efficiency:.1%}  ", role),
        ("wasted ", "dim"), (format_bytes(one.wasted_bytes), "bad" if one.wasted_bytes else "dim"),
    )]  # fmt: skip
    for path, copies, size in one.wastes[:MOST_WASTES]:
        text = f"   {path}: stored {copies} times, {format_bytes(size)} in all"
        lines.append(((fit(text, width, glyphs().ellipsis), "warn"),))
    if len(one.wastes) > MOST_WASTES:
        more = len(one.wastes) - MOST_WASTES
        lines.append(
            ((f"   and {counted(more, 'path')} more; the command layers lists them", "dim"),)
        )
    if one.built is not None:
        lines.append(((f" {_ended(one.built)}", "dim"),))
    return lines


def _layer_words(one: Any, width: int) -> Line:
    text = f" {format_bytes(one.size_bytes)}  {' '.join(one.created_by.split())}"
    return ((fit(text, width, glyphs().ellipsis), "plain"),)


def _ended(built: LastBuild) -> str:
    end = built.ended
    return (
        f"built on {built.machine} at {built.at_s:.1f} s in {format_span(end.seconds)}: "
        f"{counted(end.steps, 'step')}, {end.cached} from the cache"
    )
