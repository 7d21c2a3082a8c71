"""Times of the API: seconds of the simulation as RFC 3339, and ages as kubectl prints them."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.units import EPOCH

MOST_S = 1e10


def stamp(seconds: float) -> str:
    """A simulated time as the API writes it, in whole seconds."""
    when: datetime = EPOCH + timedelta(seconds=int(min(seconds, MOST_S)))
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def age(seconds: float) -> str:
    """How long something is ago (apimachinery, ``duration.HumanDuration``)."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        rest = whole % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if days < 8:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 2 * 365:
        return f"{days}d"
    years, left = divmod(days, 365)
    return f"{years}y{left}d" if years < 8 and left else f"{years}y"
