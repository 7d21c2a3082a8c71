"""Grouping instructions into stages."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.errors import InputError, Place
from simulator.image.dockerfile.model import Instruction, Stage


def group_stages(
    instructions: Sequence[Instruction], file: str
) -> tuple[tuple[Instruction, ...], tuple[Stage, ...]]:
    """The ARGs above the first FROM, and the stages.

    Raises InputError when something else stands above the first FROM, or there is no FROM.
    """
    starts = [i for i, instruction in enumerate(instructions) if instruction.name == "FROM"]
    before = instructions[: starts[0]] if starts else instructions
    for instruction in before:
        if instruction.name != "ARG":
            raise InputError(
                "no build stage in current context",
                place=instruction.place(file),
                found=instruction.written,
                expected="FROM before it; only ARG may come first",
            )
    if not starts:
        raise InputError(
            "dockerfile contains no stages to build",
            place=Place(file, instructions[-1].line, 1),
            expected="at least one FROM",
        )
    ends = [*starts[1:], len(instructions)]
    stages = tuple(
        _stage(index, tuple(instructions[start:end]))
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    return tuple(before), stages


def _stage(index: int, instructions: tuple[Instruction, ...]) -> Stage:
    first = instructions[0]
    name = first.words[2].lower() if len(first.words) == 3 else None
    return Stage(index, name, first.words[0], first.flag("platform"), instructions)
