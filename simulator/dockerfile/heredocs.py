r"""Here-documents on a line: ``<<NAME``, ``<<-NAME``, ``<<'NAME'``, ``3<<NAME``.

Only RUN, COPY and ADD (also behind ONBUILD) may hold them, and not in JSON form. A quoted
``"<<NAME"`` is plain text.
"""

from __future__ import annotations

import re

from simulator.dockerfile.model import Heredoc
from simulator.dockerfile.words import SPACE_CLASS
from simulator.errors import InputError, Place

_HOLDER = re.compile(
    rf"\A[{SPACE_CLASS}]*(?:onbuild[{SPACE_CLASS}]+)?(?:run|copy|add)(?=[{SPACE_CLASS}])",
    re.IGNORECASE,
)
# A word keeps its quotes and escapes; white space straight after << belongs to the word.
_WORD = re.compile(
    rf"""(?:<<-?[{SPACE_CLASS}]* | [^{SPACE_CLASS}'"\\] | \\. | '[^']*' | "(?:\\.|[^"\\])*" )+""",
    re.VERBOSE | re.DOTALL,
)
_HEREDOC = re.compile(r"([0-9]*)<<(-?)\s*([^<]*)")
_UNQUOTE = re.compile(r"""\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|([^'"\\]+)""", re.DOTALL)
MAX_PER_LINE = 1_000


def holds_heredocs(line: str) -> bool:
    """Whether an instruction is of the kind that may have here-documents."""
    return _HOLDER.match(line) is not None


def heredocs_of_line(line: str, place: Place) -> list[Heredoc]:
    """The here-documents that a logical line announces, still without content."""
    if not _quotes_balance(line):
        return []
    found = [doc for word in _WORD.finditer(line) if (doc := heredoc_of_word(word[0]))]
    if len(found) > MAX_PER_LINE:
        raise InputError("too many here-documents on one line", place=place, found=len(found))
    return found


def heredoc_of_word(word: str) -> Heredoc | None:
    """The here-document that one word announces, or None when it is an ordinary word."""
    match = _HEREDOC.fullmatch(word)
    if match is None or not match[3].strip():
        return None
    name, quoted = _unquoted(match[3])
    if not name or (not quoted and len(name.split()) != 1):
        return None
    fd = int(match[1]) if match[1] and len(match[1]) < 9 else None
    return Heredoc(name, "", not quoted, match[2] == "-", fd)


def _unquoted(text: str) -> tuple[str, bool]:
    """The name without quotes and escapes, and whether any part of it was quoted."""
    parts: list[str] = []
    quoted = False
    for escaped, single, double, plain in _UNQUOTE.findall(text):
        quoted = quoted or not (escaped or plain)
        parts.append(escaped or single or re.sub(r'\\(["$\\])', r"\1", double) or plain)
    return "".join(parts), quoted


def _quotes_balance(line: str) -> bool:
    """False when a quote is left open: such a line announces nothing."""
    at = 0
    while at < len(line):
        match = _WORD.match(line, at)
        if match is not None:
            at = match.end()
        elif line[at] in "'\"":
            return False
        else:
            at += 1
    return True
