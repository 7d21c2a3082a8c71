"""Rewrites of steps that install packages: lists, recommendations, caches, later removals."""

from __future__ import annotations

import posixpath
import re

from simulator.dockerfile import Instruction
from simulator.image.advice.proposal import Proposal
from simulator.image.advice.source import Project, commands_of, installs, package_manager
from simulator.image.builder.shell import Command

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


def apt_lists(
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


def later_removal(
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


def recommends(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Install only what was asked for and what it needs."""
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


def tool_cache(
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


def _folder(command: Command) -> str | None:
    """Where the tool of a command keeps its downloads."""
    wrapper = command.program.startswith("./")
    return _CACHES.get(command.program if wrapper else posixpath.basename(command.program))


def _mounted(project: Project, one: Instruction, folder: str) -> tuple[int, int, str]:
    """A RUN with a cache mounted at a folder."""
    source = project.source(one).replace("--no-cache-dir ", "")
    mount = f"--mount=type=cache,target={folder}"
    return (
        one.line,
        one.end_line,
        re.sub(r"^(\s*)(run)\s+", rf"\1\2 {mount} ", source, count=1, flags=re.I),
    )


def cache_mount(
    project: Project, stage: tuple[Instruction, ...], at: int, one: Instruction
) -> Proposal | None:
    """Keep downloads between builds without keeping them in the image."""
    if one.name != "RUN" or "type=cache" in project.source(one) or one.form != "shell":
        return None
    for command in commands_of(one):
        folder = _folder(command)
        wrapper = command.program.startswith("./")
        if folder is None or not (wrapper or installs(one) or "mvn" in command.words):
            continue
        changes: list[tuple[int, int, str | None]] = [_mounted(project, one, folder)]
        # What one step fetched is only in the mount: later steps of the tool must see it, too.
        for later in stage[at + 1 :]:
            if later.form == "shell" and folder in map(_folder, commands_of(later)):
                if "type=cache" in project.source(later):
                    continue
                changes.append(_mounted(project, later, folder))
        return Proposal(
            "cache-mount",
            one.line,
            f"mount a cache at {folder}",
            "When the list of packages changes, only what is new is downloaded; the cache is "
            "not part of the image.",
            project.edited(changes),
            changed="manifest",
        )
    return None
