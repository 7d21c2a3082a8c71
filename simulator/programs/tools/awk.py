"""awk as it is used in pipes: ``pattern {print …}``, BEGIN and END, sums, -F; no more."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.errors import Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.tools.options import bad, read
from simulator.programs.tools.regex import BadPattern, compiled
from simulator.programs.tools.saying import unescaped

_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*)|\"((?:[^\"\\]|\\.)*)\"|(\$)|([A-Za-z_]\w*)"
    r"|(&&|\|\||==|!=|<=|>=|\+=|-=|\+\+|--|!~|[-+*/%<>=!~(),;{}\n]))"
)
_SETS = (("mark", "="), ("mark", "+="), ("mark", "-="))
MAX_TOKENS = 500
MAX_DEPTH = 30
Value = str | float


def awk(call: Call) -> Outcome:
    """Carry a program out over lines."""
    found = read(call, "", "Fv")
    if found.bad:
        return bad(call, found)
    if not found.rest:
        return call.fail("usage: awk [-F fs][-v var=value] 'prog' [file ...]", 2)
    program = _Program(found.rest[0], unescaped(found.values.get("F", " ")))
    if "v" in found.values:
        name, _, value = found.values["v"].partition("=")
        program.variables[name] = value
    try:
        program.begin()
        code = 0
        if program.needs_input:
            code = call.each_text(
                tuple(found.rest[1:]), lambda name, text: program.lines(text.splitlines())
            )
        program.finish()
    except BadPattern as wrong:
        return call.fail(wrong.problem, 2)
    call.out("".join(program.printed))
    return code


class _Program:
    """Rules, variables, and what was printed."""

    def __init__(self, text: str, separator: str) -> None:
        self.variables: dict[str, Value] = {"FS": separator, "OFS": " ", "NR": 0.0, "NF": 0.0}
        self.printed: list[str] = []
        self.fields: list[str] = []
        self.line = ""
        self.rules = _rules(text)

    @property
    def needs_input(self) -> bool:
        """Whether there is a rule that is not of the beginning."""
        return any(pattern != "BEGIN" for pattern, _ in self.rules)

    def begin(self) -> None:
        """What comes first."""
        self._special("BEGIN")

    def finish(self) -> None:
        """What comes last."""
        self._special("END")

    def _special(self, name: str) -> None:
        for pattern, body in self.rules:
            if pattern == name:
                _Reader(body, self).statements()

    def lines(self, lines: list[str]) -> None:
        """All rules for each line."""
        for line in lines:
            self.line = line
            separator = str(self.variables["FS"])
            if separator == " ":
                self.fields = line.split()
            elif len(separator) == 1:
                self.fields = line.split(separator) if line else []
            else:
                raise Refused("a separator of several characters in awk is not modelled")
            self.variables["NR"] = _number(self.variables["NR"]) + 1
            self.variables["NF"] = float(len(self.fields))
            for pattern, body in self.rules:
                if pattern not in ("BEGIN", "END") and self._holds(pattern):
                    _Reader(body, self).statements()

    def _holds(self, pattern: str) -> bool:
        text = pattern.strip()
        if not text:
            return True
        inverted = text.startswith("!/")
        bare = text[1:] if inverted else text
        if bare.startswith("/") and bare.endswith("/") and len(bare) > 1:
            hit = compiled(bare[1:-1], True, False).search(self.line)
            return (hit is not None) != inverted
        return _true(_Reader(text, self).expression())

    def field(self, number: int) -> str:
        """``$n``."""
        if number == 0:
            return self.line
        return self.fields[number - 1] if 0 < number <= len(self.fields) else ""


def _rules(text: str) -> list[tuple[str, str]]:
    """(pattern, body) pairs."""
    rules, at = [], 0
    while at < len(text):
        opened = _outside(text, at, "{")
        if opened < 0:
            if text[at:].strip():
                rules.append((text[at:].strip(), "print"))
            break
        closed = _outside(text, opened + 1, "}")
        if closed < 0:
            raise BadPattern("syntax error: } is missing")
        body = text[opened + 1 : closed]
        if "{" in body or re.search(r"\b(if|for|while|function|getline|split|gsub)\b", body):
            raise Refused("programs of awk beyond print, printf and sums are not modelled")
        rules.append((text[at:opened].strip(), body))
        at = closed + 1
        while at < len(text) and text[at] in " ;\n\t":
            at += 1
    if len(rules) > 50:
        raise Refused("so long a program of awk is not modelled")
    return rules


def _outside(text: str, at: int, mark: str) -> int:
    quote = ""
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in '"/':
            quote = char if char == '"' or not text[:at].rstrip()[-1:].isalnum() else ""
        elif char == mark:
            return at
        at += 1
    return -1


def _number(value: Value) -> float:
    if isinstance(value, float):
        return value
    found = re.match(r"\s*[-+]?\d{1,30}(\.\d{1,30})?", value)
    return float(found.group()) if found is not None else 0.0


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) and abs(value) < 1e16 else f"{value:.6g}"


def _true(value: Value) -> bool:
    return value != 0.0 if isinstance(value, float) else value not in ("", "0")


class _Reader:
    """Carries statements out while it reads them."""

    def __init__(self, text: str, program: _Program) -> None:
        self.program = program
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or len(self.tokens) > MAX_TOKENS:
                raise Refused(f"'{text[at : at + 20].strip()}' in a program of awk is not modelled")
            kind = ("number", "text", "$", "name", "mark")[(found.lastindex or 1) - 1]
            self.tokens.append((kind, found.group(found.lastindex or 1)))
            at = found.end()
        self.at = 0
        self.depth = 0

    def _peek(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return text if kind in ("mark", "name", "$") else kind

    def statements(self) -> None:
        """One after the other."""
        while self.at < len(self.tokens):
            if self._peek() in (";", "\n"):
                self.at += 1
                continue
            self._statement()

    def _statement(self) -> None:
        word = self._peek()
        if word in ("print", "printf"):
            self.at += 1
            values: list[Value] = []
            if self._peek() not in ("", ";", "\n"):
                values.append(self.expression())
                while self._peek() == ",":
                    self.at += 1
                    values.append(self.expression())
            self._print(word, values)
        else:
            before = self.at
            self.expression()
            if self.at == before:
                raise Refused(f"'{word}' in a program of awk is not modelled")

    def _print(self, word: str, values: list[Value]) -> None:
        program = self.program
        if word == "print":
            joined = str(program.variables["OFS"]).join(map(_text, values))
            program.printed.append((joined if values else program.line) + "\n")
            return
        form = _text(values[0]) if values else ""
        rest = values[1:]

        def one(found: re.Match[str]) -> str:
            if found.group() == "%%":
                return "%"
            value = rest.pop(0) if rest else ""
            if found[2] == "s":
                return f"%{found[1]}s" % _text(value)
            if found[2] in "di":
                return f"%{found[1]}d" % int(_number(value))
            return f"%{found[1]}{found[2]}" % _number(value)

        program.printed.append(re.sub(r"%%|%(-?0?\d{0,3}(?:\.\d{1,2})?)([sdifeg])", one, form))

    # --- expressions ----------------------------------------------------------------------------

    def expression(self) -> Value:
        """A value; assignments too."""
        name, following = self._peek(), self.tokens[self.at + 1 : self.at + 2]
        named = self.at < len(self.tokens) and self.tokens[self.at][0] == "name"
        if named and following and following[0] in _SETS:
            self.at += 2
            value = self.expression()
            before = _number(self.program.variables.get(name, ""))
            if following[0][1] != "=":
                change = _number(value) * (1 if following[0][1] == "+=" else -1)
                value = before + change
            self.program.variables[name] = value
            return value
        return self._joined(self._compared, ("&&", "||"))

    def _joined(self, below: Callable[[], Value], marks: tuple[str, ...]) -> Value:
        left = below()
        while self._peek() in marks:
            mark = self._peek()
            self.at += 1
            right = below()
            both = (_true(left), _true(right))
            left = float(all(both) if mark == "&&" else any(both))
        return left

    def _compared(self) -> Value:
        left = self._concatenated()
        mark = self._peek()
        if mark in ("==", "!=", "<", ">", "<=", ">="):
            self.at += 1
            right = self._concatenated()
            return float(_compare(mark, left, right))
        if mark in ("~", "!~"):
            raise Refused("'~' in a program of awk is not modelled; use /pattern/")
        return left

    def _concatenated(self) -> Value:
        value = self._sum()
        while self._peek() in ("$", "(", "number", "text") or (
            self.at < len(self.tokens) and self.tokens[self.at][0] == "name"
        ):
            value = _text(value) + _text(self._sum())
        return value

    def _sum(self) -> Value:
        value = self._product()
        while self._peek() in ("+", "-"):
            sign = 1 if self._peek() == "+" else -1
            self.at += 1
            value = _number(value) + sign * _number(self._product())
        return value

    def _product(self) -> Value:
        value = self._unary()
        while self._peek() in ("*", "/", "%"):
            mark = self._peek()
            self.at += 1
            right = _number(self._unary())
            if mark != "*" and not right:
                raise BadPattern("division by zero")
            left = _number(value)
            value = left * right if mark == "*" else left / right if mark == "/" else left % right
        return value

    def _unary(self) -> Value:
        mark = self._peek()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Refused("so deep a program of awk is not modelled")
        try:
            return self._signed(mark)
        finally:
            self.depth -= 1

    def _signed(self, mark: str) -> Value:
        if mark in ("-", "!", "+"):
            self.at += 1
            value = self._unary()
            if mark == "!":
                return float(not _true(value))
            return -_number(value) if mark == "-" else _number(value)
        return self._primary()

    def _primary(self) -> Value:
        if self.at >= len(self.tokens):
            raise BadPattern("syntax error")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return float(text[:30])
        if kind == "text":
            return unescaped(text)
        if kind == "$":
            return self.program.field(int(_number(self._primary())))
        if kind == "name":
            return self._named(text)
        if text == "(":
            value = self.expression()
            if self._peek() != ")":
                raise BadPattern("syntax error")
            self.at += 1
            return value
        raise BadPattern("syntax error")

    def _named(self, name: str) -> Value:
        if self._peek() == "(":
            if name not in ("length", "int", "toupper", "tolower"):
                raise Refused(f"'{name}' in a program of awk is not modelled")
            self.at += 1
            value = self.expression() if self._peek() != ")" else self.program.line
            self.at += 1
            if name == "length":
                return float(len(_text(value)))
            if name == "int":
                return float(int(_number(value)))
            return _text(value).upper() if name == "toupper" else _text(value).lower()
        if self._peek() in ("++", "--"):
            step = 1.0 if self._peek() == "++" else -1.0
            self.at += 1
            before = _number(self.program.variables.get(name, ""))
            self.program.variables[name] = before + step
            return before
        return self.program.variables.get(name, "")


def _compare(mark: str, left: Value, right: Value) -> bool:
    numeric = all(
        isinstance(one, float) or re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", one) for one in (left, right)
    )
    first: float | str = _number(left) if numeric else _text(left)
    second: float | str = _number(right) if numeric else _text(right)
    if mark in ("==", "!="):
        return (first == second) == (mark == "==")
    less = first < second  # type: ignore[operator]
    return {"<": less, ">=": not less}.get(
        mark, (first == second or less) if mark == "<=" else not (first == second or less)
    )
