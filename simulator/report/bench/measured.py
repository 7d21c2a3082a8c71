"""One figure of the benchmark: what was measured, what is promised, what it was before."""

from __future__ import annotations

import msgspec


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A figure. ``at_most``: the promise is a ceiling, not a floor."""

    what: str
    value: float
    unit: str
    promised: float | None = None
    at_most: bool = False
    before: float | None = None
    """The same on a machine of the same kind before the model was made for clusters."""

    @property
    def kept(self) -> bool:
        """Whether the promise is kept; true where nothing was promised."""
        if self.promised is None:
            return True
        return self.value <= self.promised if self.at_most else self.value >= self.promised


def rate(
    what: str, value: float, promised: float | None = None, before: float | None = None
) -> Measured:
    """Requests (or events) per CPU second."""
    return Measured(what=what, value=value, unit="/s", promised=promised, before=before)


def ratio(
    what: str, value: float, promised: float | None = None, before: float | None = None
) -> Measured:
    """How many times faster than something measured in the same run, or than real time."""
    return Measured(what=what, value=value, unit="x", promised=promised, before=before)


def cost(
    what: str, value: float, promised: float | None = None, before: float | None = None
) -> Measured:
    """CPU seconds."""
    return Measured(
        what=what, value=value, unit="s", promised=promised, at_most=True, before=before
    )


def memory(
    what: str, value: float, promised: float | None = None, before: float | None = None
) -> Measured:
    """Mebibytes."""
    return Measured(
        what=what, value=value, unit="MiB", promised=promised, at_most=True, before=before
    )
