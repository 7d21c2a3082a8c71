"""Which texts may name an image or a remote source. Whether they exist is the registry's matter."""

from __future__ import annotations

import re

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*+"
_HOST = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:]+\])(?::\d+)?"
)
_NAME = re.compile(
    rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*+(?::\w[\w.-]{{0,127}}+)?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?",
    re.ASCII,
)
_LONGEST = 1_024
_REMOTE = re.compile(r"(?:https?|ftp)://|git@|git://|ssh://|(?:github\.com|gitlab\.com)/")


def is_image_name(text: str) -> bool:
    """Whether a text is an image reference by the grammar of distribution/reference."""
    if len(text) > _LONGEST:
        return False
    name = text.partition("@")[0]
    path, _, last = name.rpartition("/")
    repository = f"{path}/{last.partition(':')[0]}" if path else last.partition(":")[0]
    return len(repository) <= 255 and _NAME.fullmatch(text) is not None


def is_remote(source: str) -> bool:
    """Whether ADD would fetch a source from the network instead of the context."""
    return _REMOTE.match(source) is not None or source.endswith(".git")
