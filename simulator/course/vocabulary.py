"""The words that expressions in lessons may use: those of every world, and the lesson's own."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.look.expressions import MEASURES as OF_WORLDS
from simulator.look.expressions import VARIABLES, Signature
from simulator.look.expressions.vocabulary import signature

__all__ = ["MEASURES", "VARIABLES"]

MEASURES: Mapping[str, Signature] = {
    **OF_WORLDS,
    "started": signature("run", 1, "when a run block of this lesson began"),
    "ended": signature("run", 1, "when a run block of this lesson ended"),
    "ran": signature("run", 1, "whether a run block of this lesson has been run"),
}
