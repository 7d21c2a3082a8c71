"""Carrying a decided build out: base images come first, then step by step, then the image."""

from __future__ import annotations

from functools import partial

from simulator.cluster.compose.standing_in import LABEL as STANDS_IN
from simulator.engine import Process, Simulation
from simulator.errors import Refused
from simulator.image.builder import BuildCache, BuildPlan, Step
from simulator.image.model import Image, Index, Platform
from simulator.image.platform import rank
from simulator.image.reference import Reference
from simulator.image.store import total_bytes
from simulator.node.node import Node
from simulator.units import format_bytes
from simulator.world import images
from simulator.world.build_facts import (
    FAILED,
    BaseKnown,
    BaseTaken,
    BuildChecked,
    BuildEnded,
    BuildStopped,
    BuildWarned,
    CacheImported,
    ContextRead,
    DefinitionRead,
    ImageExported,
    LastBuild,
    StepName,
    StepRefused,
    TagPushed,
    Vertex,
    Work,
    error_of,
    graph_of,
    step_ended,
)
from simulator.world.builds import Decided, decide
from simulator.world.commands import BuildImage
from simulator.world.depot import Depot, Source
from simulator.world.events import BuildFailed, ImageBuilt
from simulator.world.facts import PushEnded
from simulator.world.fleet import Fleet
from simulator.world.jobs import Job, Jobs, Reply


def build(fleet: Fleet, depot: Depot, jobs: Jobs, command: BuildImage) -> Reply:
    """Plan a build at once (bad input is refused here), carry it out in time."""
    job, process = planned(fleet, depot, jobs, command)
    fleet.parts.sim.start(process)
    return Reply((), job)


def planned(fleet: Fleet, depot: Depot, jobs: Jobs, command: BuildImage) -> tuple[Job, Process]:
    """A build that is decided, its job, and what carries it out; bad input is refused here."""
    node = fleet.node(command.machine)
    machine = node.machine
    machine.need_up()
    decided = decide(depot, machine, command)
    if command.push and not decided.tags:
        raise Refused("tag is needed when pushing to registry")
    for tag in decided.tags if command.push else ():
        node.registry(tag)
    source = Source(command.dockerfile, command.dockerfile_name, command.context)
    depot.sources |= {tag.canonical(): source for tag in decided.tags}
    job = jobs.new(f"docker build {' '.join(command.tags)}".strip())
    return job, _Building(depot, node, command, decided, job).run()


def _share_done(sim: Simulation, begun: float, total_s: float) -> float:
    return min(1.0, (sim.now - begun) / max(1e-9, total_s))


class _Building:
    """One build under way."""

    def __init__(
        self, depot: Depot, node: Node, command: BuildImage, decided: Decided, job: Job
    ) -> None:
        self.depot, self.node, self.command = depot, node, command
        self.machine = node.machine
        self.sim = node.machine.parts.sim
        self.decided, self.job = decided, job
        self.name = command.tags[0] if command.tags else "image"
        self._count = 0
        """Pieces of work that are over."""
        self.started = self.sim.now
        self._named: set[str] = set()
        self._written: dict[str, int] = {}
        """Bytes of the layers made so far that are not here yet, by digest."""
        self._pulled: dict[str, tuple[float, int]] = {}
        self._notes: dict[str, str | None] = {}
        """What is to be said of a base, once."""
        """Seconds and bytes of the base images that had to be pulled, by name."""

    def run(self) -> Process:
        """The whole build, for ``sim.start``."""
        sim, decided = self.sim, self.decided
        size = len(self.command.dockerfile.encode())
        self._over(DefinitionRead(self.command.dockerfile_name, size))
        error = yield from self._bases()
        if error is not None:
            self._fail(error)
            return
        context = sum({one.context_bytes for one in decided.plans})
        self._over(ContextRead(context))
        yield from self._cache_images()
        begun = sim.now
        self.job.progress = partial(_share_done, sim, begun, decided.total_s)
        for step, platform in decided.numbered:
            end = begun + step.start_s + step.duration_s
            if end > sim.now:
                yield sim.env.timeout(end - sim.now)
            full = self._full_at(step)
            if full is not None:
                self._over(StepRefused(decided.naming.name(step, platform), full))
                self._fail(f"{FAILED}{_doing(step)}: {full}")
                return
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
        depot, sim, client = self.depot, self.sim, self.machine.images
        name = reference.canonical()
        kept = depot.foreign.setdefault(self.machine.name, {})
        here = image.digest in kept or not client.store.missing_layers(image)
        if here and not self.command.pull:
            if client.store.find(reference) is None and image.platform == client.platform:
                client.store.add(image, reference, now_s=sim.now)
            self._metadata(name)
            return None
        began, before = sim.now, client.store.find(reference)
        known = any(one.image.digest == image.digest for one in client.store.images())
        moved = sum(layer.transfer_bytes for layer in client.store.missing_layers(image))
        scratch = Job(0, "")
        like = image.config.label(STANDS_IN) if self.command.stand_ins else None
        source = reference if like is None else Reference.parse(like)
        error = yield from images.fetch(depot, self.node, source, image.platform, scratch)
        if error is not None:
            self._over(BaseKnown(name, error))
            return f"{FAILED}{name}: {error}"
        if image.platform != client.platform:
            # What is foreign serves this build only: the name keeps meaning what it meant.
            kept[image.digest] = image
            client.store.untag(reference)
            if not known:
                client.store.delete(image.digest)
            if before is not None:
                client.store.add(before.image, reference, now_s=sim.now)
        self._pulled[name] = (sim.now - began, moved)
        self._notes[name] = depot.note(reference)
        if like is not None:
            client.store.add(image, reference, now_s=sim.now)
            self._notes[name] = f"not in the catalogue: {like} stands in for it"
        self._metadata(name)
        return None

    def _metadata(self, name: str) -> None:
        if name not in self._named:
            self._named.add(name)
            self._over(BaseKnown(name))

    def _cache_images(self) -> Process:
        """Fetch the images whose cache is used, where they are not here."""
        for name in self.command.cache_from:
            reference, scratch = Reference.parse(name), Job(0, "")
            began = self.sim.now
            error = yield from images.have_image(self.depot, self.node, reference, None, scratch)
            self._over(CacheImported(reference.short(), self.sim.now - began, error))

    def _tell(self, step: Step, platform: Platform) -> None:
        name = self.decided.naming.name(step, platform)
        if step.instruction == "FROM":
            self._from(name, step.text.removeprefix("FROM "))
        else:
            self._over(step_ended(name, step, self._exit_code(step)))

    def _from(self, name: StepName, base: str) -> None:
        pulled = self._pulled.get(base)
        if pulled is None:
            self._over(BaseTaken(name, base))
        else:
            self._over(BaseTaken(name, base, *pulled, self._notes.pop(base, None)))

    def _exit_code(self, step: Step) -> int:
        """With what a step ended: 0, or what its build fails with."""
        for one in self.decided.plans:
            failure = one.failure
            last = one.steps[-1] if one.steps else None
            if failure is None or last is None or step.cached:
                continue
            if (step.line, step.stage) == (last.line, failure.stage):
                return failure.exit_code
        return 0

    def _over(self, work: Work) -> None:
        """A piece of work is over, well or badly."""
        self._count += 1
        self.job.lines.append(Vertex(self._count, self.command.plain, work))

    def _finish(self) -> Process:
        decided = self.decided
        full = self._no_room()
        if full is not None:
            self._fail(full)
            return
        cache = self.depot.caches.setdefault(self.machine.name, BuildCache())
        for one in decided.plans:
            cache.learn(one)
        self.machine.space.changed()
        if decided.failed is not None:
            step = decided.failed.steps[-1]
            failure, name = decided.failed.failure, decided.naming.name(step, step.platform)
            if failure is not None:
                self.job.lines.append(BuildStopped(name, failure, self.command.dockerfile))
            self._fail(error_of(decided.failed), str(failure))
            return
        self._store()
        if self.command.push:
            error = yield from self._push()
            if error is not None:
                self._fail(error)
                return
        for warning in dict.fromkeys(text for one in decided.plans for text in one.warnings):
            self.job.lines.append(BuildWarned(warning))
        self.job.lines.append(BuildChecked(decided.findings))
        self._summary()
        if self.command.quiet:
            self.job.lines[:] = [decided.images[0].digest]
        self.job.finish()

    def _full_at(self, step: Step) -> str | None:
        """Why a step cannot write what it wants to write; None where it can."""
        client, layer = self.machine.images, step.layer
        if layer is None or step.cached or client.store.has_layer(layer.digest):
            return None
        self._written[layer.digest] = layer.size_bytes
        needed, room = sum(self._written.values()), max(0.0, client.room_bytes())
        if needed <= room:
            return None
        return (
            f"write: no space left on device: {format_bytes(needed)} needed, "
            f"{format_bytes(room)} free"
        )

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
        depot, client, made = self.depot, self.machine.images, self.decided.images
        now_s = self.sim.now
        fitting = [one for one in made if rank(one.platform, client.platform) is not None]
        own = (fitting or made)[0]
        client.store.add(own, now_s=now_s)
        for tag in self.decided.tags:
            client.store.add(own, tag, now_s=now_s)
            depot.forget_name(self.machine.name, tag)
            if len(made) > 1:
                lists = depot.lists.setdefault(self.machine.name, {})
                lists[tag.canonical()] = Index(tuple(made))
        if self.command.inline_cache:
            for one in self.decided.plans:
                self._inline(one)
        manifests = tuple((one.platform, one.manifest_digest) for one in made)
        tags = tuple(tag.canonical() for tag in self.decided.tags)
        self._over(ImageExported(own.digest, tags, manifests if len(made) > 1 else ()))

    def _inline(self, one: BuildPlan) -> None:
        """Put into the image the records of the steps that made its layers, and no others."""
        cache = self.depot.caches[self.machine.name]
        image = one.require_image()
        layers = {layer.digest for layer in image.layers}
        kept = []
        for step in one.steps:
            record = cache.get(step.key) if step.key else None
            final = step.layer is None or step.layer.digest in layers
            if record is not None and final:
                kept.append(record)
        self.depot.inline[image.digest] = tuple(kept)

    def _push(self) -> Process:
        for tag in self.decided.tags:
            began = self.sim.now
            scratch = Job(0, "")
            error = yield from images.send(self.depot, self.node, tag, scratch)
            if error is not None:
                return f"{FAILED}failed to push {tag.canonical()}: {error}"
            ended = next(one for one in scratch.lines if isinstance(one, PushEnded))
            self._over(TagPushed(tag.canonical(), self.sim.now - began, ended))
        return None

    def _summary(self) -> None:
        sim, decided, image = self.sim, self.decided, self.decided.images[0]
        steps = [step for step, _ in decided.numbered if step.instruction != "FROM"]
        cached = sum(step.cached for step in steps)
        seconds, size = sim.now - self.started, image.size_bytes
        sim.emit(
            ImageBuilt(
                self.name, self.machine.name, image.digest, len(steps), cached, seconds, size
            )
        )
        ended = BuildEnded(len(steps), cached, seconds, size)
        self.job.lines.append(ended)
        ran = tuple(
            step_ended(decided.naming.name(step, platform), step)
            for step, platform in decided.numbered
            if not step.cached
        )
        for plan, made in zip(decided.plans, decided.images, strict=True):
            graph = graph_of(decided.naming, plan)
            self.depot.builds[made.digest] = LastBuild(
                self.machine.name, sim.now, ended, ran, graph, plan.skipped_stages
            )

    def _fail(self, error: str, reason: str = "") -> None:
        self.sim.emit(BuildFailed(self.name, self.machine.name, reason or error))
        self.job.finish(error)


def _doing(step: Step) -> str:
    """What a step was at, in the words of the builder."""
    if step.instruction != "RUN":
        return "failed to copy files"
    command = step.text.removeprefix("RUN ")
    return f'process "/bin/sh -c {command}" did not complete successfully: exit code: 1'
