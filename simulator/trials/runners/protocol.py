"""What whoever carries out trials can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from simulator.errors import InputError
from simulator.trials.bundle import Files

Play = Callable[[bytes, Files], bytes]
"""A function of this package that turns an item into its result, both JSON, and changes nothing.

It goes to other processes by its name, never as code: what is sent is data.
"""


class Done(NamedTuple):
    """An item that has been carried out, in whatever order; or why it could not be."""

    number: int
    """Of the item, from 0."""
    result: bytes
    problem: str = ""
    """Whoever had it died, twice; then there is no result."""


class Runner(Protocol):
    """Carries out items. What comes of each depends on it alone, not on who had it, or when."""

    workers: int
    """How many it has at a time."""

    def each(
        self,
        play: Play,
        items: Iterable[bytes],
        contents: Mapping[str, bytes],
        keep_going: Callable[[], bool] | None = None,
    ) -> Iterator[Done]:
        """The items as they get done; ``contents``: what lies in their files, by digest.

        Items are taken when there is somebody free. Ends early when ``keep_going``, which is asked
        often, says so; may be called again.
        """

    def close(self) -> None:
        """Let the workers go."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""


class Closing:
    """``with`` for runners."""

    def close(self) -> None:
        """Let the workers go."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def name_of(play: Play) -> str:
    """The name by which another process finds a function."""
    return f"{play.__module__}:{play.__qualname__}"


def named(name: str) -> Play:
    """The function of this package that has a name; InputError for any other."""
    module, _, function = name.partition(":")
    if not module.startswith("simulator.") or not function.isidentifier():
        raise InputError("no function of this package", found=name)
    found: Play = getattr(import_module(module), function)
    return found
