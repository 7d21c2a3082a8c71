"""A shell script as a tree: lists, conditions, loops, functions, here-documents.

The grammar of POSIX sh, with the words of bash that Dockerfiles use (``[[``, ``&>``, ``<<<``,
``function``). Words keep their quotes: what they mean is said when they are expanded
(``words.py``), because that depends on the variables of that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.image.builder.scanning import Scanner

MAX_DEPTH = 60
"""Constructs inside each other; deeper ones make the script unreadable."""
_ENDS = frozenset({"then", "do", "done", "fi", "elif", "else", "esac", "}", ")", ";;"})


@dataclass(frozen=True, slots=True)
class Redirect:
    """``> file``, ``2>&1``, ``< file``, or a here-document with its text."""

    operator: str
    target: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """One command: variables in front, words, redirections; all of them as they are written."""

    assigns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands joined by ``|``; ``negated`` by a ``!`` in front."""

    parts: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """Commands joined by ``&&`` and ``||``: the operator before each, "" for the first."""

    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands one after the other, each with whether it runs in the background."""

    parts: tuple[tuple[Node, bool], ...]


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what follows each, and the ``else``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class For:
    """``for NAME in WORDS``; without ``in`` the words are the script's arguments."""

    name: str
    words: tuple[str, ...] | None
    body: Node


@dataclass(frozen=True, slots=True)
class While:
    """``while`` and ``until``."""

    condition: Node
    body: Node
    until: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A word, and patterns with what follows each."""

    word: str
    arms: tuple[tuple[tuple[str, ...], Node], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``( … )``, which leaves the shell as it was, ``{ … }``, or a construct with redirections."""

    body: Node
    subshell: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """``name() { … }``."""

    name: str
    body: Node


Node = Simple | Pipe | Chain | Sequence | If | For | While | Case | Group | Function
NOTHING = Sequence(())


class NotUnderstood(Exception):
    """The script has something that this grammar does not know."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and whether all of it was understood."""

    body: Node
    understood: bool = True


def parse_script(text: str, documents: Mapping[str, str] | None = None) -> Script:
    """The tree of a script. Never raises; what cannot be read is missing, and said to be.

    ``documents``: here-documents whose text is not in the script, by name.
    """
    parser = _Parser(Scanner(text, dict(documents or {})))
    try:
        body = parser.sequence(frozenset())
        whole = parser.at_end
    except (NotUnderstood, RecursionError):
        return Script(Sequence(tuple(parser.done)), False)
    return Script(body, whole)


@dataclass(slots=True)
class _Parser:
    scanner: Scanner
    depth: int = 0
    done: list[tuple[Node, bool]] = field(default_factory=list)
    """The commands of the outermost list so far: what is left of a script with a mistake."""

    @property
    def at_end(self) -> bool:
        return self.scanner.peek().kind == "end"

    def _word(self) -> str:
        token = self.scanner.peek()
        return token.text if token.kind == "word" else ""

    def _expect(self, text: str) -> None:
        token = self.scanner.take()
        if token.text != text:
            raise NotUnderstood(text)

    def _skip_lines(self) -> None:
        while self.scanner.peek().text in ("\n", ";"):
            self.scanner.take()

    def sequence(self, ends: frozenset[str]) -> Node:
        """Commands until one of the closing words."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotUnderstood("depth")
        parts: list[tuple[Node, bool]] = self.done if self.depth == 1 else []
        while True:
            self._skip_lines()
            token = self.scanner.peek()
            if token.kind == "end" or token.text in ends or (ends and token.text in (";;", ")")):
                break
            if token.text in _ENDS:
                raise NotUnderstood(token.text)
            node = self._chain()
            behind = self.scanner.peek().text == "&"
            if self.scanner.peek().text in ("&", ";", "\n"):
                self.scanner.take()
            parts.append((node, behind))
        self.depth -= 1
        return parts[0][0] if len(parts) == 1 and not parts[0][1] else Sequence(tuple(parts))

    def _chain(self) -> Node:
        parts: list[tuple[str, Node]] = [("", self._pipe())]
        while self.scanner.peek().text in ("&&", "||"):
            operator = self.scanner.take().text
            self._skip_newlines()
            parts.append((operator, self._pipe()))
        return parts[0][1] if len(parts) == 1 else Chain(tuple(parts))

    def _skip_newlines(self) -> None:
        while self.scanner.peek().text == "\n":
            self.scanner.take()

    def _pipe(self) -> Node:
        negated = False
        while self._word() == "!":
            self.scanner.take()
            negated = not negated
        if self._word() == "time":
            self.scanner.take()
        parts = [self._command()]
        while self.scanner.peek().text in ("|", "|&"):
            self.scanner.take()
            self._skip_newlines()
            parts.append(self._command())
        return Pipe(tuple(parts), negated) if negated or len(parts) > 1 else parts[0]

    def _command(self) -> Node:
        word = self._word()
        readers = {"if": self._if, "while": self._while, "until": self._while, "for": self._for,
                   "select": self._for, "case": self._case, "{": self._braces}  # fmt: skip
        if word in readers:
            return self._redirected(readers[word]())
        if self.scanner.peek().text == "(":
            return self._redirected(self._subshell())
        return self._simple()

    def _redirected(self, node: Node) -> Node:
        redirects = self._redirects()
        if not redirects:
            return node
        if isinstance(node, Group):
            return Group(node.body, node.subshell, redirects)
        return Group(node, False, redirects)

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        while self.scanner.peek().kind == "redirect":
            found.append(self._redirect())
        return tuple(found)

    def _redirect(self) -> Redirect:
        token = self.scanner.take()
        target = self.scanner.take()
        if target.kind != "word":
            raise NotUnderstood("a file name after a redirection")
        if token.text.lstrip("0123456789") in ("<<", "<<-"):
            return Redirect("<<", target.text, self.scanner.document(target.text))
        return Redirect(token.text, target.text)

    def _if(self) -> Node:
        branches = []
        otherwise = None
        self.scanner.take()
        while True:
            condition = self.sequence(frozenset({"then"}))
            self._expect("then")
            branches.append((condition, self.sequence(frozenset({"elif", "else", "fi"}))))
            token = self.scanner.take()
            if token.text == "else":
                otherwise = self.sequence(frozenset({"fi"}))
                self._expect("fi")
            if token.text != "elif":
                return If(tuple(branches), otherwise)

    def _while(self) -> Node:
        until = self.scanner.take().text == "until"
        condition = self.sequence(frozenset({"do"}))
        return While(condition, self._body(), until)

    def _body(self) -> Node:
        self._expect("do")
        body = self.sequence(frozenset({"done"}))
        self._expect("done")
        return body

    def _for(self) -> Node:
        self.scanner.take()
        name = self.scanner.take().text
        words: list[str] | None = None
        self._skip_newlines()
        if self._word() == "in":
            self.scanner.take()
            words = []
            while self.scanner.peek().kind == "word":
                words.append(self.scanner.take().text)
        self._skip_lines()
        return For(name, None if words is None else tuple(words), self._body())

    def _case(self) -> Node:
        self.scanner.take()
        word = self.scanner.take().text
        self._skip_newlines()
        self._expect("in")
        arms = []
        self._skip_lines()
        while self._word() != "esac":
            arms.append(self._arm())
            self._skip_lines()
        self.scanner.take()
        return Case(word, tuple(arms))

    def _arm(self) -> tuple[tuple[str, ...], Node]:
        patterns = []
        if self.scanner.peek().text == "(":
            self.scanner.take()
        while True:
            token = self.scanner.take()
            if token.kind != "word":
                raise NotUnderstood("a pattern")
            patterns.append(token.text)
            if self.scanner.peek().text != "|":
                break
            self.scanner.take()
        self._expect(")")
        body = self.sequence(frozenset({";;", "esac"}))
        if self.scanner.peek().text == ";;":
            self.scanner.take()
        return tuple(patterns), body

    def _braces(self) -> Node:
        self.scanner.take()
        body = self.sequence(frozenset({"}"}))
        self._expect("}")
        return Group(body, False)

    def _subshell(self) -> Node:
        self.scanner.take()
        body = self.sequence(frozenset({")"}))
        self._expect(")")
        return Group(body, True)

    def _simple(self) -> Node:
        words: list[str] = []
        redirects: list[Redirect] = []
        while True:
            token = self.scanner.peek()
            if words[:1] == ["[["] and words[-1] != "]]" and token.kind != "end":
                words.append(self.scanner.take().text)
            elif token.kind == "redirect":
                redirects.append(self._redirect())
            elif token.kind == "word":
                words.append(self.scanner.take().text)
            elif token.text == "(" and self._names_function(words):
                return self._function(words)
            else:
                break
        if not words and not redirects:
            raise NotUnderstood(token.text)
        if words[:1] == ["function"] and self._word() == "" and len(words) > 1:
            words = words[1:]
        return _simple(words, redirects)

    def _names_function(self, words: list[str]) -> bool:
        return len(words) == 1 or (len(words) == 2 and words[0] == "function")

    def _function(self, words: list[str]) -> Node:
        self._expect("(")
        self._expect(")")
        self._skip_newlines()
        return Function(words[-1], self._command())


def _simple(words: list[str], redirects: list[Redirect]) -> Simple:
    at = 0
    while at < len(words) and _assigns(words[at]):
        at += 1
    return Simple(tuple(words[:at]), tuple(words[at:]), tuple(redirects))


def _assigns(word: str) -> bool:
    name, equals, _ = word.partition("=")
    name = name.removesuffix("+")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[:1].isdigit()
