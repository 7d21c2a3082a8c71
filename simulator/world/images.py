"""Commands on images: build, pull, tag, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine import Process
from simulator.errors import DrydockError, InputError, Refused
from simulator.image.builder import BuildCache, BuildPlan, Rates, plan
from simulator.image.dockerfile import Dockerignore, parse
from simulator.image.model import Image, Platform
from simulator.image.reference import Reference
from simulator.machine.host import Machine
from simulator.units import format_bytes, format_span
from simulator.world.commands import BuildImage, PullImage, RemoveImage, TagImage
from simulator.world.events import BuildFailed, ImageBuilt
from simulator.world.jobs import Job, Reply

if TYPE_CHECKING:
    from simulator.world.world import World

MAX_DOCKERFILE_BYTES = 10 << 20


# --- build ------------------------------------------------------------------------------------


def build(world: World, command: BuildImage) -> Reply:
    """Plan a build at once (bad input is refused here), carry it out in time."""
    machine = world.machine(command.machine)
    machine.need_up()
    if len(command.dockerfile) > MAX_DOCKERFILE_BYTES:
        raise InputError(
            "Dockerfile too large", found=len(command.dockerfile), expected="at most 10 MiB"
        )
    tags = [Reference.parse(tag) for tag in command.tags]
    decided = plan_build(world, machine, command)
    job = world.new_job(f"docker build {' '.join(command.tags)}".strip())
    world.sim.start(_building(world, machine, command, decided, tags, job))
    return Reply((), job)


def plan_build(world: World, machine: Machine, command: BuildImage) -> BuildPlan:
    """Decide a build as the machine's builder would, without carrying it out."""
    dockerfile = parse(command.dockerfile, name=command.dockerfile_name)
    context = command.context
    ignore = context.files.get(".dockerignore")
    if ignore is not None and ignore.content:
        context = context.without(Dockerignore.parse(ignore.content))
    own = machine.images.platform
    return plan(
        dockerfile,
        context,
        resolve=lambda reference, platform: _base(world, machine, reference, platform),
        cache=world.build_caches.setdefault(machine.name, BuildCache()),
        args=command.build_args,
        target=command.target,
        no_cache=command.no_cache,
        platform=Platform.parse(command.platform) if command.platform else own,
        builder=own,
        rates=Rates(
            machine.hardware.cores, machine.hardware.nic_bytes_s, machine.hardware.disk_bytes_s
        ),
    )


def _base(world: World, machine: Machine, reference: Reference, platform: Platform) -> Image:
    stored = machine.images.store.find(reference)
    if stored is not None and stored.image.platform == platform:
        return stored.image
    return world.catalogue.resolve(reference, platform)


def _building(
    world: World,
    machine: Machine,
    command: BuildImage,
    decided: BuildPlan,
    tags: list[Reference],
    job: Job,
) -> Process:
    sim, name = world.sim, command.tags[0] if command.tags else "image"
    job.lines.append(f"transferring context: {format_bytes(decided.context_bytes)}")
    for text, _ in decided.bases:
        error = yield from have_image(world, machine, Reference.parse(text), None, job)
        if error is not None:
            sim.emit(BuildFailed(name, machine.name, error))
            job.finish(error)
            return
    started = sim.now
    job.progress = lambda: min(1.0, (sim.now - started) / max(1e-9, decided.total_s))
    for step in sorted(decided.numbered, key=lambda one: (one.start_s, one.stage_index, one.line)):
        end = started + step.start_s + step.duration_s
        if end > sim.now:
            yield sim.env.timeout(end - sim.now)
        took = "CACHED" if step.cached else f"DONE {step.duration_s:.1f}s"
        job.lines.append(f"{step.title}  {took}")
        if not step.cached and step.reason.text:
            job.lines.append(f"    {step.reason.text}")
    if started + decided.total_s > sim.now:
        yield sim.env.timeout(started + decided.total_s - sim.now)
    _store(world, machine, decided, tags, job, name, sim.now - started)


def _store(
    world: World,
    machine: Machine,
    decided: BuildPlan,
    tags: list[Reference],
    job: Job,
    name: str,
    seconds: float,
) -> None:
    world.build_caches[machine.name].learn(decided)
    if decided.failure is not None or decided.image is None:
        reason = str(decided.failure)
        world.sim.emit(BuildFailed(name, machine.name, reason))
        job.finish(f"failed to solve: {reason}")
        return
    image = decided.image
    machine.images.store.add(image, now_s=world.now)
    for tag in tags:
        machine.images.store.add(image, tag, now_s=world.now)
    steps = len(decided.numbered)
    cached = sum(step.cached for step in decided.numbered)
    size = image.size_bytes
    world.sim.emit(ImageBuilt(name, machine.name, image.digest, steps, cached, seconds, size))
    job.lines.append(f"writing image {image.digest}")
    job.lines += [f"naming to {tag.canonical()}" for tag in tags]
    job.lines.append(
        f"{steps} steps, {cached} cached, {format_span(seconds)}, {format_bytes(size)}"
    )
    job.finish()


# --- pull -------------------------------------------------------------------------------------


def pull(world: World, command: PullImage) -> Reply:
    """Fetch an image from its registry."""
    machine = world.machine(command.machine)
    machine.need_up()
    reference = Reference.parse(command.reference)
    platform = Platform.parse(command.platform) if command.platform else None
    job = world.new_job(f"docker pull {reference.short()}")
    world.sim.start(_pulling(world, machine, reference, platform, job))
    return Reply((), job)


def _pulling(
    world: World, machine: Machine, reference: Reference, platform: Platform | None, job: Job
) -> Process:
    error = yield from fetch(world, machine, reference, platform, job)
    if error is None:
        job.lines.append(reference.canonical())
    job.finish(error)


def fetch(
    world: World, machine: Machine, reference: Reference, platform: Platform | None, job: Job
) -> Process:
    """Pull, with progress in the job's lines; returns the error or None."""
    job.lines.append(f"{reference.tag_or_latest}: Pulling from {reference.repository}")
    under_way = machine.images.pull(world.registry, reference, platform=platform)
    job.live = lambda: [
        f"{line.layer[:12]}: {line.status} {_share(line.downloaded_bytes, line.transfer_bytes)}"
        for line in under_way.progress()
    ]
    job.progress = lambda: _fraction(
        [(line.downloaded_bytes, line.transfer_bytes) for line in under_way.progress()]
    )
    result = yield under_way.done
    job.lines += [f"{line.layer[:12]}: {line.status}" for line in under_way.progress()]
    job.live = list
    if not result.ok:
        return str(result.error)
    job.lines.append(result.status)
    return None


def _share(done: float, total: float) -> str:
    return f"{format_bytes(done)}/{format_bytes(total)}" if 0 < done < total else ""


def _fraction(parts: list[tuple[float, int]]) -> float | None:
    total = sum(size for _, size in parts)
    return sum(done for done, _ in parts) / total if total else None


def have_image(
    world: World, machine: Machine, reference: Reference, platform: Platform | None, job: Job
) -> Process:
    """Pull only what is not there; returns the error or None."""
    stored = machine.images.store.find(reference)
    if stored is not None and platform in (None, stored.image.platform):
        return None
    if stored is None:
        job.lines.append(f"Unable to find image '{reference.short()}' locally")
    error = yield from fetch(world, machine, reference, platform, job)
    return error


# --- tag and remove ---------------------------------------------------------------------------


def tag(world: World, command: TagImage) -> Reply:
    """Another name for an image."""
    machine = world.machine(command.machine)
    target = Reference.parse(command.target)
    machine.images.store.tag(command.source, target)
    return Reply()


def remove(world: World, command: RemoveImage) -> Reply:
    """Untag, and delete with the last tag."""
    machine = world.machine(command.machine)
    try:
        removed = machine.images.store.remove(command.reference, force=command.force)
    except DrydockError as error:
        raise Refused(str(error)) from None
    return Reply(tuple(str(line) for line in removed))
