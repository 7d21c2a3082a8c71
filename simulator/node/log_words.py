"""Where a container's output goes: ``--log-driver`` and ``--log-opt``.

Sources: moby ``daemon/logger/jsonfilelog`` and ``loggerutils`` (options, their checks), Docker docs
of the local driver (five files of 20 MB).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from simulator.errors import InputError, Refused, nearest
from simulator.machine.settings import LogSettings
from simulator.units import parse_bytes

DRIVERS = ("json-file", "local", "none")
ELSEWHERE = ("syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "gcplogs", "etwlogs")
"""Drivers that send logs to somebody else."""
_OPTIONS = ("max-size", "max-file", "compress", "mode")
_UNSEEN = ("labels", "labels-regex", "env", "env-regex", "tag", "max-buffer-size")
LOCAL_SIZE, LOCAL_FILES = 20 << 20, 5


def parse_logging(driver: str | None, options: Sequence[str]) -> LogSettings:
    """The driver, and the most bytes that its files take; Refused as a daemon refuses it."""
    kind = driver or "json-file"
    if kind in ELSEWHERE:
        raise Refused(
            f"the log driver '{kind}' sends logs away, which is not modelled; "
            f"there are {', '.join(DRIVERS)}"
        )
    if kind not in DRIVERS:
        near = nearest(kind, DRIVERS)
        hint = f"; did you mean '{near}'?" if near else ""
        raise Refused(f"logger: no log driver named '{kind}' is registered{hint}")
    found = _options(kind, options)
    if kind == "none":
        return LogSettings(kind, 0.0)
    size = _size(found.get("max-size", str(LOCAL_SIZE) if kind == "local" else "-1"))
    files = _files(found.get("max-file", str(LOCAL_FILES) if kind == "local" else "1"))
    if size == inf and files > 1:
        raise Refused("max-file is for files that are rotated: it needs max-size")
    compress = found.get("compress", "false")
    if compress not in ("true", "false"):
        raise Refused(f'strconv.ParseBool: parsing "{compress}": invalid syntax')
    if kind == "json-file" and compress == "true" and (files < 2 or size == inf):
        raise Refused("compress cannot be true when max-file is less than 2 or max-size is not set")
    return LogSettings(kind, size * files, dict(found))


def _options(kind: str, options: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError("bad log option", found=text, expected="NAME=VALUE, as max-size=10m")
        if kind == "none" or name not in (*_OPTIONS, *_UNSEEN):
            near = nearest(name, _OPTIONS)
            hint = f"; did you mean '{near}'?" if near and kind != "none" else ""
            raise Refused(f"unknown log opt '{name}' for {kind} log driver{hint}")
        if name in _UNSEEN or (name == "mode" and value != "blocking"):
            raise Refused(f"the log option {text} is not modelled; there are max-size and max-file")
        found[name] = value
    return found


def _size(text: str) -> float:
    if text == "-1":
        return inf
    try:
        size = parse_bytes(text)
    except InputError:
        raise Refused(f"invalid size: '{text}'") from None
    if not size:
        raise Refused("max-size should be a positive number")
    return float(size)


def _files(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Refused(f'strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 1:
        raise Refused("max-file cannot be less than 1")
    return int(text)
