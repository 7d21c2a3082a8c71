"""What a build will do: steps with their time, layer and reason, and the image at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.errors import Place, Refused
from simulator.image.model import DEFAULT_PLATFORM, Image, Layer, Platform

CACHED = "cached"
FIRST = "first"
TEXT = "text"
FILE = "file"
ARGUMENT = "argument"
ENVIRONMENT = "environment"
BASE = "base"
EARLIER = "earlier"
NO_CACHE = "no-cache"
METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Rates:
    """What the building machine can do. ``slowdown`` multiplies CPU work (emulation)."""

    cores: int = 2
    download_bytes_per_s: float = 25e6
    write_bytes_per_s: float = 200e6
    slowdown: float = 1.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step was or was not taken from the cache: a kind for programs, a text for people."""

    kind: str
    text: str

    @property
    def hit(self) -> bool:
        """True for a step that costs nothing: cached, or metadata only."""
        return self.kind in (CACHED, METADATA)


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret that stays in an image, or is at risk to: what, where, in which layer."""

    kind: str
    subject: str
    line: int
    message: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """The step at which a build stops, as BuildKit reports it."""

    stage: str
    place: Place
    command: str
    exit_code: int
    output: str

    def __str__(self) -> str:
        return (
            f'{self.place}: process "{self.command}" did not complete successfully: '
            f"exit code: {self.exit_code}: {self.output}"
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of a needed stage.

    ``number`` of ``total`` counts the steps that make file systems, as BuildKit prints them;
    it is 0 for metadata. Times are seconds: ``duration_s`` on the machine's rates, ``start_s``
    after the build began. ``layer`` is None where nothing is written.
    """

    stage: str
    stage_index: int
    instruction: str
    text: str
    line: int
    number: int
    total: int
    reason: Reason
    duration_s: float = 0.0
    start_s: float = 0.0
    cores: float = 1.0
    layer: Layer | None = field(default=None, repr=False)
    key: str = ""
    download_bytes: int = 0
    notes: tuple[str, ...] = ()
    waits_for: tuple[int, ...] = ()
    """Indices, in the plan's steps, of the steps this one starts after."""
    platform: Platform = DEFAULT_PLATFORM
    """The platform of the step's stage."""

    @property
    def cached(self) -> bool:
        """True when the result comes from the cache."""
        return self.reason.kind == CACHED

    @property
    def size_bytes(self) -> int:
        """Bytes that the step's layer adds."""
        return self.layer.size_bytes if self.layer is not None else 0

    @property
    def title(self) -> str:
        """BuildKit's name of the step: ``[build 2/5] RUN make``."""
        where = f"{self.stage} {self.number}/{self.total}" if self.number else self.stage
        return f"[{where}] {self.text}"


@dataclass(frozen=True, slots=True)
class CacheRecord:
    """What the cache keeps of a step that ran: what it depended on, what came out."""

    key: str
    parent: str
    instruction: str
    text: str
    inputs: tuple[tuple[str, str], ...] = field(repr=False)
    layer: Layer | None = field(repr=False)
    slot: str = ""
    duration_s: float = 0.0
    opaque: bool = False
    notes: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    """Folders in which more may have been written than is listed."""
    run: int = 0
    """How often the same step had run before."""
    random: bool = False
    """Running it again gives other files."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """A whole build, decided but not yet carried out. ``cache.learn(plan)`` when it is done."""

    steps: tuple[Step, ...]
    image: Image | None
    total_s: float
    context_bytes: int
    bases: tuple[tuple[str, Image], ...] = field(repr=False)
    """References and images that must be on the machine before the build can start."""
    stages: tuple[str, ...] = ()
    skipped_stages: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: BuildFailure | None = None
    warnings: tuple[str, ...] = ()
    records: tuple[CacheRecord, ...] = field(default=(), repr=False)
    mounts: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    """Cache mounts and what this build puts into them."""

    def require_image(self) -> Image:
        """The image, or Refused with the step that failed."""
        if self.image is None:
            raise Refused(str(self.failure))
        return self.image

    @property
    def numbered(self) -> tuple[Step, ...]:
        """The steps that make file systems; metadata left out."""
        return tuple(step for step in self.steps if step.number)

    @property
    def cached_steps(self) -> int:
        """How many steps come from the cache."""
        return sum(step.cached for step in self.steps)

    @property
    def work_s(self) -> float:
        """Seconds of all steps, as if one ran after the other."""
        return sum(step.duration_s for step in self.steps)
