"""The language of measures: what lessons check and sweeps measure, in one expression.

``percentile("web", 99)``, ``cost() / requests("web")``: parsed once, without a world
(``parse_expression``), and computed over the ``measures`` of any.
"""

from simulator.look.expressions.expression import Expression, Measure, Value, parse_expression
from simulator.look.expressions.table import measures
from simulator.look.expressions.vocabulary import MEASURES, VARIABLES, Signature

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
