"""The directive ``# check=skip=A,B;error=true;experimental=all``."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.dockerfile.model import Dockerfile
from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place, nearest

_KEYS = ("skip", "error", "experimental")
_TRUE = ("1", "t", "true")
_FALSE = ("0", "f", "false")


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Rules to leave out, experimental rules to switch on, and whether a finding is an error.

    The name "all" in either set stands for every rule.
    """

    skip: frozenset[str] = frozenset()
    experimental: frozenset[str] = frozenset()
    error: bool = False

    def skips(self, rule: str) -> bool:
        """Whether the author asked to leave a rule out."""
        return "all" in self.skip or rule in self.skip

    def tries(self, rule: str) -> bool:
        """Whether the author asked for an experimental rule."""
        return "all" in self.experimental or rule in self.experimental


def read_check(dockerfile: Dockerfile) -> CheckOptions:
    """The options of a file. Raises InputError for an unknown key or a value that is no boolean."""
    text = dockerfile.directives.get("check", "")
    place = Place(dockerfile.name, dockerfile.directive_lines.get("check", 1), 1)
    values: dict[str, str] = {}
    for part in text.split(";") if text.strip() else ():
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals or key not in _KEYS:
            raise InputError(
                f'invalid check option "{shown(part.strip())}"',
                place=place,
                expected="skip=, error= or experimental=",
                nearest=nearest(key, _KEYS),
            )
        values[key] = value.strip()
    return CheckOptions(
        skip=_names(values.get("skip", "")),
        experimental=_names(values.get("experimental", "")),
        error=_bool(values.get("error", "false"), place),
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _bool(text: str, place: Place) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise InputError(
            "failed to parse check option error", place=place, found=text, expected="true or false"
        )
    return text.lower() in _TRUE
