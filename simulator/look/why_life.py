"""Why a container lives, ends or stands still as it does: process 1, signals, health."""

from __future__ import annotations

from simulator.machine.container import Container


def life_lines(one: Container) -> list[str]:
    """Lines for a container that runs; nothing where all is ordinary."""
    if not one.running:
        return [f"not started: {one.start_error}"] if one.start_error else []
    return [*_still(one), *_health(one), _stop(one)]


def _still(one: Container) -> list[str]:
    if one.paused:
        return ["paused: its threads are frozen, requests wait"]
    if one.hung:
        return ["its program stands still: it answers nothing and handles no signal"]
    return []


def _health(one: Container) -> list[str]:
    health = one.health
    if health is None:
        return []
    told = f"health: {health.status}"
    if health.streak:
        last = health.log[-1]
        told += f", {health.streak} checks failed in a row, the last with code {last.code}"
    return [f"{told}; no restart policy acts on it"]


def _stop(one: Container) -> str:
    """What docker stop would come to."""
    settings = one.settings
    first, signal = settings.first, settings.stop_signal
    end = first.end(signal, hung=one.hung)
    who = " ".join(first.commands[0])[:60] if first.commands else "its program"
    if end is not None:
        after = "when what is inside is done" if end.finishes else "at once"
        return f"process 1: {who}; at SIG{signal} it ends {after} with code {end.code}"
    grace_s = settings.stop_timeout_s
    if grace_s is None:
        grace_s = one.constants.value("control.docker.stop_grace_s")
    waits = "a shell that waits for its program" if first.waits else "it does not handle it"
    return (
        f"process 1: {who}; SIG{signal} does nothing to it ({waits}), so a stop takes "
        f"{grace_s:g} s and ends with code 137"
    )
