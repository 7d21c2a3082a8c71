"""A Dockerfile as text that can be rewritten line by line and parsed again."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.dockerfile import Dockerfile, Instruction, Stage
from simulator.image.builder.model import BuildPlan, Step
from simulator.image.builder.shell import Command, split_script
from simulator.image.context import BuildContext

MANIFESTS = (
    "requirements.txt", "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml",
    "go.mod", "go.sum", "Cargo.toml", "Cargo.lock", "pom.xml", "Gemfile", "Gemfile.lock",
    "composer.json", "composer.lock", "pyproject.toml", "poetry.lock", "uv.lock", "Pipfile",
    "Pipfile.lock", "build.gradle", "build.gradle.kts", "settings.gradle",
)  # fmt: skip
"""Files that say what to install; they change far less often than the sources."""
INSTALLERS = {
    "pip": ("requirements.txt",),
    "pip3": ("requirements.txt",),
    "python": ("requirements.txt",),
    "poetry": ("pyproject.toml", "poetry.lock"),
    "uv": ("pyproject.toml", "uv.lock", "requirements.txt"),
    "pipenv": ("Pipfile", "Pipfile.lock"),
    "npm": ("package.json", "package-lock.json"),
    "yarn": ("package.json", "yarn.lock"),
    "pnpm": ("package.json", "pnpm-lock.yaml"),
    "bun": ("package.json", "bun.lockb", "bun.lock"),
    "go": ("go.mod", "go.sum"),
    "bundle": ("Gemfile", "Gemfile.lock"),
    "composer": ("composer.json", "composer.lock"),
    "mvn": ("pom.xml",),
}
_INSTALL_WORDS = frozenset(
    {"install", "ci", "i", "sync", "download", "dependency:go-offline", "dependency:resolve"}
)


@dataclass(frozen=True, slots=True)
class Project:
    """What proposals look at: the text, its parse, the context, and the plan as it is now."""

    text: str
    dockerfile: Dockerfile
    context: BuildContext
    plan: BuildPlan

    @property
    def final(self) -> Stage:
        """The stage that the image comes from."""
        label = self.plan.stages[-1]
        return next(one for one in reversed(self.dockerfile.stages) if one.label == label)

    def step_at(self, line: int) -> Step | None:
        """The step of the instruction that starts at a line."""
        return next((step for step in self.plan.steps if step.line == line), None)

    def edited(self, changes: Sequence[tuple[int, int, str | None]]) -> str:
        """The text with lines ``first`` to ``last`` replaced (None: removed), from the end."""
        lines = self.text.splitlines()
        for first, last, new in sorted(changes, reverse=True):
            lines[first - 1 : last] = [] if new is None else new.split("\n")
        return "\n".join(lines) + "\n"

    def source(self, instruction: Instruction) -> str:
        """The lines of an instruction as written."""
        return "\n".join(self.text.splitlines()[instruction.line - 1 : instruction.end_line])

    def replaced(self, instruction: Instruction, old: str, new: str) -> str | None:
        """The text with ``old`` replaced within one instruction; None when it is not there."""
        written = self.source(instruction)
        if old not in written:
            return None
        changed = written.replace(old, new, 1)
        return self.edited([(instruction.line, instruction.end_line, changed)])


def commands_of(instruction: Instruction) -> list[Command]:
    """The commands of a RUN."""
    if instruction.name != "RUN":
        return []
    if instruction.heredocs:
        return [one for document in instruction.heredocs for one in split_script(document.text)]
    return split_script(" ".join(instruction.words))


def installs(instruction: Instruction) -> tuple[str, ...]:
    """The manifests that a RUN reads to install packages; () when it installs none."""
    for command in commands_of(instruction):
        name = posixpath.basename(command.program)
        words = set(command.words[1:])
        if name not in INSTALLERS:
            continue
        if (name == "yarn" and len(command.words) == 1) or words & _INSTALL_WORDS:
            listed = tuple(
                word for word in command.words if posixpath.basename(word).endswith(".txt")
            )
            return listed or INSTALLERS[name]
    return ()


def package_manager(instruction: Instruction, names: tuple[str, ...], verb: str) -> Command | None:
    """The command of a RUN that installs system packages."""
    for command in commands_of(instruction):
        if posixpath.basename(command.program) in names and verb in command.words:
            return command
    return None
