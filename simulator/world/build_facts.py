"""What a build does, step by step, as data; and the words of its errors, which events bear too."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.dockerfile import Dockerfile
from simulator.dockerfile.lint import Finding
from simulator.image.builder import BuildFailure, BuildPlan, Step
from simulator.image.builder.model import Reason
from simulator.image.model import Platform
from simulator.world.facts import Fact, PushEnded

FAILED = "ERROR: failed to build: failed to solve: "


@dataclass(frozen=True, slots=True)
class StepName:
    """Which step of a build: as much as its name needs.

    ``stages`` and ``platforms`` count those of the build; ``number`` of ``total`` is 0 where
    nothing is written.
    """

    stage: str
    number: int
    total: int
    text: str
    platform: Platform
    stages: int
    platforms: int


@dataclass(frozen=True, slots=True)
class Naming:
    """What the names of a build's steps depend on besides the steps."""

    stages: int
    platforms: int = 1

    def name(self, step: Step, platform: Platform) -> StepName:
        """The name of one step in this build."""
        return StepName(
            step.stage, step.number, step.total, step.text, platform, self.stages, self.platforms
        )


def naming(dockerfile: Dockerfile, platforms: int = 1) -> Naming:
    """The naming that a Dockerfile gets."""
    return Naming(len(dockerfile.stages), platforms)


# --- what is done -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work(Fact):
    """A piece of a build that is over, well or badly."""


@dataclass(frozen=True, slots=True)
class DefinitionRead(Work):
    """The builder has the Dockerfile."""

    file: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ContextRead(Work):
    """The builder has the files of the context that it needs."""

    size_bytes: int


@dataclass(frozen=True, slots=True)
class BaseKnown(Work):
    """A base image was asked for, by its canonical name."""

    base: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CacheImported(Work):
    """An image whose cache is used was fetched, or could not be."""

    image: str
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BaseTaken(Work):
    """A ``FROM``. Seconds and bytes are those of its pull; None where it was here."""

    name: StepName
    base: str
    seconds: float | None = None
    size_bytes: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True)
class StepEnded(Work):
    """A step was carried out, or taken from the cache: why, and what was assumed of it."""

    name: StepName
    reason: Reason
    cached: bool
    seconds: float
    exit_code: int = 0
    notes: tuple[str, ...] = ()

    @property
    def stage(self) -> str:
        """The stage that the step belongs to."""
        return self.name.stage


@dataclass(frozen=True, slots=True)
class StepRefused(Work):
    """A step could not write what it wanted to write."""

    name: StepName
    error: str


@dataclass(frozen=True, slots=True)
class ImageExported(Work):
    """The image is in the store. ``manifests``: platform and digest where there are several."""

    digest: str
    tags: tuple[str, ...]
    manifests: tuple[tuple[Platform, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TagPushed(Work):
    """The image went to a registry under one of its names."""

    tag: str
    seconds: float
    pushed: PushEnded


@dataclass(frozen=True, slots=True)
class Vertex(Fact):
    """A piece of work, counted from 1. ``plain``: it was asked for as BuildKit numbers it."""

    number: int
    plain: bool
    work: Work


# --- how it ends ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BuildStopped(Fact):
    """Where a build failed, in the text of its Dockerfile."""

    name: StepName
    failure: BuildFailure
    dockerfile: str


@dataclass(frozen=True, slots=True)
class BuildWarned(Fact):
    """Something that the build went on in spite of."""

    text: str


@dataclass(frozen=True, slots=True)
class BuildChecked(Fact):
    """What the build checks found."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class BuildEnded(Fact):
    """A build that made an image: its steps, without ``FROM``, and what came of them."""

    steps: int
    cached: int
    seconds: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A step in the graph of its build. Times are seconds; ``start_s`` after the steps began."""

    name: StepName
    instruction: str
    reason: Reason
    cached: bool
    start_s: float
    duration_s: float
    size_bytes: int
    waits_for: tuple[int, ...]
    """Numbers, in this graph, of the steps after which it starts."""
    layer: str = ""
    """The digest of the layer that it writes; nothing where it writes none."""


@dataclass(frozen=True, slots=True)
class LastBuild:
    """The newest build of an image: where, when (seconds of the world), and which steps ran."""

    machine: str
    at_s: float
    ended: BuildEnded
    ran: tuple[StepEnded, ...]
    graph: tuple[Planned, ...] = ()
    """All its steps, those that change only the configuration too."""
    skipped: tuple[str, ...] = ()
    """Stages that the target did not need."""


def graph_of(naming: Naming, plan: BuildPlan) -> tuple[Planned, ...]:
    """The steps of a plan, and what each waits for."""
    return tuple(
        Planned(
            naming.name(one, one.platform), one.instruction, one.reason, one.cached, one.start_s,
            one.duration_s, one.size_bytes, one.waits_for,
            one.layer.digest if one.layer is not None else "",
        )
        for one in plan.steps
    )  # fmt: skip


def step_ended(name: StepName, step: Step, exit_code: int = 0) -> StepEnded:
    """A step as it ended."""
    return StepEnded(name, step.reason, step.cached, step.duration_s, exit_code, step.notes)


def error_of(plan: BuildPlan) -> str:
    """The last line of a build that failed."""
    failure = plan.failure
    if failure is None:
        return ""
    return (
        f'{FAILED}process "{failure.command}" did not complete '
        f"successfully: exit code: {failure.exit_code}"
    )
