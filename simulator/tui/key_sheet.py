"""The sheet of all keys as Markdown, made of the one registry.

``python -m simulator.tui.key_sheet`` writes it into the README of this folder; a test asks whether
it is there.
"""

from __future__ import annotations

from pathlib import Path

from simulator.tui.action import CHART, HOME, WORKBENCH
from simulator.tui.actions import actions_of, key_text
from simulator.tui.describe import group_rank

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
TITLES = {WORKBENCH: "Workbench", HOME: "Home", CHART: "Full-size charts"}


def sheet() -> str:
    """One table a screen: keys, title, what it does."""
    tables = [_table(screen, title) for screen, title in TITLES.items()]
    return "\n\n".join(tables)


def _table(screen: str, title: str) -> str:
    rows = [f"**{title}**", "", "| keys | action | what it does |", "|---|---|---|"]
    for one in sorted(actions_of(screen), key=lambda action: group_rank(action.group)):
        keys = " ".join(f"`{key_text(key)}`" for key in one.keys)
        notes = " Asks first." if one.destructive else ""
        notes += " In a lesson." if one.lesson else ""
        rows.append(f"| {keys} | {one.title} | {one.help}{notes} |".replace("`|`", "`\\|`"))
    return "\n".join(rows)


def with_sheet(text: str) -> str:
    """A README with the sheet as it is now between the two marks."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{sheet()}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(with_sheet(README.read_text("utf-8")), "utf-8")
