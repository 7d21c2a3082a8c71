"""``drydock build DIR``: the plan of a build of real files; nothing in them is executed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from simulator.errors import InputError, Place
from simulator.image.advice import Advice, advise
from simulator.image.builder import BuildCache, BuildPlan, Step, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext
from simulator.image.digests import sha256_of
from simulator.image.dockerfile import Dockerfile, lint, parse
from simulator.image.model import DEFAULT_PLATFORM, Platform
from simulator.shell.docker.build import read_folder
from simulator.shell.kinds import PAIR
from simulator.shell.tables import ellipsis, table
from simulator.units import format_bytes, format_span

_SOURCE = (".py", ".js", ".ts", ".go", ".java", ".rb", ".rs", ".c", ".cpp", ".cs", ".php", ".html")
_TEXT = 58


def plan_folder(
    folder: Path,
    file: Path | None,
    build_args: tuple[str, ...],
    target: str | None,
    platform: str | None,
    as_json: bool,
) -> int:
    """Plan a first build, and a rebuild after one source file has changed; print both."""
    if not folder.is_dir():
        raise InputError("no such folder", place=Place(str(folder)))
    name, text, context = read_folder(folder, file)
    dockerfile = parse(text, name=str(file or folder / name))
    planner = _Planner(dockerfile, build_args, target, platform)
    advice = advise(text, context, name=dockerfile.name, **planner.options)
    first = planner.plan(context, BuildCache())
    again = None
    edited = _edited(context)
    if edited is not None and first.failure is None:
        cache = BuildCache()
        cache.learn(first)
        again = planner.plan(_changed(context, edited), cache)
    if as_json:
        print(json.dumps(_document(first, again, edited) | _advised(advice), indent=2))
    else:
        for line in (*_lines(first, again, edited), *_advice(advice), *_lint(dockerfile)):
            print(line)
    return 2 if first.failure is not None else 0


class _Planner:
    """The options that both plans share."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        build_args: tuple[str, ...],
        target: str | None,
        platform: str | None,
    ) -> None:
        self.dockerfile = dockerfile
        self.options: dict[str, Any] = {
            "resolve": Catalogue.load().resolve,
            "args": dict(PAIR.parse(one) for one in build_args),
            "target": target,
            "platform": Platform.parse(platform) if platform else DEFAULT_PLATFORM,
        }

    def plan(self, context: BuildContext, cache: BuildCache) -> BuildPlan:
        """One plan."""
        return plan(self.dockerfile, context, cache=cache, **self.options)


def _edited(context: BuildContext) -> str | None:
    """A source file that somebody is likely to change."""
    sources = [path for path in context.files if PurePosixPath(path).suffix in _SOURCE]
    return sources[0] if sources else None


def _changed(context: BuildContext, path: str) -> BuildContext:
    """The context after an edit of one file."""
    one = context.files[path]
    digest = sha256_of(f"edited {one.digest}".encode())
    return replace(context, files={**context.files, path: replace(one, digest=digest)})


def _lines(first: BuildPlan, again: BuildPlan | None, edited: str | None) -> Iterator[str]:
    rows = [
        [
            ellipsis(step.title, _TEXT),
            format_span(step.duration_s),
            format_bytes(step.size_bytes),
            _state(again.steps[index]) if again and index < len(again.steps) else "",
        ]
        for index, step in enumerate(first.steps)
        if step.number
    ]
    yield from table(("STEP", "TIME", "LAYER", "REBUILD"), rows)
    yield ""
    yield f"context: {format_bytes(first.context_bytes)}"
    if first.failure is not None:
        yield f"error: {first.failure}"
        return
    image = first.require_image()
    yield (
        f"first build: {format_span(first.total_s)}; image {format_bytes(image.size_bytes)} in "
        f"{len(image.layers)} layers, {format_bytes(image.transfer_bytes)} to pull"
    )
    if again is not None:
        yield (
            f"rebuild after a change of {edited}: {format_span(again.total_s)}, "
            f"{sum(step.cached for step in again.numbered)} of {len(again.numbered)} steps cached"
        )
    if first.skipped_stages:
        yield f"stages not needed: {', '.join(first.skipped_stages)}"


def _state(step: Step) -> str:
    return "cached" if step.cached else f"{format_span(step.duration_s)}: {step.reason.text}"


def _advice(advice: list[Advice]) -> Iterator[str]:
    """What to improve, the most useful first, each with what it was found to save."""
    if not advice:
        return
    yield ""
    yield "advice, the most useful first:"
    for number, one in enumerate(advice, 1):
        yield f"  {number}. {one}"


def _advised(advice: list[Advice]) -> dict[str, Any]:
    return {
        "advice": [
            {
                "kind": one.kind,
                "line": one.line,
                "title": one.title,
                "why": one.why,
                "saves_bytes": one.saves_bytes,
                "saves_build_s": one.saves_build_s,
                "saves_rebuild_s": one.saves_rebuild_s,
            }
            for one in advice
        ]
    }


def _lint(dockerfile: Dockerfile) -> Iterator[str]:
    """What the build checks say."""
    findings = lint(dockerfile)
    if findings:
        yield ""
        yield "checks:"
    for one in findings:
        yield f"  {dockerfile.name}:{one.line}: {one.rule}: {one.message}"


def _document(first: BuildPlan, again: BuildPlan | None, edited: str | None) -> dict[str, Any]:
    image = first.image
    return {
        "format": 1,
        "context_bytes": first.context_bytes,
        "total_s": first.total_s,
        "rebuild_s": again.total_s if again is not None else None,
        "rebuild_after_change_of": edited,
        "failure": str(first.failure) if first.failure is not None else None,
        "image": None
        if image is None
        else {
            "digest": image.digest,
            "size_bytes": image.size_bytes,
            "transfer_bytes": image.transfer_bytes,
            "layers": len(image.layers),
        },
        "steps": [
            {
                "title": step.title,
                "line": step.line,
                "duration_s": step.duration_s,
                "start_s": step.start_s,
                "size_bytes": step.size_bytes,
                "cached_in_rebuild": again.steps[index].cached
                if again is not None and index < len(again.steps)
                else None,
            }
            for index, step in enumerate(first.steps)
        ],
        "findings": [{"line": one.line, "message": one.message} for one in first.findings],
    }
