"""Versions of what is installed on a machine, and which of them a flaw is in.

A version is its numbers; ``-rc3`` comes before the version itself, any other suffix is a packager's
and says nothing. A fix is known by the versions that brought it, a stable series each: one that is
older than the fix of its series, or is of a series that got none, has the flaw.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf

from simulator.errors import InputError, unknown
from simulator.files import asset

SHAPE = re.compile(
    r"v?(\d{1,9}(?:\.\d{1,9}){0,4})(?:[-.]?rc\.?(\d{1,4}))?(?:[-+~_ ].{0,60})?", re.ASCII
)
Order = tuple[tuple[int, ...], float]


@cache
def installed() -> Mapping[str, str]:
    """What a machine has where nothing else is said, by the software's name."""
    document = tomllib.loads(asset("software.toml").read_text("utf-8"))
    return {name: str(entry["version"]) for name, entry in document.items()}


def order(version: str) -> Order:
    """Something that compares as versions do; InputError for what is none."""
    found = SHAPE.fullmatch(version.strip())
    if found is None:
        raise InputError(
            "bad version", found=version, expected="numbers such as 1.1.12 or 1.0.0-rc95"
        )
    numbers = tuple(map(int, found[1].split(".")))
    return (numbers + (0,) * 5)[:5], inf if found[2] is None else int(found[2])


def check_kernel(version: str) -> None:
    """Refuse what is no version of a kernel."""
    if SHAPE.fullmatch(version) is None:
        raise InputError("bad kernel version", found=version, expected="numbers such as 5.15.0")


def series(version: str) -> tuple[int, ...]:
    """The stable series of a version: its first two numbers."""
    return order(version)[0][:2]


def read(words: Iterable[str]) -> dict[str, str]:
    """``runc=1.1.11``, ``qemu=8.2.2``: by software; InputError names what is not known."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, version = word.partition("=")
        if name not in installed():
            raise unknown("software", name, installed())
        if not equals:
            raise InputError(
                f"version of {name} is missing", expected=f"{name}={installed()[name]}"
            )
        order(version)
        found[name] = version
    return found


@dataclass(frozen=True, slots=True)
class Affected:
    """The versions of one software that have a flaw."""

    since: str
    """The first; nothing: every one."""
    fixed: tuple[str, ...]
    """The versions that brought the fix, oldest first; none: not fixed."""

    def has(self, version: str) -> bool:
        """Whether a version has the flaw."""
        mine = order(version)
        if self.since and mine < order(self.since):
            return False
        if not self.fixed:
            return True
        same = [one for one in self.fixed if series(one) == series(version)]
        return mine < order(same[-1] if same else self.fixed[-1])

    def __str__(self) -> str:
        since = f"since {self.since}" if self.since else "from the first version"
        if not self.fixed:
            return f"{since}, not fixed"
        return f"{since}, fixed in {', '.join(self.fixed)}"
