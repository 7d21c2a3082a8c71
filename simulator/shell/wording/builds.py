"""What ``docker build`` prints, as BuildKit's users know it; and why each step ran."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from simulator.dockerfile.lint import excerpt
from simulator.image.builder.model import Reason
from simulator.shell.wording.transfers import pushed
from simulator.units import format_bytes, format_span
from simulator.world.build_facts import (
    BaseKnown,
    BaseTaken,
    BuildChecked,
    BuildEnded,
    BuildStopped,
    BuildWarned,
    CacheImported,
    ContextRead,
    DefinitionRead,
    ImageExported,
    LastBuild,
    StepEnded,
    StepName,
    StepRefused,
    TagPushed,
    Vertex,
)

_OF_STAGE = re.compile(r" of (\d+) (?=ran again)")
_ADVICE = {
    126: "the file is there but may not be executed: COPY --chmod=755, or RUN chmod +x before it",
    127: "no such program in the image at this step: install it in an earlier RUN, correct its "
    "name or path, or choose a base image that has it",
    137: "the kernel killed it, mostly for memory: build on a machine with more",
    255: "build on a machine of that platform, add --emulation on to the host, or let the stage "
    "run on the builder: FROM --platform=$BUILDPLATFORM",
}


def title(name: StepName) -> str:
    """``[2/5] RUN make``, ``[build 2/5] …``, ``[stage-1 2/4] …``, ``[linux/arm64 2/5] …``."""
    words = [str(name.platform)] if name.platforms > 1 else []
    if not name.stage.isdigit():
        words.append(name.stage)
    elif name.stages > 1:
        words.append(f"stage-{name.stage}")
    if name.number:
        words.append(f"{name.number}/{name.total}")
    return f"[{' '.join(words)}] {name.text}" if words else name.text


class Explained(Protocol):
    """A step that a reason is known of: one that is planned, or one that ended."""

    @property
    def stage(self) -> str:
        """The stage that it belongs to."""

    @property
    def reason(self) -> Reason:
        """Why it ran, or did not."""

    @property
    def cached(self) -> bool:
        """Whether its result came from the cache."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed of it."""


def reasons(step: Explained) -> list[str]:
    """Why a step was not cached, and what was assumed of it; nothing for cached ones."""
    told = _OF_STAGE.sub(r" of stage-\1 ", step.reason.text)
    told = told.replace(" of stage-0 ", " ") if step.stage == "0" else told
    lines = [told] if told and not step.reason.hit else []
    return [] if step.cached else [*lines, *step.notes]


# --- vertices ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """A piece of work as it is printed: its title, how it ended, and what belongs to it."""

    title: str
    outcome: str
    details: tuple[str, ...] = ()


def _done(seconds: float) -> str:
    """``DONE 3.1s``."""
    return f"DONE {seconds:.1f}s"


def _definition(work: DefinitionRead) -> _Shown:
    told = (f"transferring dockerfile: {format_bytes(work.size_bytes)}",)
    return _Shown(f"[internal] load build definition from {work.file}", _done(0.0), told)


def _context(work: ContextRead) -> _Shown:
    told = (f"transferring context: {format_bytes(work.size_bytes)}",)
    return _Shown("[internal] load build context", _done(0.0), told)


def _base_known(work: BaseKnown) -> _Shown:
    head = f"[internal] load metadata for {work.base}"
    if work.error is not None:
        return _Shown(head, "ERROR", (work.error,))
    return _Shown(head, _done(0.0))


def _cache(work: CacheImported) -> _Shown:
    outcome = f"ERROR: {work.error}" if work.error else _done(work.seconds)
    return _Shown(f"importing cache manifest from {work.image}", outcome)


def _base_taken(work: BaseTaken) -> _Shown:
    if work.seconds is None:
        outcome = "CACHED" if work.base != "scratch" else _done(0.0)
        return _Shown(title(work.name), outcome)
    note = (f"note: {work.note}",) if work.note else ()
    told = (f"pulled {format_bytes(work.size_bytes)}", *note)
    return _Shown(title(work.name), _done(work.seconds), told)


def _step(work: StepEnded) -> _Shown:
    if work.cached:
        return _Shown(title(work.name), "CACHED")
    failed = f"ERROR: exit code: {work.exit_code}"
    outcome = failed if work.exit_code else _done(work.seconds)
    return _Shown(title(work.name), outcome, tuple(reasons(work)))


def _refused(work: StepRefused) -> _Shown:
    return _Shown(title(work.name), "ERROR: exit code: 1", (work.error,))


def _exported(work: ImageExported) -> _Shown:
    details = (
        f"writing image {work.digest}",
        *(f"exporting manifest for {one} {digest}" for one, digest in work.manifests),
        *(f"naming to {tag}" for tag in work.tags),
    )
    return _Shown("exporting to image", _done(0.0), details)


def _tag_pushed(work: TagPushed) -> _Shown:
    return _Shown(f"pushing {work.tag}", _done(work.seconds), (pushed(work.pushed),))


WORKS: dict[type, Callable[[Any], _Shown]] = {
    DefinitionRead: _definition,
    ContextRead: _context,
    BaseKnown: _base_known,
    CacheImported: _cache,
    BaseTaken: _base_taken,
    StepEnded: _step,
    StepRefused: _refused,
    ImageExported: _exported,
    TagPushed: _tag_pushed,
}
"""How each piece of work of a build is shown."""


def _vertex(fact: Vertex) -> list[str]:
    """One or two lines a step, or a numbered paragraph (``--progress plain``)."""
    shown = WORKS[type(fact.work)](fact.work)
    if not fact.plain:
        head = f"{shown.title}  {shown.outcome}".rstrip()
        return [head, *(f"    {line}" for line in shown.details)]
    mark = f"#{fact.number}"
    told = (*shown.details, shown.outcome) if shown.outcome else shown.details
    before = [""] if fact.number > 1 else []
    return [*before, f"{mark} {shown.title}", *(f"{mark} {line}" for line in told)]


# --- ends -------------------------------------------------------------------------------------


def stopped(fact: BuildStopped) -> list[str]:
    """The end of a build that failed: what the step said, where it stands, what to do."""
    failure = fact.failure
    return [
        "------",
        f" > {title(fact.name)}:",
        *failure.output.splitlines(),
        "------",
        *where(fact.dockerfile, failure.place.file, failure.place.line or 1),
        f"What to do: {_ADVICE.get(failure.exit_code, 'look at what the command said above')}",
    ]


def where(text: str, name: str, line: int) -> list[str]:
    """``Dockerfile:5`` and some lines of it, the meant one marked."""
    return [f"{name}:{line}", *excerpt(text, line).split("\n")]


def _warned(fact: BuildWarned) -> list[str]:
    return [f"[Warning] {fact.text}"]


def _checked(fact: BuildChecked) -> list[str]:
    """The build checks' findings as they stand under a build."""
    findings = fact.findings
    if not findings:
        return []
    many = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
    lines = [f" {many} found (docker build --check explains):"]
    return lines + [f" - {one.rule}: {one.message} (line {one.line})" for one in findings]


def _ended(fact: BuildEnded) -> str:
    return (
        f"{fact.steps} steps, {fact.cached} cached, {format_span(fact.seconds)}, "
        f"{format_bytes(fact.size_bytes)}"
    )


def last_build(last: LastBuild) -> list[str]:
    """The newest build of an image for ``why``: when, where, and which steps ran."""
    head = f"last build on {last.machine} at {last.at_s:.1f}s: {_ended(last.ended)}"
    ran = [(step, reason) for step in last.ran for reason in reasons(step)[:1]]
    return [head, *(f"  {title(step.name)}: {reason}" for step, reason in ran)]


WORDS: dict[type, Callable[[Any], Iterable[str]]] = {
    Vertex: _vertex,
    BuildStopped: stopped,
    BuildWarned: _warned,
    BuildChecked: _checked,
    BuildEnded: lambda fact: [_ended(fact)],
}
