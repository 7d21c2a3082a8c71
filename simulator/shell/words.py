"""Words of a typed line: quotes, escapes, comments, ``;``, ``&&``, ``for`` loops, continuation.

The rules are those of a POSIX shell, without what would need one: pipes, but into tools that choose
lines (``piping.py``) and what reads ``-`` (``kubectl -f -``, ``docker secret create NAME -``),
redirection, background jobs and variables are refused by name. Every word keeps its column, so that
an error can point.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.errors import InputError, Place
from simulator.shell.heredocs import handed, reads, taken
from simulator.shell.loops import unrolled
from simulator.shell.parts import LINE, Part, Word
from simulator.shell.piping import is_filter, refusal

MAX_CHARACTERS = 65_536
MAX_LINES = 500
"""Lines that one command may have."""
_REFUSED = {
    ">": "redirection to a file is not modelled",
    "<": "redirection from a file is not modelled",
    "&": "background jobs ('&') are not modelled",
    "`": "command substitution with backquotes is not modelled; write $(...)",
    "(": "subshells are not modelled",
    ")": "subshells are not modelled",
}


class Unfinished(InputError):
    """The line ends inside a quote, after a backslash or after an operator: more must come."""

    until = ""
    """The quote without which no further line can end it."""


def split(line: str) -> list[Part]:
    """The commands of a line, each as its words; InputError with a column where it is wrong."""
    if len(line) > MAX_CHARACTERS:
        raise InputError("line too long", expected=f"at most {MAX_CHARACTERS:,} characters")
    line = line.replace("\r\n", "\n")
    texts: list[str] = []
    if "<<" in line:
        line, texts = taken(line, _open_text)
    parts = [Part()]
    for token in _tokens(line):
        if isinstance(token, Word):
            parts[-1].words.append(token)
        else:
            operator, column = token
            if not parts[-1].words and operator != "\n":
                raise _wrong(f"nothing to run before '{operator}'", column)
            if parts[-1].words:
                parts.append(Part(";" if operator == "\n" else operator, column=column))
    if not parts[-1].words:
        last = parts.pop()
        if parts and last.operator != ";":
            raise _wrong(f"nothing to run after '{last.operator}'", len(line), Unfinished)
    return _handed(unrolled(parts, _open_loop), texts)


def _open_loop(problem: str, column: int) -> InputError:
    return _wrong(problem, column, Unfinished)


def _handed(parts: list[Part], texts: list[str]) -> list[Part]:
    """The commands with what they are handed; InputError where one does not read it."""
    if not texts and all(part.operator != "|" for part in parts):
        return parts
    found = handed(parts, texts)
    for part in found:
        if part.operator == "|" and not reads(part.words) and not is_filter(part):
            raise _wrong(refusal(part), part.column)
        if part.stdin is not None and not reads(part.words):
            raise _wrong(_REFUSED["<"], part.words[0].column if part.words else 1)
    return found


def _open_text(word: str, position: int) -> Unfinished:
    error = Unfinished(f"the text <<{word} has not ended", place=Place(LINE, 1, position + 1))
    error.until = word
    return error


def unfinished(line: str) -> bool:
    """Whether a prompt should ask for another line: open quote, ``\\`` or ``&&`` at the end."""
    return Joined().add(line) is None


class Joined:
    """Lines as they come: open quotes, backslashes and operators at an end join them to one.

    A line that cannot close the open quote is put aside unread, so that a file whose quote is never
    closed costs no more than its length; and no command has more lines than ``MAX_LINES``.
    """

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._until = ""

    def add(self, line: str) -> str | None:
        """The whole line, once it is one; None while more must come."""
        self.parts.append(line)
        if len(self.parts) >= MAX_LINES:
            return self.end()
        if self._until not in line:
            return None
        try:
            split("\n".join(self.parts))
        except Unfinished as error:
            self._until = error.until
            return None
        except InputError:
            pass
        return self.end()

    def end(self) -> str:
        """All that came, finished or not."""
        text = "\n".join(self.parts)
        self.parts, self._until = [], ""
        return text


def _wrong(problem: str, column: int, kind: type[InputError] = InputError) -> InputError:
    return kind(problem, place=Place(LINE, 1, max(1, column)))


def _tokens(line: str) -> Iterator[Word | tuple[str, int]]:
    """Words, and operators with their columns."""
    position = 0
    while position < len(line):
        char = line[position]
        if char == "\n" or char == ";":
            yield char, position + 1
            position += 1
        elif char.isspace():
            position += 1
        elif line.startswith("\\\n", position):
            position += 2
        elif char == "#":
            position = _end_of_line(line, position)
        elif line.startswith(("&&", "||"), position):
            yield line[position : position + 2], position + 1
            position += 2
        elif char == "|":
            yield char, position + 1
            position += 1
        elif char in _REFUSED:
            raise _wrong(_REFUSED[char], position + 1)
        else:
            word = _word(line, position)
            yield word
            position = word.end


def _end_of_line(line: str, position: int) -> int:
    end = line.find("\n", position)
    return len(line) if end < 0 else end


def _word(line: str, start: int) -> Word:
    text: list[str] = []
    position, quoted, literal = start, False, False
    if line.startswith("$(", start):
        end = _closing(line, start)
        if end == len(line) or line[end].isspace() or line[end] in ";&|":
            inner = line[start + 2 : end - 1]
            return Word(line[start:end], start + 1, end, substitution=inner)
    while position < len(line):
        char = line[position]
        if char.isspace() or char in ";&|<>`()":
            break
        if char in "'\"":
            piece, position = _quoted(line, position)
            text.append(piece)
            quoted, literal = True, literal or char == "'"
        elif char == "\\":
            if position + 1 == len(line):
                raise _wrong("the line ends after a backslash", position + 1, Unfinished)
            if line[position + 1] != "\n":
                text.append(line[position + 1])
            position += 2
        else:
            text.append(char)
            position += 1
    if position < len(line) and line[position] in "()":
        raise _wrong(_REFUSED[line[position]], position + 1)
    return Word("".join(text), start + 1, position, quoted, literal=literal)


def _quoted(line: str, start: int) -> tuple[str, int]:
    """The text inside the quotes that open at ``start``, and the position after them."""
    quote, position = line[start], start + 1
    text: list[str] = []
    while position < len(line):
        char = line[position]
        if char == quote:
            return "".join(text), position + 1
        if char == "\\" and quote == '"' and line[position + 1 : position + 2] in '"\\$`\n':
            escaped = line[position + 1 : position + 2]
            text.append("" if escaped == "\n" else escaped)
            position += 2
        else:
            text.append(char)
            position += 1
    error = Unfinished(f"the quote {quote} is not closed", place=Place(LINE, 1, start + 1))
    error.until = quote
    raise error


def _closing(line: str, start: int) -> int:
    """The position after the bracket that closes ``$(``."""
    depth, position = 1, start + 2
    while position < len(line):
        char = line[position]
        if char in "'\"":
            _, position = _quoted(line, position)
            continue
        depth += (char == "(") - (char == ")")
        position += 1
        if depth == 0:
            return position
    raise _wrong("the bracket of $( is not closed", start + 1, Unfinished)
