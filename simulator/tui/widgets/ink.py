"""Lines of text with roles instead of colours, and how they become what the terminal shows.

A line is a tuple of (text, role) pairs. Roles are named by what they mean; the style sheet gives
each one a colour, so a theme changes everything at once and no widget knows a colour.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

Line = tuple[tuple[str, str], ...]

ROLES = (
    "plain",
    "dim",
    "title",
    "strong",
    "code",
    "accent",
    "good",
    "warn",
    "bad",
    "rule",
    "chosen",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
)
INK_CLASSES = frozenset(f"ink--{role}" for role in ROLES)
_CURSOR = Style(reverse=True)
_STRONG = Style(bold=True)


class Inked(Widget):
    """A widget that draws lines with roles."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)

    _inks: dict[str, Style] | None = None

    def ink(self, role: str) -> Style:
        """The style of a role under the theme in use."""
        if self._inks is None:
            self._inks = {}
        style = self._inks.get(role)
        if style is None:
            style = self._inks[role] = self.get_component_rich_style(f"ink--{role}")
        return style

    def notify_style_update(self) -> None:
        """Forget styles of the theme that was."""
        self._inks = None
        super().notify_style_update()

    def strip(self, line: Line, width: int, *, cursor: bool = False, strong: bool = False) -> Strip:
        """A line as the terminal shows it, cut or filled to the width.

        The cursor line is one even block of reverse video: a signal that needs no colour.
        """
        if cursor:
            plain = self.ink("plain") + _CURSOR
            segments = [Segment(text, plain) for text, _ in line]
            return Strip(segments).adjust_cell_length(width, plain)
        segments = [Segment(text, self.ink(role)) for text, role in line]
        strip = Strip(segments).adjust_cell_length(width, self.ink("plain"))
        return strip.apply_style(_STRONG) if strong else strip


def text_of(line: Line) -> str:
    """A line without its roles: what is copied, filtered and asserted."""
    return "".join(text for text, _ in line)


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """A text cut or filled to a width; a cut one says so."""
    if width <= 0:
        return ""
    if len(text) > width:
        return text[: width - 1] + ellipsis
    return text.ljust(width)


def squeezed(text: str, width: int, ellipsis: str = "…", tail: int = 6) -> str:
    """The same, cut in its middle: of names that begin alike the end tells which it is."""
    if len(text) <= width or width < 2 * tail:
        return fit(text, width, ellipsis)
    return text[: width - tail - 1] + ellipsis + text[-tail:]


def join(parts: Iterable[Line]) -> Line:
    """Several lines as one."""
    return tuple(pair for part in parts for pair in part)


def plain(title: str) -> Text:
    """A title for a border in which nothing is markup: others' text is in it."""
    return Text(title)
