"""Expressions in lessons: the language of measures, with the lesson's own words."""

from __future__ import annotations

from simulator.course.vocabulary import MEASURES
from simulator.errors import Place
from simulator.look import expressions
from simulator.look.expressions import Expression, Measure, Value

__all__ = ["Expression", "Measure", "Value", "parse_expression"]


def parse_expression(
    text: str, place: Place | None = None, variables: tuple[str, ...] = ()
) -> Expression:
    """Read an expression; ``variables`` are names known beside the usual ones."""
    return expressions.parse_expression(text, place, variables, MEASURES)
