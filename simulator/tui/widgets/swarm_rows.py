"""The rows of a swarm in the cluster pane: members, services, tasks; and what is known of each."""

from __future__ import annotations

from typing import Any

from simulator.cluster.kubernetes.api.times import age
from simulator.look.swarm_facts import MemberFacts, SwarmFacts, SwarmServiceFacts, TaskFacts
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line, fit
from simulator.units import counted, format_binary_bytes

STATE, SHORT = 14, 11
NANO = 1_000_000_000
HEADS = {
    "services": f"{{name}} {fit('state', STATE)} {fit('running', 8)} {fit('mode', SHORT)} image, "
                "ports",
    "tasks": f"{{name}} {fit('state', STATE)} {fit('wanted', 9)} {fit('since', 6)} "
             f"{fit('node', SHORT)} why",
    "nodes": f"{{name}} {fit('state', STATE)} {fit('available', SHORT)} {fit('manager', SHORT)} "
             "tasks, reserved CPU and memory",
}  # fmt: skip
HEADS["overview"] = HEADS["nodes"]


def heads(kind: str, names: int) -> str:
    """The names of the columns of a view."""
    return HEADS.get(kind, "{name}").format(name=fit("name", names))


def names_width(rows: tuple[Any, ...], width: int) -> int:
    """Cells that names get: what the longest of those that are seen needs."""
    longest = max((len(one.name) for one in rows if one is not None), default=0)
    return max(8, min(longest, width // 3))


def line_of(row: Any, names: int, now: float) -> Line:
    """One row of whatever kind; nothing where it is gone."""
    if isinstance(row, MemberFacts):
        return member_line(row, names)
    if isinstance(row, SwarmServiceFacts):
        return service_line(row, names)
    if isinstance(row, TaskFacts):
        return task_line(row, names, now)
    return (("gone", "dim"),)


def member_line(one: MemberFacts, names: int) -> Line:
    """Whether it is there, takes tasks and decides; what tasks reserve of it."""
    signs = glyphs()
    word, glyph, role = "ready", signs.ok, "good"
    if not one.ready:
        word, glyph, role = "down", signs.bad, "bad"
    paused = one.availability != "active"
    unreachable = one.manager == "Unreachable"
    cpu = f"{one.cpu_asked / NANO:g}/{one.cpu / NANO:g} cores"
    memory = f"{format_binary_bytes(one.memory_asked)}/{format_binary_bytes(one.memory)}"
    return (
        (fit(one.name, names, signs.ellipsis), "title"), (" ", "plain"),
        (fit(f"{glyph} {word}", STATE), role), (" ", "plain"),
        (fit(f"{signs.paused} {one.availability}" if paused else one.availability, SHORT),
         "warn" if paused else "plain"), (" ", "plain"),
        (fit(one.manager or "worker", SHORT), "bad" if unreachable else "plain"), (" ", "plain"),
        (fit(str(one.tasks), 6), "plain"), (f"{cpu}, {memory}", "dim"),
    )  # fmt: skip


def service_line(one: SwarmServiceFacts, names: int) -> Line:
    """How many tasks run of those that are to run, and how far an update is."""
    word, glyph, role = _state(one)
    said = one.error or (one.message if one.update not in ("", "completed") else "")
    jobs = f" ({one.done}/{one.total} done)" if one.done is not None else ""
    ports = f" {', '.join(one.ports)}" if one.ports else ""
    return (
        (fit(one.name, names, glyphs().ellipsis), "plain"), (" ", "plain"),
        (fit(f"{glyph} {word}", STATE, glyphs().ellipsis), role), (" ", "plain"),
        (fit(f"{one.running}/{one.desired}{jobs}", 8 if not jobs else 20), "plain"), (" ", "plain"),
        (fit(one.mode, SHORT, glyphs().ellipsis), "dim"), (" ", "plain"),
        (f"{one.image}{ports}", "dim"), (f"  {said}" if said else "", "warn"),
    )  # fmt: skip


def _state(one: SwarmServiceFacts) -> tuple[str, str, str]:
    """A word, a sign and an ink."""
    signs = glyphs()
    if one.update == "updating":
        return "updating", signs.again, "warn"
    if one.update == "rollback_started":
        return "rolling back", signs.again, "warn"
    if one.update in ("paused", "rollback_paused"):  # its message says which
        return "paused", signs.paused, "bad"
    if one.done is not None and one.done >= one.total:
        return "done", signs.passed, "good"
    if one.running < one.desired:
        return f"{one.desired - one.running} missing", signs.warn, "warn"
    return "as wanted", signs.ok, "good"


def task_line(one: TaskFacts, names: int, now: float) -> Line:
    """What it is and is to be, since when, where, and why it is not."""
    signs = glyphs()
    glyph, role = signs.pending, "warn"
    if one.running:
        glyph, role = signs.ok, "good"
    elif one.over:
        failed = one.state in ("failed", "rejected", "orphaned")
        glyph, role = (signs.bad, "bad") if failed else (signs.ended, "dim")
    said = one.error or ("" if one.running or one.over else one.message)
    return (
        (fit(one.name, names, signs.ellipsis), "plain"), (" ", "plain"),
        (fit(f"{glyph} {one.state}", STATE), role), (" ", "plain"),
        (fit(one.desired, 9), "dim"), (" ", "plain"),
        (fit(age(now - one.since), 6), "dim"), (" ", "plain"),
        (fit(one.node or "no node", SHORT, signs.ellipsis), "dim" if one.node else "warn"),
        (f" {said}", "bad" if one.error else "dim"),
    )  # fmt: skip


def summary(facts: SwarmFacts) -> Line:
    """One line about the whole: members, who leads, how many tasks run."""
    role = "good" if facts.ready_nodes == facts.nodes else "bad"
    leads: tuple[str, str] = (f"leader {facts.leader}", "plain")
    if not facts.leader:
        leads = (f"{glyphs().bad} no leader: {facts.reachable} of "
                 f"{counted(facts.managers, 'manager')} reachable", "bad")  # fmt: skip
    others = f"; {facts.clusters - 1} more: :ctx" if facts.clusters > 1 else ""
    short = facts.running < facts.tasks
    return (
        (f"swarm {facts.name}  ", "title"),
        (f"{facts.ready_nodes} of {counted(facts.nodes, 'node')} ready", role),
        (", ", "plain"), leads, (f"; {counted(facts.services, 'service')}, ", "plain"),
        (f"{facts.running} of {counted(facts.tasks, 'task')} run", "warn" if short else "plain"),
        (others, "dim"),
    )  # fmt: skip


def pairs_of(row: Any, now: float) -> list[tuple[str, str]]:
    """All about one row, for who wants to know."""
    if isinstance(row, TaskFacts):
        found = [("id", row.id), ("image", row.image), ("node", row.node or "none yet"),
                 ("wanted", row.desired), ("state", f"{row.state} for {age(now - row.since)}"),
                 ("message", row.message), ("error", row.error),
                 ("container", row.container or "none yet")]  # fmt: skip
    elif isinstance(row, SwarmServiceFacts):
        found = [("id", row.id), ("mode", row.mode), ("running", f"{row.running}/{row.desired}"),
                 ("image", row.image), ("ports", ", ".join(row.ports)),
                 ("last update", f"{row.update} {row.message}".strip()),
                 ("last error", row.error)]  # fmt: skip
    else:
        found = [("id", row.id), ("availability", row.availability),
                 ("manager", row.manager or "no"), ("down because", row.why),
                 ("tasks", str(row.tasks))]  # fmt: skip
    return [(name, text) for name, text in found if text]
