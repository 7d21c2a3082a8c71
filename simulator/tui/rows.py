"""A snapshot as the rows of the map: what contains what, in what state, using what of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from simulator.tui.glyphs import Glyphs, glyphs, state_glyph, state_role, state_word

if TYPE_CHECKING:
    from simulator.look.views import ContainerView, HostView, KernelView, Snapshot, VmView

GIB = 1 << 30
MIB = 1 << 20


class MapRow(NamedTuple):
    """One row of the map. ``cpu`` is (used, of) in cores, ``memory`` (used, of) in bytes."""

    key: str
    kind: str
    name: str
    guide: str
    state: str
    glyph: str
    role: str
    cpu: tuple[float, float] | None
    memory: tuple[int, int] | None
    note: str
    depth: int


def map_rows(snapshot: Snapshot, root: str | None = None) -> list[MapRow]:
    """All rows in tree order, or those at and below the row with key ``root``."""
    rows = list(_all_rows(snapshot))
    if root is None:
        return rows
    start = next((i for i, row in enumerate(rows) if row.key == root), None)
    if start is None:
        return rows
    end = start + 1
    while end < len(rows) and rows[end].depth > rows[start].depth:
        end += 1
    return rows[start:end]


def filtered(rows: list[MapRow], wanted: str) -> list[MapRow]:
    """Rows that contain the text, with the rows that contain them; ``!text`` inverts."""
    wanted = wanted.lower()
    inverse, wanted = wanted.startswith("!"), wanted.removeprefix("!")
    if not wanted:
        return rows
    keep: set[int] = set()
    path: list[int] = []
    for index, row in enumerate(rows):
        while path and rows[path[-1]].depth >= row.depth:
            path.pop()
        hit = wanted in f"{row.name} {row.state} {row.kind} {row.note}".lower()
        if hit != inverse and not (inverse and row.kind != "container"):
            keep.update(path)
            keep.add(index)
        path.append(index)
    return [rows[index] for index in sorted(keep)]


def crumbs(snapshot: Snapshot, key: str | None) -> list[str]:
    """The way down to a row, in words: ``host a``, ``kernel 6.8``, ``vm v``, …"""
    way: list[MapRow] = []
    for row in _all_rows(snapshot):
        while way and way[-1].depth >= row.depth:
            way.pop()
        way.append(row)
        if row.key == key:
            return [f"{one.kind} {one.name}" for one in way if one.kind != "kernel"]
    return []


def _all_rows(snapshot: Snapshot) -> Iterator[MapRow]:
    signs = glyphs()
    for host in snapshot.hosts:
        yield _host_row(host)
        rows = _kernel_rows(
            host.kernel, signs, "", 1, cores=float(host.cores), memory=host.memory_bytes
        )
        yield from (_intruded(row, snapshot, signs) for row in rows)


def _intruded(row: MapRow, snapshot: Snapshot, signs: Glyphs) -> MapRow:
    """The row of a container that somebody broke out of, or can be reached from one such."""
    if row.kind != "container" or not snapshot.intrusions:
        return row
    if row.name in snapshot.intrusions:
        note = f"a flaw was used from here; {row.note}"
        return row._replace(state="broken", glyph=signs.bad, role="bad", note=note)
    sources = [one for one, reached in snapshot.intrusions.items() if row.name in reached]
    if not sources:
        return row
    note = f"from {', '.join(sources)}; {row.note}"
    return row._replace(state="reachable", glyph=signs.warn, role="warn", note=note)


def _host_row(host: HostView) -> MapRow:
    note = f"{host.architecture} {host.os}"
    if host.region != "local":
        note += f" {host.region}"
    return MapRow(
        f"host/{host.name}",
        "host",
        host.name,
        "",
        state_word(host.state),
        state_glyph(host.state),
        state_role(host.state),
        (host.cpu_cores, float(host.cores)),
        (host.memory_used_bytes, host.memory_bytes),
        note,
        0,
    )


def _kernel_rows(
    kernel: KernelView, signs: Glyphs, indent: str, depth: int, *, cores: float, memory: int
) -> Iterator[MapRow]:
    yield MapRow(
        f"kernel/{kernel.name}",
        "kernel",
        f"kernel {kernel.version}",
        indent + signs.last,
        state_word(kernel.state),
        state_glyph(kernel.state),
        state_role(kernel.state),
        None,
        None,
        _shared_by(kernel),
        depth,
    )
    below = indent + "  "
    count = len(kernel.containers) + len(kernel.vms)
    for index, container in enumerate(kernel.containers):
        guide = below + (signs.last if index == count - 1 else signs.branch)
        yield _container_row(container, guide, depth + 1, cores, memory)
    for index, vm in enumerate(kernel.vms, start=len(kernel.containers)):
        ends = index == count - 1
        yield _vm_row(vm, below + (signs.last if ends else signs.branch), depth + 1)
        yield from _kernel_rows(
            vm.kernel,
            signs,
            below + ("  " if ends else signs.pipe),
            depth + 2,
            cores=float(vm.vcpus),
            memory=vm.memory_bytes,
        )


def _shared_by(kernel: KernelView) -> str:
    parts = []
    if kernel.containers:
        count = len(kernel.containers)
        parts.append(f"{count} container{'s' if count > 1 else ''}")
    if kernel.vms:
        count = len(kernel.vms)
        parts.append(f"{count} VM{'s' if count > 1 else ''}")
    return "shared by " + " and ".join(parts) if parts else "nothing on it"


def _container_row(one: ContainerView, guide: str, depth: int, cores: float, memory: int) -> MapRow:
    return MapRow(
        f"container/{one.id}",
        "container",
        one.name,
        guide,
        state_word(one.state, one.exit_code, one.oom_killed),
        state_glyph(one.state, one.exit_code, one.oom_killed),
        state_role(one.state, one.exit_code, one.oom_killed),
        (one.cpu_cores, one.cpu_limit_cores or cores),
        (one.memory_bytes, one.memory_limit_bytes or memory),
        _container_note(one),
        depth,
    )


def _container_note(one: ContainerView) -> str:
    parts = [one.image]
    if one.requests_per_s:
        parts.append(f"{one.requests_per_s:.0f} req/s")
    if one.queued:
        parts.append(f"{one.queued} queued")
    if one.nr_throttled and one.nr_periods:
        parts.append(f"throttled {one.nr_throttled / one.nr_periods:.0%}")
    if one.restarts:
        parts.append(f"{one.restarts} restart{'s' if one.restarts > 1 else ''}")
    return ", ".join(parts)


def _vm_row(vm: VmView, guide: str, depth: int) -> MapRow:
    booting = vm.state == "booting" and bool(vm.stage)
    note = f"{vm.hypervisor}" + (f", {vm.stage}" if booting else "")
    if vm.steal_ratio >= 0.005:
        note += f", steal {vm.steal_ratio:.0%}"
    return MapRow(
        f"vm/{vm.name}",
        "vm",
        vm.name,
        guide,
        state_word(vm.state),
        state_glyph(vm.state),
        state_role(vm.state),
        (vm.cpu_cores, float(vm.vcpus)),
        (vm.memory_used_bytes + vm.overhead_bytes, vm.memory_bytes + vm.overhead_bytes),
        note,
        depth,
    )


def cores_text(used: float, of: float) -> str:
    """CPU with its denominator: ``0.83/2``."""
    digits = 2 if used < 9.995 else 1
    return f"{used:.{digits}f}/{of:g}"


def memory_text(used: float, of: float) -> str:
    """Memory with its denominator, both in one unit: ``64/256 MiB``."""
    unit, name = (GIB, "GiB") if of >= GIB else (MIB, "MiB")
    return f"{_short(used / unit)}/{_short(of / unit)} {name}"


def _short(value: float) -> str:
    if value < 9.995 and value != int(value):
        return f"{value:.2f}" if value < 0.995 else f"{value:.1f}"
    return f"{value:.0f}"


def names(rows: Iterable[MapRow]) -> list[str]:
    """Names of rows, for completion."""
    return [row.name for row in rows]
