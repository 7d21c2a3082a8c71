"""Go templates, as ``--format`` of the real tool takes them: the parts that people use.

Fields, ``$``, variables of ``range``, ``range``, ``with``, ``if``, ``else``, ``end``, parentheses,
pipes, ``index`` and a few functions. Anything else is refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from simulator.errors import InputError, nearest

MOST_NESTED = 20
MOST_CHARACTERS = 10_000
_ACTION = re.compile(r"\{\{(-)?\s*(.*?)\s*(-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)"""  # a string
    r"""|(\$?[A-Za-z_]\w*|\$)|(\.[\w.]*)|(-?\d+)|(:=|[()|,]))"""
)
_VARIABLES = re.compile(r"(?:(\$\w+)\s*,\s*)?(\$\w+)\s*:=\s*(.*)", re.DOTALL)
EXPECTED = '{{.Field}}, {{json .Field}}, {{index .Field "key"}}, {{range .Field}} or {{if .Field}}'


@dataclass(slots=True)
class Block:
    """Text, an expression, or what is between ``range`` and its ``end``."""

    kind: str
    text: str = ""
    names: tuple[str, ...] = ()
    body: list[Block] = field(default_factory=list)
    otherwise: list[Block] = field(default_factory=list)


def render(
    template: str, row: Any, functions: Mapping[str, Callable[..., Any]] | None = None
) -> str:
    """A template with the values of a row; InputError for what it cannot be.

    ``functions``: what a tool has besides those that all have.
    """
    return "".join(_run(parse(template), row, {"$": row, **(functions or {})}))


@lru_cache(maxsize=64)
def parse(template: str) -> tuple[Block, ...]:
    """The blocks of a template."""
    if len(template) > MOST_CHARACTERS:
        raise InputError("template too long", expected=f"at most {MOST_CHARACTERS} characters")
    found = list(_ACTION.finditer(template))
    if template.count("{{") != len(found):
        raise InputError("template parsing error: unclosed action", found=template)
    root = Block("root")
    open_: list[tuple[Block, list[Block]]] = [(root, root.body)]
    at = 0
    for match in found:
        text = template[at : match.start()]
        open_[-1][1].append(Block("text", text.rstrip() if match[1] else text))
        at = match.end()
        if match[3]:
            at += len(template[at:]) - len(template[at:].lstrip())
        _open(open_, match[2])
    if len(open_) > 1:
        raise InputError(
            "template parsing error: unexpected EOF, a block without its {{end}} is not modelled",
            found=template,
        )
    root.body.append(Block("text", template[at:]))
    return tuple(root.body)


def _open(open_: list[tuple[Block, list[Block]]], action: str) -> None:
    word, _, rest = action.partition(" ")
    block, into = open_[-1]
    if word in ("range", "with", "if"):
        names = _VARIABLES.fullmatch(rest.strip())
        declared = tuple(name for name in (names[1], names[2]) if name) if names else ()
        made = Block(word, names[3] if names else rest, declared)
        into.append(made)
        open_.append((made, made.body))
        if len(open_) > MOST_NESTED:
            raise InputError("template too deep", expected=f"at most {MOST_NESTED} levels")
    elif word == "else" and rest.startswith("if ") and block.kind == "if" and into is block.body:
        made = Block("if", rest[3:])
        block.otherwise.append(made)
        open_[-1] = (made, made.body)
    elif action == "else" and block.kind in ("range", "with", "if") and into is block.body:
        open_[-1] = (block, block.otherwise)
    elif action == "end" and len(open_) > 1:
        open_.pop()
    elif word in ("else", "end", "define", "template", "block", "break", "continue"):
        raise InputError("template parsing error: unexpected {{" + action + "}}")
    elif not action.startswith("/*"):
        names = _VARIABLES.fullmatch(action)
        kind, text = ("set", names[3]) if names and not names[1] else ("value", action)
        into.append(Block(kind, text, (names[2],) if names and kind == "set" else ()))


Scope = dict[str, Any]


def _run(blocks: Sequence[Block], dot: Any, scope: Scope) -> Iterator[str]:
    for block in blocks:
        if block.kind == "text":
            yield block.text
        elif block.kind == "value":
            yield go_text(_value(block.text, dot, scope))
        elif block.kind == "set":
            scope[block.names[0]] = _value(block.text, dot, scope)
        else:
            yield from _nested(block, dot, scope)


def _nested(block: Block, dot: Any, scope: Scope) -> Iterator[str]:
    value = _value(block.text, dot, scope)
    if not value:
        yield from _run(block.otherwise, dot, scope)
    elif block.kind == "if":
        yield from _run(block.body, dot, scope)
    elif block.kind == "with":
        yield from _run(block.body, value, scope | dict.fromkeys(block.names, value))
    else:
        for key, one in _pairs(value, block.text):
            both = (key, one) if len(block.names) == 2 else (one,)
            yield from _run(block.body, one, scope | dict(zip(block.names, both, strict=False)))


def _pairs(value: Any, text: str) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, list | tuple):
        return enumerate(value)
    raise InputError("template parsing error: range can't iterate over", found=text)


# --- expressions ----------------------------------------------------------------------------------


def _value(text: str, dot: Any, scope: Scope) -> Any:
    reader = _Expression(text, dot, scope)
    found = reader.pipeline()
    if reader.at < len(reader.tokens):
        raise reader.bad()
    return found


class _Expression:
    """Reads one expression from left to right, and works it out."""

    def __init__(self, text: str, dot: Any, scope: Scope) -> None:
        self.text, self.dot, self.scope = text, dot, scope
        self.tokens: list[str] = []
        self.at = at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self.bad()
            self.tokens.append(match[0].strip())
            at = match.end()

    def bad(self) -> InputError:
        """What is not modelled."""
        return InputError(
            "this template action is not modelled", found=self.text, expected=EXPECTED
        )

    def peek(self) -> str:
        """The next token, or nothing."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        """Take the next token."""
        if self.at >= len(self.tokens):
            raise self.bad()
        self.at += 1
        return self.tokens[self.at - 1]

    def pipeline(self) -> Any:
        """Commands, each given the value of the one before it as its last argument."""
        value = self.command([])
        while self.peek() == "|":
            self.next()
            value = self.command([value])
        return value

    def command(self, last: list[Any]) -> Any:
        """A function with its arguments, or a value."""
        word = self.peek()
        if word[:1].isalpha() and word not in ("true", "false", "nil"):
            name = self.next()
            function = self.scope.get(name) or _FUNCTIONS.get(name)
            if function is None:
                raise self.bad()
            arguments = []
            while self.peek() not in ("", "|", ")"):
                arguments.append(self.term())
            return self._called(function, [*arguments, *last])
        if last:
            raise self.bad()
        return self.term()

    def _called(self, function: Callable[..., Any], arguments: list[Any]) -> Any:
        try:
            return function(*arguments)
        except (TypeError, KeyError, IndexError):
            if function is _index and len(arguments) > 1:
                return NoValue()
            raise self.bad() from None

    def term(self) -> Any:
        """One value: a field, a variable, a string, a number, or something in parentheses."""
        token = self.next()
        if token == "(":
            value = self.pipeline()
            if self.next() != ")":
                raise self.bad()
            return self._fields(value)
        if token.startswith("."):
            return _at(token, self.dot)
        if token.startswith("$"):
            if token not in self.scope:
                raise InputError("template parsing error: undefined variable", found=token)
            return self._fields(self.scope[token])
        if token[0] in '"`':
            return json.loads(token) if token[0] == '"' else token[1:-1]
        if token.lstrip("-").isdigit():
            return int(token[:19])
        if token in ("true", "false"):
            return token == "true"
        raise self.bad()

    def _fields(self, value: Any) -> Any:
        return _at(self.next(), value) if self.peek().startswith(".") else value


class NoValue:
    """What Go prints for a key that is not there."""

    def __bool__(self) -> bool:
        return False


def _at(path: str, row: Any) -> Any:
    value: Any = row
    for name in [part for part in path.split(".") if part]:
        if not isinstance(value, Mapping) or name not in value:
            known = list(value) if isinstance(value, Mapping) else []
            raise InputError(
                "template parsing error: no such field",
                found=path,
                expected=f"one of: {', '.join(map(str, known[:40]))}" if known else None,
                nearest=nearest(name, map(str, known)),
            )
        value = value[name]
    return value


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        value = value[key]
    return value


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "json": lambda value: json.dumps(value, ensure_ascii=False),
    "upper": lambda value: go_text(value).upper(),
    "lower": lambda value: go_text(value).lower(),
    "title": lambda value: go_text(value).title(),
    "len": lambda value: len(value) if isinstance(value, str | list | dict) else 0,
    "join": lambda values, between: str(between).join(map(go_text, values)),
    "split": lambda text, between: str(text).split(between),
    "println": lambda *values: " ".join(map(go_text, values)) + "\n",
    "print": lambda *values: "".join(map(go_text, values)),
    "index": _index,
    "eq": lambda value, *others: any(value == other for other in others),
    "ne": lambda value, other: value != other,
    "not": lambda value: not value,
    "and": lambda *values: next((one for one in values if not one), values[-1]),
    "or": lambda *values: next((one for one in values if one), values[-1]),
}


def go_text(value: Any) -> str:
    """A value as Go prints it: ``true``, ``<nil>``, ``[a b]``, ``map[k:v]``."""
    if value is None:
        return "<nil>"
    if isinstance(value, NoValue):
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{go_text(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(go_text(one) for one in value) + "]"
    return str(value)
