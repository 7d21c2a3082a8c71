"""What others may see of a world: snapshots, measures, and why. Whoever looks changes nothing.

What is named here is imported when it is asked for: the words of ``expressions`` are known without
the model, so that a list of lessons costs no import of it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.look.measures import Measures
    from simulator.look.reader import Reader, snapshot
    from simulator.look.why import explain

__all__ = ["Measures", "Reader", "explain", "snapshot"]

_HOMES = {"Measures": "measures", "Reader": "reader", "snapshot": "reader", "explain": "why"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
