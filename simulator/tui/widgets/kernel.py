"""The kernel pane: kernels, the cgroups of one, what is in a container and who falls with it."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.look.kernel_facts import (
    CgroupFacts,
    FateFacts,
    KernelFacts,
    NamespaceFacts,
    ProcessFacts,
)
from simulator.look.pages import Page, Place
from simulator.tui.glyphs import glyphs, state_glyph, state_role
from simulator.tui.rows import cores_text, memory_text
from simulator.tui.widgets.board import Board
from simulator.tui.widgets.columns import Column, Plan, guide, meter, whole
from simulator.tui.widgets.ink import Line, fit
from simulator.units import counted, format_binary_bytes

KERNELS = (
    Column("state", 12, 1),
    Column("on it", 20, 5),
    Column("CPU", 6, 6, head=""),
    Column("CPU cores", 9, 2),
    Column("mem", 6, 7, head=""),
    Column("memory", 12, 3),
    Column("processes", 13, 8),
    Column("falls with it", 13, 4),
)
CGROUPS = (
    Column("weight", 6, 1, right=True),
    Column("share", 5, 4, right=True),
    Column("bar", 8, 6, head="CPU"),
    Column("cores", 9, 0),
    Column("throttled", 9, 2, right=True),
    Column("kinds", 12, 5, head="memory"),
    Column("of", 12, 3, head="of limit"),
    Column("pids", 8, 7, right=True),
)
INSIDE = (
    Column("on machine", 10, 0, right=True),
    Column("in it", 6, 0, right=True),
    Column("user", 14, 3),
    Column("CPU s", 8, 2, right=True),
    Column("memory", 9, 2, right=True),
    Column("command", 24, 1),
)
LABEL = 11
"""Cells of the words beside the first row of each kind in a container's page."""
WORDS = {"process": "processes", "namespace": "namespaces", "fate": "who falls"}


class KernelView(Board):
    """Kernels, cgroups, processes."""

    number, name = "8", "kernel"
    start = Place("kernels")
    below: ClassVar = {"kernel": "cgroups", "container": "container", "vm": "cgroups"}

    def __init__(self, *, widget_id: str = "kernel") -> None:
        super().__init__(widget_id=widget_id)
        self._plan = Plan((), 40, 12, 12)
        self._label = ""
        self._memory = 1
        """Bytes of the machine: what has no limit is measured against them."""

    def alone(self, page: Page) -> str | None:
        """One kernel: its cgroups at once."""
        return page.keys[0] if len(page.keys) == 1 and not page.place.filter else None

    def lay_out(self, page: Page, width: int) -> tuple[list[Line], Line]:
        """The state of the whole, a legend where bars need one, and the columns."""
        kind = page.place.kind
        if kind == "kernels":
            self._plan = Plan(KERNELS, width - 2, 16, 34)
            return [], _indent(self._plan.heads("kernel"))
        if kind == "cgroups":
            self._plan = Plan(CGROUPS, width - 2, 16, 40)
            lines = [whole(_kernel_words(page.head), width)]
            self._memory = page.head.memory if page.head is not None else 1
            if any(one.name == "kinds" for one in self._plan.columns):
                lines.append(whole(_legend(), width))
            return lines, _indent(self._plan.heads("cgroup"))
        columns = [*INSIDE[:-1], INSIDE[-1]._replace(width=max(16, min(60, width - 64)))]
        self._plan = Plan(columns, width - 2, LABEL, LABEL)
        name, state, runtime = page.head
        glyph, role = state_glyph(state), state_role(state)
        head: Line = ((f" {name} ", "title"), (f"{glyph} {state}", role), (f"  {runtime}", "dim"))
        return [head], _indent(self._plan.heads(""))

    def empty_line(self) -> str:
        """Say why nothing is there."""
        if self.place.filter:
            return f" nothing here matches '{self.place.filter}'"
        return " no kernel yet; for example:  host create a"

    def row_line(self, row: Any, width: int) -> Line:
        """One row of whatever kind."""
        if isinstance(row, KernelFacts):
            return self._kernel(row)
        if isinstance(row, CgroupFacts):
            return self._cgroup(row)
        return self._inside(row, width)

    # --- kernels and cgroups ----------------------------------------------------------------------

    def _kernel(self, one: KernelFacts) -> Line:
        live = one.state in ("running", "booting")
        glyph, role = state_glyph(one.state), state_role(one.state)
        name = f"{'  ' * one.depth}{one.machine}{' VM' if one.kind == 'vm' else ''}"
        version = f" {one.version}"
        room = self._plan.first - len(version)
        first: Line = ((fit(name, room, glyphs().ellipsis), "title"), (version, "dim"))
        falls: Line = ((counted(one.falls, "container"), "warn" if one.falls > 1 else "plain"),)
        return self._plan.line(first, {
            "state": ((f"{glyph} {one.state}", role),),
            "on it": ((_on(one), "dim"),),
            "CPU": meter(one.cores_used, one.cores, 6, live=live),
            "CPU cores": cores_text(one.cores_used, one.cores),
            "mem": meter(one.memory_used, one.memory, 6, live=live),
            "memory": memory_text(one.memory_used, one.memory),
            "processes": f"{one.processes:,}/{one.table:,}",
            "falls with it": falls,
        })  # fmt: skip

    def _cgroup(self, one: CgroupFacts) -> Line:
        lead, signs = guide(one.ends), glyphs()
        ink = {"root": "title", "slice": "accent", "vm": "title"}.get(one.kind, "plain")
        label = f"{one.name} VM" if one.kind == "vm" else one.name
        glyph = f"{state_glyph(one.state)} " if one.kind in ("container", "vm") else ""
        room = self._plan.first - len(lead) - len(glyph)
        first: Line = (
            (lead, "rule"), (glyph, state_role(one.state)), (fit(label, room, signs.ellipsis), ink)
        )  # fmt: skip
        most = one.limit if one.limit is not None else one.share
        of = one.memory_limit
        return self._plan.line(first, {
            "weight": "" if one.kind == "root" else f"{one.weight:g}",
            "share": f"{one.share:.2f}",
            "bar": meter(one.used, most, 8),
            "cores": f"{one.used:.2f}" + (f"/{one.limit:g}" if one.limit is not None else ""),
            "throttled": _throttled(one),
            "kinds": kinds_bar(one, of or self._memory, 12),
            "of": memory_text(one.memory, of) if of else format_binary_bytes(one.memory),
            "pids": f"{one.pids}/{one.pids_limit}" if one.pids_limit else str(one.pids),
        })  # fmt: skip

    # --- in a container ---------------------------------------------------------------------------

    def line(self, index: int, width: int) -> Line:
        """One row; beside the first of each kind stands what these are."""
        self._label = self._label_of(index)
        return super().line(index, width)

    def _label_of(self, index: int) -> str:
        kinds = [key.partition("/")[0] for key in self.keys[max(0, index - 1) : index + 1]]
        first = index == 0 or len(kinds) < 2 or kinds[0] != kinds[1]
        return WORDS.get(kinds[-1], "") if first and kinds else ""

    def _inside(self, row: Any, width: int) -> Line:
        label = fit(self._label, LABEL)
        if isinstance(row, ProcessFacts):
            return self._process(row, label)
        lead: Line = ((label, "title"), (" ", "plain"))
        if isinstance(row, NamespaceFacts):
            return (*lead, *_namespace(row))
        return (*lead, *_fate(row))

    def _process(self, one: ProcessFacts, label: str) -> Line:
        same = one.user_inside == one.user_outside
        user = one.user_inside if same else f"{one.user_inside} = {one.user_outside}"
        return self._plan.line(((label, "title"),), {
            "on machine": ((str(one.outside), "accent"),),
            "in it": ((str(one.inside), "accent"),),
            "user": user,
            "CPU s": f"{one.cpu_s:.1f}",
            "memory": format_binary_bytes(one.memory, 3),
            "command": one.command,
        })  # fmt: skip


def _indent(line: Line) -> Line:
    return (("  ", "plain"), *line)


def _on(one: KernelFacts) -> str:
    parts = [counted(one.containers, "container")] if one.containers else []
    parts += [counted(one.vms, "VM")] if one.vms else []
    text = ", ".join(parts) or "nothing"
    return f"part of {one.part_of}" if one.part_of else text


def _kernel_words(one: KernelFacts | None) -> Line:
    if one is None:
        return (("", "plain"),)
    cores = cores_text(one.cores_used, one.cores)
    falls = f"falls with it: {counted(one.falls, 'container')}"
    return (
        (f" {one.os} {one.version} ", "title"),
        (f"{state_glyph(one.state)} {one.state}  ", state_role(one.state)),
        (f"CPU {cores} cores  ", "plain"),
        (f"memory {memory_text(one.memory_used, one.memory)}  ", "plain"), (f"{falls}  ", "dim"),
        (f"processes {one.processes:,} of {one.table:,}", "plain"),
    )  # fmt: skip


def _legend() -> Line:
    signs = glyphs()
    return (
        (f" memory: {signs.block} anonymous ", "good"), (f"{signs.shade} files ", "accent"),
        (f"{signs.over} kernel, shared ", "warn"),
        (f"{signs.dot} free; ", "dim"), ("share: cores when all want all", "dim"),
    )  # fmt: skip


def kinds_bar(one: CgroupFacts, of: int, width: int) -> Line:
    """Memory by kind, of what there could be."""
    of = max(of, 1)
    signs = glyphs()
    parts = ((one.anon, signs.block, "bad" if one.memory >= 0.97 * of and one.memory_limit
              else "good"),
             (one.file, signs.shade, "accent"),
             (one.kernel + one.shmem, signs.over, "warn"))  # fmt: skip
    line: list[tuple[str, str]] = []
    left = width
    for size, sign, role in parts:
        cells = min(left, max(1 if size > 0.005 * of else 0, round(size / of * width)))
        line.append((sign * cells, role))
        left -= cells
    return (*line, (signs.dot * left, "rule"))


def _throttled(one: CgroupFacts) -> Line:
    if not one.periods:
        return (("", "plain"),)
    share = one.throttled / one.periods
    role = "bad" if one.throttled_share >= 0.25 else "warn" if one.throttled_share else "dim"
    return ((f"{share:.0%}", role),)


def _namespace(one: NamespaceFacts) -> Line:
    signs = glyphs()
    names = ", ".join(one.others) + (f" and {one.more} more" if one.more else "")
    shared = f"shared with {names}" if names else "not its own"
    word, role = ("its own", "good") if one.own else (shared, "warn")
    sign = signs.ok if one.own else signs.idle
    note = f"  {one.note}" if one.note else ""
    return ((f"{sign} {fit(one.kind, 8)}", role), (word, "plain"), (note, "dim"))


def _fate(one: FateFacts) -> Line:
    names = ", ".join(one.falls) + (f" and {one.more} more" if one.more else "")
    cause = fit(one.cause, max(30, len(one.cause)))
    falls = f"{counted(len(one.falls) + one.more, 'container')}: {names}" if one.falls else "nobody"
    return ((f"{glyphs().warn} ", "warn"), (cause, "plain"), (f"  {falls}", "dim"))
