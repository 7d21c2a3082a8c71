"""What is wrong with YAML in the words of who wrote it, not of its parser.

Most mistakes are five: a colon in a value, a tab, a value that begins with a sign, a quote that is
not closed, a line that is not indented like its neighbours.
"""

from __future__ import annotations

import re

from simulator.errors import InputError, Place

_SIGNS = "{}[],&*#?|<>=!%@`"
_VALUE = re.compile(r"^(\s*(?:-\s+)?(?:[\w .-]+:\s+)?)(\S.*)$")


def in_words(error: InputError, text: str, origin: Place) -> InputError:
    """The error of a YAML text that begins at ``origin``, as its line tells what is meant."""
    place = error.place or origin
    lines = text.split("\n")
    row = (place.line or 1) - (origin.line or 1)
    said = error.problem
    for at in (row, row - 1):
        if 0 <= at < len(lines):
            where = Place(origin.file, (origin.line or 1) + at)
            found = _of_line(lines[at], said)
            if found is not None:
                return InputError(found[0], place=where, found=lines[at].strip(), expected=found[1])
    if "end of stream" in said or "quoted scalar" in said:
        return InputError("a quote is not closed", place=place, expected="' or \" at its end")
    return error


def _of_line(line: str, said: str) -> tuple[str, str] | None:
    """What is wrong with a line, and what would be right."""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return "a tab at the beginning of a line", "blanks"
    match = _VALUE.match(line)
    value = match[2] if match else ""
    if re.search(r"[\u201c\u201d\u2018\u2019\u201e]", line):
        return "curly quotes are no quotes here", "' or \""
    if value.startswith("{{"):
        return "a value that begins with {{ needs quotes around it", f'"{value}"'
    if "mapping values are not allowed" in said and ": " in value:
        return "a colon in a value needs quotes around the value", f'"{value}"'
    if "mapping values are not allowed" in said and indent:
        return "this line is not indented like its neighbours", "the same blanks before each"
    if "cannot start any token" in said and value[:1] and value[0] in _SIGNS:
        return f"a value that begins with {value[0]} needs quotes around it", f'"{value}"'
    if value[:1] in ("[", "{") and not _closed(value):
        return "a list or mapping in one line is not closed", "]" if value[0] == "[" else "}"
    if value[:1] in ("[", "{") and "expected ',' or" in said:
        return "a sign in a list needs quotes around what it stands in", "each item on its own line"
    if value[:1] in ("'", '"') and "block" in said:
        return "a text goes on after its closing quote", "one pair of quotes around all of it"
    if "could not find expected ':'" in said and ":" not in line:
        return "a line without a colon", "key: value"
    if "expected <block end>" in said or "did not find expected" in said:
        return "this line is not indented like its neighbours", "the same blanks before each"
    return None


def _closed(value: str) -> bool:
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", value)
    return bare.count("[") == bare.count("]") and bare.count("{") == bare.count("}")
