"""The lesson that a new lesson begins as: small, whole, and proven by the tests."""

from __future__ import annotations

import re

from simulator import files
from simulator.errors import InputError

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)


def skeleton(name: str) -> str:
    """The text of a new lesson called ``name``: the example of ``lessons/README.md``."""
    if not _ID.fullmatch(name):
        raise InputError("bad id", found=name, expected="lower-case letters, digits and -")
    readme = files.read_text(files.folder("lessons") / "README.md", limit_bytes=1 << 20)
    example = re.search(r"^`````markdown\n(.*?)^`````$", readme, re.DOTALL | re.MULTILINE)
    if example is None:
        raise FileNotFoundError("the example lesson is missing from lessons/README.md")
    return re.sub(r"^id: .*$", f"id: {name}", example[1], count=1, flags=re.MULTILINE)
