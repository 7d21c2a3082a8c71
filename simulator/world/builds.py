"""``docker build``: decided at once, so that bad input changes nothing, carried out in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.builder import BuildCache, BuildFailure, BuildPlan, Rates, Step, plan
from simulator.image.builder.schedule import schedule
from simulator.image.dockerfile import Dockerfile, Dockerignore, lint, parse, read_mounts
from simulator.image.dockerfile.lint import Finding, lint_error
from simulator.image.model import Image, Index, Platform
from simulator.image.platform import Emulation, rank, select
from simulator.image.reference import Reference
from simulator.image.store import total_bytes
from simulator.machine.host import Machine
from simulator.units import format_bytes, format_span
from simulator.world import images
from simulator.world.build_output import (
    FAILED,
    Naming,
    Printer,
    done,
    error_of,
    exporting,
    failed,
    naming,
    reasons,
    warnings,
)
from simulator.world.commands import BuildImage
from simulator.world.events import BuildFailed, ImageBuilt
from simulator.world.jobs import Job, Reply

if TYPE_CHECKING:
    from simulator.world.world import World

MAX_DOCKERFILE_BYTES = 10 << 20
MAX_PLATFORMS = 16


@dataclass(frozen=True, slots=True)
class Decided:
    """A build as it will go: one plan a platform, the steps of all in one schedule."""

    dockerfile: Dockerfile
    plans: tuple[BuildPlan, ...]
    steps: tuple[tuple[Step, Platform], ...]
    total_s: float
    tags: tuple[Reference, ...]
    naming: Naming
    findings: tuple[Finding, ...] = ()
    """What the build checks say."""

    @property
    def failed(self) -> BuildPlan | None:
        """The plan that fails, if one does."""
        return next((one for one in self.plans if one.failure is not None), None)

    @property
    def numbered(self) -> list[tuple[Step, Platform]]:
        """The steps that make file systems, in the order of their starts."""
        shown = [one for one in self.steps if one[0].number]
        return sorted(shown, key=lambda one: (one[0].start_s, one[0].stage_index, one[0].line))

    @property
    def images(self) -> list[Image]:
        """What comes out, one a platform."""
        return [one.require_image() for one in self.plans]


def build(world: World, command: BuildImage) -> Reply:
    """Plan a build at once (bad input is refused here), carry it out in time."""
    machine = world.machine(command.machine)
    machine.need_up()
    decided = decide(world, machine, command)
    if command.push and not decided.tags:
        raise Refused("tag is needed when pushing to registry")
    for tag in decided.tags if command.push else ():
        world.depot.registries.of(tag)
    job = world.new_job(f"docker build {' '.join(command.tags)}".strip())
    world.sim.start(_Building(world, machine, command, decided, job).run())
    return Reply((), job)


# --- deciding ---------------------------------------------------------------------------------


def decide(world: World, machine: Machine, command: BuildImage) -> Decided:
    """Everything about a build, as the machine's builder would decide it."""
    if len(command.dockerfile) > MAX_DOCKERFILE_BYTES:
        raise InputError(
            "Dockerfile too large", found=len(command.dockerfile), expected="at most 10 MiB"
        )
    tags = tuple(dict.fromkeys(Reference.parse(tag).tagged() for tag in command.tags))
    dockerfile = parse(command.dockerfile, name=command.dockerfile_name)
    own = machine.images.platform
    asked = command.platforms or ((command.platform,) if command.platform else ())
    platforms = list(dict.fromkeys(Platform.parse(one) for one in asked)) or [own]
    if len(platforms) > MAX_PLATFORMS:
        raise InputError("too many platforms", expected=f"at most {MAX_PLATFORMS}")
    cache = world.build_caches.setdefault(machine.name, BuildCache())
    for name in command.cache_from:
        _import_cache(world, machine, cache, name)
    plans = tuple(_plan(world, machine, command, dockerfile, one, cache) for one in platforms)
    steps, total_s = _together(plans, platforms, machine.hardware.cores)
    findings = tuple(check(world, machine, dockerfile))
    error = lint_error(dockerfile, list(findings))
    if error is not None:
        raise error
    names = naming(dockerfile, len(platforms))
    return Decided(dockerfile, plans, steps, total_s, tags, names, findings)


def check(world: World, machine: Machine, dockerfile: Dockerfile) -> list[Finding]:
    """What the build checks find; variables that base images bring are known."""

    def base_env(name: str) -> Mapping[str, str] | None:
        try:
            reference = Reference.parse(name)
            image = base_image(world, machine, reference, machine.images.platform)
        except InputError:
            return None
        return image.config.environment

    return lint(dockerfile, base_env=base_env)


def _plan(
    world: World,
    machine: Machine,
    command: BuildImage,
    dockerfile: Dockerfile,
    platform: Platform,
    cache: BuildCache,
) -> BuildPlan:
    context = command.context
    ignore = context.files.get(".dockerignore")
    if ignore is not None and ignore.content:
        context = context.without(Dockerignore.parse(ignore.content))
    hardware, client = machine.hardware, machine.images
    emulator = client.emulation or Emulation()
    no_cache: bool | str = command.no_cache or ",".join(command.no_cache_stages)
    decided = plan(
        dockerfile,
        context,
        resolve=lambda reference, wanted: base_image(world, machine, reference, wanted),
        cache=cache,
        args=command.build_args,
        target=command.target,
        no_cache=no_cache,
        secrets=command.secrets,
        platform=platform,
        builder=client.platform,
        rates=Rates(
            hardware.cores, hardware.nic_bytes_s, hardware.disk_bytes_s,
            1.0 if rank(platform, client.platform) is not None else emulator.factor(),
        ),
    )  # fmt: skip
    decided = _without_what_cannot_run(decided, dockerfile, machine, command)
    if command.labels and decided.image is not None:
        made = decided.image
        config = made.config.with_labels(command.labels)
        image = Image.of(config, made.layers, made.history, made.platform)
        decided = replace(decided, image=image)
    return decided


def base_image(world: World, machine: Machine, reference: Reference, platform: Platform) -> Image:
    """The image of a FROM: on the machine, in its registry, in the catalogue. InputError else."""
    stored = machine.images.store.find(reference)
    if stored is not None and stored.image.platform == platform:
        return stored.image
    registry = world.depot.registries
    try:
        home = registry.of(reference)
        if home is not registry.hub or home.repositories.get(reference.repository) is not None:
            user = machine.images.users.get(home.name)
            found = home.look_up(reference.tagged(), user=user)
            return select(found, platform, explicit=True)
    except Refused as refusal:
        raise InputError(f"failed to resolve source metadata: {refusal}") from None
    return world.catalogue.resolve(reference, platform)


def _import_cache(world: World, machine: Machine, cache: BuildCache, name: str) -> None:
    """Take over the records inside an image, wherever it is; an image without any is no error."""
    reference = Reference.parse(name)
    try:
        image = base_image(world, machine, reference, machine.images.platform)
    except InputError:
        return
    cache.learn_image(world.depot.inline.get(image.digest, ()))


def _without_what_cannot_run(
    decided: BuildPlan, dockerfile: Dockerfile, machine: Machine, command: BuildImage
) -> BuildPlan:
    """The plan, ended at the first step that needs an emulator or a secret that is not there."""
    lines = {one.line: one for stage in dockerfile.stages for one in stage.instructions}
    for at, step in enumerate(decided.steps):
        one = lines.get(step.line)
        if step.instruction != "RUN" or step.cached or one is None:
            continue
        place = one.place(dockerfile.name)
        text = step.text.removeprefix("RUN ")
        foreign = rank(step.platform, machine.images.platform) is None
        if foreign and machine.images.emulation is None:
            said = "exec /bin/sh: exec format error"
            failure = BuildFailure(step.stage, place, f"/bin/sh -c {text}", 255, said)
            return _ended(decided, at, failure)
        for mount in read_mounts(one, dockerfile.name, lambda value: value):
            name = mount.id or "default"
            if mount.type == "ssh" and mount.required and name not in command.ssh:
                raise InputError(
                    f"unset ssh forward key {name}", place=place, expected=f"--ssh {name}"
                )
    return decided


def _ended(decided: BuildPlan, at: int, failure: BuildFailure) -> BuildPlan:
    kept = decided.steps[: at + 1]
    keys = {step.key for step in kept[:-1]}
    records = tuple(one for one in decided.records if one.key in keys)
    return replace(
        decided,
        steps=(*kept[:-1], replace(kept[-1], duration_s=0.3, layer=None)),
        image=None,
        failure=failure,
        records=records,
        mounts=(),
    )


def _together(
    plans: tuple[BuildPlan, ...], platforms: list[Platform], cores: int
) -> tuple[tuple[tuple[Step, Platform], ...], float]:
    """The steps of all plans on the cores of one machine, and when the last one ends."""
    steps: list[Step] = []
    owners: list[Platform] = []
    for one, platform in zip(plans, platforms, strict=True):
        first = len(steps)
        for step in one.steps:
            steps.append(replace(step, waits_for=tuple(first + at for at in step.waits_for)))
            owners.append(platform)
    timed, total_s = schedule(steps, cores)
    return tuple(zip(timed, owners, strict=True)), total_s


# --- carrying out -----------------------------------------------------------------------------


class _Building:
    """One build under way."""

    def __init__(
        self, world: World, machine: Machine, command: BuildImage, decided: Decided, job: Job
    ) -> None:
        self.world, self.machine, self.command = world, machine, command
        self.decided, self.job = decided, job
        self.name = command.tags[0] if command.tags else "image"
        self.out = Printer(job.lines, plain=command.plain)
        self.started = world.now
        self._pulled: dict[str, tuple[float, int]] = {}
        """Seconds and bytes of the base images that had to be pulled, by name."""

    def run(self) -> Process:
        """The whole build, for ``sim.start``."""
        sim, decided = self.world.sim, self.decided
        size = format_bytes(len(self.command.dockerfile.encode()))
        self.out.vertex(
            f"[internal] load build definition from {self.command.dockerfile_name}",
            done(0.0),
            [f"transferring dockerfile: {size}"],
        )
        error = yield from self._bases()
        if error is not None:
            self._fail(error)
            return
        context = sum({one.context_bytes for one in decided.plans})
        self.out.vertex(
            "[internal] load build context",
            done(0.0),
            [f"transferring context: {format_bytes(context)}"],
        )
        yield from self._cache_images()
        begun = sim.now
        self.job.progress = lambda: min(1.0, (sim.now - begun) / max(1e-9, decided.total_s))
        for step, platform in decided.numbered:
            end = begun + step.start_s + step.duration_s
            if end > sim.now:
                yield sim.env.timeout(end - sim.now)
            self._tell(step, platform)
        if begun + decided.total_s > sim.now:
            yield sim.env.timeout(begun + decided.total_s - sim.now)
        yield from self._finish()

    def _bases(self) -> Process:
        """Pull the base images that are not here; the error or None."""
        wanted: dict[tuple[str, str], Image] = {}
        for one in self.decided.plans:
            for text, image in one.bases:
                wanted.setdefault((text, image.digest), image)
        for (text, _), image in wanted.items():
            error = yield from self._base(Reference.parse(text), image)
            if error is not None:
                return error
        return None

    def _base(self, reference: Reference, image: Image) -> Process:
        world, client = self.world, self.machine.images
        name = reference.canonical()
        if not client.store.missing_layers(image) and not self.command.pull:
            if client.store.find(reference) is None and image.platform == client.platform:
                client.store.add(image, reference, now_s=world.now)
            self.out.vertex(f"[internal] load metadata for {name}", done(0.0))
            return None
        began, before = world.now, client.store.find(reference)
        moved = sum(layer.transfer_bytes for layer in client.store.missing_layers(image))
        scratch = Job(0, "")
        error = yield from images.fetch(world, self.machine, reference, image.platform, scratch)
        if error is not None:
            self.out.vertex(f"[internal] load metadata for {name}", "ERROR", [error])
            return f"{FAILED}{name}: {error}"
        if image.platform != client.platform:
            # What is foreign serves this build only: the name keeps meaning what it meant.
            client.store.untag(reference)
            if before is not None:
                client.store.add(before.image, reference, now_s=world.now)
        self._pulled[name] = (world.now - began, moved)
        self.out.vertex(f"[internal] load metadata for {name}", done(0.0))
        return None

    def _cache_images(self) -> Process:
        """Fetch the images whose cache is used, where they are not here."""
        for name in self.command.cache_from:
            reference, scratch = Reference.parse(name), Job(0, "")
            began = self.world.now
            error = yield from images.have_image(self.world, self.machine, reference, None, scratch)
            outcome = f"ERROR: {error}" if error else done(self.world.now - began)
            self.out.vertex(f"importing cache manifest from {reference.short()}", outcome)

    def _tell(self, step: Step, platform: Platform) -> None:
        title = self.decided.naming.title(step, platform)
        if step.instruction == "FROM":
            self._from(title, step.text.removeprefix("FROM "))
        elif step.cached:
            self.out.vertex(title, "CACHED")
        else:
            self.out.vertex(title, self._outcome(step), reasons(step))

    def _from(self, title: str, name: str) -> None:
        pulled = self._pulled.get(name)
        if pulled is None:
            self.out.vertex(title, "CACHED" if name != "scratch" else done(0.0))
        else:
            seconds, size = pulled
            self.out.vertex(title, done(seconds), [f"pulled {format_bytes(size)}"])

    def _outcome(self, step: Step) -> str:
        for one in self.decided.plans:
            failure = one.failure
            last = one.steps[-1] if one.steps else None
            if failure is None or last is None or step.cached:
                continue
            if (step.line, step.stage) == (last.line, failure.stage):
                return f"ERROR: exit code: {failure.exit_code}"
        return done(step.duration_s)

    def _finish(self) -> Process:
        world, decided = self.world, self.decided
        full = self._no_room()
        if full is not None:
            self._fail(full)
            return
        cache = world.build_caches.setdefault(self.machine.name, BuildCache())
        for one in decided.plans:
            cache.learn(one)
        if decided.failed is not None:
            step = decided.failed.steps[-1]
            title = decided.naming.title(step, step.platform)
            self.job.lines += failed(decided.failed, self.command.dockerfile, title)
            self._fail(error_of(decided.failed), str(decided.failed.failure))
            return
        self._store()
        if self.command.push:
            error = yield from self._push()
            if error is not None:
                self._fail(error)
                return
        for warning in dict.fromkeys(text for one in decided.plans for text in one.warnings):
            self.job.lines.append(f"[Warning] {warning}")
        self.job.lines += warnings(decided.findings)
        self._summary()
        if self.command.quiet:
            self.job.lines[:] = [decided.images[0].digest]
        self.job.finish()

    def _no_room(self) -> str | None:
        """The error of a disk that cannot take what the steps wrote, or None."""
        client = self.machine.images
        new = [record.layer for one in self.decided.plans for record in one.records]
        needed = total_bytes(one for one in new if one and not client.store.has_layer(one.digest))
        room = max(0.0, client.room_bytes())
        if needed <= room:
            return None
        return (
            f"{FAILED}write: no space left on device: "
            f"{format_bytes(needed)} needed, {format_bytes(room)} free"
        )

    def _store(self) -> None:
        world, client, made = self.world, self.machine.images, self.decided.images
        fitting = [one for one in made if rank(one.platform, client.platform) is not None]
        own = (fitting or made)[0]
        client.store.add(own, now_s=world.now)
        for tag in self.decided.tags:
            client.store.add(own, tag, now_s=world.now)
            world.depot.forget_name(self.machine.name, tag)
            if len(made) > 1:
                lists = world.depot.lists.setdefault(self.machine.name, {})
                lists[tag.canonical()] = Index(tuple(made))
        if self.command.inline_cache:
            for one in self.decided.plans:
                self._inline(one)
        details = [f"exporting manifest for {one.platform} {one.manifest_digest}" for one in made]
        plan_ = self.decided.plans[made.index(own)]
        lines = exporting(plan_, self.decided.tags, details if len(made) > 1 else ())
        self.out.vertex("exporting to image", done(0.0), list(lines))

    def _inline(self, one: BuildPlan) -> None:
        """Put into the image the records of the steps that made its layers, and no others."""
        cache = self.world.build_caches[self.machine.name]
        image = one.require_image()
        layers = {layer.digest for layer in image.layers}
        kept = []
        for step in one.steps:
            record = cache.get(step.key) if step.key else None
            final = step.layer is None or step.layer.digest in layers
            if record is not None and final:
                kept.append(record)
        self.world.depot.inline[image.digest] = tuple(kept)

    def _push(self) -> Process:
        for tag in self.decided.tags:
            began = self.world.now
            scratch = Job(0, "")
            error = yield from images.send(self.world, self.machine, tag, scratch)
            if error is not None:
                return f"{FAILED}failed to push {tag.canonical()}: {error}"
            took = done(self.world.now - began)
            self.out.vertex(f"pushing {tag.canonical()}", took, scratch.lines[-1:])
        return None

    def _summary(self) -> None:
        world, decided, image = self.world, self.decided, self.decided.images[0]
        steps = [step for step, _ in decided.numbered if step.instruction != "FROM"]
        cached = sum(step.cached for step in steps)
        seconds, size = world.now - self.started, image.size_bytes
        world.sim.emit(
            ImageBuilt(
                self.name, self.machine.name, image.digest, len(steps), cached, seconds, size
            )
        )
        self.job.lines.append(
            f"{len(steps)} steps, {cached} cached, {format_span(seconds)}, {format_bytes(size)}"
        )

    def _fail(self, error: str, reason: str = "") -> None:
        self.world.sim.emit(BuildFailed(self.name, self.machine.name, reason or error))
        self.job.finish(error)
