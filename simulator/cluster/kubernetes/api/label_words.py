"""The language of ``-l`` and ``--field-selector``, with the API's words for what is wrong.

Source: apimachinery, ``labels.Parse`` and ``fields.ParseSelector``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from simulator.cluster.kubernetes.api.validation.words import labels_errors
from simulator.cluster.kubernetes.objects.selectors import Requirement, holds
from simulator.errors import DrydockError

MOST_CHARACTERS = 65_536
_SPECIAL = "=!(),><"
_TOKENS = frozenset({"=", "==", "!=", "!", "(", ")", ",", ">", "<"})
_OPERATORS = {
    "=": "In", "==": "In", "!=": "NotIn", "in": "In", "notin": "NotIn", ">": "Gt", "<": "Lt",
}  # fmt: skip
_BINARY = "in, notin, =, ==, !=, gt, lt"


class SelectorError(DrydockError):
    """A selector that cannot be read."""

    exit_code = 1


def parse(text: str) -> list[Requirement]:
    """``app=web,tier!=db,env in (a,b),!x,y,n>3`` as requirements; SelectorError for others."""
    if len(text) > MOST_CHARACTERS:
        raise SelectorError(f"a selector has at most {MOST_CHARACTERS:,} characters")
    return _Parser(_tokens(text)).all()


def met(tests: list[Requirement], labels: Mapping[str, str]) -> bool:
    """Whether labels meet all of them; who has no such label is not in any set."""
    for one in tests:
        if one.operator == "NotIn":
            if one.key in labels and labels[one.key] in one.values:
                return False
        elif not holds(one, labels):
            return False
    return True


def requirements_met(text: str, labels: Mapping[str, str]) -> bool:
    """The same for a selector as text; an empty one is met by all."""
    return not text or met(parse(text), labels)


def _tokens(text: str) -> list[str]:
    """Words and signs; the longest sign is taken, as the API does."""
    found = []
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char in _SPECIAL:
            sign = text[at : at + 2] if text[at : at + 2] in _TOKENS else char
            found.append(sign)
            at += len(sign)
        else:
            end = at
            while end < len(text) and not text[end].isspace() and text[end] not in _SPECIAL:
                end += 1
            found.append(text[at:end])
            at = end
    return found


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def _look(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        found = self._look()
        self.at += 1
        return found

    def _fail(self, found: str, expected: str, comma: str = ",") -> NoReturn:
        raise SelectorError(f"found '{found}'{comma} expected: {expected}")

    def all(self) -> list[Requirement]:
        """Everything that is asked for."""
        found: list[Requirement] = []
        while self._look():
            word = self._look()
            if word in _TOKENS and word != "!":
                self._fail(word, "!, identifier, or 'end of string'")
            try:
                found.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            follows = self._take()
            if not follows:
                break
            if follows != ",":
                self._fail(follows, "',' or 'end of string'")
            following = self._look()
            if not following or (following in _TOKENS and following != "!"):
                self._fail(following, "identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        key = self._take()
        negated = key == "!"
        if negated:
            key = self._take()
        if not key or key in _TOKENS:
            self._fail(key, "identifier")
        for error in labels_errors({key: ""}, "<nil>"):
            raise SelectorError(str(error))
        if self._look() in ("", ","):
            return Requirement(key, "DoesNotExist" if negated else "Exists")
        if negated:
            self._fail(self._look(), "',' or 'end of string'")
        word = self._take()
        operator = _OPERATORS.get(word)
        if operator is None:
            self._fail(word, _BINARY)
        values = self._values() if word in ("in", "notin") else self._exact()
        return _checked(Requirement(key, operator, tuple(sorted(set(values)))))

    def _exact(self) -> list[str]:
        if self._look() in ("", ","):
            return [""]
        word = self._take()
        if word in _TOKENS:
            self._fail(word, "identifier")
        return [word]

    def _values(self) -> list[str]:
        start = self._take()
        if start != "(":
            self._fail(start, "'('", "")
        found: list[str] = []
        wanted = True
        while True:
            word = self._take()
            if word == ")":
                return [*found, ""] if wanted else found
            if word == ",":
                if wanted:
                    found.append("")
                wanted = True
            elif not word or word in _TOKENS:
                self._fail(word, "',', or identifier" if wanted else "',' or ')'")
            elif not wanted:
                self._fail(word, "',' or ')'")
            else:
                found.append(word)
                wanted = False


def _checked(one: Requirement) -> Requirement:
    for index, value in enumerate(one.values):
        if one.operator in ("Gt", "Lt"):
            if not value.lstrip("-").isdigit():
                raise SelectorError(
                    f"values[{index}][{one.key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' "
                    "operators, the value must be an integer"
                )
            continue
        for error in labels_errors({"x": value}, f"values[{index}][{one.key}]"):
            raise SelectorError(str(error))
    return one


# --- fields ---------------------------------------------------------------------------------------


def parse_fields(text: str) -> list[tuple[str, bool, str]]:
    """``a.b=x,c!=y`` as (field, whether it has to be equal, value)."""
    if len(text) > MOST_CHARACTERS:
        raise SelectorError(f"a selector has at most {MOST_CHARACTERS:,} characters")
    found = []
    for term in _terms(text):
        if not term:
            continue
        for sign, equal in (("!=", False), ("==", True), ("=", True)):
            left, there, right = term.partition(sign)
            if there:
                found.append((left, equal, _plain(right)))
                break
        else:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{term}'")
    return found


def _terms(text: str) -> list[str]:
    """Parts between commas; a backslash keeps the sign after it from being one."""
    terms, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == ",":
            terms.append(text[start:at])
            start = at + 1
        at += 1
    return [*terms, text[start:]]


def _plain(value: str) -> str:
    return value.replace("\\,", ",").replace("\\=", "=").replace("\\\\", "\\")
