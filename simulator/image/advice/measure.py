"""Measuring proposals: every one is planned, and only what brings something is told."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.dockerfile import Dockerfile, parse
from simulator.errors import DrydockError
from simulator.image.advice.proposal import Proposal
from simulator.image.advice.proposals import propose
from simulator.image.advice.source import MANIFESTS, Project
from simulator.image.advice.stages import propose_stages
from simulator.image.builder import BuildCache, BuildPlan, plan
from simulator.image.context import BuildContext
from simulator.image.digests import digest_of
from simulator.units import format_bytes

MOST_STEPS = 400
"""Steps that are planned for ideas, each idea planning all of the file's: seconds, not minutes."""
LEAST_TRIED = 8
MIN_BYTES = 100_000
MIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a Dockerfile costs: image size, a cold build, a rebuild after an edit."""

    size_bytes: int
    build_s: float
    rebuild_s: float
    manifest_s: float
    """A rebuild after the list of packages changed."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One improvement, with what it was found to save. Negative: it costs that much.

    ``rewritten`` is the Dockerfile with this one change, ``dockerignore`` lines to add there.
    """

    kind: str
    line: int
    title: str
    why: str
    saves_bytes: int = 0
    saves_build_s: float = 0.0
    saves_rebuild_s: float = 0.0
    rewritten: str | None = None
    dockerignore: str = ""
    score_s: float = 0.0
    """What advice is ranked by: seconds saved, bytes as the seconds that pulling them takes."""

    def __str__(self) -> str:
        gains = []
        if abs(self.saves_bytes) >= MIN_BYTES:
            gains.append(_gain(self.saves_bytes, format_bytes(abs(self.saves_bytes))))
        if abs(self.saves_rebuild_s) >= MIN_SECONDS:
            gains.append(
                _gain(self.saves_rebuild_s, f"{abs(self.saves_rebuild_s):.1f} s a rebuild")
            )
        if abs(self.saves_build_s) >= MIN_SECONDS:
            gains.append(_gain(self.saves_build_s, f"{abs(self.saves_build_s):.1f} s a full build"))
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.title}" + (f" ({', '.join(gains)})" if gains else "")


def _gain(value: float, text: str) -> str:
    return f"saves {text}" if value > 0 else f"costs {text}"


def advise(
    text: str,
    context: BuildContext,
    *,
    pull_bytes_s: float,
    name: str = "Dockerfile",
    **options: Any,
) -> list[Advice]:
    """What to improve in a Dockerfile, the most useful first.

    ``pull_bytes_s`` is what a connection to the registry reaches: how much a saved byte is worth.
    ``options`` are those of ``plan`` (resolve, args, target, platform, rates, cores). Secrets come
    first, then what saves most. [] when the Dockerfile cannot be built as it is. InputError as
    from ``parse`` and ``plan``.
    """
    options.pop("cache", None)
    options.pop("no_cache", None)
    trial = _Trial(context, name, options)
    dockerfile = parse(text, name=name)
    before = trial.plan(dockerfile, context, BuildCache())
    if before.image is None:
        return []
    project = Project(text, dockerfile, context, before)
    now = trial.metrics(dockerfile, context)
    found = [_secret(one.line, one.subject, one.message) for one in before.findings]
    measured = []
    proposals = [*propose(project), *propose_stages(project)]
    most = max(LEAST_TRIED, MOST_STEPS // max(1, len(before.steps)))
    for proposal in proposals[:most]:
        advice = _try(trial, proposal, text, context, now, pull_bytes_s)
        if advice is not None:
            measured.append(advice)
    found += sorted(measured, key=lambda one: (-one.score_s, one.line, one.kind))
    return found + _untried(len(proposals) - most)


def _untried(count: int) -> list[Advice]:
    if count <= 0:
        return []
    title = f"{count} further ideas were not tried"
    return [Advice("untried", 0, title, "each costs a plan: ask again once these are done")]


def _secret(line: int, subject: str, message: str) -> Advice:
    return Advice("secret", line, f"keep {subject} out of the image", message)


def _try(
    trial: _Trial,
    proposal: Proposal,
    text: str,
    context: BuildContext,
    now: Metrics,
    pull_bytes_s: float,
) -> Advice | None:
    """Plan a proposal; None when it does not build, or brings nothing."""
    rewritten = proposal.text or text
    kept = proposal.context or context
    try:
        then = trial.metrics(parse(rewritten, name=trial.name), kept)
    except DrydockError:
        return None
    rebuild, other = now.rebuild_s - then.rebuild_s, now.manifest_s - then.manifest_s
    if proposal.changed == "manifest":
        rebuild, other = other, rebuild
    if other < -MIN_SECONDS:
        rebuild = other  # The rebuild that it is not about gets slower: that is what it says.
    size, build = now.size_bytes - then.size_bytes, now.build_s - then.build_s
    advice = Advice(
        proposal.kind,
        proposal.line,
        proposal.title,
        proposal.why,
        size,
        build,
        rebuild,
        rewritten if rewritten != text else None,
        proposal.extra,
        size / pull_bytes_s + rebuild + 0.2 * build,
    )
    if advice.saves_bytes < MIN_BYTES and advice.saves_rebuild_s < MIN_SECONDS:
        return None
    return advice if advice.score_s > 0 else None


class _Trial:
    """Plans Dockerfiles with the same options: cold, after an edit, after a new package."""

    def __init__(self, context: BuildContext, name: str, options: Mapping[str, Any]) -> None:
        self.name = name
        self.options = dict(options)
        self.source = _source_file(context)

    def plan(self, dockerfile: Dockerfile, context: BuildContext, cache: BuildCache) -> BuildPlan:
        """One plan."""
        return plan(dockerfile, context, cache=cache, **self.options)

    def metrics(self, dockerfile: Dockerfile, context: BuildContext) -> Metrics:
        """What a Dockerfile costs. Refused when it does not build."""
        cache = BuildCache()
        cold = self.plan(dockerfile, context, cache)
        size = cold.require_image().size_bytes
        cache.learn(cold)
        edited = _changed(context, [self.source] if self.source else [])
        rebuild = self.plan(dockerfile, edited, cache).total_s
        manifests = [path for path in context.files if posixpath.basename(path) in MANIFESTS]
        again = self.plan(dockerfile, _changed(context, manifests), cache).total_s
        return Metrics(size, cold.total_s, rebuild, again)


def _source_file(context: BuildContext) -> str | None:
    """A file that a developer would edit: the first source file, else any that is no manifest."""
    names = [path for path in context.files if posixpath.basename(path) not in MANIFESTS]
    ends = (".py", ".js", ".ts", ".tsx", ".go", ".rs", ".java", ".rb", ".php", ".c", ".cs", ".ex")
    shallow = sorted(names, key=lambda path: (path.count("/"), path))
    hidden = ("node_modules", ".git", ".venv", "venv")
    kept = [path for path in shallow if not set(path.split("/")) & set(hidden)]
    sources = [path for path in kept if path.endswith(ends)]
    return next(iter(sources or kept), None)


def _changed(context: BuildContext, paths: list[str]) -> BuildContext:
    """The context after an edit of some files; sizes and texts stay."""
    files = dict(context.files)
    for path in paths:
        if path in files:
            files[path] = replace(files[path], digest=digest_of("edited", files[path].digest))
    return replace(context, files=files)
