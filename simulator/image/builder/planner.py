"""Reading the stages of a Dockerfile from top to bottom and deciding every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.dockerfile import (
    Dockerfile,
    Instruction,
    Stage,
)
from simulator.errors import Place
from simulator.image.builder.bases import Bases, gaps_of
from simulator.image.builder.cache import BuildCache, Question
from simulator.image.builder.copying import Origin
from simulator.image.builder.effects import Effect
from simulator.image.builder.findings import find_in_files, find_in_setting
from simulator.image.builder.graph import circular, find_stage
from simulator.image.builder.model import (
    METADATA,
    BuildFailure,
    CacheRecord,
    Finding,
    Rates,
    Reason,
    Step,
)
from simulator.image.builder.settings import apply_setting
from simulator.image.builder.state import StageState
from simulator.image.builder.variables import Globals, platform_arguments
from simulator.image.builder.work import CopyWork, FolderWork, RunWork, Work, shown
from simulator.image.context import BuildContext
from simulator.image.model import Image, Platform
from simulator.image.reference import Reference
from simulator.image.union import FileSystem

WORKING = ("RUN", "COPY", "ADD", "WORKDIR")
SETTING = Reason(METADATA, "metadata only")


@dataclass(frozen=True, slots=True)
class Options:
    """What a build was asked for."""

    resolve: Callable[[Reference, Platform], Image]
    cache: BuildCache
    args: dict[str, str]
    no_cache: bool | str
    platform: Platform
    builder: Platform
    native: Platform | None
    """The building machine's platform where it was named: its stages are not slowed down."""
    rates: Rates
    target: str
    secrets: frozenset[str] | None = None
    """The secrets given; None when nobody asks whether one is missing."""


class Planner:
    """Collects steps, records and findings while stages are built in order."""

    def __init__(self, dockerfile: Dockerfile, context: BuildContext, options: Options) -> None:
        self.dockerfile = dockerfile
        self.context = context
        self.options = options
        self.file = dockerfile.name
        automatic = platform_arguments(options.platform, options.builder, options.target)
        self.globals = Globals(dockerfile, options.args, automatic)
        self.states: dict[int, StageState] = {}
        self.steps: list[Step] = []
        self.records: list[CacheRecord] = []
        self.made: dict[str, tuple[CacheRecord, int]] = {}
        self.bases = Bases(dockerfile, self.globals, options.platform, options.resolve)
        self.findings: list[Finding] = []
        self.mounted: dict[str, list[str]] = {}
        self.copied: dict[str, int] = {}
        self.failure: BuildFailure | None = None
        self._texts: dict[str, str] | None = None
        self._sizes: dict[str, int] | None = None
        self._open: set[int] = set()

    @property
    def context_bytes(self) -> int:
        """Bytes of the context that COPY, ADD and bind mounts asked for."""
        return sum(self.copied.values())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What BuildKit warns of after a build."""
        unused = self.globals.unused(self.dockerfile.instructions)
        if not unused:
            return ()
        return (f"one or more build-args [{' '.join(unused)}] were not consumed",)

    def build(self, stage: Stage) -> None:
        """Decide all steps of a stage."""
        self._open.add(stage.index)
        state, triggers, from_image = self.bases.start(stage, self.states)
        self.states[stage.index] = state
        lines = [*triggers, *stage.instructions[1:]]
        total = sum(one.name in WORKING for one in lines) + from_image
        self._from_step(stage, state, total, from_image)
        number = int(from_image)
        for at, instruction in enumerate(lines, start=1):
            if self.failure is not None:
                # Nothing is known of a stage that stopped, so that nobody misses its files.
                state.gaps = state.gaps.plus(everywhere=True)
                return
            if instruction.name in WORKING:
                number += 1
                self._work(instruction, state, number, total)
            else:
                self._setting(instruction, state, at)
        self._open.discard(stage.index)

    def image(self, stage: Stage) -> Image:
        """The image that a stage ends as."""
        state = self.states[stage.index]
        platform = self.bases.platforms.get(stage.index, self.options.platform)
        return Image.of(state.config, state.layers, state.history, platform)

    def _from_step(self, stage: Stage, state: StageState, total: int, from_image: bool) -> None:
        waits = () if state.last_step is None else (state.last_step,)
        first = stage.instructions[0]
        self._add_step(
            state, first, int(from_image), total if from_image else 0, SETTING, waits_for=waits
        )
        if from_image:
            base = self.bases.base_of(stage)
            told = base if base == "scratch" else Reference.parse(base).canonical()
            self.steps[-1] = replace(self.steps[-1], text=f"FROM {told}")

    def _add_step(
        self,
        state: StageState,
        instruction: Instruction,
        number: int,
        total: int,
        reason: Reason,
        *,
        waits_for: tuple[int, ...] | None = None,
        record: CacheRecord | None = None,
        duration_s: float = 0.0,
        effect: Effect | None = None,
    ) -> None:
        before = () if state.last_step is None else (state.last_step,)
        self.steps.append(
            Step(
                stage=state.label,
                stage_index=state.index,
                instruction=instruction.name,
                text=shown(instruction),
                line=instruction.line,
                number=number,
                total=total if number else 0,
                reason=reason,
                duration_s=duration_s,
                cores=effect.threads if effect is not None else 1.0,
                layer=record.layer if record is not None else None,
                key=record.key if record is not None else "",
                download_bytes=effect.download_bytes if effect is not None else 0,
                notes=record.notes if record is not None else (),
                waits_for=before if waits_for is None else (*before, *waits_for),
                platform=self.bases.platforms.get(state.index, self.options.platform),
            )
        )
        state.last_step = len(self.steps) - 1

    def _setting(self, instruction: Instruction, state: StageState, at: int) -> None:
        place = instruction.place(self.file)
        apply_setting(instruction, state, place)
        self.findings.extend(find_in_setting(instruction, state.scope, self.options.args))
        if instruction.name != "ARG":
            state.add(None, f"{shown(instruction)} # buildkit")
        self._add_step(state, instruction, 0, 0, SETTING)

    def _work(self, instruction: Instruction, state: StageState, number: int, total: int) -> None:
        place = instruction.place(self.file)
        slot = f"{self.context.name} {self.file} {state.label} {number} {self.options.platform}"
        if instruction.name == "RUN":
            work: Work = RunWork(self, instruction, state, place)
        elif instruction.name == "WORKDIR":
            work = FolderWork(self, instruction, state, place)
        else:
            work = CopyWork(self, instruction, state, place)
        linked = instruction.has_flag("link") and instruction.name in ("COPY", "ADD")
        parent = "link" if linked else state.key
        question = Question.about(
            slot,
            parent,
            instruction.name,
            work.text,
            work.inputs,
            on_base=parent in self.bases.digests,
        )
        forced = self._forced(state)
        earlier = None if linked else state.earlier
        reason = self.options.cache.explain(question, forced=forced, earlier=earlier)
        twin = self.made.get(question.key)
        waits = work.waits_for
        duration, effect = 0.0, None
        if twin is not None:
            record = twin[0]
            waits = (*waits, twin[1])
            reason = Reason("cached", f"cached: stage {self.steps[twin[1]].stage} has this step")
        elif reason.hit:
            record = self._cached(question)
        else:
            held = self.options.cache.get(question.key)
            work.run = 0 if held is None else held.run + 1
            record, duration, effect = work.carry_out(question)
            if self.failure is None:
                self.records.append(record)
        self._add_step(
            state, instruction, number, total, reason,
            waits_for=waits, record=record, duration_s=duration, effect=effect,
        )  # fmt: skip
        self.made.setdefault(question.key, (record, state.last_step or 0))
        state.add(record.layer, work.created_by, ("/",) if record.opaque else record.loose)
        if record.layer is not None:
            self.findings.extend(find_in_files(record.layer, instruction.line))
        state.gaps = state.gaps.plus(record.loose, everywhere=record.opaque)
        if record.opaque or record.loose:
            state.writers.append(_writer(record))
        ran = None if reason.hit else f"step {number}/{total} of {state.label}"
        state.advance(question.key, ran=ran, linked=linked)

    def _forced(self, state: StageState) -> str | None:
        option = self.options.no_cache
        if option is True:
            return "--no-cache"
        names = option.lower().split(",") if isinstance(option, str) else []
        if state.label in names or str(state.index) in names:
            return f"--no-cache-filter {option}"
        return None

    def _cached(self, question: Question) -> CacheRecord:
        record = self.options.cache.get(question.key)
        if record is None:
            raise KeyError(question.key)
        return record if record.slot == question.slot else replace(record, slot=question.slot)

    @property
    def secrets(self) -> frozenset[str] | None:
        """The secrets given; None when nobody asks whether one is missing."""
        return self.options.secrets

    def texts(self) -> dict[str, str]:
        """Content of small context files, by digest and by path."""
        if self._texts is None:
            small = [(p, one) for p, one in self.context.files.items() if one.content is not None]
            self._texts = {one.digest: one.content or "" for _, one in small}
            self._texts |= {path: one.content or "" for path, one in small}
        return self._texts

    def rates_of(self, index: int) -> Rates:
        """The machine's rates for a stage: nothing is emulated on the machine's own platform."""
        native = self.options.native
        if native is not None and self.bases.platforms.get(index) == native:
            return replace(self.options.rates, slowdown=1.0)
        return self.options.rates

    def architecture_of(self, index: int) -> str:
        """The architecture that a stage is built for."""
        return self.bases.platforms.get(index, self.options.platform).architecture

    def warm(self, mount: str) -> frozenset[str]:
        """What a cache mount holds: from earlier builds and from earlier steps of this one."""
        return self.options.cache.mounted(mount) | set(self.mounted.get(mount, ()))

    def sizes(self) -> dict[str, int]:
        """Sizes of context files, by path; only needed for bind mounts."""
        if self._sizes is None:
            self._sizes = {path: one.size_bytes for path, one in self.context.files.items()}
        return self._sizes

    def origin(self, name: str, place: Place) -> tuple[Origin, tuple[int, ...]]:
        """The files that ``--from=NAME`` reads, and the steps to wait for."""
        stage = find_stage(self.dockerfile, name)
        if stage is not None:
            state = self._built(stage, place)
            waits = () if state.last_step is None else (state.last_step,)
            return Origin(stage.label, state.files, state.gaps, tuple(state.writers)), waits
        image = self.bases.image(name, self.options.platform, place)
        gaps = gaps_of(name, image)
        return Origin(name, FileSystem(image.layers), gaps, (), image=True), ()

    def _built(self, stage: Stage, place: Place) -> StageState:
        """The end of a stage; one that only a trigger of a base image names is built now."""
        if stage.index in self._open and self.failure is None:
            raise circular(stage, place)
        if stage.index not in self.states:
            self.build(stage)
        return self.states[stage.index]


def _writer(record: CacheRecord) -> str:
    """What stands for a step's unlisted files: the same until it runs again."""
    return record.key if record.run == 0 or not record.random else f"{record.key} {record.run}"
