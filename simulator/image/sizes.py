"""Sizes in words: ``300MB`` and ``1.5GiB`` in, ``119MB`` out as Docker prints them."""

from __future__ import annotations

import re

from simulator.errors import InputError

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([kKMGTP]?)(i?)([bB]?)", re.ASCII)
_POWERS = {"": 0, "k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}


def parse_size(text: str) -> int:
    """Bytes of ``10``, ``5kB``, ``300MB``, ``1.5GiB``; powers of 1000, with an i of 1024."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InputError("not a size", found=text, expected="a size such as 300MB or 1.5GiB")
    number, unit, binary, _ = match.groups()
    base = 1024 if binary else 1000
    return round(float(number) * float(base ** _POWERS[unit]))


def format_size(size_bytes: float) -> str:
    """Three significant digits in decimal units: ``0B``, ``3.85MB``, ``1.02GB``."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(value) < 999.5 or unit == "TB":
            return f"{value:.3g}{unit}" if unit != "B" else f"{value:.0f}B"
        value /= 1000.0
    return f"{value:.3g}PB"
