"""The home screen: choose a lesson, the sandbox or a scenario."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from simulator.tui.actions import HOME, bar_actions, bindings
from simulator.tui.describe import help_lines, sentence_lines
from simulator.tui.glyphs import glyphs, to_ascii
from simulator.tui.library import Entry
from simulator.tui.screens.dialogs import TextDialog
from simulator.tui.widgets.bars import KeyRow, OneRow, bar_keys
from simulator.tui.widgets.ink import Line, fit
from simulator.tui.widgets.rowview import RowView


class EntryList(RowView):
    """What can be opened, under headings."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(widget_id="entries")
        self.entries = entries

    class Moved(Message):
        """The cursor is on another entry."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def line(self, index: int, width: int) -> Line:
        """One heading, lesson or scenario."""
        entry = self.entries[index]
        signs = glyphs()
        if entry.kind == "heading":
            return ((entry.title, "accent"),)
        mark, role = {
            "done": (signs.passed, "good"),
            "begun": (signs.pending, "warn"),
        }.get(entry.progress, (signs.idle, "dim"))
        marker = signs.cursor if index == self.cursor_index else " "
        word = entry.progress
        room = max(10, width - 6 - 8 - 10)
        return (
            (f" {marker} ", "accent"),
            (f"{mark} ", role),
            (fit(entry.title, room, signs.ellipsis) + " ", "plain"),
            (fit(entry.about, 8), "dim"),
            (fit(word, 7), role),
        )

    def move(self, by: int) -> None:
        """Move over headings."""
        at = self.cursor_index
        step = 1 if by > 0 else -1
        at += by
        while 0 < at < len(self.entries) - 1 and self.entries[at].kind == "heading":
            at += step
        at = max(0, min(len(self.entries) - 1, at))
        if self.entries[at].kind != "heading":
            self.move_to(at)
            self.post_message(self.Moved(self.entries[at]))

    def _scroll_to_row(self, index: int, *, at_top: bool = False) -> None:
        """The heading of the first entry below it is seen with it."""
        super()._scroll_to_row(index, at_top=at_top)
        if 0 < index < len(self.entries) and self.entries[index - 1].kind == "heading":
            super()._scroll_to_row(index - 1, at_top=at_top)


class Home(Screen[None]):
    """Short and calm: one list, one row of keys."""

    BINDINGS = bindings(HOME)

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self.entries = entries

    def compose(self) -> ComposeResult:
        """A title, the list, the keys."""
        yield OneRow(widget_id="clock")
        yield EntryList(self.entries)
        yield Static(id="detail", markup=False)
        yield KeyRow()

    def on_mount(self) -> None:
        """Put the cursor on the first lesson, or on what else can be opened."""
        self.set_class(not glyphs().braille, "-ascii")
        self.query_one("#clock", OneRow).put(
            ((" drydock", "title"), ("  how containers really work, to be tried out", "dim"))
        )
        self.refill(self.entries)
        kinds = [one.kind for one in self.entries]
        wanted = "lesson" if "lesson" in kinds else "sandbox"
        first = kinds.index(wanted) if wanted in kinds else 0
        self.list.move_to(first)
        self.list.scroll_to(y=0, animate=False, immediate=True, force=True)  # it has no size yet
        if self.entries:
            self.show_detail(self.entries[first])
        self.list.focus()
        self.query_one(KeyRow).show(bar_keys(bar_actions(HOME, lesson=False)))

    def on_screen_resume(self) -> None:
        """The home screen is seen (again): progress may have been made."""
        self.read_progress()

    def read_progress(self) -> None:
        """Add progress marks, in a thread: it loads the model, which the next screen needs."""
        self.run_worker(
            self._read_progress, thread=True, exclusive=True, group="progress", name="progress"
        )

    def _read_progress(self) -> None:
        from simulator.tui.library import entries

        found = entries()
        if self.app.is_running:  # else somebody has left meanwhile
            self.app.call_from_thread(self.refill, found)

    def refill(self, entries: Sequence[Entry]) -> None:
        """Show these entries; the cursor stays where it is."""
        self.entries = self.list.entries = entries
        self.list.set_keys([entry.key for entry in entries])

    @property
    def list(self) -> EntryList:
        """The list."""
        return self.query_one(EntryList)

    def on_entry_list_moved(self, message: EntryList.Moved) -> None:
        """Tell more about the entry under the cursor."""
        self.show_detail(message.entry)

    def show_detail(self, entry: Entry) -> None:
        """A sentence about an entry."""
        self.query_one("#detail", Static).update(to_ascii(entry.detail))

    def action_down(self) -> None:
        """Next entry."""
        self.list.move(1)

    def action_up(self) -> None:
        """Previous entry."""
        self.list.move(-1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self.list.move(self.list.size.height // 2)

    def action_half_up(self) -> None:
        """Half a page up."""
        self.list.move(-(self.list.size.height // 2))

    def action_top(self) -> None:
        """First entry."""
        self.list.top()

    def action_end(self) -> None:
        """Last entry."""
        self.list.end()

    def action_open(self) -> None:
        """Open what is under the cursor."""
        entry = self.entries[self.list.cursor_index]
        if entry.kind != "heading":
            self.app.call_later(self.app.run_action, f"open('{entry.key}')")

    def on_row_view_chosen(self, message: RowView.Chosen) -> None:
        """Clicked twice."""
        self.action_open()

    def action_help(self) -> None:
        """The keys of this screen."""
        self.app.push_screen(
            TextDialog("keys of this screen", lambda width: help_lines(HOME, width))
        )

    def action_describe_screen(self) -> None:
        """The list as sentences."""
        words = [
            f"{one.title}:"
            if one.kind == "heading"
            else f"  {one.kind} {one.title}{', ' + one.about if one.about else ''}, "
            f"{one.progress or 'new'}."
            for one in self.entries
        ]
        self.app.push_screen(TextDialog("this screen in words", sentence_lines(words)))
