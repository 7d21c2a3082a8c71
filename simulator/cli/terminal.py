"""Whether there is a terminal that can show the workbench."""

from __future__ import annotations

import os
import sys


def can_show_screens() -> bool:
    """A terminal at both ends that obeys more than line ends (``TERM=dumb`` says it does not)."""
    return (
        sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "").lower() != "dumb"
    )
