"""Quantities of the API: exact numbers with a suffix (apimachinery, ``resource.Quantity``)."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from simulator.errors import InputError, printable

NANO = 10**9
MOST_CHARACTERS = 100
MOST_EXPONENT = 100
"""Of ``1e…``: more is refused, so that no number fills the memory."""
MOST_BINARY = (2**63 - 1) * NANO
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_TEXT = re.compile(
    r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([numkMGTPE]|[KMGTPE]i)?|[eE]([+-]?[0-9]+))", re.ASCII
)


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """An amount in billionths, and how it is written: DecimalSI, BinarySI or DecimalExponent."""

    nanos: int
    form: str = "DecimalSI"

    def __str__(self) -> str:
        """The canonical text: no fraction, the largest suffix that keeps it exact."""
        if self.form == "BinarySI" and not self.nanos % NANO and abs(self.nanos) >= 1024 * NANO:
            return _binary(self.nanos // NANO)
        amount, power = self.nanos, 0
        most = 60 if self.form == "DecimalExponent" else len(_DECIMAL) - 1
        while amount and not amount % 1000 and power < most:
            amount, power = amount // 1000, power + 1
        if not amount:
            return "0"
        if self.form != "DecimalExponent":
            return f"{amount}{_DECIMAL[power]}"
        return f"{amount}e{3 * power - 9}" if power != 3 else str(amount)

    def plus(self, other: Quantity, sign: int = 1) -> Quantity:
        """Both together (or without the other), written as the first one that is not zero."""
        form = self.form if self.nanos else other.form
        return Quantity(self.nanos + sign * other.nanos, form)

    def rounded(self, exponent: int) -> Quantity:
        """The next multiple of 10^exponent, away from zero."""
        unit = 10 ** max(0, exponent + 9)
        return Quantity(_away(self.nanos, unit) * unit, self.form)

    def count(self, exponent: int) -> int:
        """How many units of 10^exponent hold it, the last one begun counted."""
        if exponent + 9 < 0:
            return self.nanos * int(10 ** -(exponent + 9))
        return _away(self.nanos, int(10 ** (exponent + 9)))


ZERO = Quantity(0)
ONE = Quantity(NANO)


def _away(amount: int, unit: int) -> int:
    """Divided, away from zero."""
    whole = -(-abs(amount) // unit)
    return whole if amount >= 0 else -whole


def _binary(amount: int) -> str:
    power = -1
    while not amount % 1024 and power < len(_BINARY) - 1:
        amount, power = amount // 1024, power + 1
    return f"{amount}{_BINARY[power]}" if power >= 0 else str(amount)


@lru_cache(maxsize=4096)
def parse(text: str) -> Quantity:
    """``100m``, ``1.5Gi``, ``1e3``; finer than a billionth is rounded away from zero."""
    found = _TEXT.fullmatch(text) if len(text) <= MOST_CHARACTERS else None
    if found is None or not (found[2] or found[3]):
        raise _wrong(text)
    sign, whole, part, suffix, exponent = (one or "" for one in found.groups())
    if exponent and abs(int(exponent)) > MOST_EXPONENT:
        raise _wrong(text)
    digits, scale = int(whole + part), 9 - len(part)
    if suffix in _BINARY:
        digits, form = digits * 1024 ** (_BINARY.index(suffix) + 1), "BinarySI"
    elif exponent:
        scale, form = scale + int(exponent), "DecimalExponent"
    else:
        scale, form = scale + 3 * _DECIMAL.index(suffix) - 9, "DecimalSI"
    nanos = digits * 10**scale if scale >= 0 else _away(digits, 10**-scale)
    if form == "BinarySI":
        nanos = min(nanos, MOST_BINARY)
        form = "DecimalSI" if 0 < nanos < NANO else form
    return Quantity(-nanos if sign == "-" else nanos, form)


def _wrong(text: str) -> InputError:
    return InputError(
        "quantity", found=printable(text, 60), expected="a number and a suffix, as 500m or 1Gi"
    )
