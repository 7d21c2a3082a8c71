"""Rewrites worth trying. Each is a guess; only measuring says what it brings."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.image.advice.source import (
    MANIFESTS,
    Project,
    commands_of,
    installs,
    package_manager,
)
from simulator.image.builder.findings import secret_file
from simulator.image.context import BuildContext
from simulator.image.dockerfile import Instruction

APT = ("apt-get", "apt")
LISTS = "rm -rf /var/lib/apt/lists/*"
_CACHES = {
    "pip": "/root/.cache/pip",
    "pip3": "/root/.cache/pip",
    "uv": "/root/.cache/uv",
    "npm": "/root/.npm",
    "yarn": "/usr/local/share/.cache/yarn",
    "pnpm": "/root/.local/share/pnpm/store",
    "go": "/go/pkg/mod",
    "mvn": "/root/.m2",
    "gradle": "/root/.gradle",
    "./gradlew": "/root/.gradle",
    "./mvnw": "/root/.m2",
    "cargo": "/usr/local/cargo/registry",
    "bundle": "/usr/local/bundle/cache",
    "composer": "/root/.composer/cache",
    "dotnet": "/root/.nuget/packages",
}
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


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rewrite: a new Dockerfile text, a new context, or both.

    ``changed``: what a developer would change to feel the difference: "source" or "manifest".
    """

    kind: str
    line: int
    title: str
    why: str
    text: str | None = None
    context: BuildContext | None = None
    changed: str = "source"
    extra: str = ""
    """Lines to put somewhere else, such as into .dockerignore."""


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


def _apt_lists(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Remove the package lists in the step that fetched them."""
    command = package_manager(one, APT, "install") or package_manager(one, APT, "update")
    if command is None or one.form != "shell" or one.heredocs:
        return None
    if "/var/lib/apt/lists" in project.source(one) or "--mount" in project.source(one):
        return None
    if package_manager(one, APT, "install") is None:
        return None
    text = project.edited([(one.line, one.end_line, f"{project.source(one)} \\\n    && {LISTS}")])
    return Proposal(
        "apt-lists",
        one.line,
        f"remove the package lists in the same RUN: && {LISTS}",
        "apt-get update leaves about 20 MB of lists in the layer; a later RUN cannot take them "
        "out again.",
        text,
    )


def _later_removal(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Move a rm into the step that made the files."""
    commands = commands_of(one)
    if not commands or any(posixpath.basename(c.program) not in ("rm", "cd") for c in commands):
        return None
    step = project.step_at(one.line)
    if step is None or step.layer is None:
        return None
    gone = [entry.path for entry in step.layer.files if entry.removes]
    for earlier in reversed(stage[:at]):
        made = project.step_at(earlier.line)
        if earlier.name != "RUN" or earlier.heredocs or made is None or made.layer is None:
            continue
        if any(_holds(path, entry.path) for path in gone for entry in made.layer.files):
            script = " ".join(" ".join(one.words).split())
            merged = f"{project.source(earlier)} \\\n    && {script}"
            return Proposal(
                "later-removal",
                one.line,
                f"remove the files in the step that makes them (line {earlier.line})",
                "A removal in a later layer only hides files; their bytes stay in the image.",
                project.edited(
                    [(earlier.line, earlier.end_line, merged), (one.line, one.end_line, None)]
                ),
            )
    return None


def _holds(removed: str, path: str) -> bool:
    return path == removed or path.startswith(removed + "/")


def _recommends(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    command = package_manager(one, APT, "install")
    if command is None or "--no-install-recommends" in command.words:
        return None
    match = re.search(r"apt(-get)?( -\S+)* install", project.source(one))
    if match is None:
        return None
    text = project.replaced(one, match.group(), f"{match.group()} --no-install-recommends")
    return Proposal(
        "no-recommends",
        one.line,
        "install with --no-install-recommends",
        "apt-get installs recommended packages too, which an image seldom needs.",
        text,
    )


def _tool_cache(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Do not keep a tool's download cache in the layer."""
    source = project.source(one)
    if "type=cache" in source:
        return None
    for command in commands_of(one):
        name = posixpath.basename(command.program)
        if name in ("pip", "pip3") and "install" in command.words:
            if "--no-cache-dir" in source or "PIP_NO_CACHE_DIR" in project.text:
                return None
            text = project.replaced(one, f"{name} install", f"{name} install --no-cache-dir")
            how = "pip install --no-cache-dir"
        elif name == "apk" and "add" in command.words and "--no-cache" not in command.words:
            text = project.replaced(one, "apk add", "apk add --no-cache")
            how = "apk add --no-cache"
        elif name in ("npm", "yarn") and installs(one) and "cache clean" not in source:
            clean = "npm cache clean --force" if name == "npm" else "yarn cache clean"
            text = project.edited([(one.line, one.end_line, f"{source} && {clean}")])
            how = clean
        else:
            continue
        return Proposal(
            "tool-cache",
            one.line,
            f"keep the download cache out of the layer: {how}",
            "The packages are stored twice: installed, and as the downloads they came from.",
            text,
        )
    return None


def _cache_mount(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Keep downloads between builds without keeping them in the image."""
    if one.name != "RUN" or "type=cache" in project.source(one) or one.form != "shell":
        return None
    for command in commands_of(one):
        name = command.program if command.program.startswith("./") else ""
        folder = _CACHES.get(name or posixpath.basename(command.program))
        if folder is None or (name == "" and not installs(one) and "mvn" not in command.words):
            continue
        source = project.source(one).replace("--no-cache-dir ", "")
        mounted = re.sub(
            r"^(\s*)(run)\s+", rf"\1\2 --mount=type=cache,target={folder} ", source, flags=re.I
        )
        return Proposal(
            "cache-mount",
            one.line,
            f"mount a cache at {folder}",
            "When the list of packages changes, only what is new is downloaded; the cache is "
            "not part of the image.",
            project.edited([(one.line, one.end_line, mounted)]),
            changed="manifest",
        )
    return None


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
    return Proposal(
        "chown",
        one.line,
        f"set the owner while copying: COPY --chown={match[1]}",
        "chown -R in a RUN copies every file into a second layer.",
        project.edited(changes),
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
    _apt_lists,
    _later_removal,
    _recommends,
    _tool_cache,
    _cache_mount,
    _chown,
    _slim,
)
