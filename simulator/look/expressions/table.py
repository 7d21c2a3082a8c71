"""The measures of a world by their names in expressions: of it, of numbers, of queueing theory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.look.curves import number
from simulator.look.expressions.expression import Measure, Value
from simulator.look.expressions.theory import (
    mmc_mean,
    mmc_percentile,
    mmc_safe_load,
    mmc_safe_mean,
)
from simulator.look.expressions.vocabulary import MEASURES
from simulator.look.measures import Measures

if TYPE_CHECKING:
    from simulator.world import World


def measures(world: World) -> dict[str, Measure]:
    """All measures over one world, by name."""
    table: dict[str, Measure] = {
        "abs": lambda value: abs(number(value)),
        "least": lambda a, b: min(number(a), number(b)),
        "most": lambda a, b: max(number(a), number(b)),
        "round": _round,
        "exp": lambda value: math.exp(number(value)),
        "log": lambda value: math.log(number(value)),
        "mmc_mean": mmc_mean,
        "mmc_percentile": mmc_percentile,
        "mmc_safe_load": mmc_safe_load,
        "mmc_safe_mean": mmc_safe_mean,
    }
    of_world = Measures(world)
    return table | {name: getattr(of_world, name) for name in MEASURES if name not in table}


def _round(value: Value, digits: Value = 0) -> float:
    places = number(digits)
    if not -15 <= places <= 15:
        raise InputError("bad number of digits", found=places, expected="-15 to 15")
    return round(number(value), int(places))
