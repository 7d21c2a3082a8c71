"""Python's garbage collector beside a large world: what stays is not gone through again."""

from __future__ import annotations

import gc


def keep() -> None:
    """What is there now stays for long; a world that was kept so before may go.

    A full collection takes a second in a world of 10,000 containers, and would come in the middle
    of a frame. What is frozen is left out of it, and released the next time this is called.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
