"""``edit FILE …``: changing a file beside a lesson by one typed line; pure functions of its text.

edit Dockerfile                        shows it, with the numbers of its lines
edit Dockerfile move 5 3               line 5 goes before line 3 (move 5-6 3: two lines)
edit Dockerfile line 3 'COPY . .'      line 3 becomes this text
edit Dockerfile insert 3 'USER app'    a new line before line 3; insert end: after the last
edit Dockerfile delete 4               (delete 4-6)
edit Dockerfile replace 'old' 'new'    every place where it stands
edit Dockerfile text 'FROM …\\nCMD …'   the whole file; an editor and <<EOF write it so
edit Dockerfile restore                as the lesson has it
"""

from __future__ import annotations

import re
import shlex

from simulator.errors import InputError, unknown

MAX_EDIT_CHARACTERS = 24_000
MAX_FILE_BYTES = 20_000
MAX_FILE_LINES = 800
ACTIONS = {
    "move": "move LINE BEFORE", "line": "line N 'text'", "insert": "insert N 'text'",
    "delete": "delete N", "replace": "replace 'old' 'new'", "text": "text 'the whole file'",
    "restore": "restore",
}  # fmt: skip
_COUNTS = {"move": 2, "line": 2, "insert": 2, "delete": 1, "replace": 2, "text": 1, "restore": 0}
_HEREDOC = re.compile(r"\s*(edit\s+\S+)\s*<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\2\s*$")
_SPAN = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?$", re.ASCII)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "q": "'"}


def is_edit(line: str) -> bool:
    """Whether a typed line is one of these."""
    return line.split(None, 1)[:1] == ["edit"]


def heredoc_end(line: str) -> str | None:
    """The word that ends the text that a line begins: ``edit FILE <<EOF``."""
    found = _HEREDOC.match(line)
    return found[3] if found else None


def with_text(line: str, body: list[str]) -> str:
    """``edit FILE <<EOF`` and the lines after it as one line."""
    found = _HEREDOC.match(line)
    assert found is not None
    return text_line(found[1].split()[1], "".join(f"{one}\n" for one in body))


def text_line(file: str, text: str) -> str:
    """The line that makes ``text`` the whole of a file."""
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return f"edit {file} text '" + escaped.replace("'", "\\q") + "'"


def as_typed(line: str) -> list[str]:
    """A line as a person would write it: a whole file as ``<<EOF``."""
    words = words_of(line) if is_edit(line) else []
    if len(words) != 4 or words[2] != "text":
        return [line]
    return [f"edit {words[1]} <<EOF", *_plain(words[3]).rstrip("\n").split("\n"), "EOF"]


def words_of(line: str) -> list[str]:
    """The words of an edit line; InputError for an open quote."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="")
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        return list(lexer)
    except ValueError:
        raise InputError("a quote is not closed", found=line, expected="'text'") from None


def edited(text: str, pristine: str, words: list[str]) -> str:
    """The text after the words that follow the file's name; InputError says what is wrong."""
    action, *rest = words
    if action not in ACTIONS:
        raise unknown("way to edit", action, ACTIONS)
    if len(rest) != _COUNTS[action]:
        raise InputError(f"edit {action}: wrong number of words", found=" ".join(rest) or "none",
                         expected=f"edit FILE {ACTIONS[action]}")  # fmt: skip
    lines = text.split("\n")
    ended = lines[-1] == ""
    lines = lines[:-1] if ended else lines
    match action:
        case "restore":
            new = pristine
        case "text":
            new = _plain(rest[0])
        case "replace":
            new = _replaced(text, *map(_plain, rest))
        case _:
            new = "\n".join(_by_lines(lines, action, rest)) + ("\n" if ended else "")
    if len(new.encode("utf-8", "replace")) > MAX_FILE_BYTES or new.count("\n") > MAX_FILE_LINES:
        raise InputError(
            "the file would be too large", expected=f"at most {MAX_FILE_BYTES:,} bytes"
        )
    return new


def _replaced(text: str, old: str, new: str) -> str:
    if not old or old not in text:
        raise InputError("this text is not in the file", found=old)
    return text.replace(old, new)


def _by_lines(lines: list[str], action: str, rest: list[str]) -> list[str]:
    if action == "insert":
        at = len(lines) + 1 if rest[0] == "end" else _span(rest[0], len(lines) + 1)[0]
        return [*lines[: at - 1], _plain(rest[1]), *lines[at - 1 :]]
    first, last = _span(rest[0], len(lines))
    if action == "line":
        return [*lines[: first - 1], _plain(rest[1]), *lines[last:]]
    left = [*lines[: first - 1], *lines[last:]]
    if action == "delete":
        return left
    before = len(lines) + 1 if rest[1] == "end" else _span(rest[1], len(lines) + 1)[0]
    if first <= before <= last + 1:
        raise InputError("these lines would stay where they are", found=" ".join(rest))
    at = before - 1 if before < first else before - 1 - (last - first + 1)
    return [*left[:at], *lines[first - 1 : last], *left[at:]]


def _span(word: str, most: int) -> tuple[int, int]:
    found = _SPAN.match(word)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= most:
        raise InputError("no such line", found=word, expected=f"1 to {most}")
    return first, last


def _plain(text: str) -> str:
    """A text with its escapes carried out; a backslash before anything else stays."""
    return re.sub(r"\\([nt\\q])", lambda found: _ESCAPES[found[1]], text)
