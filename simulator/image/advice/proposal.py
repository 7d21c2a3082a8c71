"""A rewrite worth trying."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.image.context import BuildContext


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
