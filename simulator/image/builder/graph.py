"""The build graph: which stages a target needs, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from simulator.dockerfile import Dockerfile, Instruction, Stage, read_mounts
from simulator.errors import InputError, Place


@dataclass(frozen=True, slots=True)
class Needed:
    """The stages to build, sources first, and those that are not needed."""

    order: tuple[Stage, ...]
    skipped: tuple[Stage, ...]


def needed_stages(
    dockerfile: Dockerfile, target: str | None, base_of: Callable[[Stage], str]
) -> Needed:
    """The stages that ``target`` (the last one by default) depends on, in building order.

    ``base_of`` gives a stage's base with its variables expanded. InputError for an unknown
    target and for stages that need each other.
    """
    stages = dockerfile.stages
    wanted = dockerfile.stage(target) if target else stages[-1]
    needs: dict[int, list[int]] = {stage.index: [] for stage in stages}
    for stage in stages:
        for source, place in _sources(dockerfile, stage, base_of):
            if source.index == stage.index:
                raise circular(stage, place)
            needs[stage.index].append(source.index)
    used = _reached(needs, wanted.index)
    order = _sorted(needs, used)
    if len(order) < len(used):
        stage = stages[_in_a_circle(needs, used - set(order))]
        raise circular(stage, stage.instructions[0].place(dockerfile.name))
    return Needed(
        tuple(stages[index] for index in order),
        tuple(stage for stage in stages if stage.index not in used),
    )


def _reached(needs: dict[int, list[int]], wanted: int) -> set[int]:
    """A stage and all that it needs."""
    found, open_ = {wanted}, [wanted]
    while open_:
        for source in needs[open_.pop()]:
            if source not in found:
                found.add(source)
                open_.append(source)
    return found


def _sorted(needs: dict[int, list[int]], used: set[int]) -> list[int]:
    """The stages in building order, the first in the file first where it does not matter.

    Those that are in a circle, or need one that is, are left out.
    """
    left = {index: set(needs[index]) for index in used}
    wanted_by: dict[int, list[int]] = {}
    for index in sorted(used):
        for source in left[index]:
            wanted_by.setdefault(source, []).append(index)
    ready = [index for index in used if not left[index]]
    heapify(ready)
    order = []
    while ready:
        index = heappop(ready)
        order.append(index)
        for other in wanted_by.get(index, ()):
            left[other].discard(index)
            if not left[other]:
                heappush(ready, other)
    return order


def _in_a_circle(needs: dict[int, list[int]], left: set[int]) -> int:
    """The first stage in the file that needs itself, by whatever way."""
    return min(
        (at for at in left if any(at in _reached(needs, source) for source in needs[at])),
        default=min(left),
    )


def find_stage(dockerfile: Dockerfile, name: str) -> Stage | None:
    """The stage that ``--from=NAME`` means: by name, then by number; None for an image."""
    wanted = name.lower()
    for stage in reversed(dockerfile.stages):
        if stage.name == wanted:
            return stage
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 9:
        index = int(wanted)
        if index < len(dockerfile.stages):
            return dockerfile.stages[index]
    return None


def base_stage(dockerfile: Dockerfile, stage: Stage, base: str) -> Stage | None:
    """The earlier stage that a FROM continues, or None when the base is an image."""
    earlier = dockerfile.stages[: stage.index]
    return next((one for one in reversed(earlier) if one.name == base.lower()), None)


def origins(instruction: Instruction, file: str) -> list[str]:
    """The ``from`` values of an instruction: ``COPY --from`` and mounts."""
    inner = instruction.child if instruction.name == "ONBUILD" else instruction
    if inner is None or inner is not instruction:
        return []
    if instruction.name == "COPY":
        return [value for value in instruction.flag_values("from") if value]
    if instruction.name == "RUN":
        return [mount.from_ for mount in read_mounts(instruction, file) if mount.from_]
    return []


def _sources(
    dockerfile: Dockerfile, stage: Stage, base_of: Callable[[Stage], str]
) -> list[tuple[Stage, Place]]:
    found: list[tuple[Stage, Place]] = []
    first = stage.instructions[0]
    base = base_stage(dockerfile, stage, base_of(stage))
    if base is not None:
        found.append((base, first.place(dockerfile.name)))
    for instruction in stage.instructions:
        for name in origins(instruction, dockerfile.name):
            source = find_stage(dockerfile, name)
            place = instruction.place(dockerfile.name)
            if source is not None:
                found.append((source, place))
            elif name.isdigit():
                raise InputError(
                    f"invalid from flag value {name[:20]}: no such stage",
                    place=place,
                    expected=f"a stage name or a number below {len(dockerfile.stages)}",
                )
    return found


def circular(stage: Stage, place: Place) -> InputError:
    """The error for stages that need each other."""
    return InputError(
        f"circular dependency detected on stage: {stage.label}",
        place=place,
        expected="a stage that does not need this one",
    )
