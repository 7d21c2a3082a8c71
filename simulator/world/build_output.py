"""What ``docker build`` prints, as BuildKit's users know it; and why each step ran."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.dockerfile import Dockerfile
from simulator.dockerfile.lint import Finding, excerpt
from simulator.image.builder import BuildPlan, Step
from simulator.image.model import Platform
from simulator.image.reference import Reference

FAILED = "ERROR: failed to build: failed to solve: "
_OF_STAGE = re.compile(r" of (\d+) (?=ran again)")
_ADVICE = {
    126: "the file is there but may not be executed: COPY --chmod=755, or RUN chmod +x before it",
    127: "no such program in the image at this step: install it in an earlier RUN, correct its "
    "name or path, or choose a base image that has it",
    137: "the kernel killed it, mostly for memory: build on a machine with more",
    255: "build on a machine of that platform, add --emulation on to the host, or let the stage "
    "run on the builder: FROM --platform=$BUILDPLATFORM",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """How the steps of a build are named."""

    stages: int
    platforms: int = 1

    def title(self, step: Step, platform: Platform) -> str:
        """``[2/5] RUN make``, ``[build 2/5] …``, ``[stage-1 2/4] …``, ``[linux/arm64 2/5] …``."""
        words = [str(platform)] if self.platforms > 1 else []
        if not step.stage.isdigit():
            words.append(step.stage)
        elif self.stages > 1:
            words.append(f"stage-{step.stage}")
        if step.number:
            words.append(f"{step.number}/{step.total}")
        return f"[{' '.join(words)}] {step.text}" if words else step.text


def naming(dockerfile: Dockerfile, platforms: int = 1) -> Naming:
    """The naming that a Dockerfile gets."""
    return Naming(len(dockerfile.stages), platforms)


class Printer:
    """Appends lines to a log: one or two a step, or numbered vertices (``--progress plain``)."""

    def __init__(self, log: list[str], *, plain: bool) -> None:
        self.log = log
        self.plain = plain
        self._count = 0

    def vertex(self, title: str, outcome: str, details: Sequence[str] = ()) -> None:
        """A step that is over: ``DONE 3.1s``, ``CACHED`` or ``ERROR …``, and what belongs to it."""
        self._count += 1
        if not self.plain:
            self.log.append(f"{title}  {outcome}".rstrip())
            self.log += [f"    {line}" for line in details]
            return
        head = f"#{self._count}"
        self.log += ["", f"{head} {title}"] if self._count > 1 else [f"{head} {title}"]
        self.log += [f"{head} {line}" for line in details]
        if outcome:
            self.log.append(f"{head} {outcome}")


def done(seconds: float) -> str:
    """``DONE 3.1s``."""
    return f"DONE {seconds:.1f}s"


def reasons(step: Step) -> list[str]:
    """Why a step was not cached, and what was assumed of it; nothing for cached ones."""
    told = _OF_STAGE.sub(r" of stage-\1 ", step.reason.text)
    told = told.replace(" of stage-0 ", " ") if step.stage == "0" else told
    lines = [told] if told and not step.reason.hit else []
    return [] if step.cached else [*lines, *step.notes]


def exporting(
    plan: BuildPlan, tags: Sequence[Reference], details: Sequence[str] = ()
) -> Iterator[str]:
    """The lines under ``exporting to image``."""
    image = plan.image
    if image is not None:
        yield f"writing image {image.digest}"
    yield from details
    for tag in tags:
        yield f"naming to {tag.canonical()}"


def warnings(findings: Sequence[Finding]) -> list[str]:
    """The build checks' findings as they stand under a build."""
    if not findings:
        return []
    many = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
    lines = [f" {many} found (docker build --check explains):"]
    return lines + [f" - {one.rule}: {one.message} (line {one.line})" for one in findings]


def failed(plan: BuildPlan, text: str, title: str) -> list[str]:
    """The end of a build that failed: what the step said, where it stands, what to do."""
    failure = plan.failure
    if failure is None:
        return []
    return [
        "------",
        f" > {title}:",
        *failure.output.splitlines(),
        "------",
        *where(text, failure.place.file, failure.place.line or 1),
        f"What to do: {_ADVICE.get(failure.exit_code, 'look at what the command said above')}",
    ]


def where(text: str, name: str, line: int) -> list[str]:
    """``Dockerfile:5`` and some lines of it, the meant one marked."""
    return [f"{name}:{line}", *excerpt(text, line).split("\n")]


def error_of(plan: BuildPlan) -> str:
    """The last line of a build that failed."""
    failure = plan.failure
    if failure is None:
        return ""
    return (
        f'{FAILED}process "{failure.command}" did not complete '
        f"successfully: exit code: {failure.exit_code}"
    )
