"""Links that others use beside their flows: a disk that is read, a card that answers leave by.

The flows of such a link want the rates that they would have alone. What they get is what the others
leave (``Beside``), so their bytes come as late as they lose time.
"""

from __future__ import annotations

from simulator.engine.links import Flow, Link

_LOOK_S = 1e-3
"""How often a flow is looked at that others have kept from ending, at most."""
_LEAST_LOOK_S = 1e-7
# Ends closer than this (seconds) are one instant.
_INSTANT_S = 1e-9


class SharedLinks:
    """The links with flows on which others may take bandwidth from them."""

    def __init__(self) -> None:
        self._links: dict[int, Link] = {}

    def __bool__(self) -> bool:
        return bool(self._links)

    def add(self, link: Link, now: float) -> None:
        """From now on its flows count what they lose."""
        for flow in link._flows.values():
            flow._advance(now)
        link._shared = True
        self._links[link.number] = link
        for flow in link._flows.values():
            flow._mark()

    def tell_others(self) -> None:
        """What the flows on each of the links want now; one without flows is nobody's concern."""
        for link in list(self._links.values()):
            assert link.beside is not None
            if link._flows:
                link.beside.want(link._load())
            else:
                link.beside.want(0.0)
                link._shared = False
                del self._links[link.number]


def late_s(flow: Flow, now: float) -> float:
    """How long to wait before looking again at a flow that could have arrived by now; 0: it has.

    Until it could arrive with all that it wants, or at the pace of now within a millisecond.
    """
    flow._advance(now)
    left_s = flow._left / flow._rate
    if left_s <= _INSTANT_S:
        return 0.0
    pace = flow._pace()
    guess_s = min(left_s / pace, _LOOK_S) if pace > 0.0 else _LOOK_S
    return max(left_s, guess_s, _LEAST_LOOK_S)
