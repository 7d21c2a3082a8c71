"""Planning a build: what runs, what is cached and why, how long it takes, what comes out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from simulator.dockerfile import Dockerfile
from simulator.errors import InputError
from simulator.image.builder.cache import BuildCache
from simulator.image.builder.graph import needed_stages
from simulator.image.builder.model import BuildPlan, Finding, Rates
from simulator.image.builder.planner import Options, Planner
from simulator.image.builder.schedule import schedule
from simulator.image.context import EMPTY, BuildContext
from simulator.image.model import DEFAULT_PLATFORM, Image, Index, Platform
from simulator.image.reference import Reference

Resolve = Callable[[Reference, Platform], Image]
"""Finds a base image, in the machine's store or a catalogue; InputError when there is none."""


def plan(
    dockerfile: Dockerfile,
    context: BuildContext = EMPTY,
    *,
    resolve: Resolve,
    cache: BuildCache | None = None,
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    no_cache: bool | str = False,
    platform: Platform = DEFAULT_PLATFORM,
    builder: Platform | None = None,
    rates: Rates | None = None,
    cores: int | None = None,
    secrets: Collection[str] | None = None,
) -> BuildPlan:
    """Decide a build without carrying it out; nothing is changed, the cache included.

    ``no_cache``: True, or stages with commas (`--no-cache-filter`). ``builder``: the building
    machine's platform, the target's by default. ``cores`` overrides those of ``rates``.
    ``secrets``: the ids given, when required ones are to be missed.
    A command that fails gives a plan with ``failure`` and no image. Raises InputError with a
    place for everything that BuildKit refuses before running a command.
    """
    known = rates or Rates()
    if cores is not None:
        known = Rates(cores, known.download_bytes_per_s, known.write_bytes_per_s, known.slowdown)
    options = Options(
        resolve=resolve,
        cache=cache if cache is not None else BuildCache(),
        args=dict(args or {}),
        no_cache=no_cache,
        platform=platform,
        builder=builder or platform,
        native=builder,
        rates=known,
        target=target or "",
        secrets=None if secrets is None else frozenset(secrets),
    )
    planner = Planner(dockerfile, context, options)
    needed = needed_stages(dockerfile, target, planner.bases.base_of)
    for stage in needed.order:
        planner.build(stage)
        if planner.failure is not None:
            break
    steps, total_s = schedule(planner.steps, known.cores)
    failed = planner.failure is not None
    return BuildPlan(
        steps=steps,
        image=None if failed else planner.image(needed.order[-1]),
        total_s=total_s,
        context_bytes=planner.context_bytes,
        bases=tuple(planner.bases.images.items()),
        stages=tuple(stage.label for stage in needed.order),
        skipped_stages=tuple(
            one.label for one in needed.skipped if one.index not in planner.states
        ),
        findings=_first_of_each(planner.findings),
        failure=planner.failure,
        warnings=planner.warnings,
        records=tuple(planner.records),
        mounts=tuple((name, tuple(kept)) for name, kept in planner.mounted.items()),
    )


def plan_platforms(
    dockerfile: Dockerfile, context: BuildContext, platforms: Sequence[Platform], **options: Any
) -> tuple[dict[Platform, BuildPlan], Index | None]:
    """`docker buildx build --platform a,b`: a plan for each platform, and the list of images.

    ``options`` as for ``plan``. The list is None when one of the builds fails.
    """
    if not platforms:
        raise InputError("no platform to build for", expected="--platform linux/amd64,linux/arm64")
    plans = {one: plan(dockerfile, context, platform=one, **options) for one in platforms}
    images = [one.image for one in plans.values()]
    if any(image is None for image in images):
        return plans, None
    return plans, Index(tuple(image for image in images if image is not None))


def _first_of_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """A file that later steps copy up again is one finding: the first."""
    found: dict[tuple[str, str], Finding] = {}
    for one in findings:
        found.setdefault((one.kind, one.subject), one)
    return tuple(found.values())
