"""Checks of how a file is written: casing, names, forms. They need no variables."""

from __future__ import annotations

import re

from simulator.dockerfile.lint.findings import Findings
from simulator.dockerfile.model import Dockerfile, Instruction, Stage

_RESERVED = ("scratch", "context")
_SECRET = re.compile(
    r"(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"(?:_|^)(?:public|file|version)(?:_|$)", re.IGNORECASE)


def check_file(dockerfile: Dockerfile, findings: Findings) -> None:
    """Checks that look at one instruction, or at the names of all stages."""
    _check_casing(dockerfile, findings)
    _check_stage_names(dockerfile, findings)
    for instruction in dockerfile.instructions:
        _check_instruction(instruction, findings)
    for stage in dockerfile.stages:
        _check_once(stage, findings)
        for instruction in stage.instructions:
            _check_secrets(instruction, findings)


def _check_casing(dockerfile: Dockerfile, findings: Findings) -> None:
    """The case of most keywords binds all; a tie counts as capitals."""
    instructions = [i for stage in dockerfile.stages for i in stage.instructions]
    lower = sum(i.written.islower() for i in instructions)
    upper = sum(i.written.isupper() for i in instructions)
    word = "lowercase" if lower > upper else "uppercase"
    for instruction in instructions:
        right = instruction.name.lower() if lower > upper else instruction.name
        if instruction.written != right:
            findings.add("ConsistentInstructionCasing", instruction, instruction.written, word)


def _check_stage_names(dockerfile: Dockerfile, findings: Findings) -> None:
    seen: set[str] = set()
    for stage in dockerfile.stages:
        first = stage.instructions[0]
        if stage.name is None:
            continue
        _, keyword, written = first.words
        if written != stage.name:
            findings.add("StageNameCasing", first, written)
        if _differs(first.written, keyword):
            findings.add("FromAsCasing", first, keyword, first.written)
        if stage.name in seen:
            findings.add("DuplicateStageName", first, stage.name)
        if stage.name in _RESERVED:
            findings.add("ReservedStageName", first, stage.name)
        seen.add(stage.name)


def _differs(command: str, keyword: str) -> bool:
    """Whether AS is not in the case of FROM; a FROM in mixed case is another rule's matter."""
    if command.islower():
        return not keyword.islower()
    return command.isupper() and not keyword.isupper()


def _check_instruction(instruction: Instruction, findings: Findings) -> None:
    if instruction.empty_continuation:
        findings.add("NoEmptyContinuation", instruction, line=instruction.head_end_line)
    if instruction.name == "MAINTAINER":
        findings.add("MaintainerDeprecated", instruction)
    if instruction.name in ("ENV", "LABEL") and instruction.pairs[0][2] == "":
        findings.add("LegacyKeyValueFormat", instruction, instruction.name)
    _check_description(instruction, findings)


def _check_description(instruction: Instruction, findings: Findings) -> None:
    """The last comment line above an ARG or a named stage begins with a name it defines."""
    if not instruction.comments:
        return
    if instruction.name == "ARG":
        names = [name for name, _, _ in instruction.pairs]
    elif instruction.name == "FROM" and len(instruction.words) == 3:
        names = [instruction.words[2].lower()]
    else:
        return
    if instruction.comments[-1].split(" ")[0] not in names:
        wanted = names[0] if len(names) == 1 else "<arg_key>"
        findings.add("InvalidDefinitionDescription", instruction, instruction.name, wanted)


def _check_once(stage: Stage, findings: Findings) -> None:
    """The earlier one is reported, because it is the one without effect."""
    last: dict[str, Instruction] = {}
    for instruction in stage.instructions:
        if instruction.name not in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
            continue
        earlier = last.get(instruction.name)
        if earlier is not None:
            findings.add("MultipleInstructionsDisallowed", earlier, instruction.written)
        last[instruction.name] = instruction


def _check_secrets(instruction: Instruction, findings: Findings) -> None:
    if instruction.name not in ("ARG", "ENV"):
        return
    for name, _, _ in instruction.pairs:
        if _SECRET.search(name) and not _NO_SECRET.search(name):
            findings.add("SecretsUsedInArgOrEnv", instruction, instruction.name, name)
