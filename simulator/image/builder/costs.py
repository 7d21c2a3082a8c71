"""The cost table of `assets/build_costs.toml`: what commands and packages take and leave."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from simulator.files import asset

MB = 1_000_000
_VERSIONED = re.compile(r"[-=<>~!\[;@ ].*$|\d+(\.\d+)*$")


@dataclass(frozen=True, slots=True)
class Package:
    """A package with what it brings along: bytes fetched, bytes installed, programs."""

    name: str
    download_bytes: int
    size_bytes: int
    programs: tuple[str, ...]
    known: bool
    paths: tuple[str, ...] = ()
    """Files that it brings elsewhere than in /usr/bin; a folder ends with a slash."""


@cache
def table() -> dict[str, Any]:
    """The whole table, read once."""
    return tomllib.loads(asset("build_costs.toml").read_text(encoding="utf-8"))


@cache
def checked_tools() -> frozenset[str]:
    """Programs whose absence is certain when the image's files do not list them."""
    return frozenset(table()["tools"]["checked"])


@cache
def languages() -> frozenset[str]:
    """Compilers, interpreters and their installers: absent where they are not listed."""
    return frozenset(table()["tools"]["languages"])


@cache
def managers() -> frozenset[str]:
    """System package managers: absent ones fail even after unknown commands."""
    return frozenset(table()["tools"]["managers"])


@cache
def manager(name: str) -> dict[str, Any] | None:
    """The facts of a system package manager."""
    entry: dict[str, Any] | None = table()["manager"].get(name)
    if entry is None or "same_as" not in entry:
        return entry
    own = {key: value for key, value in entry.items() if key != "same_as"}
    return (manager(entry["same_as"]) or {}) | own


@cache
def package(ecosystem: str, name: str) -> Package:
    """A package by name; versions are ignored, an unknown one costs the stated default."""
    known: dict[str, Any] = table()["packages"][ecosystem]
    bare = name.split("=")[0].split("/")[0].split(":")[0]
    for candidate in (bare, bare.lower(), _base(bare.lower())):
        if candidate in known:
            found = _package(name, known[candidate], True)
            paths = table().get("files", {}).get(ecosystem, {}).get(candidate, "")
            return replace(found, paths=tuple(paths.split()))
    default = known["default"]
    if bare.endswith(("-dev", "-devel")):
        default = [default[0] * 2, default[1] * 2, ""]
    elif bare.endswith(("-doc", "-data")):
        default = [default[0], default[1] * 2, ""]
    return _package(name, default, False)


def _base(name: str) -> str:
    """``postgresql-client-16`` is ``postgresql-client``; ``requests[socks]==2`` is ``requests``."""
    shorter = re.sub(r"[-.]?\d+(\.\d+)*$", "", name)
    return _VERSIONED.sub("", name) if not shorter or shorter == name else shorter


def _package(name: str, row: list[Any], known: bool) -> Package:
    fetched, installed, programs = row
    words = tuple(str(programs).split())
    return Package(name, round(fetched * MB), round(installed * MB), words, known)
