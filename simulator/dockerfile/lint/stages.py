"""Checks that follow the variables: what FROM names, what each stage has set when it is used."""

from __future__ import annotations

import posixpath
import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from simulator.dockerfile.dockerignore import Dockerignore
from simulator.dockerfile.expansion import Expansion, expand_fully
from simulator.dockerfile.lint.findings import Findings
from simulator.dockerfile.lint.nearby import did_you_mean
from simulator.dockerfile.lint.platforms import constant_parts
from simulator.dockerfile.model import Dockerfile, Instruction, Stage
from simulator.dockerfile.names import is_image_name, is_remote
from simulator.errors import InputError

_T = TypeVar("_T")
BaseEnv = Callable[[str], Mapping[str, str] | None]

PLATFORM_ARGS: Mapping[str, str] = {
    "BUILDPLATFORM": "linux/amd64",
    "BUILDOS": "linux",
    "BUILDOSVERSION": "",
    "BUILDARCH": "amd64",
    "BUILDVARIANT": "",
    "TARGETPLATFORM": "linux/amd64",
    "TARGETOS": "linux",
    "TARGETOSVERSION": "",
    "TARGETARCH": "amd64",
    "TARGETVARIANT": "",
    "TARGETSTAGE": "default",
}
"""What the builder defines before anything else; a stage sees them after an ARG that names them."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DEEPEST = 64
"""Layers of scopes before they are copied into one: neither depth nor copies may grow quadratic."""
MAX_ENV_CHARACTERS = 16 * 1024 * 1024
"""Values kept in all; a few lines that repeat one another could ask for gigabytes."""
MAX_HINTS = 100
"""Searches for a similar name, each of which looks at all names."""
_EXEMPT = ("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE")
_EXPANDED_FLAGS = ("chown", "chmod", "checksum", "exclude", "mount")


@dataclass(slots=True)
class _Scope:
    """What a stage has set so far; a stage built on it goes on from a copy."""

    env: ChainMap[str, str] = field(default_factory=lambda: ChainMap({"PATH": PATH}))
    args: ChainMap[str, None] = field(default_factory=ChainMap)
    workdir_set: bool = False
    shell_set: bool = False

    def copy(self) -> _Scope:
        """The scope that a child stage begins with; the parent is done and changes no more."""
        env, args = self.env.new_child(), self.args.new_child()
        if len(env.maps) > _DEEPEST:
            env, args = ChainMap({}, _flat(env)), ChainMap({}, _flat(args))
        return _Scope(env, args, self.workdir_set, self.shell_set)


def _flat(layers: ChainMap[str, _T]) -> dict[str, _T]:
    """All layers in one; much faster than to ask for each name in turn."""
    merged: dict[str, _T] = {}
    for layer in reversed(layers.maps):
        merged.update(layer)
    return merged


def check_stages(
    dockerfile: Dockerfile,
    dockerignore: Dockerignore | None,
    base_env: BaseEnv | None,
    findings: Findings,
) -> None:
    """Walk the stages in order and check each instruction with what is set at that point."""
    walk = _Walk(dockerfile, dockerignore, findings)
    scopes: dict[str, _Scope] = {}
    for stage in dockerfile.stages:
        base = walk.check_from(stage)
        parent = scopes.get(base.lower())
        if parent is not None:
            scope = parent.copy()
        else:
            scope = _Scope()
            scope.env.update((base_env(base) if base_env and base else None) or {})
        for instruction in stage.instructions[1:]:
            walk.check(instruction, scope)
        if stage.name is not None:
            scopes[stage.name] = scope


class _Walk:
    """The checks of one file."""

    def __init__(
        self, dockerfile: Dockerfile, dockerignore: Dockerignore | None, findings: Findings
    ) -> None:
        self.escape = dockerfile.escape
        self.dockerignore = dockerignore
        self.findings = findings
        self.kept = 0
        self.hints = 0
        self.globals: dict[str, str] = dict(PLATFORM_ARGS)
        self.declared: dict[str, None] = dict.fromkeys(PLATFORM_ARGS)
        for instruction in dockerfile.global_args:
            for name, value, _ in instruction.pairs:
                self.declared.setdefault(name)
                if value is not None and (result := self._expand(value, self.globals)):
                    self.globals[name] = self._kept(result.text)

    def _kept(self, value: str) -> str:
        """The value, or nothing once too much has been kept."""
        self.kept += len(value)
        return value if self.kept <= MAX_ENV_CHARACTERS else ""

    def _hint(self, name: str, names: Iterable[str], prefix: str = "") -> str:
        self.hints += 1
        return did_you_mean(name, names, prefix) if self.hints <= MAX_HINTS else ""

    def _expand(self, word: str, env: Mapping[str, str], quotes: bool = True) -> Expansion | None:
        """The expansion, or None where the build itself will complain."""
        try:
            return expand_fully(word, env, escape=self.escape if quotes else "\\", quotes=quotes)
        except InputError:
            return None

    def check_from(self, stage: Stage) -> str:
        """Check a FROM; returns the expanded name of the base."""
        first = stage.instructions[0]
        base = self._expand(stage.base, self.globals)
        if base is None:
            return ""
        self._report_undeclared(first, base)
        uses_variables = base.used or base.unused
        if uses_variables and not is_image_name(base.text):
            self.findings.add("InvalidDefaultArgInFrom", first, stage.base)
        if stage.platform is not None:
            self._check_platform(stage, stage.platform, first)
        return base.text

    def _report_undeclared(self, instruction: Instruction, expansion: Expansion) -> None:
        for name in expansion.unused:
            if name not in self.declared:
                hint = self._hint(name, self.declared)
                self.findings.add("UndefinedArgInFrom", instruction, name, hint)

    def _check_platform(self, stage: Stage, platform: str, first: Instruction) -> None:
        expansion = self._expand(platform, self.globals)
        if expansion is None:
            return
        self._report_undeclared(first, expansion)
        if not (expansion.used or expansion.unused):
            parts = constant_parts(expansion.text)
            if parts and not any(part in (stage.name or "") for part in parts):
                self.findings.add("FromPlatformFlagConstDisallowed", first, expansion.text)
        only_target = expansion.used == ("TARGETPLATFORM",) and not expansion.unused
        if only_target and expansion.text == self.globals["TARGETPLATFORM"]:
            self.findings.add("RedundantTargetPlatform", first, platform)

    def check(self, instruction: Instruction, scope: _Scope) -> None:
        """Check one instruction of a stage, then let it change the scope."""
        for word, quotes in _expanded_words(instruction):
            expansion = self._expand(word, scope.env, quotes)
            if expansion is not None:
                self._report_undefined(instruction, expansion, scope)
        handler = _HANDLERS.get(instruction.name)
        if handler is not None:
            handler(self, instruction, scope)

    def _report_undefined(
        self, instruction: Instruction, expansion: Expansion, scope: _Scope
    ) -> None:
        for name in expansion.unused:
            if name not in scope.args and name not in _EXEMPT:
                hint = self._hint(name, scope.env, "$")
                self.findings.add("UndefinedVar", instruction, name, hint)

    def env(self, instruction: Instruction, scope: _Scope) -> None:
        """All pairs of one ENV see the values from before it."""
        values = {}
        for name, value, _ in instruction.pairs:
            key = self._expand(name, scope.env)
            result = self._expand(value or "", scope.env)
            if key is not None and result is not None:
                values[key.text] = self._kept(result.text)
        scope.env.update(values)

    def arg(self, instruction: Instruction, scope: _Scope) -> None:
        """An ARG without a value takes the one from above the first FROM."""
        for name, value, _ in instruction.pairs:
            scope.args[name] = None
            if value is None:
                if name in self.globals:
                    scope.env.setdefault(name, self.globals[name])
            elif (result := self._expand(value, scope.env)) is not None:
                scope.env[name] = self._kept(result.text)

    def workdir(self, instruction: Instruction, scope: _Scope) -> None:
        """Only the first WORKDIR counts: later ones continue from it."""
        path = self._expand(instruction.words[0], scope.env)
        if path is None:
            return
        if not scope.workdir_set and not _is_absolute(path.text):
            self.findings.add("WorkdirRelativePath", instruction, path.text)
        scope.workdir_set = True

    def shell(self, instruction: Instruction, scope: _Scope) -> None:
        """Who sets SHELL has thought about it."""
        scope.shell_set = True

    def command(self, instruction: Instruction, scope: _Scope) -> None:
        """CMD and ENTRYPOINT."""
        if instruction.form == "shell" and not scope.shell_set:
            self.findings.add("JSONArgsRecommended", instruction, instruction.written)

    def expose(self, instruction: Instruction, scope: _Scope) -> None:
        """Each port of an EXPOSE."""
        for word in instruction.words:
            expansion = self._expand(word, scope.env)
            for port in expansion.words if expansion else ():
                _, _, protocol = port.partition("/")
                if protocol != protocol.lower():
                    self.findings.add("ExposeProtoCasing", instruction, port)
                if ":" in port:
                    self.findings.add("ExposeInvalidFormat", instruction, port)

    def copy(self, instruction: Instruction, scope: _Scope) -> None:
        """COPY and ADD from the context; with ``!`` lines nothing can be said for sure."""
        ignore = self.dockerignore
        if ignore is None or ignore.has_negations or instruction.flag("from") is not None:
            return
        for word in instruction.sources:
            expansion = self._expand(word, scope.env)
            if expansion is None or is_remote(expansion.text):
                continue
            path = posixpath.normpath(expansion.text) if expansion.text else "."
            root = path in (".", "/", "//")
            if ignore.excludes_everything if root else ignore.excludes(path):
                command = instruction.name.capitalize()
                self.findings.add("CopyIgnoredFile", instruction, command, path)


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or re.match(r"[A-Za-z]:[\\/]|\\", path) is not None


def _expanded_words(instruction: Instruction) -> Iterator[tuple[str, bool]]:
    """Texts in which the builder replaces variables, and whether quotes count in them."""
    name = instruction.name
    if name in ("ADD", "COPY", "EXPOSE", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"):
        yield from ((word, True) for word in instruction.words)
    for key, value, _ in instruction.pairs:
        yield key, True
        yield value or "", True
    for flag in instruction.flags:
        if flag.name in _EXPANDED_FLAGS and flag.value:
            yield flag.value, True
    for heredoc in instruction.heredoc_sources:
        if heredoc.expand:
            yield heredoc.text, False


_HANDLERS: Mapping[str, Callable[[_Walk, Instruction, _Scope], None]] = {
    "ADD": _Walk.copy,
    "ARG": _Walk.arg,
    "CMD": _Walk.command,
    "COPY": _Walk.copy,
    "ENTRYPOINT": _Walk.command,
    "ENV": _Walk.env,
    "EXPOSE": _Walk.expose,
    "SHELL": _Walk.shell,
    "WORKDIR": _Walk.workdir,
}
