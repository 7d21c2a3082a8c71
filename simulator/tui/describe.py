"""Things on the screen in words: what is under the cursor, the whole screen, the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from simulator.look.views import ContainerView
from simulator.tui.actions import actions_of, key_text
from simulator.tui.charts import seconds_text
from simulator.tui.lesson_mode import Page, Prose, goal_words
from simulator.tui.prose import wrapped
from simulator.tui.rows import cores_text, map_row, memory_text
from simulator.tui.widgets.bars import speed_text, time_text
from simulator.tui.widgets.ink import Line, join
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow
    from simulator.look.views import EventView, ServiceView
    from simulator.tui.seen import Seen


def row_lines(row_of: TreeRow, why: Sequence[str]) -> list[Line]:
    """All about one row of the map."""
    row = map_row(row_of)
    pairs = [("state", f"{row.glyph} {row.state}")]
    if row.cpu is not None:
        pairs.append(("CPU", f"{cores_text(*row.cpu)} cores"))
    if row.memory is not None:
        pairs.append(("memory", memory_text(*row.memory)))
    if row.note:
        pairs.append(("about", row.note))
    if isinstance(row_of.view, ContainerView):
        pairs += _container_pairs(row_of.view)
    lines = pair_lines(pairs)
    if why:
        lines += [(), (("Why", "title"),), *(((text, "plain"),) for text in why)]
    return lines


def _container_pairs(one: ContainerView) -> list[tuple[str, str]]:
    pairs = [
        ("id", one.id),
        ("image", one.image),
        ("command", one.command),
        ("machine", one.machine),
        ("runtime", one.runtime),
        ("workload", one.workload),
        ("restart policy", f"{one.restart_policy}, {one.restarts} restarts"),
        ("process", f"pid {one.pid} on the host, {one.pids} processes inside"),
        ("CPU used", f"{one.cpu_seconds:.1f} core-seconds, weight {one.cpu_weight}"),
    ]
    if one.cpu_limit_cores:
        pairs.append(
            (
                "CPU quota",
                f"{one.cpu_limit_cores:g} cores; {one.nr_throttled} of {one.nr_periods}"
                f" periods throttled, {one.throttled_s:.1f} s in all",
            )
        )
    if one.aliases:
        pairs.append(("answers for", ", ".join(one.aliases)))
        pairs.append(
            (
                "requests",
                f"{one.requests_per_s:.0f}/s, {one.in_flight} in flight, {one.queued} queued",
            )
        )
    if one.published:
        here = (port for port in one.published if ":" not in port.address)
        pairs.append(("ports", ", ".join(f"{port.at}->{port.port}" for port in here)))
    return pairs


def pair_lines(pairs: Sequence[tuple[str, str]]) -> list[Line]:
    """Names and values in two columns."""
    width = max((len(name) for name, _ in pairs), default=0)
    return [((name.ljust(width) + "  ", "dim"), (text, "plain")) for name, text in pairs]


def event_lines(event: EventView, why: Sequence[str]) -> list[Line]:
    """All about one event."""
    lines = pair_lines(
        [
            ("when", f"{event.time:.3f} s"),
            ("kind", event.kind),
            ("about", event.subject or "the world"),
            ("what", event.text),
        ]
    )
    if why:
        lines += [(), ((f"{event.subject} now", "title"),), *(((w, "plain"),) for w in why)]
    return lines


def help_lines(screen: str, width: int = 100, *, lesson: bool = True) -> list[Line]:
    """The keys of a screen by group."""
    lines: list[Line] = []
    group = ""
    for one in sorted(actions_of(screen, lesson=lesson), key=lambda a: group_rank(a.group)):
        if one.group != group:
            group = one.group
            lines += [(), ((group, "title"),)] if lines else [((group, "title"),)]
        keys = " ".join(key_text(key) for key in one.keys)
        asks = " (asks first)" if one.destructive else ""
        for row, text in enumerate(wrapped(one.help + asks, width - 20)):
            head = keys if row == 0 else ""
            lines.append(join([((f"  {head.ljust(17)}", "accent"),), text]))
    return lines


def group_rank(group: str) -> int:
    """Where a group of actions stands in lists of them."""
    order = ("Lesson", "Typing", "Time", "Looking closer", "Moving about", "Help and leaving")
    return order.index(group) if group in order else len(order)


def screen_sentences(
    seen: Seen,
    rows: Sequence[TreeRow],
    *,
    running: bool,
    speed: float,
    waiting: str,
    page: Page | None,
    output: Sequence[str],
    cluster: Sequence[str] = (),
) -> list[str]:
    """Everything on the workbench as sentences, most important first.

    ``rows`` are the rows of the map that are seen, ``cluster`` the lines of the cluster's pane.
    """
    state = f"waiting for {waiting}" if waiting else "running" if running else "paused"
    sentences = [
        f"Simulated time is {time_text(seen.time)}, {state}, speed x{speed_text(speed)}, "
        f"seed {seen.seed}."
    ]
    sentences += _lesson_sentences(page) if page is not None else []
    sentences += [f"Cluster: {line}" for line in cluster]
    sentences += _map_sentences(seen, rows)
    sentences += _service_sentences(seen.services)
    recent = seen.events[-10:]
    sentences += [f"At {time_text(e.time)}, {e.level}: {e.text}." for e in recent]
    if not recent:
        sentences.append("Nothing has happened yet.")
    sentences += [f"Output: {text}" for text in output if text.strip()]
    return sentences


def _lesson_sentences(page: Page) -> list[str]:
    sentences = [f"Lesson step {page.number} of {page.count}: {page.title}."]
    sentences += [part.text for part in page.parts if isinstance(part, Prose)]
    question = page.open_question()
    if question is not None:
        sentences.append(f"Question: {question.ask} Options: {'; '.join(question.options)}.")
    return sentences + goal_words(page.goals())


def _map_sentences(seen: Seen, rows: Sequence[TreeRow]) -> list[str]:
    total = seen.totals
    if not total.hosts:
        return ["There are no hosts."]
    sentences = []
    if len(rows) < len(seen.outline):
        sentences.append(
            f"Of {counted(total.hosts, 'host')} and {counted(total.containers, 'container')}, "
            f"{len(rows)} rows of {len(seen.outline):,} are seen."
        )
    for row in map(map_row, rows):
        name = row.name if row.kind == "kernel" else f"{row.kind} {row.name}"
        text = f"{'  ' * row.depth}{name} is {row.state}"
        if row.cpu is not None and row.memory is not None:
            text += f", CPU {cores_text(*row.cpu)} cores, memory {memory_text(*row.memory)}"
        sentences.append(f"{text}{', ' + row.note if row.note else ''}.")
    return sentences


def _service_sentences(services: Sequence[ServiceView]) -> list[str]:
    return [
        f"Service {one.name}: {len(one.endpoints)} endpoints, {one.offered_per_s:.0f} requests/s "
        f"offered, {one.ok_per_s:.0f} answered, {one.failed_per_s:.0f} failed; latency "
        f"p50 {seconds_text(one.p50_s)}, p95 {seconds_text(one.p95_s)}, "
        f"p99 {seconds_text(one.p99_s)}; {one.in_flight} in flight, {one.queued} queued."
        for one in services
    ]


def sentence_lines(sentences: Sequence[str]) -> Callable[[int], list[Line]]:
    """Sentences as lines wrapped to whatever width they are shown at."""

    def make(width: int) -> list[Line]:
        lines: list[Line] = []
        for one in sentences:
            indent = " " * (len(one) - len(one.lstrip()))
            lines += wrapped(one, width - 1, "plain", indent)
        return lines

    return make


def told_lines(said: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """Lines of an answer, each with its role: long ones are wrapped, rows of tables are not."""
    lines: list[Line] = []
    for text, role in said:
        bare = text.lstrip()
        if len(text) <= width or bare.count("  ") > 1:
            lines.append(((text, role),))
        else:
            lines += wrapped(bare, width - 1, role, " " * (len(text) - len(bare)))
    return lines
