"""Real flaws as data, and who is reachable when one is used.

``blast`` walks the attacker's chain of walls: is the flawed wall the next one it can touch, do the
switches leave what the flaw needs, and where does it land? Everybody whose chain contains that
place is reachable. Pure functions; the catalogue is ``assets/flaws.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from simulator.errors import unknown
from simulator.files import asset
from simulator.machine.boundaries import GUEST_ROOT, Boundary, Hardening, Tenant
from simulator.machine.software import Affected

HOST_SWITCHES = ("kpti", "microcode", "smt_off", "nested_off")
"""Mitigations of a whole host, beside the switches of a container."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One flaw of the catalogue. See ``assets/flaws.toml`` for the meaning of the fields."""

    id: str
    name: str
    year: int
    breaks: str
    lands: str
    effect: str
    about: str
    source: str
    evidence: str
    cvss: float | None = None
    """Base score, where it is known."""
    cvss_version: str = ""
    software: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    stopped_by: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    given: str = ""
    affected: tuple[tuple[str, Affected], ...] = ()
    """Versions that have it, by software; what is not among them has no version here."""
    versions: str = ""
    """Where the versions are said."""

    def ranges(self) -> list[str]:
        """The versions that have it, in words."""
        return [f"{software} {range_}" for software, range_ in self.affected]

    @property
    def layer(self) -> str:
        """The layer that fails, in words."""
        return _LAYERS[self.breaks]


_LAYERS = {
    "kernel": "kernel",
    "container": "runtime",
    "sandbox": "sandbox",
    "vmm": "hypervisor",
    "hardware": "hardware",
}


@dataclass(frozen=True, slots=True)
class Blast:
    """What a flaw achieved: the wall that failed, who is reachable, or what stopped it."""

    failed_boundary: Boundary | None
    reachable: tuple[str, ...]
    blocked_by: str | None
    explanation: str
    effect: str = ""
    standing_at: Boundary | None = None
    """Where the attacker now is: everybody on top of it is reachable."""


@cache
def catalogue() -> Mapping[str, Flaw]:
    """All flaws by id, in the order of the file: kernel, runtime, sandbox, hypervisor, hardware."""
    document = tomllib.loads(asset("flaws.toml").read_text("utf-8"))
    return {key: _flaw(key, entry) for key, entry in document.items()}


def _flaw(key: str, entry: Mapping[str, Any]) -> Flaw:
    given = dict(entry)
    score = given.pop("cvss", {})
    ranges = {
        what: Affected(entry.get("since", ""), tuple(entry["fixed"]))
        for what, entry in given.pop("affected", {}).items()
    }
    for name in ("software", "needs", "calls", "stopped_by", "passes"):
        given[name] = tuple(given.get(name, ()))
    given |= {"cvss": score.get("score"), "cvss_version": score.get("version", "")}
    return Flaw(id=key, affected=tuple(ranges.items()), **given)


def flaw(name: str) -> Flaw:
    """The flaw with this id (``CVE-2022-0847``) or name (``Dirty Pipe``), in any case."""
    wanted = str(name).strip().lower()
    for found in catalogue().values():
        if wanted in (found.id.lower(), found.name.lower()):
            return found
    words = [word for found in catalogue().values() for word in (found.id, found.name)]
    raise unknown("flaw", str(name), words)


def blast(
    found: Flaw, attacker: Tenant, tenants: Iterable[Tenant], switches: Iterable[str] = ()
) -> Blast:
    """What ``attacker`` reaches by a flaw, on a host with the given mitigations.

    ``switches`` are words of HOST_SWITCHES; the container's own switches are in its hardening.
    """
    on = sorted(set(switches))
    for switch in on:
        if switch not in HOST_SWITCHES:
            raise unknown("switch", switch, HOST_SWITCHES)
    place, stopped = _target(found, attacker)
    stopped = stopped or _switched_off(found, attacker.hardening, on)
    stopped = stopped or _lacking(found, attacker)
    if stopped or place is None:
        return Blast(None, (), stopped, f"{found.name}: {stopped}", found.effect)
    return _landed(found, attacker, place, tenants)


def reach(
    found: Flaw, chain: Sequence[Boundary], hardening: Hardening, switches: Iterable[str] = ()
) -> Blast:
    """Which wall of a chain fails and why not, without neighbours."""
    return blast(found, Tenant("attacker", tuple(chain), hardening), (), switches)


def escalated(attacker: Tenant, result: Blast) -> Tenant:
    """The attacker after a flaw succeeded: root where it now stands, inner walls behind it.

    For attacks in several steps: the guest's kernel first, then its monitor. Unchanged where the
    flaw was stopped or only reads.
    """
    if result.standing_at is None or result.effect == "read":
        return attacker
    place = attacker.chain.index(result.standing_at)
    return Tenant(attacker.name, attacker.chain[place:], GUEST_ROOT)


def _target(found: Flaw, attacker: Tenant) -> tuple[int | None, str | None]:
    """Index of the wall that the flaw would break, or what stands in the way."""
    for index, wall in enumerate(attacker.chain):
        if wall.kind == found.breaks:
            if found.software and not set(found.software) & set(wall.software):
                built = " and ".join(wall.software) or "something else"
                return None, f"not applicable: {wall} is built by {built}"
            patched = _patched(found, wall)
            return index, patched or _in_the_way(found, attacker.chain[:index], attacker.hardening)
    return None, f"not applicable: no {found.breaks} stands around {attacker.name}"


def _patched(found: Flaw, wall: Boundary) -> str | None:
    """That a wall is of a version that does not have the flaw, and which ones do."""
    known = dict(found.affected)
    of_wall = [name for name in known if name in wall.software]
    if found.breaks == "kernel" and "linux" in known and not of_wall:
        return f"not applicable: {wall} is {' and '.join(wall.software) or 'no Linux'}"
    versions = dict(wall.versions)
    stated = [name for name in of_wall or known if name in versions]
    if not stated or any(known[name].has(versions[name]) for name in stated):
        return None
    runs = " and ".join(f"{name} {versions[name]}" for name in stated)
    says = "; ".join(f"{name} {known[name]}" for name in stated)
    return f"not applicable: {wall} runs with {runs}, which does not have it ({says})"


def _in_the_way(found: Flaw, before: Sequence[Boundary], hardening: Hardening) -> str | None:
    for wall in before:
        if wall.kind in found.passes:
            continue
        if wall.kind == "sandbox" and found.breaks == "kernel":
            return f"{wall} answers the system calls itself; they never reach the kernel"
        guarded = wall.kind in ("container", "sandbox") and not hardening.privileged
        if guarded and "guest_root" in found.needs:
            return f"{wall} keeps it from being root in the guest; that wall must fall first"
    return None


def _switched_off(found: Flaw, hardening: Hardening, switches: Sequence[str]) -> str | None:
    own = {
        "userns": hardening.userns,
        "no_new_privileges": hardening.no_new_privileges,
        "readonly_root": hardening.readonly_root,
    }
    for name in found.stopped_by:
        if own.get(name) or name in switches:
            return f"stopped by {name}"
    for call in found.calls:
        if hardening.blocks(call):
            return f"seccomp ({hardening.seccomp}) blocks {call}"
    return None


def _lacking(found: Flaw, attacker: Tenant) -> str | None:
    """What the flaw needs and the attacker does not have; None when one of its needs is met."""
    reasons = [_missing(need, attacker.hardening) for need in found.needs if need != "guest_root"]
    if not reasons or None in reasons:
        return None
    return " and ".join(reason for reason in reasons if reason)


def _missing(need: str, hardening: Hardening) -> str | None:
    if need == "root":
        return None if hardening.root else "the process is not root in its container"
    if need == "host_network":
        return None if hardening.host_network else "the container has a network of its own"
    if need == "privileged":
        return None if hardening.privileged else "the container is not privileged"
    if need.startswith("userns:"):
        if hardening.holds_inside(need.removeprefix("userns:")):
            return None
        return f"seccomp ({hardening.seccomp}) blocks unshare"
    return None if hardening.holds(need) else f"the capability {need} is missing"


def _landed(found: Flaw, attacker: Tenant, place: int, tenants: Iterable[Tenant]) -> Blast:
    wall = attacker.chain[place]
    standing = _standing(found, attacker.chain, place)
    others = sorted((t for t in tenants if t.name != attacker.name), key=lambda t: t.name)
    reachable = tuple(t.name for t in others if standing in t.chain)
    verb = {"control": "controls", "write": "writes to", "read": "reads"}[found.effect]
    who = ", ".join(reachable) if reachable else "nobody else"
    text = f"{found.name}: {wall} failed ({_layer(found, attacker.chain, place)})"
    text += f"; {attacker.name} {verb} {standing}; reachable: {who}"
    if standing.kind == "jail":
        text += f"; {standing} still stands"
    if found.given:
        text += f"; given that {found.given}"
    return Blast(wall, reachable, None, text, found.effect, standing)


def _standing(found: Flaw, chain: Sequence[Boundary], place: int) -> Boundary:
    """Where the attacker is after the wall at ``place`` fell."""
    if found.breaks in ("kernel", "hardware"):
        return chain[place]
    beyond = chain[place + 1 :]
    if found.lands == "process":
        return beyond[0] if beyond else chain[place]
    return next((wall for wall in beyond if wall.kind == "kernel"), chain[place])


def _layer(found: Flaw, chain: Sequence[Boundary], place: int) -> str:
    if found.breaks != "kernel":
        return found.layer
    guest = any(wall.kind == "vmm" for wall in chain[place:])
    return "guest kernel" if guest else "shared kernel"
