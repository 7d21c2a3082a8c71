"""Pipes at a prompt: what a command prints goes through tools that choose and count lines.

They are the programs that containers have, at a terminal that has no files: ``kubectl get pods |
grep web | wc -l``. What a tool says beside its output goes into no pipe.
"""

from __future__ import annotations

from simulator.errors import nearest
from simulator.shell.parts import Part

FILTERS = (
    "awk", "base64", "cat", "cut", "egrep", "fgrep", "grep", "head", "less", "more", "nl", "rev",
    "sed", "sort", "tac", "tail", "tr", "uniq", "wc", "column",
)  # fmt: skip
AS_IT_IS = ("less", "more", "column")
"""Tools that show what they are given: a terminal scrolls, and columns are aligned already."""


class Remark(str):
    """What a tool says beside its output."""

    __slots__ = ()


def is_filter(part: Part) -> bool:
    """Whether a command is one of these tools."""
    return bool(part.words) and part.words[0].text in FILTERS


def refusal(part: Part) -> str:
    """Why a command can stand at no pipe's end."""
    word = part.words[0].text
    near = nearest(word, FILTERS)
    hint = f"; did you mean {near!r}?" if near else ""
    if word == "jq":
        hint = "; -o jsonpath and -o custom-columns choose fields"
    tools = ", ".join(one for one in FILTERS if one not in AS_IT_IS)
    return f"pipes into {word!r} are not modelled: expected {tools}, or what reads '-'{hint}"


def taken(lines: list[str], begun: int) -> str:
    """The output from a line on as one text, which is taken away; remarks stay."""
    told = lines[begun:]
    lines[begun:] = [one for one in told if isinstance(one, Remark)]
    return "".join(f"{one}\n" for one in told if not isinstance(one, Remark))
