"""Grouping instructions into stages."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.dockerfile.model import Instruction, Stage
from simulator.errors import InputError, Place

MAX_STAGES = 5_000
MAX_VARIABLES = 20_000
"""Most names that ENV, ARG and LABEL may set in one file."""


def group_stages(
    instructions: Sequence[Instruction], file: str
) -> tuple[tuple[Instruction, ...], tuple[Stage, ...]]:
    """The ARGs above the first FROM, and the stages.

    Raises InputError when something else stands above the first FROM, or there is no FROM.
    """
    starts = [i for i, instruction in enumerate(instructions) if instruction.name == "FROM"]
    _check_counts(instructions, starts, file)
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


def _check_counts(instructions: Sequence[Instruction], starts: list[int], file: str) -> None:
    """Every stage may begin with all that another has set: many of both would never end."""
    if len(starts) > MAX_STAGES:
        place = instructions[starts[MAX_STAGES]].place(file)
        raise InputError("too many stages", place=place, expected=f"at most {MAX_STAGES}")
    count = 0
    for instruction in instructions:
        count += len(instruction.pairs)
        if count > MAX_VARIABLES:
            place = instruction.place(file)
            raise InputError("too many variables", place=place, expected=f"at most {MAX_VARIABLES}")


def _stage(index: int, instructions: tuple[Instruction, ...]) -> Stage:
    first = instructions[0]
    name = first.words[2].lower() if len(first.words) == 3 else None
    return Stage(index, name, first.words[0], first.flag("platform"), instructions)
