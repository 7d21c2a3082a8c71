"""Commands on the images of a machine: pull, push, tag, remove."""

from __future__ import annotations

from functools import partial

from simulator.engine import Process
from simulator.errors import DrydockError, InputError, Refused, unknown
from simulator.image.model import Platform
from simulator.image.reference import Reference
from simulator.machine.host import Machine
from simulator.node.node import Node
from simulator.registry.pull import Pull
from simulator.registry.push import Push
from simulator.registry.transfers import PRESENT
from simulator.world.commands import PullImage, RemoveImage, TagImage
from simulator.world.depot import Depot
from simulator.world.facts import (
    LayerMoved,
    NotHere,
    PullBegan,
    PullEnded,
    PushBegan,
    PushEnded,
    Said,
)
from simulator.world.fleet import Fleet
from simulator.world.image_commands import PushImage
from simulator.world.jobs import Job, Jobs, Reply, not_known
from simulator.world.stand_ins import hint
from simulator.world.storage_facts import ImageGone

WAITING = "Waiting"
POLICIES = ("always", "missing", "never")
"""When ``docker run --pull`` asks the registry."""


# --- pull -------------------------------------------------------------------------------------


def pull(fleet: Fleet, depot: Depot, jobs: Jobs, command: PullImage) -> Reply:
    """Fetch an image from its registry."""
    node = fleet.node(command.machine)
    node.machine.need_up()
    reference = Reference.parse(command.reference)
    platform = Platform.parse(command.platform) if command.platform else None
    node.registry(reference)
    job = jobs.new(f"docker pull {reference.short()}")
    fleet.parts.sim.start(_pulling(depot, node, reference, platform, job, command.lazy))
    return Reply((), job)


def _pulling(
    depot: Depot,
    node: Node,
    reference: Reference,
    platform: Platform | None,
    job: Job,
    lazy: bool | None,
) -> Process:
    error = yield from fetch(depot, node, reference, platform, job, lazy)
    if error is None:
        job.lines.append(reference.canonical())
    job.finish(error)


def fetch(
    depot: Depot,
    node: Node,
    reference: Reference,
    platform: Platform | None,
    job: Job,
    lazy: bool | None = None,
) -> Process:
    """Pull, with progress in the job; returns the error or None."""
    try:
        under_way = node.pull(reference, platform, lazy)
    except Refused as refusal:
        return str(refusal)
    if reference.digest is None:
        job.lines.append(PullBegan(reference.tag_or_latest, reference.repository))
    note = depot.note(reference)
    job.live = partial(_pull_layers, under_way)
    job.progress = partial(_pulled, under_way)
    result = yield under_way.done
    begun = [one for one in under_way.progress() if result.ok or one.status != PRESENT]
    job.lines += [LayerMoved(one.layer, one.status) for one in begun]
    job.live, job.progress = list, not_known
    if not result.ok:
        return f"{result.error}{hint(depot, reference)}"
    depot.forget_name(node.name, reference)
    depot.charge(
        f"pull of {reference.short()} by {node.name}", result.transferred_bytes,
        result.egress_usd,
    )  # fmt: skip
    left = 0.0 if result.rest is None else result.rest.left_bytes
    job.lines.append(
        PullEnded(result.image.manifest_digest, result.status, note, left, result.warning)
    )
    if result.rest is not None and left:
        result.rest.prefetch()
    return None


def _pull_layers(under_way: Pull) -> list[Said]:
    return [
        LayerMoved(one.layer, one.status, one.downloaded_bytes, one.transfer_bytes, True)
        for one in under_way.progress()
    ]


def _pulled(under_way: Pull) -> float | None:
    lines = under_way.progress()
    return _fraction([(line.downloaded_bytes, line.transfer_bytes) for line in lines])


def _push_layers(under_way: Push) -> list[Said]:
    return [
        LayerMoved(one.layer, one.status, one.uploaded_bytes, one.transfer_bytes, True)
        for one in under_way.progress()
    ]


def _pushed(under_way: Push) -> float | None:
    lines = under_way.progress()
    return _fraction([(line.uploaded_bytes, line.transfer_bytes) for line in lines])


def _fraction(parts: list[tuple[float, int]]) -> float | None:
    total = sum(size for _, size in parts)
    return sum(done for done, _ in parts) / total if total else None


def is_here(
    machine: Machine, reference: Reference, platform: Platform | None, policy: str = "missing"
) -> bool:
    """Whether a container can be made without asking a registry."""
    stored = machine.images.store.find(reference)
    if stored is None or policy == "always":
        return False
    return platform in (None, stored.image.platform)


def check_available(
    depot: Depot,
    node: Node,
    reference: Reference,
    platform: Platform | None,
    policy: str = "missing",
) -> None:
    """Refuse at once what a pull would be refused for: no such name, no access, never pull."""
    machine = node.machine
    if policy not in POLICIES:
        raise unknown("pull policy", policy, POLICIES)
    if is_here(machine, reference, platform, policy):
        return
    if policy == "never":
        raise Refused(f"No such image: {reference.short()}")
    registry = node.registry(reference)
    try:
        registry.look_up(reference.tagged(), user=machine.images.users.get(registry.name))
    except Refused as refusal:
        raise Refused(f"{refusal}{hint(depot, reference)}") from None


def have_image(
    depot: Depot,
    node: Node,
    reference: Reference,
    platform: Platform | None,
    job: Job,
    policy: str = "missing",
) -> Process:
    """Pull only what is not there; returns the error or None."""
    if is_here(node.machine, reference, platform, policy):
        return None
    if node.machine.images.store.find(reference) is None:
        job.lines.append(NotHere(reference.short()))
    error = yield from fetch(depot, node, reference, platform, job)
    return error


# --- push -------------------------------------------------------------------------------------


def push(fleet: Fleet, depot: Depot, jobs: Jobs, command: PushImage) -> Reply:
    """Upload what the registry lacks, and set the tag."""
    node = fleet.node(command.machine)
    machine = node.machine
    machine.need_up()
    reference = Reference.parse(command.reference)
    if machine.images.store.find(reference) is None:
        raise Refused(
            f"An image does not exist locally with the tag: {reference.familiar}"
            if not reference.tag
            else f"tag does not exist: {reference.short()}"
        )
    node.registry(reference)
    job = jobs.new(f"docker push {reference.short()}")
    fleet.parts.sim.start(_pushing(depot, node, reference, job))
    return Reply((), job)


def _pushing(depot: Depot, node: Node, reference: Reference, job: Job) -> Process:
    error = yield from send(depot, node, reference, job)
    job.finish(error)


def send(depot: Depot, node: Node, reference: Reference, job: Job) -> Process:
    """Push a stored image, or its manifest list; returns the error or None."""
    machine = node.machine
    manifest = depot.list_of(machine.name, reference)
    try:
        registry = node.registry(reference)
        under_way = machine.images.push(registry, reference, manifest)
    except DrydockError as error:
        # The registry or the image may have gone while others were waited for.
        return str(error)
    job.lines.append(PushBegan(reference.name))
    job.live = partial(_push_layers, under_way)
    job.progress = partial(_pushed, under_way)
    result = yield under_way.done
    begun = [one for one in under_way.progress() if result.ok or one.status != WAITING]
    job.lines += [LayerMoved(one.layer, one.status) for one in begun]
    job.live, job.progress = list, not_known
    if not result.ok:
        return str(result.error)
    depot.charge(
        f"push of {reference.short()} by {machine.name}", result.transferred_bytes,
        result.egress_usd,
    )  # fmt: skip
    size = sum(layer.transfer_bytes for layer in under_way.layers.values())
    job.lines.append(PushEnded(reference.tag_or_latest, result.digest, size))
    return None


# --- tag and remove ---------------------------------------------------------------------------


def target_name(text: str) -> Reference:
    """A name that is given to an image; a digest cannot be given, it follows from the content."""
    found = Reference.parse(text)
    if found.digest is not None:
        raise InputError("refusing to create a tag with a digest reference", found=text)
    return found.tagged()


def tag(fleet: Fleet, depot: Depot, command: TagImage) -> Reply:
    """Another name for an image."""
    machine = fleet.machine(command.machine)
    target = target_name(command.target)
    machine.images.store.tag(command.source, target)
    depot.copy_name(machine.name, command.source, target)
    return Reply()


def remove(fleet: Fleet, command: RemoveImage) -> Reply:
    """Untag, and delete with the last tag."""
    machine = fleet.machine(command.machine)
    try:
        removed = machine.images.store.remove(command.reference, force=command.force)
    except DrydockError as error:
        raise Refused(str(error)) from None
    return Reply(tuple(ImageGone(one.action, one.name) for one in removed))
