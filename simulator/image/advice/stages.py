"""Splitting a build into stages: the image keeps the result, not the tools that made it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.dockerfile import Instruction
from simulator.image.advice.proposal import Proposal
from simulator.image.advice.source import Project, commands_of
from simulator.image.model import DIRECTORY

_SETTINGS = ("ENV", "EXPOSE", "USER", "CMD", "ENTRYPOINT", "LABEL", "HEALTHCHECK", "STOPSIGNAL")
MIN_TOOL_BYTES = 30_000_000


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a compiled program needs to run: a base image, and how its result is recognised."""

    programs: tuple[str, ...]
    base: str
    result: str


_RUNTIMES = (
    Runtime(("go",), "gcr.io/distroless/static-debian12", "program"),
    Runtime(("cargo",), "debian:bookworm-slim", "program"),
    Runtime(("mvn", "./mvnw", "gradle", "./gradlew"), "eclipse-temurin:21-jre", ".jar"),
    Runtime(("gcc", "g++", "cc"), "debian:bookworm-slim", "program"),
)


def propose_stages(project: Project) -> Iterator[Proposal]:
    """A second stage that copies the result, where the final stage compiles it."""
    final = project.final
    if "$" in final.base:
        return
    for instruction in final.instructions:
        for command in commands_of(instruction):
            name = posixpath.basename(command.program)
            name = command.program if command.program.startswith("./") else name
            runtime = next((one for one in _RUNTIMES if name in one.programs), None)
            if runtime is None:
                continue
            results = _results(project, instruction, runtime)
            if results:
                yield _split(project, instruction, runtime, results)
                return
    yield from _build_tools(project)


def _results(project: Project, instruction: Instruction, runtime: Runtime) -> list[str]:
    """The files that the compiler wrote."""
    step = project.step_at(instruction.line)
    if step is None or step.layer is None:
        return []
    if runtime.result.startswith("."):
        return [one.path for one in step.layer.files if one.path.endswith(runtime.result)]
    return [
        one.path
        for one in step.layer.files
        if one.kind != DIRECTORY and one.mode & 0o111 and one.size_bytes > 100_000
    ]


def _split(
    project: Project, instruction: Instruction, runtime: Runtime, results: list[str]
) -> Proposal:
    final = project.final
    first = final.instructions[0]
    named = project.source(first)
    stage = final.name
    if stage is None:
        stage = "build"
        named = f"{named.rstrip()} AS build"
    lines = project.text.splitlines()
    kept = [one for one in final.instructions[1:] if one.name in _SETTINGS]
    end = final.instructions[-1].end_line
    body = [*lines[: first.line - 1], *named.split("\n"), *lines[first.end_line : end]]
    body += ["", f"FROM {runtime.base}"]
    body += [f"COPY --from={stage} {path} {path}" for path in results]
    workdir = [one for one in final.instructions if one.name == "WORKDIR"]
    body += [project.source(one) for one in (*workdir[-1:], *kept)]
    return Proposal(
        "multi-stage",
        instruction.line,
        f"compile in one stage and copy only the result into {runtime.base}",
        "The compiler, its packages and the sources stay in the image; the program needs none.",
        "\n".join(body) + "\n",
    )


def _build_tools(project: Project) -> Iterator[Proposal]:
    """Compilers that are installed to build Python packages and then stay in the image."""
    final = project.final
    tools = re.compile(r"\b(build-essential|build-base|gcc|g\+\+|make|cmake)\b")
    for at, one in enumerate(final.instructions):
        if one.name != "RUN" or not tools.search(" ".join(one.words)):
            continue
        step = project.step_at(one.line)
        if step is None or step.size_bytes < MIN_TOOL_BYTES or "$" in final.base:
            continue
        rest = final.instructions[at + 1 :]
        pip = next((r for r in rest if re.search(r"\bpip3? install\b", " ".join(r.words))), None)
        if pip is None:
            continue
        yield _virtual_environment(project, one, pip)
        return


def _virtual_environment(project: Project, tools: Instruction, pip: Instruction) -> Proposal:
    """Install into a virtual environment in a first stage and copy that."""
    final = project.final
    first = final.instructions[0]
    lines = project.text.splitlines()
    before = lines[: first.line - 1]
    at = final.instructions.index(pip)
    early = [one for one in final.instructions[1 : at + 1] if one.name != "CMD"]
    late = final.instructions[at + 1 :]
    folders = [one for one in early if one.name in ("WORKDIR", "ENV")]
    builder = [f"FROM {final.base} AS build"]
    for one in early:
        if one is pip:
            builder += ["RUN python -m venv /opt/venv", 'ENV PATH="/opt/venv/bin:$PATH"']
        builder.append(project.source(one))
    runtime = ["", project.source(first)]
    runtime += [project.source(one) for one in folders]
    runtime += ["COPY --from=build /opt/venv /opt/venv", 'ENV PATH="/opt/venv/bin:$PATH"']
    copies = [one for one in early if one.name in ("COPY", "ADD")]
    runtime += [project.source(one) for one in (*copies, *late)]
    return Proposal(
        "multi-stage",
        tools.line,
        "compile packages in a first stage and copy the virtual environment",
        "The compiler is needed to install packages, not to run them.",
        "\n".join([*before, *builder, *runtime]) + "\n",
    )
