"""``--filter``: of several values of one key any will do, all of different keys must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")
EVERY = ("label",)
"""Keys of which all values must hold, as the daemon has it."""


def passing(
    pairs: Iterable[tuple[str, str]],
    test_of: Callable[[str, str], Callable[[Thing], bool]],
) -> Callable[[Thing], bool]:
    """What a thing must pass; ``test_of`` reads a key and a value, and refuses bad ones."""
    found: dict[str, list[Callable[[Thing], bool]]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(test_of(key, value))

    def passes(one: Thing) -> bool:
        return all(
            (all if key in EVERY else any)(test(one) for test in tests)
            for key, tests in found.items()
        )

    return passes


def told(example: str, keys: Iterable[str]) -> str:
    """The help of the flag: an example, and all keys."""
    return f"for example {example}; of: {', '.join(keys)}"
