"""Sentences about neighbours: who takes what a container, or a machine, wants now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.look import rivals
from simulator.look.rivals import Shortage
from simulator.machine.container import Container
from simulator.machine.device_use import Use, uses_of
from simulator.machine.effects import held_back, own_thrash
from simulator.machine.host import Machine
from simulator.machine.pagecache import charged_bytes
from simulator.machine.virtual_machine import VirtualMachine
from simulator.units import format_binary_bytes, format_bytes, format_si

if TYPE_CHECKING:
    from simulator.world.world import World


def core_lines(world: World, thing: Container | Machine) -> list[str]:
    """Where it does not get the cores that it wants now, and because of whom."""
    lines = []
    sample = world.sampler.containers.get(thing) if isinstance(thing, Container) else None
    if sample is not None and sample.throttled >= 0.005:
        lines.append(
            f"its CPU limit: it was throttled for {sample.throttled:.0%} of the last second"
        )
    return [*lines, *(_core_line(one) for one in rivals.of_cores(world, thing))]


def _core_line(one: Shortage) -> str:
    stolen = 1.0 - one.got / one.wanted
    line = (
        f"{one.name} wants {one.wanted:.2f} cores of {one.where} now and gets {one.got:.2f} "
        f"(misses {stolen:.0%})"
    )
    if not one.rivals:
        return line
    others = ", ".join(f"{name} ({cores:.2f} cores)" for name, cores in one.rivals)
    return f"{line}: beside it {'runs' if len(one.rivals) == 1 else 'run'} {others}"


def connection_lines(machine: Machine) -> list[str]:
    """Its kernel's table of connections, where it is full, or more than half full."""
    table = machine.connections
    if not table.full:
        entries = table.entries(machine.parts.sim.now)
        if 2 * entries <= table.most:
            return []
        return [
            f"connections: {entries:,} of {round(table.most):,} entries in the table of "
            f"{machine.name}, each kept 120 s after its connection"
        ]
    return [
        f"connections: the table of {machine.name} is full ({round(table.most):,} entries, each "
        f"kept 120 s after its connection): {table.share:.0%} of the new ones are dropped, and "
        "their clients hear nothing (nf_conntrack_max: 'tune', or --keepalive of 'traffic')"
    ]


def cache_line(one: Container, slower: float) -> str:
    """Caches and memory bandwidth make it slower; who presses them."""
    line = f"caches and memory bandwidth: it computes {slower:.2f} times slower"
    names = rivals.of_caches(one)
    return f"{line}, beside {', '.join(names)}" if names else line


def device_lines(one: Container) -> list[str]:
    """The devices that it used, what it got of them, and with whom it shares them now."""
    return [_device_line(use) + _sharers(one, use) for use in uses_of(one)]


def _device_line(use: Use) -> str:
    """A device, what it does in a second, what of that a container got, and what holds it."""
    unit = format_bytes if use.in_bytes else format_si
    what = "/s" if use.in_bytes else " operations/s"
    whole, got = f"{unit(use.whole_per_s)}{what}", f"{unit(use.got_per_s)}{what}"
    line = f"{use.device}: {whole}, of which it gets {got} while it uses it"
    if use.capped:
        return f"{line}; its own limit allows {unit(use.most_per_s)}{what}"
    return line


def _sharers(one: Container, use: Use) -> str:
    names = rivals.on_device(one, network=use.device.startswith("network"))
    return f"; used now by {', '.join(names)} too" if names else ""


def kernel_lines(one: Container, lost: float) -> list[str]:
    """What its kernel takes of its speed, by reason."""
    own, high = own_thrash(one), held_back(one)
    low = one.limits.memory_low_bytes
    shared = one.neighbours.thrash(one.machine.kernel) if one.memory.usage > low else 1.0
    lines = [f"its kernel: everything takes {lost:.2f} times as long"]
    if own > 1.0:
        lines.append(
            f"  {own:.2f} times: {format_binary_bytes(one.memory.swapped)} of it are in swap, "
            "because of its own limit of memory"
        )
    if high > 1.0:
        lines.append(f"  {high:.2f} times: it is above memory.high")
    if shared > 1.0:
        lines.append(f"  {shared:.2f} times: {_memory_words(one)}")
    rest = lost / own / high / shared
    if rest > 1.05:
        lines.append(f"  {rest:.2f} times: writeback of dirty pages, or packets, of {_bombs(one)}")
    return lines


def _memory_words(one: Container) -> str:
    found = rivals.of_memory(one.machine.host)
    return "its host is short of memory" if found is None else _shortage_words(found)


def _shortage_words(found: Shortage) -> str:
    wanted, have = format_binary_bytes(found.wanted), format_binary_bytes(found.got)
    held = ", ".join(f"{name} {format_binary_bytes(size)}" for name, size in found.rivals)
    return f"{found.name} is short of memory, {wanted} are wanted of {have} ({held})"


def memory_beside(one: Container) -> str:
    """What a container has in swap, and of pages of files; nothing where there is none."""
    swapped, cached = one.memory.swapped, charged_bytes(one) if one.pid else 0
    words = f", {format_binary_bytes(swapped)} in swap" if swapped else ""
    return f"{words}, {format_binary_bytes(cached)} of files in its page cache" if cached else words


def memory_words(machine: Machine) -> str:
    """How much of a machine's swap is used, where it has any; what a guest holds of its host's."""
    if isinstance(machine, VirtualMachine):
        held = format_binary_bytes(machine.memory.resident)
        return f", for which {machine.on.name} gives {held}"
    size = machine.hardware.swap_bytes
    used = format_binary_bytes(machine.kernel.memory.swapped)
    return f", swap {used} of {format_binary_bytes(size)}" if size else ""


def memory_lines(machine: Machine) -> list[str]:
    """Who holds the memory of a host that is short of it."""
    found = rivals.of_memory(machine.host) if machine is machine.host else None
    return [] if found is None else [_shortage_words(found)]


def _bombs(one: Container) -> str:
    fate = one.machine.kernel.fate
    names = [
        each.name
        for each in one.machine.host.kernel.all_containers()
        if each.bomb is not None and each.machine.kernel.fate is fate
    ]
    return ", ".join(names[:3]) or "its neighbours"
