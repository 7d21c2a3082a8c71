"""Pages: a list of things of one kind, and below each a page of what it is made of.

A page is asked for as a cluster's view is: all its keys, which are listed again only after a
command, an event or a sample; and of the rows, those that are seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Place(NamedTuple):
    """Which page: its kind, what it is a page of, what a row must contain, what is unfolded."""

    kind: str
    within: str = ""
    filter: str = ""
    opened: frozenset[str] = frozenset()


class Listing(NamedTuple):
    """All rows of a page by their keys, and how one becomes values when somebody sees it."""

    keys: Sequence[str]
    row: Callable[[str], Any]
    head: Any = None
    """What is said of the whole."""
    crumbs: tuple[str, ...] = ()
    """The way down to it, in words."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is seen of a page at one instant."""

    place: Place
    keys: Sequence[str]
    first: int
    """Which row ``rows`` begins with."""
    rows: tuple[Any, ...]
    head: Any = None
    crumbs: tuple[str, ...] = ()


def keep(keys: Sequence[str], wanted: str, words: Callable[[str], str] = str) -> Sequence[str]:
    """The keys of rows that contain a text, or with ``!text`` those that do not."""
    text = wanted.lower()
    inverse, text = text.startswith("!"), text.removeprefix("!")
    return [key for key in keys if (text in words(key).lower()) != inverse] if text else keys


def page_of(place: Place, listing: Listing, first: int, count: int) -> Page:
    """Some rows of a listing as values."""
    rows = tuple([listing.row(key) for key in listing.keys[first : first + count]])
    return Page(place, listing.keys, first, rows, listing.head, listing.crumbs)
