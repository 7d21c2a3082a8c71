"""Identities: 25 letters and digits, the same for the same seed and the same number."""

from __future__ import annotations

import hashlib

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LENGTH = 25
"""swarmkit, ``identity/randomid.go``: 128 bits to base 36."""


class Naming:
    """Makes identities, one after the other."""

    def __init__(self, seed: int, swarm: str) -> None:
        self._key = f"{seed}/{swarm}"
        self.made = 0

    def id(self) -> str:
        """The next identity."""
        self.made += 1
        return identity(f"{self._key}/{self.made}")

    def secret(self, word: str, length: int) -> str:
        """Letters that nobody guesses: of a join token."""
        return identity(f"{self._key}/{word}", length)


def identity(text: str, length: int = LENGTH) -> str:
    """Letters and digits that follow from a text."""
    number = int.from_bytes(hashlib.sha512(text.encode()).digest(), "big")
    found = []
    for _ in range(length):
        number, digit = divmod(number, len(DIGITS))
        found.append(DIGITS[digit])
    return "".join(found)
