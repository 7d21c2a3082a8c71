"""The one registry of actions: bindings, palette, key row and help screen all read it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from simulator.tui.action import ALL, CHART, HOME, WORKBENCH, Action
from simulator.tui.keymap import ACTIONS

__all__ = [
    "ACTIONS",
    "ALL",
    "CHART",
    "HOME",
    "WORKBENCH",
    "Action",
    "actions_of",
    "bar_actions",
    "bindings",
    "key_text",
]

_KEY_TEXT = {
    "space": "space",
    "full_stop": ".",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "underscore": "_",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "greater_than_sign": ">",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "exclamation_mark": "!",
    "colon": ":",
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "f1": "F1",
}


def key_text(key: str) -> str:
    """A key as it stands on a keyboard."""
    return _KEY_TEXT.get(key, key)


def actions_of(screen: str, *, lesson: bool = True) -> list[Action]:
    """The actions of a screen, those of lessons only when one runs."""
    return [one for one in ACTIONS if screen in one.screens and (lesson or not one.lesson)]


def bar_actions(screen: str, *, lesson: bool) -> list[Action]:
    """What the key row shows, most wanted first; where two share a rank the lesson's wins."""
    ranked = [one for one in actions_of(screen, lesson=lesson) if one.bar]
    return sorted(ranked, key=lambda one: (one.bar, not one.lesson))


def bindings(screen: str) -> list[BindingType]:
    """The bindings of a screen."""
    return [
        Binding(
            ",".join(one.keys),
            one.call,
            one.title,
            show=False,
            tooltip=one.help,
            id=f"{screen}.{one.id}",
        )
        for one in actions_of(screen)
    ]
