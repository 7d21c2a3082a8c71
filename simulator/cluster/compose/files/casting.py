"""Values as what they are: numbers, switches, sizes and durations, also where a text says them."""

from __future__ import annotations

import re
from typing import Any

from simulator.cluster.compose.files.short import as_text
from simulator.dockerfile.durations import parse_duration
from simulator.errors import DrydockError

_TRUE = ("true", "t", "1", "yes", "y", "on")
_FALSE = ("false", "f", "0", "no", "n", "off")
_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([kmgtp]?)i?b?", re.IGNORECASE)
_SUFFIX = re.compile(r"\d+(?:\.\d+)?\s*([a-zA-Z]{1,8})")
_DURATION = re.compile(r"\d+")
_UNIT = re.compile(r"\d+([a-zA-Z]{1,8})")
_GO_DURATION = ((3600.0, "h"), (60.0, "m"))


class BadValue(Exception):
    """A value of the wrong kind, in the tool's words; ``path``: keys below that of the service."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.path: tuple[str, ...] = ()

    def told(self, service: str, key: str) -> str:
        """All that the tool says of it: values of its own types fail when they are decoded."""
        where = ".".join((key, *self.path))
        return (
            f"decoding failed due to the following error(s): 'services[{service}].{where}' {self}"
        )


class BadCast(BadValue):
    """A text that cannot be made a number or a switch: this comes with the variables."""

    def told(self, service: str, key: str) -> str:
        """All that the tool says of it."""
        where = ".".join(("services", service, key, *self.path))
        return f"error while interpolating {where}: failed to cast to expected type: {self}"


def boolean(value: Any) -> bool:
    """A switch."""
    if isinstance(value, bool):
        return value
    word = as_text(value).lower()
    if word not in (*_TRUE, *_FALSE):
        raise BadCast(f"invalid boolean: {as_text(value)}")
    return word in _TRUE


def integer(value: Any) -> int:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = as_text(value).strip()
    if not re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        raise BadCast(f'strconv.Atoi: parsing "{text[:40]}": invalid syntax')
    return int(text)


def number(value: Any) -> float:
    """A number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    text = as_text(value).strip()
    if not re.fullmatch(r"[-+]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})", text):
        raise BadCast(f'strconv.ParseFloat: parsing "{text[:40]}": invalid syntax')
    return float(text)


def wide_integer(value: Any) -> int:
    """A whole number of 64 bits: another word where it is none."""
    try:
        return integer(value)
    except BadCast as error:
        raise BadCast(str(error).replace("strconv.Atoi", "strconv.ParseInt")) from None


def cores(value: Any) -> float:
    """A number of cores below ``deploy``, which is read when the file is decoded."""
    try:
        return number(value)
    except BadCast as error:
        raise BadValue(str(error)) from None


def size(value: Any) -> int:
    """Bytes: ``512m`` is 512 MiB; -1 for no limit."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = as_text(value).strip()
    if text == "-1":
        return -1
    found = _SIZE.fullmatch(text)
    strange = _SUFFIX.fullmatch(text)
    if found is None and strange is not None:
        raise BadValue(f"invalid suffix: '{strange[1]}'")
    if found is None or len(text) > 30:
        raise BadValue(f"invalid size: '{text[:40]}'")
    power = "_kmgtp".index(found[2].lower() or "_")
    return int(float(found[1]) * 1024**power)


def seconds(value: Any) -> float:
    """A duration in seconds."""
    text = as_text(value).strip()
    if _DURATION.fullmatch(text) and text != "0":
        raise BadValue(f'time: missing unit in duration "{text[:40]}"')
    try:
        return parse_duration(text)
    except DrydockError:
        unit = _UNIT.fullmatch(text)
        if unit is not None:
            words = f'time: unknown unit "{unit[1]}" in duration "{text[:40]}"'
            raise BadValue(words) from None
        raise BadValue(f'time: invalid duration "{text[:40]}"') from None


def duration_text(value_s: float) -> str:
    """Seconds as Go prints them: 90 is ``1m30s``."""
    if 0 < value_s < 1:
        return f"{value_s * 1000:g}ms"
    parts: list[str] = []
    left = value_s
    for unit_s, unit in _GO_DURATION:
        if left >= unit_s or parts:
            parts.append(f"{int(left // unit_s)}{unit}")
            left %= unit_s
    return "".join(parts) + f"{round(left, 6):g}s"
