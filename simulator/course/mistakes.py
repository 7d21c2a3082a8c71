"""Several mistakes of one file, told together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.errors import InputError

MOST = 50
"""Mistakes that are kept of one file; who has more begins with these."""


class Mistakes(InputError):
    """All that is wrong with a file; reads as the first of them, and says that there are more."""

    def __init__(self, errors: Sequence[InputError]) -> None:
        first = errors[0]
        super().__init__(
            first.problem, place=first.place, found=first.found, expected=first.expected,
            nearest=first.nearest,
        )  # fmt: skip
        self.errors = tuple(errors)
        more = len(errors) - 1
        noun = "mistake" if more == 1 else "mistakes"
        self.args = (f"{first} (and {more} more {noun}: 'drydock lesson check' lists all)",)


def together(errors: Iterable[InputError]) -> InputError:
    """One error for all of them, in the order of the file."""
    flat = [one for error in errors for one in each(error)]
    flat.sort(key=lambda one: one.place.line or 0 if one.place else 0)
    return flat[0] if len(flat) == 1 else Mistakes(flat[:MOST])


def each(error: InputError) -> tuple[InputError, ...]:
    """The mistakes that an error tells of."""
    return error.errors if isinstance(error, Mistakes) else (error,)
