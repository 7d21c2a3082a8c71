"""``$(NAME)`` in commands, arguments and variables."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(\$|\(([^()\s]+)\))")


def expanded(text: str, known: Mapping[str, str]) -> str:
    """``$(NAME)`` replaced where the name is known, ``$$`` a dollar (``expansion.go``)."""
    return _REFERENCE.sub(
        lambda found: "$" if found[1] == "$" else known.get(found[2], found[0]), text
    )
