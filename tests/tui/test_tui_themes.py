"""Colours: enough contrast, told apart without red and green, and written in one place only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.color import Color

import simulator.tui
from simulator import files
from simulator.tui.themes import ANSI, TEXT_ROLES, THEMES, chosen_theme

COLOURED = [theme for theme in THEMES if not theme.ansi]
# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SIMULATED = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(colour: Color) -> float:
    r, g, b = (linear(c / 255) for c in colour.rgb)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(rgb: list[float]) -> list[float]:
    r, g, b = rgb
    xyz = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    f = [
        v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116
        for v in (max(0.0, v / w) for v, w in zip(xyz, (0.95047, 1.0, 1.08883), strict=True))
    ]
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]


def seen(colour: str, kind: str | None) -> list[float]:
    rgb = [linear(c / 255) for c in Color.parse(colour).rgb]
    if kind is not None:
        rgb = [sum(m * c for m, c in zip(row, rgb, strict=True)) for row in SIMULATED[kind]]
    return lab([min(1.0, max(0.0, c)) for c in rgb])


def distance(one: str, other: str, kind: str | None) -> float:
    pairs = zip(seen(one, kind), seen(other, kind), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_text_colour_has_a_contrast_of_at_least_4_5(theme):
    texts = {
        "foreground": theme.foreground,
        "accent": theme.accent,
        "good": theme.success,
        "warn": theme.warning,
        "bad": theme.error,
    }
    texts |= {role: theme.variables[role] for role in TEXT_ROLES}
    for ground in (theme.background, theme.surface, theme.panel):
        for name, colour in texts.items():
            assert contrast(colour, ground) >= 4.5, (name, ground)


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_the_rule_of_the_pane_with_the_focus_stands_out(theme):
    assert contrast(theme.variables["rule-focus"], theme.background) >= 3.0


@pytest.mark.parametrize("kind", [None, "deuteranopia", "tritanopia"])
def test_good_and_bad_are_far_apart_for_every_eye(kind):
    for theme in COLOURED:
        if kind is None or theme.name == kind:
            assert distance(theme.success, theme.error, kind) >= 60, theme.name


def test_the_dark_theme_does_not_rest_on_red_against_green():
    dark = next(theme for theme in THEMES if theme.name == "drydock-dark")
    assert distance(dark.success, dark.error, "deuteranopia") >= 30


def test_no_colour_is_written_as_a_number_outside_the_themes():
    package = Path(simulator.tui.__file__).parent
    sources = [p for p in package.rglob("*.py") if p.name != "themes.py"]
    sources += (files.folder("assets") / "styles").glob("*.tcss")
    for path in sources:
        assert not re.search(r"#[0-9a-fA-F]{6}\b|rgb\(", path.read_text("utf-8")), path.name


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "drydock-dark"),
        ({"NO_COLOR": "1"}, ANSI.name),
        ({"NO_COLOR": ""}, "drydock-dark"),
        ({"TERM": "linux"}, ANSI.name),
        ({"DRYDOCK_THEME": "tritanopia"}, "tritanopia"),
        ({"DRYDOCK_THEME": "no-such-theme"}, "drydock-dark"),
    ],
)
def test_the_environment_chooses_the_theme(monkeypatch, environment, expected):
    for name in ("NO_COLOR", "DRYDOCK_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert expected == chosen_theme()
