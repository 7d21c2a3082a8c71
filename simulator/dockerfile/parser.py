"""Reading a whole Dockerfile: logical lines, then instructions, then stages."""

from __future__ import annotations

from types import MappingProxyType

from simulator.dockerfile.instructions import check
from simulator.dockerfile.model import Dockerfile, Instruction
from simulator.dockerfile.source import LogicalLine, read_source
from simulator.dockerfile.stages import group_stages
from simulator.dockerfile.syntax import Node, read_node
from simulator.errors import InputError

MAX_INSTRUCTIONS = 2_000
"""Far beyond what a real builder's 127 layers allow, and little enough to plan in seconds."""


def parse(text: str, *, name: str = "Dockerfile") -> Dockerfile:
    """Read a Dockerfile.

    Raises InputError with the place, in the builder's words, for the first thing that is wrong.
    ``name`` is the file's name in messages.

    >>> [stage.base for stage in parse("FROM golang AS build\\nFROM scratch").stages]
    ['golang', 'scratch']
    """
    source = read_source(text, name)
    if len(source.lines) > MAX_INSTRUCTIONS:
        raise InputError(
            "too many instructions",
            place=source.lines[MAX_INSTRUCTIONS].place(name),
            found=f"{len(source.lines):,}",
            expected=f"at most {MAX_INSTRUCTIONS:,}",
        )
    instructions: list[Instruction] = []
    for line in source.lines:
        instruction = _instruction(read_node(line, name), line, name)
        check(instruction, name)
        instructions.append(instruction)
    global_args, stages = group_stages(instructions, name)
    return Dockerfile(
        name=name,
        directives=MappingProxyType({d.name: d.value for d in source.directives}),
        escape=source.escape,
        global_args=global_args,
        stages=stages,
        instructions=tuple(instructions),
        directive_lines=MappingProxyType({d.name: d.line for d in source.directives}),
    )


def parse_instruction(text: str, *, name: str = "Dockerfile") -> Instruction:
    """Read one instruction by itself, such as the trigger of an ONBUILD."""
    source = read_source(text, name)
    if len(source.lines) > 1:
        raise InputError("more than one instruction", place=source.lines[1].place(name))
    line = source.lines[0]
    instruction = _instruction(read_node(line, name), line, name)
    check(instruction, name)
    return instruction


def _instruction(node: Node, line: LogicalLine, file: str) -> Instruction:
    place = line.place(file, node.at)
    text = line.text[node.at :].rstrip()
    for heredoc in line.heredocs:
        text += f"\n{heredoc.content}{heredoc.name}"
    return Instruction(
        name=node.name,
        written=node.written,
        flags=node.flags,
        words=node.words,
        pairs=node.pairs,
        form=node.form,
        heredocs=line.heredocs,
        line=place.line or line.line,
        end_line=line.end_line,
        column=place.column or 1,
        text=text,
        child=_instruction(node.child, line, file) if node.child else None,
        json=node.json,
        comments=line.comments,
        empty_continuation=line.empty_continuation,
        head_end_line=line.head_end_line,
    )
