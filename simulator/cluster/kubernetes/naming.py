"""Names and identities that the API server and controllers make up, by seed and count."""

from __future__ import annotations

import hashlib

import msgspec

from simulator.cluster.kubernetes.objects.meta import Data

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters that make no words (apimachinery, ``util/rand``)."""
LETTERS = len(ALPHABET)
SUFFIX = 5
LONGEST = 13
"""Letters that 64 bits are enough for."""
PLACES = tuple(LETTERS**power for power in range(LONGEST))
LONGEST_BASE = 63 - SUFFIX


class Naming:
    """Makes names and uids; the same seed gives the same ones in the same order."""

    def __init__(self, seed: int, cluster: str) -> None:
        self._key = f"{seed}/{cluster}"
        self._names = 0
        self._uids = 0

    def suffix(self, length: int = SUFFIX) -> str:
        """Letters for the end of a name."""
        self._names += 1
        return letters(f"{self._key}/name/{self._names}", length)

    def name(self, generate: str) -> str:
        """A name for ``generateName``."""
        return generate[:LONGEST_BASE] + self.suffix()

    def uid(self) -> str:
        """The next identity."""
        self._uids += 1
        word = hashlib.md5(
            f"{self._key}/uid/{self._uids}".encode(), usedforsecurity=False
        ).hexdigest()
        return f"{word[:8]}-{word[8:12]}-4{word[13:16]}-a{word[17:20]}-{word[20:]}"


def letters(text: str, length: int) -> str:
    """Letters that depend on a text."""
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return "".join([ALPHABET[number // place % LETTERS] for place in PLACES[:length]])


def hash_of(data: Data) -> str:
    """What stands in ``pod-template-hash`` for a template: the same for the same content."""
    content = msgspec.json.encode(data, order="sorted").decode()
    return letters(content, 10)
