"""The language of measures: what lessons check and sweeps measure, in one expression.

``percentile("web", 99)``, ``cost() / requests("web")``: parsed once, without a world
(``parse_expression``), and computed over the ``measures`` of any. Those are imported when they are
asked for: reading an expression needs no model.
"""

from typing import TYPE_CHECKING, Any

from simulator.look.expressions.expression import Expression, Measure, Value, parse_expression
from simulator.look.expressions.vocabulary import MEASURES, VARIABLES, Signature

if TYPE_CHECKING:
    from simulator.look.expressions.table import measures

__all__ = [
    "MEASURES",
    "VARIABLES",
    "Expression",
    "Measure",
    "Signature",
    "Value",
    "measures",
    "parse_expression",
]


def __getattr__(name: str) -> Any:
    if name != "measures":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from simulator.look.expressions.table import measures

    return measures
