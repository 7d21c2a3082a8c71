"""``$NAME`` and ``${NAME...}`` in stack files, which docker/cli reads by a pattern of its own.

Other than Compose's: only the shell's variables count, ``:+`` and ``+`` are not known, defaults are
not looked into, what is not set is nothing without a word, and an operator is read also without
braces: ``$TAG-slim`` is TAG, or ``slim``.
(docker/cli, ``cli/compose/template``, ``cli/compose/interpolation``.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from simulator.cluster.compose.files.tree import RESET, Map, Override, Seq, place_of
from simulator.errors import InputError

_NAME = r"[_a-zA-Z][_a-zA-Z0-9]*(?::?[-?][^}]*)?"
_PATTERN = re.compile(rf"\$(?:(?P<escaped>\$)|(?P<named>{_NAME})|{{(?P<braced>{_NAME})}}|)")
_OPERATORS = (":-", "-", ":?", "?")
MOST_CHARACTERS = 1 << 20
"""Longest text that a value may become."""
Pattern: TypeAlias = tuple[str, ...]


class _Invalid(Exception):
    """A text that is no template, or lacks a variable: what the tool quotes of it."""


def substitute(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables."""

    def one(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        wish = found["named"] or found["braced"]
        if not wish:
            raise _Invalid(text)
        return _value(wish, values)

    return _PATTERN.sub(one, text) if "$" in text else text


def _value(wish: str, values: Mapping[str, str]) -> str:
    for operator in _OPERATORS:
        name, there, rest = wish.partition(operator)
        if not there:
            continue
        value = values.get(name)
        missing = value is None or (operator[0] == ":" and not value)
        if missing and operator[-1] == "?":
            raise _Invalid(f"required variable {name} is missing a value: {rest}")
        return rest if missing else value or ""
    return values.get(wish, "")


# --- what a replaced value becomes ----------------------------------------------------------------


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError(f'strconv.Atoi: parsing "{text[:40]}": invalid syntax')
    return int(text)


def _ratio(text: str) -> float:
    if not re.fullmatch(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})", text):
        raise ValueError(f'strconv.ParseFloat: parsing "{text[:40]}": invalid syntax')
    return float(text)


def _switch(text: str) -> bool:
    word = text.lower()
    if word not in ("y", "yes", "true", "on", "n", "no", "false", "off"):
        raise ValueError(f"invalid boolean: {text[:40]}")
    return word in ("y", "yes", "true", "on")


def _of_services(*paths: str) -> tuple[Pattern, ...]:
    return tuple(("services", "*", *path.split(".")) for path in paths)


_ROLLS = ("deploy.update_config", "deploy.rollback_config")
CASTS: tuple[tuple[Callable[[str], Any], tuple[Pattern, ...]], ...] = (
    (
        _integer,
        _of_services(
            "configs.[].mode", "secrets.[].mode", "healthcheck.retries", "deploy.replicas",
            *(f"{one}.parallelism" for one in _ROLLS), "deploy.restart_policy.max_attempts",
            "deploy.placement.max_replicas_per_node", "ports.[].target", "ports.[].published",
            "ulimits.*", "ulimits.*.hard", "ulimits.*.soft", "oom_score_adj",
        ),
    ),
    (_ratio, _of_services(*(f"{one}.max_failure_ratio" for one in _ROLLS))),
    (
        _switch,
        (
            *_of_services(
                "healthcheck.disable", "privileged", "read_only", "stdin_open", "tty",
                "volumes.[].read_only", "volumes.[].volume.nocopy",
            ),
            *(("networks", "*", key) for key in ("external", "internal", "attachable")),
            *((kind, "*", "external") for kind in ("volumes", "secrets", "configs")),
        ),
    ),
)  # fmt: skip


class Interpolation:
    """Replaces the variables of one file."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def whole(self, tree: Map) -> Map:
        """The file with its variables; InputError with a place."""
        found = self._value(tree, ())
        assert isinstance(found, Map)
        return found

    def _value(self, value: Any, path: tuple[str | int, ...], root: Any = None) -> Any:
        root = value if root is None else root
        if isinstance(value, Override):
            return self._value(value.value, path, root)
        if value is RESET:
            return None
        if isinstance(value, Map):
            made = {key: self._value(one, (*path, key), root) for key, one in value.items()}
            return Map(made, value.places)
        if isinstance(value, Seq):
            items = [self._value(one, (*path, at), root) for at, one in enumerate(value)]
            return Seq(items, value.places)
        return self._text(value, path, root) if isinstance(value, str) else value

    def _text(self, value: str, path: tuple[str | int, ...], root: Map) -> Any:
        pattern = tuple("[]" if isinstance(part, int) else part for part in path)
        shown = ".".join(pattern)
        try:
            found = substitute(value, self.values)
        except _Invalid as error:
            raise InputError(
                f'invalid interpolation format for {shown}: "{str(error)[:200]}"; you may need to '
                "escape any $ with another $",
                place=place_of(root, path),
            ) from None
        if len(found) > MOST_CHARACTERS:
            raise InputError(f"a value of more than {MOST_CHARACTERS:,} characters",
                             place=place_of(root, path))  # fmt: skip
        if found == value:
            return value
        try:
            return _cast(found, pattern)
        except ValueError as error:
            raise InputError(
                f"error while interpolating {shown}: failed to cast to expected type: {error}",
                place=place_of(root, path),
            ) from None


def _cast(text: str, path: Pattern) -> Any:
    for cast, patterns in CASTS:
        for pattern in patterns:
            if len(pattern) == len(path) and all(
                want in ("*", have) for want, have in zip(pattern, path, strict=True)
            ):
                return cast(text)
    return text
