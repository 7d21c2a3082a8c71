"""``env_file`` of a stack file: lines ``KEY=VALUE`` as they stand, no quotes, no ``${}``.

Source: docker/cli, ``pkg/kvfile/kvfile.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FileProblem(Exception):
    """A file that cannot be read as one of variables, in the tool's words."""


def variables_of(source: Any, path: str, values: Mapping[str, str]) -> dict[str, str | None]:
    """The variables of a file; a name alone has the shell's value, or is left out."""
    if not source.exists(path):
        raise FileProblem(f"open {path}: no such file or directory")
    found: dict[str, str | None] = {}
    for line in source.read(path).removeprefix("\ufeff").split("\n"):
        text = line.removesuffix("\r").lstrip()
        if not text or text.startswith("#"):
            continue
        key, equals, value = text.partition("=")
        if not key:
            raise FileProblem(f"invalid env file ({path}): no variable name on line '{text[:80]}'")
        if " " in key or "\t" in key:
            raise FileProblem(
                f"invalid env file ({path}): variable '{key[:80]}' contains whitespaces"
            )
        if equals:
            found[key] = value
        elif text in values:
            found[key] = values[text]
    return found
