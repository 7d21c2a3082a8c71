"""Build arguments and variables: what is defined where, and what a RUN sees."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.dockerfile import Dockerfile, Instruction
from simulator.dockerfile.expansion import expand, expand_words
from simulator.errors import Place
from simulator.image.model import Platform

PROXIES = (
    "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy",
    "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy",
)  # fmt: skip
"""Known without an ARG; part of no cache key unless one declares them."""
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def platform_arguments(target: Platform, builder: Platform, stage: str) -> dict[str, str]:
    """The automatic arguments of the global scope: TARGETARCH, BUILDPLATFORM, …"""
    values: dict[str, str] = {}
    for prefix, platform in (("BUILD", builder), ("TARGET", target)):
        values[f"{prefix}PLATFORM"] = str(platform)
        values[f"{prefix}OS"] = platform.os
        values[f"{prefix}OSVERSION"] = platform.os_version
        values[f"{prefix}ARCH"] = platform.architecture
        values[f"{prefix}VARIANT"] = platform.variant
    return values | {"TARGETSTAGE": stage or "default"}


class Globals:
    """The arguments above the first FROM, with those of the command line and the platforms."""

    def __init__(
        self, dockerfile: Dockerfile, given: Mapping[str, str], automatic: Mapping[str, str]
    ) -> None:
        self.dockerfile = dockerfile
        self.given = dict(given)
        self.automatic = dict(automatic)
        self.declared: dict[str, str] = {}
        for instruction in dockerfile.global_args:
            place = instruction.place(dockerfile.name)
            for name, value, _ in instruction.pairs:
                known = self._default(name, value, place)
                if known is not None:
                    self.declared[name] = known

    def _default(self, name: str, value: str | None, place: Place) -> str | None:
        if name in self.given:
            return self.given[name]
        if value is not None:
            return expand(value, self.scope, escape=self.dockerfile.escape, place=place)
        return self.automatic.get(name)

    @property
    def scope(self) -> dict[str, str]:
        """What FROM lines may use."""
        return self.automatic | self.declared

    def unused(self, stages: tuple[Instruction, ...]) -> list[str]:
        """Arguments of the command line that no ARG declares: BuildKit warns of them."""
        names = {name for one in stages if one.name == "ARG" for name, _, _ in one.pairs}
        names |= {name for one in self.dockerfile.global_args for name, _, _ in one.pairs}
        return sorted(set(self.given) - names - set(PROXIES) - set(self.automatic))


class Scope:
    """The variables of one stage while it is read from top to bottom."""

    def __init__(
        self, outer: Globals, arguments: Mapping[str, str], env: Mapping[str, str]
    ) -> None:
        self.outer = outer
        self.arguments = dict(arguments)
        self.env = dict(env)

    @property
    def all(self) -> dict[str, str]:
        """Arguments, hidden by variables of the same name."""
        return self.arguments | self.env

    def expand(self, word: str, place: Place) -> str:
        """One word with its variables replaced."""
        if "$" not in word and "\\" not in word and "'" not in word and '"' not in word:
            return word
        return expand(word, self.all, escape=self.outer.dockerfile.escape, place=place)

    def expand_words(self, word: str, place: Place) -> list[str]:
        """A word that may become several, as in EXPOSE."""
        return expand_words(word, self.all, escape=self.outer.dockerfile.escape, place=place)

    def declare(self, instruction: Instruction, place: Place) -> None:
        """An ARG of the stage: from the command line, its default, or the global scope."""
        for name, value, _ in instruction.pairs:
            known = self.outer.given.get(name)
            if known is None and value is not None:
                known = self.expand(value, place)
            elif known is None:
                known = self.outer.declared.get(name, self.outer.automatic.get(name))
            if known is not None:
                self.arguments[name] = known

    def set(self, instruction: Instruction, place: Place) -> dict[str, str]:
        """An ENV: every value sees the variables from before the instruction."""
        before = self.all
        escape = self.outer.dockerfile.escape
        values = {
            expand(name, before, escape=escape, place=place): expand(
                value or "", before, escape=escape, place=place
            )
            for name, value, _ in instruction.pairs
        }
        self.env |= values
        return values

    def seen_by_run(self) -> list[tuple[str, str]]:
        """The cache inputs of a RUN: variables, and arguments that no variable hides."""
        inputs = [(f"env {name}", value) for name, value in self.env.items()]
        inputs += [
            (f"arg {name}", value) for name, value in self.arguments.items() if name not in self.env
        ]
        return sorted(inputs)
