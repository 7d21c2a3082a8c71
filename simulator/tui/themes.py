"""Themes, and the only place where colours are written as numbers.

Good, warn and bad are told apart by lightness and by a blue/amber/red family rather than by red
against green. Every text colour has a contrast of at least 4.5:1 on its background (tested).
"""

from __future__ import annotations

import os

from textual.theme import Theme

TEXT_ROLES = ("dim", "series-1", "series-2", "series-3", "series-4")
"""Variables beside the theme's own colours that draw text."""


def _theme(
    name: str,
    *,
    background: str,
    surface: str,
    panel: str,
    foreground: str,
    accent: str,
    good: str,
    warn: str,
    bad: str,
    dim: str,
    series: tuple[str, str, str, str],
    rule: str,
    dark: bool = True,
) -> Theme:
    return Theme(
        name=name,
        primary=accent,
        secondary=series[1],
        accent=accent,
        success=good,
        warning=warn,
        error=bad,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        dark=dark,
        variables={
            "dim": dim,
            "rule": rule,
            "rule-focus": accent,
            "series-1": series[0],
            "series-2": series[1],
            "series-3": series[2],
            "series-4": series[3],
            "block-cursor-background": accent,
            "block-cursor-foreground": background,
            "block-cursor-text-style": "none",
            "input-cursor-background": foreground,
            "input-cursor-foreground": background,
            "scrollbar": rule,
            "scrollbar-background": background,
            "scrollbar-corner-color": background,
        },
    )


DARK = _theme(
    "drydock-dark",
    background="#12161c",
    surface="#181d25",
    panel="#222935",
    foreground="#d6dde6",
    accent="#7cb7ff",
    good="#5fc9b0",
    warn="#f0ad45",
    bad="#ff7066",
    dim="#8a96a6",
    series=("#7cb7ff", "#5fc9b0", "#f0ad45", "#d79bf0"),
    rule="#3a4454",
)
LIGHT = _theme(
    "drydock-light",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e6e3dc",
    foreground="#22272e",
    accent="#1a5fb4",
    good="#0b6e5c",
    warn="#8a4b00",
    bad="#b3261e",
    dim="#5c6570",
    series=("#1a5fb4", "#0b6e5c", "#8a4b00", "#7a3e9d"),
    rule="#b9b4a8",
    dark=False,
)
DEUTERANOPIA = _theme(
    "deuteranopia",
    background="#000000",
    surface="#0d0d0d",
    panel="#1e1e1e",
    foreground="#ffffff",
    accent="#79a8ff",
    good="#2fafff",
    warn="#ffa00f",
    bad="#ff5f59",
    dim="#a0a0a0",
    series=("#2fafff", "#ffffff", "#ffa00f", "#b6a0ff"),
    rule="#535353",
)
TRITANOPIA = _theme(
    "tritanopia",
    background="#000000",
    surface="#0d0d0d",
    panel="#1e1e1e",
    foreground="#ffffff",
    accent="#00d3d0",
    good="#00d3d0",
    warn="#ffb8c8",
    bad="#ff5f59",
    dim="#a0a0a0",
    series=("#00d3d0", "#ffffff", "#ff7f9f", "#a0a0a0"),
    rule="#535353",
)
HIGH_CONTRAST = _theme(
    "high-contrast",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    foreground="#ffffff",
    accent="#ffff00",
    good="#00ffd0",
    warn="#ffd000",
    bad="#ff8a80",
    dim="#d0d0d0",
    series=("#ffffff", "#00ffd0", "#ffd000", "#ff9cf5"),
    rule="#ffffff",
)
ANSI = Theme(
    name="ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "dim": "ansi_default",
        "rule": "ansi_default",
        "rule-focus": "ansi_cyan",
        "series-1": "ansi_cyan",
        "series-2": "ansi_green",
        "series-3": "ansi_yellow",
        "series-4": "ansi_magenta",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        "input-cursor-background": "ansi_white",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-background": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
    },
)

THEMES = (DARK, LIGHT, DEUTERANOPIA, TRITANOPIA, HIGH_CONTRAST, ANSI)


def wants_plain_colours() -> bool:
    """Whether the terminal's own colours must be used: ``NO_COLOR`` non-empty, or a console."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "linux"


def chosen_theme(name: str | None = None) -> str:
    """The theme to start with: the one asked for, ``DRYDOCK_THEME``, or the dark one."""
    if wants_plain_colours():
        return ANSI.name
    wanted = name or os.environ.get("DRYDOCK_THEME", "")
    return wanted if wanted in {theme.name for theme in THEMES} else DARK.name
