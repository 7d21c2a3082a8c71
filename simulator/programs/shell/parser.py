"""From the text of a script to its nodes, by the grammar of a POSIX shell.

What is left out is refused by name: coprocesses, ``[[`` is a command here, arrays, ``select``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from simulator.programs.shell.scanner import BREAKS, Scanner, SyntaxProblem, Unfinished
from simulator.programs.shell.syntax import (
    AndOr,
    Background,
    Case,
    For,
    Function,
    Group,
    If,
    Loop,
    Node,
    Parameter,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    Text,
    Word,
)

_REDIRECT = re.compile(r"(\d*)(>>|>\||>&|<&|<<<|<<-?|<>|>|<)|&>>?")
_ASSIGN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "for", "case", "esac"}
    | {"{", "}", "!", "in"}
)
_NOT_MODELLED = {"select": "select", "coproc": "coproc", "function": "the word 'function'"}


@lru_cache(maxsize=512)
def parse(text: str) -> Sequence:
    """The nodes of a script; SyntaxProblem with the shell's sentence, Unfinished where more fits.

    >>> len(parse("echo a; sleep 5; echo b").items)
    3
    """
    parser = _Parser(text.replace("\r\n", "\n"))
    body = parser.sequence(())
    parser.expect_end()
    return body


def _script(outer: Scanner, end: str) -> Sequence:
    parser = _Parser("", outer)
    body = parser.sequence((end,) if end else ())
    if not end:
        parser.expect_end()
    return body


class _Parser:
    """Reads commands from a scanner, by recursive descent."""

    def __init__(self, text: str, scanner: Scanner | None = None) -> None:
        self.scan = scanner if scanner is not None else Scanner(text, _script)
        self._heres: list[tuple[list[Redirect], int, str, bool, bool]] = []

    # --- lists ----------------------------------------------------------------------------------

    def sequence(self, ends: tuple[str, ...]) -> Sequence:
        """Commands up to one of the words or marks ``ends``, which is left to be read."""
        self.scan.deeper()
        items: list[Node] = []
        while True:
            self._newlines()
            if not self.scan.peek() or self._at_end(ends):
                break
            item = self._and_or()
            self.scan.blanks()
            mark = self.scan.peek()
            if mark == "&" and self.scan.peek(2) != "&&":
                item = Background(item)
                self.scan.at += 1
            elif mark == ";" and self.scan.peek(2) != ";;":
                self.scan.at += 1
            elif mark == "\n":
                self._newline()
            elif mark and not self._at_end(ends) and self.scan.peek(2) != ";;":
                raise self._unexpected()
            items.append(item)
        self.scan.depth -= 1
        return Sequence(tuple(items))

    def expect_end(self) -> None:
        """Refuse what is left."""
        self.scan.blanks()
        if self.scan.peek():
            raise self._unexpected()
        if self._heres:
            raise Unfinished("here-document delimited by end of file")

    def _at_end(self, ends: tuple[str, ...]) -> bool:
        if self.scan.peek() == ")":
            return True
        if self.scan.peek(2) == ";;":
            return True
        word = self._reserved()
        return word is not None and (word in ends or word in _CLOSERS)

    def _newlines(self) -> None:
        while True:
            self.scan.blanks()
            if self.scan.peek() != "\n":
                return
            self._newline()

    def _newline(self) -> None:
        self.scan.at += 1
        heres, self._heres = self._heres, []
        for redirects, place, mark, plain, strip in heres:
            redirects[place] = Redirect(
                redirects[place].stream, "<<", self._here(mark, plain, strip)
            )

    def _here(self, mark: str, plain: bool, strip: bool) -> Word:
        lines: list[str] = []
        text = self.scan.text
        while True:
            if self.scan.at >= len(text):
                raise Unfinished("here-document delimited by end of file")
            end = text.find("\n", self.scan.at)
            end = len(text) if end < 0 else end
            line = text[self.scan.at : end]
            self.scan.at = min(end + 1, len(text))
            line = line.lstrip("\t") if strip else line
            if line == mark:
                break
            lines.append(line + "\n")
        body = "".join(lines)
        if plain:
            return Word((Text(body, True),))
        inner = Scanner(body, _script)
        inner.depth = self.scan.depth
        return inner.rest()

    # --- pipes ----------------------------------------------------------------------------------

    def _and_or(self) -> Node:
        first = self._pipeline()
        rest: list[tuple[str, Node]] = []
        while True:
            self.scan.blanks()
            mark = self.scan.peek(2)
            if mark not in ("&&", "||"):
                break
            self.scan.at += 2
            self._newlines()
            rest.append((mark, self._pipeline()))
        return AndOr(first, tuple(rest)) if rest else first

    def _pipeline(self) -> Node:
        negated = False
        while self._reserved() == "!":
            self.scan.at += 1
            self.scan.blanks()
            negated = not negated
        commands = [self._command()]
        while True:
            self.scan.blanks()
            if self.scan.peek() != "|" or self.scan.peek(2) == "||":
                break
            self.scan.at += 1
            both = self.scan.peek() == "&"
            self.scan.at += both
            if both:
                merged = Redirect(2, ">&", Word((Text("1"),)))
                commands[-1] = Group(commands[-1], redirects=(merged,))
            self._newlines()
            commands.append(self._command())
        if len(commands) == 1 and not negated:
            return commands[0]
        return Pipeline(tuple(commands), negated)

    # --- commands -------------------------------------------------------------------------------

    def _command(self) -> Node:
        self.scan.blanks()
        if not self.scan.peek():
            raise Unfinished("end of file unexpected")
        if self.scan.peek() == "(":
            self.scan.at += 1
            return self._behind(Group(self._closed(")"), apart=True))
        word = self._reserved()
        reader = _COMPOUND.get(word or "")
        if word is not None and reader is not None:
            self.scan.at += len(word)
            return self._behind(reader(self))
        if word is not None and word in _CLOSERS:
            raise self._unexpected()
        if word in _NOT_MODELLED:
            raise SyntaxProblem(f"{_NOT_MODELLED[word or '']} is not modelled in scripts")
        return self._simple()

    def _closed(self, end: str) -> Sequence:
        body = self.sequence((end,))
        if not body.items:
            raise self._unexpected()
        self._take(end)
        return body

    def _behind(self, node: Node) -> Node:
        """The redirections behind a compound command."""
        redirects: list[Redirect] = []
        while self._redirect(redirects):
            pass
        if not redirects:
            return node
        if isinstance(node, Group):
            return Group(node.body, node.apart, tuple(redirects))
        return Group(node, redirects=tuple(redirects))

    def _group(self) -> Node:
        return Group(self._closed("}"))

    def _if(self) -> Node:
        branches: list[tuple[Sequence, Sequence]] = []
        otherwise = None
        while True:
            condition = self._closed("then")
            body = self.sequence(("elif", "else", "fi"))
            branches.append((condition, body))
            if self._reserved() != "elif":
                break
            self._take("elif")
        if self._reserved() == "else":
            self._take("else")
            otherwise = self.sequence(("fi",))
        self._take("fi")
        return If(tuple(branches), otherwise)

    def _while(self) -> Node:
        condition = self._closed("do")
        return Loop(condition, self._closed("done"))

    def _until(self) -> Node:
        condition = self._closed("do")
        return Loop(condition, self._closed("done"), until=True)

    def _for(self) -> Node:
        self.scan.blanks()
        name = _NAME.match(self.scan.text, self.scan.at)
        if name is None:
            if self.scan.peek(2) == "((":
                raise SyntaxProblem("for ((…)) is not modelled in scripts; use: for i in $(seq …)")
            raise SyntaxProblem("Bad for loop variable")
        self.scan.at = name.end()
        self._newlines()
        words: tuple[Word, ...] | None = None
        if self._reserved() == "in":
            self._take("in")
            words = self._plain_words()
        self.scan.blanks()
        if self.scan.peek() == ";":
            self.scan.at += 1
        self._newlines()
        self._take("do")
        return For(name.group(), words, self._closed("done"))

    def _plain_words(self) -> tuple[Word, ...]:
        words: list[Word] = []
        while True:
            self.scan.blanks()
            if not self.scan.peek() or self.scan.peek() in ";\n":
                return tuple(words)
            if self.scan.peek() in BREAKS:
                raise self._unexpected()
            words.append(self.scan.word())

    def _case(self) -> Node:
        self.scan.blanks()
        word = self.scan.word()
        self._newlines()
        self._take("in")
        choices: list[tuple[tuple[Word, ...], Sequence]] = []
        while True:
            self._newlines()
            if self._reserved() == "esac":
                break
            choices.append(self._choice())
        self._take("esac")
        return Case(word, tuple(choices))

    def _choice(self) -> tuple[tuple[Word, ...], Sequence]:
        if self.scan.peek() == "(":
            self.scan.at += 1
        patterns = []
        while True:
            self.scan.blanks()
            patterns.append(self.scan.word())
            self.scan.blanks()
            if self.scan.peek() != "|":
                break
            self.scan.at += 1
        if self.scan.peek() != ")" or not patterns[-1].parts:
            raise self._unexpected()
        self.scan.at += 1
        body = self.sequence(("esac",))
        if self.scan.peek(2) == ";;":
            self.scan.at += 2
        return tuple(patterns), body

    def _simple(self) -> Node:
        line = self.scan.line
        words: list[Word] = []
        assigns: list[tuple[str, Word]] = []
        redirects: list[Redirect] = []
        while True:
            self.scan.blanks()
            if self._redirect(redirects):
                continue
            if not self.scan.peek() or self.scan.peek() in BREAKS:
                break
            found = None if words else _ASSIGN.match(self.scan.text, self.scan.at)
            if found is not None:
                self.scan.at = found.end()
                if self.scan.peek() == "(":
                    raise SyntaxProblem("arrays are not modelled in scripts")
                assigns.append((found.group()[:-1], self.scan.word()))
            else:
                words.append(self.scan.word())
        if self.scan.peek() == "(" and len(words) == 1 and words[0].literal and not assigns:
            return self._function(words[0].literal)
        if not words and not assigns and not redirects:
            raise self._unexpected()
        if self._heres:
            return _Late(self, words, assigns, redirects, line).node()
        return Simple(tuple(words), tuple(assigns), tuple(redirects), line)

    def _function(self, name: str) -> Node:
        self.scan.at += 1
        self.scan.blanks()
        if self.scan.peek() != ")" or _NAME.fullmatch(name) is None:
            raise self._unexpected()
        self.scan.at += 1
        self._newlines()
        return Function(name, self._command())

    # --- redirections ---------------------------------------------------------------------------

    def _redirect(self, redirects: list[Redirect]) -> bool:
        self.scan.blanks()
        found = _REDIRECT.match(self.scan.text, self.scan.at)
        if found is None:
            return False
        self.scan.at = found.end()
        operator = found.group(2) or found.group()
        if operator in ("<", ">") and self.scan.peek() == "(":
            raise SyntaxProblem("process substitution is not modelled in scripts")
        self.scan.blanks()
        if not self.scan.peek() or self.scan.peek() in BREAKS:
            raise Unfinished("newline unexpected") if not self.scan.peek() else self._unexpected()
        target = self.scan.word()
        stream = int(found.group(1) or (0 if operator[0] == "<" else 1)) if found.group(2) else 1
        if operator.startswith("<<") and operator != "<<<":
            redirects.append(Redirect(stream, "<<", Word()))
            plain = any(isinstance(part, Text) and part.quoted for part in target.parts)
            mark = "".join(part.text for part in target.parts if isinstance(part, Text))
            self._heres.append((redirects, len(redirects) - 1, mark, plain, operator == "<<-"))
            return True
        if operator.startswith("&>"):
            redirects.append(Redirect(1, operator[1:], target))
            redirects.append(Redirect(2, ">&", Word((Text("1"),))))
            return True
        redirects.append(Redirect(stream, operator, target))
        return True

    # --- marks ----------------------------------------------------------------------------------

    def _reserved(self) -> str | None:
        """The word at this place if it is one that the grammar knows, without reading it."""
        self.scan.blanks()
        text, at = self.scan.text, self.scan.at
        end = at
        while end < len(text) and end - at < 9 and text[end] not in BREAKS:
            end += 1
        word = text[at:end]
        return word if word in _RESERVED or word in _NOT_MODELLED else None

    def _take(self, word: str) -> None:
        self._newlines()
        if not self.scan.peek():
            raise Unfinished(f'end of file unexpected (expecting "{word}")')
        if word == ")":
            if self.scan.peek() != ")":
                raise self._unexpected()
        elif self._reserved() != word:
            raise self._unexpected(word)
        self.scan.at += len(word)

    def _unexpected(self, wanted: str = "") -> SyntaxProblem:
        found = _TOKEN.match(self.scan.text, self.scan.at)
        told = found.group() if found is not None else ""
        told = "newline" if told == "\n" else f'"{told[:20]}"' if told else "end of file"
        behind = f' (expecting "{wanted}")' if wanted else ""
        return SyntaxProblem(f"{told} unexpected{behind}")


class _Late:
    """A command whose here-documents come with the next lines: read them at once."""

    def __init__(
        self,
        parser: _Parser,
        words: list[Word],
        assigns: list[tuple[str, Word]],
        redirects: list[Redirect],
        line: int,
    ) -> None:
        self.parser, self.words, self.assigns = parser, words, assigns
        self.redirects, self.line = redirects, line

    def node(self) -> Node:
        """The command, with the rest of its line left to be read after the documents."""
        scan = self.parser.scan
        end = scan.text.find("\n", scan.at)
        if end < 0:
            raise Unfinished("here-document delimited by end of file")
        back = scan.at
        scan.at = end
        self.parser._newline()
        # The rest of the line comes first, the documents are cut out of the text.
        scan.text = scan.text[:end] + "\n" + scan.text[scan.at :]
        scan.at = back
        return Simple(tuple(self.words), tuple(self.assigns), tuple(self.redirects), self.line)


_TOKEN = re.compile(r"\n|;;|&&|\|\||[;&|()<>]|[^\s;&|()<>]+")
_CLOSERS = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_COMPOUND = {
    "{": _Parser._group,
    "if": _Parser._if,
    "while": _Parser._while,
    "until": _Parser._until,
    "for": _Parser._for,
    "case": _Parser._case,
}


def names_in(word: Word) -> tuple[str, ...]:
    """The variables that a word names, for who wants to know without carrying it out."""
    return tuple(part.name for part in word.parts if isinstance(part, Parameter))
