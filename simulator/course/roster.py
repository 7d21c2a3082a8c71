"""Rosters: who is in a course, from whatever table its platform exports.

A roster is a CSV table (comma, semicolon or tab; with or without a byte order mark) whose first
line names its columns, as Moodle, Canvas and people name them; or a plain list of ids, one a line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.course.transcript import decoded
from simulator.errors import InputError, Place
from simulator.files import read_bytes

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 20_000

ROLES: Mapping[str, tuple[str, ...]] = {
    "id": ("id number", "idnumber", "student id", "sis user id", "matriculation number", "number",
           "student number"),
    "login": ("sis login id", "username", "user name", "login", "login id"),
    "email": ("email address", "email", "e-mail", "e-mail address", "mail"),
    "platform": ("id", "identifier"),
    "name": ("full name", "fullname", "name", "student name", "student"),
    "first": ("first name", "firstname", "given name"),
    "last": ("last name", "lastname", "surname", "family name"),
}  # fmt: skip
"""What a column says -> its headings, in lower case."""


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a roster; ``keys`` are all forms in which a file may name them."""

    id: str
    name: str = ""
    email: str = ""
    row: int = 0
    """Index of the row in its table, the heading not counted."""
    keys: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """For people: the name where there is one, and the id."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file as it is: its heading, its rows, and how it separates them."""

    path: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","

    def column(self, role: str) -> int | None:
        """The first column that says this about a person."""
        found = [heading.strip().casefold() for heading in self.heading]
        return next((found.index(word) for word in ROLES[role] if word in found), None)


class Roster:
    """Everybody in a course, found by any of their keys."""

    def __init__(self, people: Sequence[Person], name: str = "roster") -> None:
        self.people = tuple(people)
        self.name = name
        self._by_key: dict[str, list[Person]] = {}
        for person in people:
            for key in person.keys:
                self._by_key.setdefault(key, []).append(person)

    def find(self, words: Iterable[str]) -> Person | None:
        """The person whom the first word that names somebody names; None: nobody, or several."""
        for word in words:
            found = self._by_key.get(key_of(word), [])
            if len(found) == 1:
                return found[0]
        return None


def key_of(word: str) -> str:
    """The form in which names and ids are compared: case, dots and spaces do not matter.

    >>> key_of(" Ada  LOVELACE ") == key_of("ada lovelace")
    True
    """
    return " ".join(word.replace("_", " ").split()).casefold()


def read_table(path: Path, what: str = "roster") -> Table:
    """The table in a CSV file; InputError where there is none."""
    data = read_bytes(path, limit_bytes=MAX_BYTES, what=what)
    text = decoded(data, str(path))
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""),
                                                 delimiter=delimiter, strict=True)]  # fmt: skip
    except csv.Error as error:
        raise InputError(f"this {what} is no CSV table ({error})", place=Place(str(path))) from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows or len(rows) > MAX_ROWS:
        problem = f"this {what} is empty" if not rows else f"this {what} is too long"
        raise InputError(problem, place=Place(str(path)), expected=f"1 to {MAX_ROWS:,} rows")
    return Table(str(path), rows[0], tuple(rows[1:]), delimiter)


def read_roster(path: Path) -> Roster:
    """Everybody whom a file names; InputError where it names nobody, or somebody twice."""
    table = read_table(path)
    if len(table.heading) == 1 and all(table.column(role) is None for role in ROLES):
        table = Table(table.path, ("id number",), (table.heading, *table.rows))
    return roster_of(table)


def roster_of(table: Table) -> Roster:
    """The people in a table."""
    if all(table.column(role) is None for role in ROLES):
        raise InputError(
            "this roster has no column that names a student", place=Place(table.path, 1),
            found=", ".join(table.heading)[:80],
            expected="ID number, Email address, SIS User ID, SIS Login ID, Username, Name",
        )  # fmt: skip
    people = [person for i, row in enumerate(table.rows) if (person := _person(table, i, row))]
    if not people:
        raise InputError("this roster names nobody", place=Place(table.path))
    _unique(people, table)
    return Roster(people, table.path)


def _person(table: Table, index: int, row: tuple[str, ...]) -> Person | None:
    cells = {role: _cell(row, table.column(role)) for role in ROLES}
    if "points possible" in cells["name"].casefold():
        return None  # the second row of Canvas' gradebook
    names = _names(cells)
    name = names[0] if names else ""
    shown = next((cells[role] for role in ("id", "login", "email", "platform") if cells[role]), "")
    if not (shown or name):
        return None
    given = [cells["id"], cells["login"], cells["email"], cells["platform"], *names]
    keys = frozenset(key_of(word) for word in given if word)
    return Person(shown or name, name, cells["email"], index, keys)


def _names(cells: Mapping[str, str]) -> list[str]:
    """A name as it may be written: 'Lovelace, Ada' is 'Ada Lovelace'."""
    names = [f"{cells['first']} {cells['last']}".strip()] if cells["first"] or cells["last"] else []
    if cells["name"]:
        last, comma, first = cells["name"].partition(",")
        turned = f"{first.strip()} {last.strip()}" if comma else cells["name"]
        names += [turned, cells["name"]]
    return [" ".join(one.split()) for one in names]


def _cell(row: tuple[str, ...], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


def _unique(people: Sequence[Person], table: Table) -> None:
    """Two rows for one id would give one person two marks."""
    seen: dict[str, Person] = {}
    for person in people:
        before = seen.setdefault(key_of(person.id), person)
        if before is not person:
            raise InputError(
                "this roster names a student twice", place=Place(table.path, person.row + 2),
                found=person.id, expected=f"other than in line {before.row + 2}",
            )  # fmt: skip
