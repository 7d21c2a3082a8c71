"""Rewrites worth trying. Each is a guess; only measuring says what it brings."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from simulator.dockerfile import Instruction
from simulator.image.advice.accounts import accounts_first
from simulator.image.advice.again import once_more
from simulator.image.advice.packages import (
    apt_lists,
    cache_mount,
    later_removal,
    recommends,
    tool_cache,
)
from simulator.image.advice.proposal import Proposal
from simulator.image.advice.source import (
    MANIFESTS,
    Project,
    commands_of,
    installs,
)
from simulator.image.builder.findings import secret_file
from simulator.image.context import BuildContext

_JUNK = (
    ".git", "node_modules", "__pycache__", ".venv", "venv", "env", "dist", "build", "target",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".idea", ".vscode", ".next", "coverage",
    ".terraform", ".gradle", ".tox", "tmp", "logs",
)  # fmt: skip
MIN_JUNK_BYTES = 50_000
_SYSTEM = frozenset(
    {
        "apt-get", "apt", "apk", "dnf", "yum", "microdnf", "rm", "mkdir", "useradd", "adduser",
        "groupadd", "addgroup", "curl", "echo", "set", "export", "update-ca-certificates",
    }
)  # fmt: skip


def propose(project: Project) -> Iterator[Proposal]:
    """Every rewrite that applies to the Dockerfile."""
    yield from _ignore(project)
    for stage in project.dockerfile.stages:
        if stage.label not in project.plan.stages:
            continue
        instructions = stage.instructions
        for at, instruction in enumerate(instructions):
            for look in _LOOKS:
                proposal = look(project, instructions, at, instruction)
                if proposal is not None:
                    yield proposal


Look = Callable[[Project, tuple[Instruction, ...], int, Instruction], Proposal | None]


def _ignore(project: Project) -> Iterator[Proposal]:
    """Leave out what no image needs: history, local installs, caches."""
    copied: dict[str, int] = {}
    for path, one in project.context.files.items():
        parts = path.split("/")
        junk = next((part for part in parts if part in _JUNK), None)
        if junk is not None and _is_copied(project, path):
            copied[junk] = copied.get(junk, 0) + one.size_bytes
    secrets = [p for p in project.context.files if secret_file("/" + p) and _is_copied(project, p)]
    names = [name for name, size in sorted(copied.items()) if size >= MIN_JUNK_BYTES]
    if not names and not secrets:
        return
    kept = {
        path: one
        for path, one in project.context.files.items()
        if not set(path.split("/")) & set(names) and path not in secrets
    }
    context = BuildContext(kept, project.context.name, project.context.skipped)
    shown = ", ".join([*names, *secrets][:6])
    lines = "\n".join([*(f"**/{name}" for name in names), *secrets])
    yield Proposal(
        "dockerignore",
        0,
        f"leave {shown} out with a .dockerignore",
        "What is copied into the image and is not needed there costs bytes, and every change of "
        "it costs the cache of all later steps.",
        project.text,
        context,
        extra=lines,
    )


def _is_copied(project: Project, path: str) -> bool:
    """True when a COPY of a folder takes the path along."""
    for stage in project.dockerfile.stages:
        for one in stage.instructions:
            if one.name not in ("COPY", "ADD") or one.flag("from"):
                continue
            for source in one.sources:
                root = posixpath.normpath("/" + source).lstrip("/")
                if root == "" or path == root or path.startswith(root + "/"):
                    return True
    return False


def _order(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Copy what the installer reads, install, and copy the sources after that."""
    wanted = [name for name in installs(one) if name in project.context.files]
    if not wanted or "type=bind" in project.source(one):
        return None
    before = [
        copy
        for copy in stage[:at]
        if copy.name in ("COPY", "ADD") and not copy.flag("from") and _takes_sources(project, copy)
    ]
    if not before:
        return None
    copy = before[0]
    between = stage[stage.index(copy) + 1 : at]
    if not all(_independent(other) for other in between):
        return None
    into = copy.destination if copy.destination.endswith("/") or copy.destination == "." else "./"
    head = f"COPY {' '.join(wanted)} {into if into != '.' else './'}"
    text = project.edited(
        [
            (copy.line, copy.end_line, None),
            (one.line, one.end_line, f"{head}\n{project.source(one)}\n{project.source(copy)}"),
        ]
    )
    return Proposal(
        "order",
        copy.line,
        f"copy {', '.join(wanted)} and install before copying the sources",
        f"Line {copy.line} copies files that change often, so line {one.line} installs all "
        "packages again after every edit.",
        text,
    )


def _independent(instruction: Instruction) -> bool:
    """True for a step that needs none of the copied files: settings, system packages."""
    if instruction.name in ("COPY", "ADD"):
        return False
    programs = {posixpath.basename(one.program) for one in commands_of(instruction)}
    return programs <= _SYSTEM


def _takes_sources(project: Project, copy: Instruction) -> bool:
    return any(
        posixpath.basename(path) not in MANIFESTS
        for source in copy.sources
        for path in _chosen(project, source)
    )


def _chosen(project: Project, source: str) -> list[str]:
    if "$" in source or "://" in source:
        return []
    return list(project.context.select(source))


def _chown(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Set the owner while copying instead of copying everything up once more."""
    match = re.search(r"chown\s+-R\s+(\S+)\s+(\S+)", project.source(one))
    copies = [c for c in stage[:at] if c.name in ("COPY", "ADD") and not c.flag("chown")]
    if one.name != "RUN" or match is None or not copies or "$" in match[1]:
        return None
    source = project.source(one)
    shorter = re.sub(r"\s*(\\\n\s*)?&&\s*" + re.escape(match.group()), "", source, count=1)
    if shorter == source:
        shorter = re.sub(re.escape(match.group()) + r"\s*(&&\s*(\\\n\s*)?)?", "", source, count=1)
    empty = not re.sub(r"(?i)^\s*run\s*", "", shorter).strip()
    changes: list[tuple[int, int, str | None]] = [
        (one.line, one.end_line, None if empty else shorter)
    ]
    for copy in copies:
        owned = re.sub(
            r"(?i)^(\s*)(copy|add)\s+", rf"\1\2 --chown={match[1]} ", project.source(copy), count=1
        )
        changes.append((copy.line, copy.end_line, owned))
    moved = accounts_first(project, stage, copies[0], match[1], changes)
    if moved is None:
        return None
    return Proposal(
        "chown",
        one.line,
        f"set the owner while copying: COPY --chown={match[1]}",
        "chown -R in a RUN copies every file into a second layer.",
        project.edited(moved),
    )


def _slim(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """A smaller variant of the same base image."""
    if at != 0 or stage != project.final.instructions or "$" in one.words[0]:
        return None
    base = one.words[0]
    name, _, tag = base.partition(":")
    if "@" in base or any(word in tag for word in ("slim", "alpine", "jre", "distroless")):
        return None
    if name in {other.name for other in project.dockerfile.stages}:
        return None
    smaller = f"{name}:{tag}-slim" if tag and tag != "latest" else f"{name}:slim"
    if name.endswith("eclipse-temurin") and "jdk" in tag:
        smaller = f"{name}:{tag.replace('jdk', 'jre')}"
    text = project.replaced(one, base, smaller)
    return Proposal(
        "slim-base",
        one.line,
        f"start from {smaller}",
        f"{base} brings compilers and headers that a running service does not need.",
        text,
    )


_LOOKS: tuple[Look, ...] = (
    _order,
    apt_lists,
    later_removal,
    recommends,
    tool_cache,
    cache_mount,
    _chown,
    once_more,
    _slim,
)
