"""Switches of machines, faults, reboots, flaws and traffic, in drydock's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.units import counted
from simulator.world.machine_facts import (
    Broken,
    ConnectionsBounded,
    Counted,
    FlawUsed,
    KernelInstalled,
    MachineUsed,
    Rebooted,
    SoftwareInstalled,
    Switched,
    TrafficBegan,
)

_SWITCHES = {
    "balloon": "balloon of {machine}: {state}",
    "ksm": "same-page merging on {machine}: {state}",
    "evict": "eviction on {machine}: {state}",
    "metrics": "metrics of {machine}: {state}",
}


def _used(fact: MachineUsed) -> list[str]:
    return [f"Current machine is now {fact.machine}"]


def _switched(fact: Switched) -> list[str]:
    if fact.what == "userns":
        state = "users of their own" if fact.on else "the users of the machine"
        return [f"new containers on {fact.machine} have {state}"]
    state = "on" if fact.on else "off"
    return [_SWITCHES[fact.what].format(machine=fact.machine, state=state)]


def _kernel(fact: KernelInstalled) -> list[str]:
    return [
        f"kernel {fact.version} is installed on {fact.machine}; it runs "
        f"{fact.running} until it boots again (reboot {fact.machine})"
    ]


def _software(fact: SoftwareInstalled) -> list[str]:
    return [f"{fact.name} of {fact.machine}: {fact.version}"]


def _counted(fact: Counted) -> list[str]:
    shown = ", ".join(f"{kind}={count}" for kind, count in fact.counts)
    return [f"generic resources of {fact.machine}: {shown or 'none'}"]


def _connections(fact: ConnectionsBounded) -> list[str]:
    return [f"net.netfilter.nf_conntrack_max = {fact.most}"]


# --- faults -----------------------------------------------------------------------------------


def _hang(fact: Broken) -> str:
    if fact.amount == 0:
        return f"{fact.target}: its program goes on"
    return f"{fact.target}: its program hangs; end it with: fault hang NAME --amount 0"


def _panic(fact: Broken) -> str:
    fell = f"{counted(fact.containers, 'container')} and {counted(fact.vms, 'VM')}"
    return f"kernel of {fact.target} panicked: {fell} fell with it"


def _throttle(fact: Broken) -> str:
    if fact.amount == 1.0:
        return f"{fact.target}: its processors are cool and run at their own speed"
    return f"{fact.target}: its processors are too hot and run {fact.amount:g} times slower"


def _with_it(containers: int) -> str:
    """What died: pods of a cluster are not among it, of them nobody hears any more."""
    return f"; {counted(containers, 'container')} died with it" if containers else ""


def _started(containers: int) -> str:
    if not containers:
        return ""
    how = "starts by its restart policy" if containers == 1 else "start by their restart policy"
    return f"; {counted(containers, 'container')} {how}"


_FAULTS: dict[str, Callable[[Broken], str]] = {
    "crash": lambda fact: f"{fact.target}: its program crashed",
    "oom": lambda fact: f"{fact.target}: killed for its memory",
    "hang": _hang,
    "panic": _panic,
    "power": lambda fact: f"{fact.target} lost power{_with_it(fact.containers)}",
    "throttle": _throttle,
    "recover": lambda fact: f"{fact.target} is up again{_started(fact.containers)}",
}


def _broken(fact: Broken) -> list[str]:
    found = _FAULTS.get(fact.kind)
    if found is not None:
        return [found(fact)]
    return [f"{fact.target}: a {fact.kind.removesuffix('bomb')} bomb went off in it"]


def _rebooted(fact: Rebooted) -> list[str]:
    return [f"{fact.machine} runs kernel {fact.kernel}{_started(fact.containers)}"]


def _flaw(fact: FlawUsed) -> list[str]:
    walls = " > ".join(fact.walls)
    lines = [f"walls around {fact.attacker}: {walls}", fact.explanation]
    if not fact.failed:
        return [*lines, "no wall failed; nobody is reachable"]
    who = ", ".join(fact.reachable) or "nobody else"
    return [
        *lines,
        f"failed: {fact.failed}",
        f"now stands at: {fact.standing}",
        f"reachable: {who}",
    ]


def _traffic(fact: TrafficBegan) -> list[str]:
    return [f"traffic to {fact.service}: {fact.words}"]


WORDS: dict[type, Callable[[Any], Iterable[str]]] = {
    MachineUsed: _used,
    Switched: _switched,
    KernelInstalled: _kernel,
    SoftwareInstalled: _software,
    ConnectionsBounded: _connections,
    Counted: _counted,
    Broken: _broken,
    Rebooted: _rebooted,
    FlawUsed: _flaw,
    TrafficBegan: _traffic,
}
