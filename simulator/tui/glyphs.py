"""The signs that stand beside words, in Unicode and in plain ASCII.

A state is always a word and a glyph; colour only repeats what they say.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; every sign is one cell wide, so that columns stay aligned."""

    ok: str = "●"
    pending: str = "◐"
    idle: str = "○"
    paused: str = "‖"
    again: str = "↻"
    ended: str = "■"
    bad: str = "✖"
    warn: str = "▲"
    passed: str = "✔"
    play: str = "▶"
    cursor: str = "›"
    crumb: str = "›"
    dot: str = "·"
    times: str = "×"
    ellipsis: str = "…"
    branch: str = "├ "
    last: str = "└ "
    cross: str = "┼"
    open: str = "▾"
    shut: str = "▸"
    pipe: str = "│ "
    bar_full: str = "━"
    bar_half: str = "╸"
    bar_empty: str = "─"
    rule: str = "─"
    knob: str = "●"
    request: str = "∙"
    levels: str = " ▁▂▃▄▅▆▇█"
    block: str = "█"
    shade: str = "░"
    over: str = "▓"
    box: str = "┌─┐│└┘"
    heavy_box: str = "┏━┓┃┗┛"
    up: str = "↑"
    down: str = "↓"
    left: str = "←"
    right: str = "→"
    braille: bool = True


UNICODE = Glyphs()
ASCII = Glyphs(
    ok="*",
    pending="~",
    idle="o",
    paused="=",
    again="@",
    ended="#",
    bad="x",
    warn="!",
    passed="v",
    play=">",
    cursor=">",
    crumb=">",
    dot="-",
    times="x",
    ellipsis="~",
    branch="|-",
    last="`-",
    cross="+",
    open="v",
    shut=">",
    pipe="| ",
    bar_full="#",
    bar_half="-",
    bar_empty=".",
    rule="-",
    knob="O",
    request="*",
    levels=" .:-=+*%#",
    block="#",
    shade="=",
    over="%",
    box="+-+|++",
    heavy_box="#=#H##",
    up="up",
    down="down",
    left="left",
    right="right",
    braille=False,
)

_chosen = UNICODE


def choose(ascii_only: bool | None = None) -> Glyphs:
    """Set the signs for this process; None asks the environment (``DRYDOCK_ASCII=1``)."""
    global _chosen
    if ascii_only is None:
        ascii_only = os.environ.get("DRYDOCK_ASCII", "") not in ("", "0")
    _chosen = ASCII if ascii_only else UNICODE
    return _chosen


def glyphs() -> Glyphs:
    """The signs in use."""
    return _chosen


def to_ascii(text: str) -> str:
    """A text for people without its typographic signs, when plain ASCII was asked for."""
    if _chosen.braille:
        return text
    return text.translate(_PLAIN)


_PLAIN = str.maketrans(
    {"×": "x", "–": "-", "—": "-", "…": "~", "·": "-", "›": ">", "µ": "u", "→": "->", "±": "+-"}
    | {"│": "|", "─": "-", "≥": ">=", "≤": "<=", "’": "'", "“": '"', "”": '"'}
)


def state_glyph(state: str, exit_code: int | None = None, oom_killed: bool = False) -> str:
    """The sign of a state word of a container, VM, kernel, host or job."""
    signs = _chosen
    if state in ("exited", "dead") and (oom_killed or exit_code not in (None, 0)):
        return signs.bad
    return {
        "running": signs.ok,
        "up": signs.ok,
        "ready": signs.ok,
        "starting": signs.pending,
        "booting": signs.pending,
        "created": signs.idle,
        "off": signs.idle,
        "paused": signs.paused,
        "restarting": signs.again,
        "exited": signs.ended,
        "dead": signs.bad,
        "failed": signs.bad,
        "panicked": signs.bad,
    }.get(state, signs.idle)


def state_role(state: str, exit_code: int | None = None, oom_killed: bool = False) -> str:
    """The ink of a state word: good, warn, bad or dim."""
    if oom_killed or state in ("dead", "failed", "panicked"):
        return "bad"
    if state == "exited":
        return "dim" if exit_code in (None, 0) else "bad"
    if state in ("running", "up", "ready"):
        return "good"
    return "dim" if state in ("created", "off") else "warn"


def state_word(state: str, exit_code: int | None = None, oom_killed: bool = False) -> str:
    """The word shown: the cause of an end is part of it."""
    if oom_killed and state != "running":
        return "OOMKilled"
    if state == "exited" and exit_code is not None:
        return f"exited {exit_code}"
    return state


def bar(fraction: float, width: int) -> tuple[str, str]:
    """A horizontal bar as its full and its empty part, precise to half a cell."""
    signs = _chosen
    halves = round(max(0.0, min(1.0, fraction)) * width * 2)
    full = signs.bar_full * (halves // 2)
    if halves % 2 and signs.braille:
        full += signs.bar_half
    return full, signs.bar_empty * (width - len(full))


def spark(values: list[float], top: float, width: int) -> str:
    """The last ``width`` values as one row of blocks between 0 and ``top``."""
    levels = _chosen.levels
    if top <= 0:
        top = 1.0
    cells = []
    for value in values[-width:]:
        share = max(0.0, min(1.0, value / top))
        # Anything above zero shows at least the lowest block: "a little" is not "nothing".
        index = round(share * (len(levels) - 1))
        cells.append(levels[max(1, index) if share > 0.005 else index])
    return "".join(cells).rjust(width)
