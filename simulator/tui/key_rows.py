"""Keys that the row at the bottom shows where others work than usual: what is dropped first where
there is no room stands last, but for help and leaving."""

from __future__ import annotations

TYPING = (("enter", "run"), ("tab", "complete"), ("up", "history"), ("esc", "back to the keys"))
SEARCHING = (
    ("type", "a part of the line"), ("ctrl+r", "older"), ("down", "newer"), ("enter", "take"),
    ("esc", "back"),
)  # fmt: skip
FILTERING = (("enter", "keep"), ("esc", "show all"))
IN_CLUSTER = (
    ("enter", "in"), ("esc", "back"), ("d", "why"), ("a", "actions"), ("l", "logs"),
    ("/", "filter"),
    (":", "pods nodes ns"), ("space", "pause/run"), ("0", "all namespaces"), ("z", "zoom"),
    ("tab", "next pane"), ("?", "help"), ("q", "quit"),
)  # fmt: skip
