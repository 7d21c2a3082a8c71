"""``name=value`` options of a typed line: each read by its unit's parser, none left unread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from simulator.errors import InputError, nearest, unknown

T = TypeVar("T")
D = TypeVar("D")


class Options:
    """The options of one line. Errors name the option that was wrong."""

    def __init__(self, words: Iterable[str]) -> None:
        self._values: dict[str, str] = {}
        self._asked: set[str] = set()
        for word in words:
            name, _, value = word.partition("=")
            if name in self._values:
                raise InputError(f"'{name}=' given twice", found=word, expected="it once")
            self._values[name] = value

    def __contains__(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._values

    def need(self, name: str, parse: Callable[[str], T]) -> T:
        """The value of an option that must be there."""
        self._asked.add(name)
        if name not in self._values:
            # A slip in its name is likelier than that it was forgotten.
            slip = nearest(name, (word for word in self._values if word not in self._asked))
            if slip:
                raise InputError("unknown option", found=slip, expected=f"{name}=", nearest=name)
            raise InputError(f"'{name}=' missing", expected=f"{name}=VALUE")
        return self._parsed(name, parse)

    def get(self, name: str, parse: Callable[[str], T], default: D) -> T | D:
        """The value of an option, or the default."""
        self._asked.add(name)
        return self._parsed(name, parse) if name in self._values else default

    def finish(self) -> None:
        """Refuse options that nothing asked for."""
        for name in self._values:
            if name not in self._asked:
                raise unknown("option", name, self._asked)

    def _parsed(self, name: str, parse: Callable[[str], T]) -> T:
        try:
            return parse(self._values[name])
        except InputError as error:
            raise InputError(
                f"{error.problem} in '{name}='",
                found=error.found,
                expected=error.expected,
                nearest=error.nearest,
            ) from None


def one_of(*words: str) -> Callable[[str], str]:
    """A parser that takes one of these words."""

    def parse(text: str) -> str:
        if text not in words:
            raise unknown("word", text, words)
        return text

    return parse


def many(parse: Callable[[str], T], limit: int) -> Callable[[str], tuple[T, ...]]:
    """A parser of values between commas, at most ``limit`` of them."""

    def parse_all(text: str) -> tuple[T, ...]:
        parts = text.split(",")
        if len(parts) > limit:
            raise InputError("too many values", found=len(parts), expected=f"at most {limit}")
        return tuple(parse(part) for part in parts)

    return parse_all
