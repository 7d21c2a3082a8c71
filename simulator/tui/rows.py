"""The rows of the map: what contains what, in what state, using what of what."""

from __future__ import annotations

from typing import NamedTuple

from simulator.look.answers import TreeRow
from simulator.look.views import ContainerView, HostView, KernelView, VmView
from simulator.tui.glyphs import glyphs, state_glyph, state_role, state_word

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


def map_row(row: TreeRow) -> MapRow:
    """A row of the tree as the map shows it."""
    view = row.view
    if isinstance(view, HostView):
        return _host_row(view)
    if isinstance(view, KernelView):
        return _kernel_row(row, view)
    return _vm_row(row, view) if isinstance(view, VmView) else _container_row(row, view)


def _guide(row: TreeRow) -> str:
    """The lines that lead to a row: those of the levels above it go on beside it."""
    signs = glyphs()
    above = row.ends if row.kind == "kernel" else row.ends[:-1]
    indent = "".join("  " + ("  " if end else signs.pipe) for end in above)
    if row.kind == "kernel":
        return indent + signs.last
    return indent + "  " + (signs.last if row.ends[-1] else signs.branch)


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


def _kernel_row(row: TreeRow, kernel: KernelView) -> MapRow:
    return MapRow(
        row.key,
        "kernel",
        f"kernel {kernel.version}",
        _guide(row),
        state_word(kernel.state),
        state_glyph(kernel.state),
        state_role(kernel.state),
        None,
        None,
        _shared_by(kernel.container_count, kernel.vm_count),
        row.depth,
    )


def _shared_by(containers: int, vms: int) -> str:
    parts = []
    if containers:
        parts.append(f"{containers} container{'s' if containers > 1 else ''}")
    if vms:
        parts.append(f"{vms} VM{'s' if vms > 1 else ''}")
    return "shared by " + " and ".join(parts) if parts else "nothing on it"


def _container_row(row: TreeRow, one: ContainerView) -> MapRow:
    shown = MapRow(
        row.key,
        "container",
        one.name,
        _guide(row),
        state_word(one.state, one.exit_code, one.oom_killed),
        state_glyph(one.state, one.exit_code, one.oom_killed),
        state_role(one.state, one.exit_code, one.oom_killed),
        (one.cpu_cores, one.cpu_limit_cores or row.cores),
        (one.memory_bytes, one.memory_limit_bytes or row.memory_bytes),
        _container_note(one),
        row.depth,
    )
    return _intruded(shown, row)


def _intruded(shown: MapRow, row: TreeRow) -> MapRow:
    """The row of a container that somebody broke out of, or can be reached from one such."""
    signs = glyphs()
    if row.broken:
        note = f"a flaw was used from here; {shown.note}"
        return shown._replace(state="broken", glyph=signs.bad, role="bad", note=note)
    if row.reached_from:
        note = f"from {', '.join(row.reached_from)}; {shown.note}"
        return shown._replace(state="reachable", glyph=signs.warn, role="warn", note=note)
    return shown


def _container_note(one: ContainerView) -> str:
    parts = [one.image]
    if one.requests_per_s:
        parts.append(f"{one.requests_per_s:.0f} req/s")
    if one.queued:
        parts.append(f"{one.queued} queued")
    if one.throttled_share >= 0.005:
        parts.append(f"throttled {one.throttled_share:.0%}")
    if one.restarts:
        parts.append(f"{one.restarts} restart{'s' if one.restarts > 1 else ''}")
    return ", ".join(parts)


def _vm_row(row: TreeRow, vm: VmView) -> MapRow:
    booting = vm.state == "booting" and bool(vm.stage)
    note = f"{vm.hypervisor}" + (f", {vm.stage}" if booting else "")
    if vm.steal_ratio >= 0.005:
        note += f", steal {vm.steal_ratio:.0%}"
    return MapRow(
        f"vm/{vm.name}",
        "vm",
        vm.name,
        _guide(row),
        state_word(vm.state),
        state_glyph(vm.state),
        state_role(vm.state),
        (vm.cpu_cores, float(vm.vcpus)),
        (vm.memory_used_bytes + vm.overhead_bytes, vm.memory_bytes + vm.overhead_bytes),
        note,
        row.depth,
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
