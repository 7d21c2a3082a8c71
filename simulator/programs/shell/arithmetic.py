"""``$((…))``: whole numbers of 64 bits, the operators of C, variables by name."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.errors import InputError

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\*\*|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||"
    r"\+\+|--|[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),])"
)
_BINDS = {
    "||": 3, "&&": 4, "|": 5, "^": 6, "&": 7, "==": 8, "!=": 8, "<": 9, ">": 9, "<=": 9, ">=": 9,
    "<<": 10, ">>": 10, "+": 11, "-": 11, "*": 12, "/": 12, "%": 12, "**": 13,
}  # fmt: skip
_ASSIGNS = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="})
MAX_TOKENS = 500
MAX_DEPTH = 30


class Arithmetic(InputError):
    """An expression that cannot be worked out."""


def evaluate(text: str, get: Callable[[str], str], put: Callable[[str, str], None]) -> int:
    """The value of an expression; ``put`` is told of assignments.

    >>> evaluate("1 + 2 * 3", lambda name: "", lambda name, value: None)
    7
    """
    return _Reader(text, get, put).all()


class _Reader:
    """Reads an expression by binding strength."""

    def __init__(
        self, text: str, get: Callable[[str], str], put: Callable[[str, str], None]
    ) -> None:
        self.tokens = _tokens(text)
        self.at = self.depth = 0
        self.get, self.put = get, put

    def all(self) -> int:
        """The whole of it."""
        if not self.tokens:
            return 0
        value = self._comma()
        if self.at < len(self.tokens):
            raise Arithmetic("arithmetic expression: expecting EOF", found=self._peek())
        return value

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise Arithmetic("arithmetic expression: expecting primary", found=token)
        self.at += 1
        return token

    def _comma(self) -> int:
        value = self._assign()
        while self._peek() == ",":
            self.at += 1
            value = self._assign()
        return value

    def _assign(self) -> int:
        name, operator = self._peek(), self.tokens[self.at + 1 : self.at + 2]
        if name.isidentifier() and operator and operator[0] in _ASSIGNS:
            self.at += 2
            value = self._assign()
            if operator[0] != "=":
                value = _apply(operator[0][:-1], self._value(name), value)
            self.put(name, str(value))
            return value
        return self._ternary()

    def _ternary(self) -> int:
        condition = self._binary(3)
        if self._peek() != "?":
            return condition
        self.at += 1
        yes = self._assign()
        self._take(":")
        no = self._assign()
        return yes if condition else no

    def _binary(self, strength: int) -> int:
        left = self._unary()
        while _BINDS.get(self._peek(), 0) >= strength:
            operator = self._take()
            binds = _BINDS[operator]
            right = self._binary(binds if operator == "**" else binds + 1)
            left = _apply(operator, left, right)
        return left

    def _unary(self) -> int:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Arithmetic("arithmetic expression: nested too deep")
        try:
            return self._signed(self._take())
        finally:
            self.depth -= 1

    def _signed(self, token: str) -> int:
        if token in ("-", "+", "!", "~"):
            value = self._unary()
            return _wrapped({"-": -value, "+": value, "!": int(not value), "~": ~value}[token])
        if token == "(":
            value = self._comma()
            self._take(")")
            return value
        if token in ("++", "--"):
            return self._step(self._take(), token)
        if token[0].isdigit():
            return _number(token)
        if token.isidentifier():
            before = self._value(token)
            if self._peek() in ("++", "--"):
                self._step(token, self._take())
            return before
        raise Arithmetic("arithmetic expression: expecting primary", found=token)

    def _step(self, name: str, operator: str) -> int:
        value = self._value(name) + (1 if operator == "++" else -1)
        self.put(name, str(value))
        return value

    def _value(self, name: str) -> int:
        text = self.get(name).strip()
        try:
            return _number(text.lstrip("+-")) * (-1 if text.startswith("-") else 1) if text else 0
        except ValueError:
            raise Arithmetic("Illegal number", found=text) from None


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) >= MAX_TOKENS:
            raise Arithmetic("arithmetic expression: expecting primary", found=text[at : at + 20])
        tokens.append(found.group(1))
        at = found.end()
    return tokens


def _number(token: str) -> int:
    if len(token) > 30:
        raise Arithmetic("Illegal number", found=token)
    if token[:2].lower() == "0x":
        return _wrapped(int(token, 16))
    if len(token) > 1 and token[0] == "0" and set(token) <= set("01234567"):
        return _wrapped(int(token, 8))
    return _wrapped(int(token))


def _wrapped(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _apply(operator: str, left: int, right: int) -> int:
    if operator in ("/", "%"):
        if right == 0:
            raise Arithmetic("division by zero")
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return _wrapped(quotient if operator == "/" else left - quotient * right)
    if operator == "**":
        if right < 0 or right > 1000:
            raise Arithmetic("exponent less than 0")
        return _wrapped(pow(left, right))
    if operator in ("<<", ">>"):
        places = right & 63
        return _wrapped(left << places if operator == "<<" else left >> places)
    simple = {
        "+": left + right, "-": left - right, "*": left * right, "==": int(left == right),
        "!=": int(left != right), "<": int(left < right), ">": int(left > right),
        "<=": int(left <= right), ">=": int(left >= right), "&&": int(bool(left and right)),
        "||": int(bool(left or right)), "&": left & right, "|": left | right, "^": left ^ right,
    }  # fmt: skip
    return _wrapped(simple[operator])
