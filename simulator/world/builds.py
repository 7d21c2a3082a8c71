"""Deciding a build, at once, so that bad input changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from simulator.dockerfile import Dockerfile, Dockerignore, lint, parse, read_mounts
from simulator.dockerfile.lint import Finding, lint_error
from simulator.errors import DrydockError, InputError, Refused
from simulator.image.builder import BuildCache, BuildFailure, BuildPlan, Rates, Step, plan
from simulator.image.builder.schedule import schedule
from simulator.image.model import Image, Platform
from simulator.image.platform import Emulation, rank, select
from simulator.image.reference import Reference
from simulator.machine.host import Machine
from simulator.world.build_facts import Naming, naming
from simulator.world.commands import BuildImage
from simulator.world.depot import Depot
from simulator.world.images import target_name
from simulator.world.stand_ins import base

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


# --- deciding ---------------------------------------------------------------------------------


def decide(depot: Depot, machine: Machine, command: BuildImage) -> Decided:
    """Everything about a build, as the machine's builder would decide it."""
    if len(command.dockerfile) > MAX_DOCKERFILE_BYTES:
        raise InputError(
            "Dockerfile too large", found=len(command.dockerfile), expected="at most 10 MiB"
        )
    tags = tuple(dict.fromkeys(target_name(tag) for tag in command.tags))
    dockerfile = parse(command.dockerfile, name=command.dockerfile_name)
    own = machine.images.platform
    asked = command.platforms or ((command.platform,) if command.platform else ())
    platforms = list(dict.fromkeys(Platform.parse(one) for one in asked)) or [own]
    if len(platforms) > MAX_PLATFORMS:
        raise InputError("too many platforms", expected=f"at most {MAX_PLATFORMS}")
    cache = depot.caches.get(machine.name, BuildCache())
    if command.cache_from:
        # A build that is refused below leaves the machine's own cache as it is.
        cache = cache.copy()
        for name in command.cache_from:
            _import_cache(depot, machine, cache, name)
    plans = tuple(_plan(depot, machine, command, dockerfile, one, cache) for one in platforms)
    steps, total_s = _together(plans, platforms, machine.hardware.cores)
    findings = tuple(check(depot, machine, dockerfile))
    error = lint_error(dockerfile, list(findings))
    if error is not None:
        raise error
    depot.caches[machine.name] = cache
    names = naming(dockerfile, len(platforms))
    return Decided(dockerfile, plans, steps, total_s, tags, names, findings)


def check(depot: Depot, machine: Machine, dockerfile: Dockerfile) -> list[Finding]:
    """What the build checks find; variables that base images bring are known."""

    def base_env(name: str) -> Mapping[str, str] | None:
        try:
            reference = Reference.parse(name)
            image = base_image(depot, machine, reference, machine.images.platform)
        except InputError:
            return None
        return image.config.environment

    return lint(dockerfile, base_env=base_env)


def _plan(
    depot: Depot,
    machine: Machine,
    command: BuildImage,
    dockerfile: Dockerfile,
    platform: Platform,
    cache: BuildCache,
) -> BuildPlan:
    context = command.context
    own = f"{command.dockerfile_name}.dockerignore"
    ignore = context.files.get(own) or context.files.get(".dockerignore")
    if ignore is not None and ignore.content and not context.filtered:
        context = context.without(Dockerignore.parse(ignore.content))
    hardware, client = machine.hardware, machine.images
    emulator = client.emulation or Emulation.of(depot.parts.calibration)
    no_cache: bool | str = command.no_cache or ",".join(command.no_cache_stages)
    decided = plan(
        dockerfile,
        context,
        resolve=partial(_base, depot, machine, command),
        cache=cache,
        args=command.build_args,
        target=command.target,
        no_cache=no_cache,
        secrets=command.secrets,
        platform=platform,
        builder=client.platform,
        rates=Rates(
            hardware.cores, hardware.nic_bytes_s, hardware.disk_bytes_s,
            1.0 if rank(platform, client.platform) is not None else emulator.slowdown,
        ),
    )  # fmt: skip
    decided = _without_what_cannot_run(decided, dockerfile, machine, command)
    if command.labels and decided.image is not None:
        made = decided.image
        config = made.config.with_labels(command.labels)
        image = Image.of(config, made.layers, made.history, made.platform)
        decided = replace(decided, image=image)
    return decided


def _base(
    depot: Depot, machine: Machine, command: BuildImage, reference: Reference, platform: Platform
) -> Image:
    """The image of a FROM, or what stands in for it where that is wished."""
    try:
        if reference.digest and command.stand_ins:
            depot.registries.of(reference).look_up(reference)
        return base_image(depot, machine, reference, platform)
    except DrydockError:
        found = base(depot, reference, platform) if command.stand_ins else None
        if found is None:
            raise
        return found


def base_image(depot: Depot, machine: Machine, reference: Reference, platform: Platform) -> Image:
    """The image of a FROM: on the machine, in its registry, in the catalogue. InputError else."""
    stored = machine.images.store.find(reference)
    if stored is not None and stored.image.platform == platform:
        return stored.image
    registry = depot.registries
    try:
        home = registry.of(reference)
        if home is not registry.hub or home.repositories.get(reference.repository) is not None:
            user = machine.images.users.get(home.name)
            found = home.look_up(reference.tagged(), user=user)
            return select(found, platform, explicit=True)
        if platform.os == "windows" and depot.catalogue.holds(reference):
            return select(depot.catalogue.index(reference), platform, explicit=True)
    except Refused as refusal:
        raise InputError(f"failed to resolve source metadata: {refusal}") from None
    return depot.catalogue.resolve(reference, platform)


def _import_cache(depot: Depot, machine: Machine, cache: BuildCache, name: str) -> None:
    """Take over the records inside an image, wherever it is; an image without any is no error."""
    reference = Reference.parse(name)
    try:
        image = base_image(depot, machine, reference, machine.images.platform)
    except InputError:
        return
    cache.learn_image(depot.inline.get(image.digest, ()))


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
