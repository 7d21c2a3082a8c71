"""A small reader of shell scripts: which commands a RUN starts, and how they are joined.

It knows words, quotes, comments, ``&&`` ``||`` ``;`` ``|`` ``&``, redirections, groups and the
keywords of conditions and loops; enough to price a command, not to execute it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_COMMANDS = 2000
MAX_ITEMS = 50
MAX_SCRIPT = 200_000
"""Commands and characters of a script that are read; the rest is ignored."""
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\\\n)
    |(?P<comment>(?<![^\s;&|(])\#[^\n]*)
    |(?P<redirect>\d*(?:>>|>\||>&|<&|<<<|<<-?|<>|>|<)|&>>?)
    |(?P<join>&&|\|\||;;|\|&|[;|&\n(){}](?!\S)|[;|&\n()])
    |(?P<word>(?:[^\s;&|()<>"'\\`$]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'
        |\$\((?:[^()]|\([^()]{0,500}\)){0,2000}\)|\$\{[^}]{0,500}\}|`[^`]{0,2000}`|\$)+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENERS = frozenset({"if", "while", "until", "then", "else", "elif", "do", "!", "{", "(", "time"})
_CLOSERS = frozenset({"fi", "done", "esac", "}", ")", ";;"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_HEADS = (["for"], ["case"], ["select"], ["function"])
_PREFIXES = frozenset({"sudo", "exec", "command", "env", "nice", "nohup", "time", "eatmydata"})


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: its words without quotes, and what joins it to the one before.

    ``joined`` is "", "&&", "||", ";" or "|". ``guarded``: a failure is not the script's (inside a
    condition, or followed by ``||``). ``writes``: files named after ``>``.
    """

    words: tuple[str, ...]
    joined: str = ""
    guarded: bool = False
    conditional: bool = False
    writes: tuple[str, ...] = ()
    background: bool = False
    branches: tuple[tuple[int, int, bool], ...] = ()
    """The if commands around it: number of the if, number of its branch, and whether the command
    is the condition of that branch."""
    assigns: tuple[tuple[str, str], ...] = ()
    """Variables set in front of the command, or by a line that only sets variables."""
    replaces: bool = False
    """Whether it takes the place of the shell (``exec``)."""

    @property
    def program(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""


def split_script(text: str) -> list[Command]:
    """The simple commands of a script, in order. Never raises; what is not understood is skipped.

    >>> [c.words for c in split_script("apt-get update && apt-get install -y curl")]
    [('apt-get', 'update'), ('apt-get', 'install', '-y', 'curl')]
    """
    reader = _Reader()
    for match in _TOKEN.finditer(text[:MAX_SCRIPT]):
        reader.take(match.lastgroup or "other", match.group())
        if len(reader.done) >= MAX_COMMANDS:
            break
    return reader.finish()


class _Reader:
    """Collects words into commands; ``depth`` counts open conditions and loops."""

    def __init__(self) -> None:
        self.done: list[Command] = []
        self.words: list[str] = []
        self.writes: list[str] = []
        self.joined = ""
        self.depth = 0
        self.testing = False
        self.redirect = ""
        self.ifs: list[tuple[int, int, bool]] = []
        self.seen_ifs = 0
        self.loops: list[tuple[int, str, tuple[str, ...]]] = []
        """Open loops: their first command, and for a ``for`` its variable and its words."""

    def take(self, kind: str, text: str) -> None:
        """One token."""
        if kind in ("space", "comment", "other"):
            return
        if kind == "redirect":
            self.redirect = text
        elif kind == "join":
            self._join(text.strip(" \t") or "\n")
        elif self.redirect:
            if ">" in self.redirect and not text.startswith("&"):
                self.writes.append(unquote(text))
            self.redirect = ""
        else:
            self._word(text)

    def _word(self, text: str) -> None:
        if not self.words and text in _CLOSERS:
            self.depth = max(0, self.depth - 1)
            if text == "fi" and self.ifs:
                self.ifs.pop()
            elif text == "done" and self.loops:
                self._unroll(*self.loops.pop())
            return
        if not self.words and text in _OPENERS:
            self._open(text)
            return
        if not self.words and text in ("for", "case", "select", "function"):
            self.depth += 1
            self.words.append(text)
            return
        self.words.append(unquote(text))

    def _open(self, text: str) -> None:
        if text in ("if", "while", "until"):
            self.depth += 1
        if text in ("while", "until"):
            self.loops.append((len(self.done), "", ()))
        self.testing = text in ("if", "while", "until", "elif", "!")
        if text == "if":
            self.seen_ifs += 1
            self.ifs.append((self.seen_ifs, 0, True))
        elif text in ("then", "elif", "else") and self.ifs:
            number, branch, _ = self.ifs.pop()
            self.ifs.append((number, branch + (text != "then"), text == "elif"))

    def _unroll(self, start: int, name: str, items: tuple[str, ...]) -> None:
        """The body of a ``for`` once for each of its words, where all of them are written out."""
        body = self.done[start:]
        if not items or len(self.done) + len(items) * (len(body) + 1) > MAX_COMMANDS:
            return
        del self.done[start:]
        for item in items:
            self.done.append(Command((), ";" if self.done else "", assigns=((name, item),)))
            self.done += body

    def _join(self, text: str) -> None:
        if text in ("(", "{"):
            return
        if text in (")", "}"):
            text = ";"
        self._flush(guarded=text == "||", background=text == "&")
        self.joined = {"\n": ";", "&": ";", "|&": "|", ";;": ";"}.get(text, text)
        if text in (";", "\n"):
            self.testing = False

    def _flush(self, *, guarded: bool = False, background: bool = False) -> None:
        words = _strip(self.words)
        if words[:1] in (["for"], ["select"]):
            self.loops.append((len(self.done), *_loop(words)))
        assigns = tuple(_assignments(self.words))
        if (words or assigns) and words[:1] not in _HEADS:
            self.done.append(
                Command(
                    tuple(words),
                    self.joined if self.done else "",
                    guarded or self.testing,
                    self.depth > 0 and not self.testing,
                    tuple(self.writes),
                    background,
                    tuple(self.ifs),
                    assigns,
                    "exec" in self.words[: len(self.words) - len(words)],
                )
            )
        elif self.writes:
            self.done.append(Command((":",), self.joined, writes=tuple(self.writes)))
        self.words.clear()
        self.writes.clear()
        self.redirect = ""

    def finish(self) -> list[Command]:
        """All commands."""
        self._flush()
        return self.done


def _strip(words: list[str]) -> list[str]:
    """Without leading assignments and wrappers such as ``sudo`` and ``env``."""
    at = 0
    while at < len(words):
        if _ASSIGNMENT.match(words[at]):
            at += 1
        elif words[at] in _PREFIXES and at + 1 < len(words):
            at += 1
            while at < len(words) - 1 and words[at].startswith("-"):
                at += 1
        else:
            break
    return words[at:]


def _loop(words: list[str]) -> tuple[str, tuple[str, ...]]:
    """Variable and words of ``for NAME in a b``; no words where some are not written out."""
    items = tuple(words[3:]) if words[2:3] == ["in"] else ()
    open_ = any(set(word) & set("$*?[`") for word in items)
    return (words[1] if len(words) > 1 else "", () if open_ else items[:MAX_ITEMS])


def _assignments(words: list[str]) -> list[tuple[str, str]]:
    """The ``NAME=value`` words in front, also those of export."""
    start = 1 if words[:1] and words[0] in ("export", "declare", "local", "readonly") else 0
    found = []
    for word in words[start:]:
        if not _ASSIGNMENT.match(word):
            break
        name, _, value = word.partition("=")
        found.append((name.rstrip("+"), value))
    return found


def unquote(word: str) -> str:
    """A word without its quotes and escapes."""
    if not any(character in word for character in "\"'\\"):
        return word
    word = word.replace("\\\n", "")
    return re.sub(r"\\(.)", r"\1", re.sub(r"[\"']", "", word))
