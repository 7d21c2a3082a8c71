"""``drydock build DIR``: the plan of a build of real files; nothing in them is executed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from simulator.calibration import Calibration
from simulator.cli.progress import Progress
from simulator.dockerfile import Dockerfile, lint, parse
from simulator.dockerfile.lint import Finding, lint_error
from simulator.errors import InputError, Place, harmless, nearest
from simulator.files import is_file, is_folder
from simulator.image.advice import Advice, advise
from simulator.image.builder import BuildCache, BuildPlan, Step, plan
from simulator.image.catalogue import Catalogue
from simulator.image.context import BuildContext
from simulator.image.digests import sha256_of
from simulator.image.model import DEFAULT_PLATFORM, Platform
from simulator.image.project import read_project
from simulator.shell.advising import rewritten
from simulator.shell.pairs import pair_of, secret_of
from simulator.shell.tables import columns, ellipsis
from simulator.shell.wording.builds import reasons, stopped, title
from simulator.units import format_bytes, format_span
from simulator.world.build_facts import BuildStopped, Naming, error_of, naming

_SOURCE = (".py", ".js", ".ts", ".go", ".java", ".rb", ".rs", ".c", ".cpp", ".cs", ".php", ".html")
_ASIDE = frozenset(
    {
        "node_modules", ".git", ".venv", "venv", "vendor", "test", "tests", "spec", "docs",
        "config", "scripts", "migrations",
    }
)  # fmt: skip
"""Folders whose files are not what a developer edits most."""
_TEXT = 58
_MOST_NOTES = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What ``drydock build`` was asked for."""

    folder: Path
    file: Path | None = None
    build_args: tuple[str, ...] = ()
    target: str | None = None
    platform: str | None = None
    edited: str | None = None
    advice: int | None = None
    as_json: bool = False
    secrets: tuple[str, ...] = ()


def plan_folder(wanted: Wanted) -> int:
    """Plan a first build, and a rebuild after one source file has changed; print both.

    The exit code: 0, or 2 when a step would fail.
    """
    folder = wanted.folder
    if not is_folder(folder):
        raise InputError("no such folder", place=Place(str(folder)))
    progress = Progress()
    project = read_project(folder, wanted.file, progress.files)
    text, context = project.dockerfile, project.context
    progress.clear()
    dockerfile = parse(text, name=str(wanted.file or folder / project.dockerfile_name))
    planner = _Planner(dockerfile, wanted)
    pull_bytes_s = Calibration().value("images.registry.hub_connection_bytes_s")
    advice = advise(
        text, context, pull_bytes_s=pull_bytes_s, name=dockerfile.name, **planner.options
    )
    if wanted.advice is not None:
        for line in rewritten(advice, wanted.advice):
            print(harmless(line))
        return 0
    first = planner.plan(context, BuildCache())
    again = None
    edited = _edited(context, wanted.edited)
    if edited is not None and first.failure is None:
        cache = BuildCache()
        cache.learn(first)
        again = planner.plan(_changed(context, edited), cache)
    if wanted.as_json:
        print(json.dumps(_document(first, again, edited) | _advised(advice), indent=2))
    else:
        names = naming(dockerfile)
        for line in (*_lines(first, again, edited, names), *_advice(advice), *_lint(dockerfile)):
            print(harmless(line))
        if first.failure is not None:
            _print_failure(first, text, names)
    error = lint_error(dockerfile, _findings(dockerfile))
    if error is not None:
        raise error
    return 2 if first.failure is not None else 0


def _print_failure(plan_: BuildPlan, text: str, names: Naming) -> None:
    """The end of a build that fails, as ``docker build`` prints it; the error on its own stream."""
    step, failure = plan_.steps[-1], plan_.failure
    if failure is None:
        return
    for line in stopped(BuildStopped(names.name(step, step.platform), failure, text)):
        print(harmless(line))
    print(harmless(error_of(plan_)), file=sys.stderr)


class _Planner:
    """The options that both plans share."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        wanted: Wanted,
    ) -> None:
        platform = wanted.platform
        self.dockerfile = dockerfile
        self.options: dict[str, Any] = {
            "resolve": Catalogue.load().resolve,
            "args": dict(pair_of(one) for one in wanted.build_args),
            "target": wanted.target,
            "secrets": [_secret(one) for one in wanted.secrets],
            "platform": Platform.parse(platform) if platform else DEFAULT_PLATFORM,
        }

    def plan(self, context: BuildContext, cache: BuildCache) -> BuildPlan:
        """One plan."""
        return plan(self.dockerfile, context, cache=cache, **self.options)


def _secret(text: str) -> str:
    """The id of ``id=NAME,src=FILE``; InputError where the file is not there."""
    name, source = secret_of(text)
    if source and not is_file(Path(source)):
        raise InputError(f"failed to stat {source}: no such file", expected=f"a file: {name}")
    return name


def _edited(context: BuildContext, asked: str | None) -> str | None:
    """The file that is edited between the builds: one of the folder with the most sources."""
    if asked is not None:
        path = asked.removeprefix("./")
        if path not in context.files:
            known = nearest(path, context.files)
            raise InputError("no such file in the context", found=asked, nearest=known)
        return path
    sources = [
        path
        for path in context.files
        if PurePosixPath(path).suffix in _SOURCE and not set(path.split("/")[:-1]) & _ASIDE
    ]
    tops = Counter(path.partition("/")[0] if "/" in path else "" for path in sources)
    most = max(tops.values(), default=0)
    return next(
        (one for one in sources if tops[one.partition("/")[0] if "/" in one else ""] == most), None
    )


def _changed(context: BuildContext, path: str) -> BuildContext:
    """The context after an edit of one file."""
    one = context.files[path]
    digest = sha256_of(f"edited {one.digest}".encode())
    return replace(context, files={**context.files, path: replace(one, digest=digest)})


def _lines(
    first: BuildPlan, again: BuildPlan | None, edited: str | None, names: Naming
) -> Iterator[str]:
    bases = {name: image.size_bytes for name, image in first.bases}
    rows = [
        [
            ellipsis(title(names.name(step, step.platform)), _TEXT),
            _time(step),
            format_bytes(bases.get(step.text.removeprefix("FROM "), step.size_bytes)),
            _state(again.steps[index]) if again and index < len(again.steps) else "",
        ]
        for index, step in enumerate(first.steps)
        if step.number
    ]
    image = first.image
    size = "" if image is None else format_bytes(image.size_bytes)
    rebuilt = "" if again is None else format_span(again.total_s)
    rows.append(["total", format_span(first.total_s), size, rebuilt])
    yield from columns(("STEP", "TIME", "LAYER", "REBUILD"), rows)
    yield ""
    yield f"context: {format_bytes(first.context_bytes)}"
    if image is None:
        return
    yield (
        f"first build: {format_span(first.total_s)}, pulls of base images not counted; image "
        f"{format_bytes(image.size_bytes)} in {len(image.layers)} layers, "
        f"{format_bytes(image.transfer_bytes)} to pull"
    )
    if again is not None:
        steps = [step for step in again.numbered if step.instruction != "FROM"]
        yield (
            f"rebuild after a change of {edited}: {format_span(again.total_s)}, "
            f"{sum(step.cached for step in steps)} of {len(steps)} steps cached"
        )
    if first.skipped_stages:
        yield f"stages not needed: {', '.join(first.skipped_stages)}"
    yield from _assumed(first)


def _stand_ins(first: BuildPlan) -> list[str]:
    """Bases whose tags other ones of the catalogue stand in for, once each."""
    notes = (Catalogue.load().note(name) for name, _ in first.bases)
    return list(dict.fromkeys(one for one in notes if one is not None))


def _assumed(first: BuildPlan) -> Iterator[str]:
    """What the plan could not know, step by step."""
    notes = dict.fromkeys((step.line, note) for step in first.steps for note in step.notes)
    yield from (f"note: {one}" for one in _stand_ins(first))
    if notes:
        yield ""
        yield "assumed, because nothing here says otherwise:"
    for line, note in list(notes)[:_MOST_NOTES]:
        yield f"  line {line}: {harmless(note)}"
    if len(notes) > _MOST_NOTES:
        yield f"  and {len(notes) - _MOST_NOTES} more"


def _time(step: Step) -> str:
    return "" if step.instruction == "FROM" else format_span(step.duration_s)


def _state(step: Step) -> str:
    if step.instruction == "FROM":
        return ""
    why = "; ".join(reasons(step)[:1]).removeprefix("not cached: ")
    return "cached" if step.cached else f"{format_span(step.duration_s)}: {why}"


def _advice(advice: list[Advice]) -> Iterator[str]:
    """What to improve, the most useful first, each with what it was found to save."""
    if not advice:
        return
    yield ""
    yield "advice, the most useful first:"
    for number, one in enumerate(advice, 1):
        yield f"  {number}. {one}"
    yield "'--advice N' prints the Dockerfile after one of them"


def _advised(advice: list[Advice]) -> dict[str, Any]:
    return {
        "advice": [
            {
                "kind": one.kind,
                "line": one.line,
                "title": one.title,
                "why": one.why,
                "rewritten": one.rewritten,
                "dockerignore": one.dockerignore,
                "saves_bytes": one.saves_bytes,
                "saves_build_s": one.saves_build_s,
                "saves_rebuild_s": one.saves_rebuild_s,
            }
            for one in advice
        ]
    }


def _base_env(name: str) -> Mapping[str, str] | None:
    try:
        return Catalogue.load().resolve(name, None).config.environment
    except InputError:
        return None


def _findings(dockerfile: Dockerfile) -> list[Finding]:
    return lint(dockerfile, base_env=_base_env)


def _lint(dockerfile: Dockerfile) -> Iterator[str]:
    """What the build checks say."""
    findings = _findings(dockerfile)
    if findings:
        yield ""
        yield "checks:"
    for one in findings:
        yield f"  {dockerfile.name}:{one.line}: {one.rule}: {one.message}"


def _document(first: BuildPlan, again: BuildPlan | None, edited: str | None) -> dict[str, Any]:
    image = first.image
    return {
        "format": 1,
        "notes": _stand_ins(first),
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
                "notes": list(step.notes),
                "cached_in_rebuild": again.steps[index].cached
                if again is not None and index < len(again.steps)
                else None,
            }
            for index, step in enumerate(first.steps)
        ],
        "findings": [{"line": one.line, "message": one.message} for one in first.findings],
    }
