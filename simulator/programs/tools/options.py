"""Reading the options of a program as getopt does."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.programs.call import Call


@dataclass(slots=True)
class Options:
    """Letters that were given, values by letter, and the words that are no options."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)
    bad: str = ""
    """The first letter that is no option."""

    def on(self, letter: str) -> bool:
        """Whether an option was given."""
        return letter in self.flags

    def number(self, letter: str, default: int) -> int | None:
        """The value of an option as a number; None where it is none."""
        text = self.values.get(letter)
        if text is None:
            return default
        sign, digits = (text[0], text[1:]) if text[:1] in "+-" else ("", text)
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            return None
        return int(digits) * (-1 if sign == "-" else 1)


def read(call: Call, flags: str, valued: str = "", names: dict[str, str] | None = None) -> Options:
    """Options of a call: letters of ``flags``, those of ``valued`` with a value, long ``names``."""
    return read_words(call.words, flags, valued, names)


def read_words(
    words: tuple[str, ...], flags: str, valued: str = "", names: dict[str, str] | None = None
) -> Options:
    """The same of words that nobody calls."""
    found, at = Options(), 0
    names = names or {}
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            found.rest += words[at:]
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            letter = names.get(name)
            if letter is None:
                found.bad = found.bad or f"--{name}"
            elif letter in valued:
                if not equals and at < len(words):
                    value, at = words[at], at + 1
                found.values[letter] = value
            else:
                found.flags.add(letter)
        elif word.startswith("-") and len(word) > 1:
            at = _cluster(found, word, words, at, flags, valued)
        else:
            found.rest.append(word)
    return found


def _cluster(
    found: Options, word: str, words: tuple[str, ...], at: int, flags: str, valued: str
) -> int:
    for place, letter in enumerate(word[1:], 1):
        if letter in valued:
            value = word[place + 1 :]
            if not value and at < len(words):
                value, at = words[at], at + 1
            found.values[letter] = value
            return at
        if letter in flags:
            found.flags.add(letter)
        else:
            found.bad = found.bad or letter
    return at


def bad(call: Call, found: Options) -> int:
    """Tell of an option that there is not."""
    if found.bad.startswith("--"):
        return call.fail(f"unrecognized option '{found.bad}'")
    return call.fail(f"invalid option -- '{found.bad}'")
