"""What bash understands and dash, the ``/bin/sh`` of Debian and Ubuntu, does not."""

from __future__ import annotations

import re

from simulator.image.builder.script import Simple

_SUBSTITUTION = re.compile(r"(?<!\\)\$\{\w+(?:/|\^|,|:\d|:\s|:-\d+:|\[)")
_ELSEWHERE = re.compile(r"'[^']*'|\$\((?:[^()]|\([^()]{0,500}\)){0,2000}\)|`[^`]{0,2000}`")
"""Quoted text, and substitutions: another shell may read those, and their commands are looked at
when they run."""


def bashism(node: Simple) -> str:
    """How dash refuses a command of bash; "" for one that it understands.

    In dash's own words: a syntax error, or a substitution that it does not know, ends the script
    with status 2.
    """
    for one in node.redirects:
        if one.operator == "<<<":
            return "Syntax error: redirection unexpected"
    written = (*node.assigns, *node.words)
    if any(word.partition("=")[2].startswith("(") for word in node.assigns):
        return 'Syntax error: "(" unexpected'
    if any(word.startswith(("<(", ">(")) for word in written):
        return 'Syntax error: "(" unexpected'
    if any(_SUBSTITUTION.search(_ELSEWHERE.sub("", word)) for word in written):
        return "Bad substitution"
    return ""
