"""Short forms of Compose files and what they stand for: ports, volumes, pairs, commands."""

from __future__ import annotations

import re
import shlex
from ipaddress import ip_address
from typing import Any

from simulator.cluster.compose.files.tree import Map, Seq
from simulator.node.mounts import PROPAGATION

_PORT = re.compile(r"[0-9]{1,5}")
_PROTOCOLS = ("tcp", "udp", "sctp")


class BadForm(Exception):
    """A short form that cannot be read, in the tool's words."""


# --- ports ----------------------------------------------------------------------------------------


def ports_of(text: str) -> list[Map]:
    """``[HOST_IP:][PUBLISHED:]TARGET[/PROTOCOL]``: one port each, pairs of ranges one by one."""
    body, _, protocol = text.partition("/")
    address, published, target = _parts(body)
    if address:
        _check_address(address)
    if not target:
        raise BadForm(f"No port specified: {text}<empty>")
    first, last = _range(target, "containerPort")
    protocol = (protocol or "tcp").lower()
    if protocol not in _PROTOCOLS:
        raise BadForm(f"Invalid proto: {protocol}")
    made = []
    for number, outside in zip(range(first, last + 1), _outside(published, first, last, target),
                               strict=True):  # fmt: skip
        one = Map({"mode": "ingress", "target": number})
        if outside:
            one["published"] = outside
        if address:
            one["host_ip"] = address
        made.append(one | {"protocol": protocol})
    return [Map(one) for one in made]


def _parts(body: str) -> tuple[str, str, str]:
    rest, _, target = body.rpartition(":")
    if rest.endswith("]") or (rest.count(":") > 1 and not rest.startswith("[")):
        raise BadForm(f"invalid port: {body}")
    address, _, published = rest.rpartition(":")
    return address.strip("[]"), published, target


def _check_address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        raise BadForm(f"Invalid ip address: {text}") from None


def _range(text: str, what: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    for part in (first, last) if dash else (first,):
        if not _PORT.fullmatch(part) or int(part) > 65535:
            raise BadForm(f"Invalid {what}: {text}")
    ends = int(first), int(last or first)
    if ends[0] > ends[1]:
        raise BadForm(f"Invalid {what}: {text}")
    return ends


def _outside(published: str, first: int, last: int, target: str) -> list[str]:
    """What each port is published at: a range for one port stays a range."""
    count = last - first + 1
    if not published:
        return [""] * count
    low, high = _range(published, "hostPort")
    if low == high and count == 1:
        return [str(low)]
    if count == 1:
        return [published]
    if high - low + 1 != count:
        raise BadForm(f"Invalid ranges specified for container and host Ports: {target} and "
                      f"{published}")  # fmt: skip
    return [str(one) for one in range(low, high + 1)]


# --- volumes --------------------------------------------------------------------------------------


def volume_of(text: str) -> Map:
    """``TARGET``, ``NAME:TARGET[:OPTIONS]`` or ``PATH:TARGET[:OPTIONS]``."""
    if not text:
        raise BadForm("invalid empty volume spec")
    if len(text) < 3:
        return Map({"type": "volume", "target": text})
    if re.fullmatch(r"[a-zA-Z]:[\\/]?[^:]*", text):  # a Windows path alone
        return Map({"type": "volume", "target": text})
    parts = _split_volume(text)
    if "" in parts:
        raise BadForm(f"invalid spec: {text}: empty section between colons")
    if len(parts) > 3:
        raise BadForm(f"invalid spec: {text}: too many colons")
    if len(parts) == 1:
        return Map({"type": "volume", "target": parts[0], "volume": Map()})
    kind = "bind" if parts[0].startswith((".", "/", "~")) or _drive(parts[0]) else "volume"
    made = Map({"type": kind, "source": parts[0], "target": parts[1]})
    _options(made, parts[2].split(",") if len(parts) == 3 else [])
    if kind == "bind":
        made.setdefault("bind", Map())
        made["bind"]["create_host_path"] = True
    else:
        made.setdefault("volume", Map())
    return made


def _split_volume(text: str) -> list[str]:
    parts = text.split(":")
    if len(parts) > 1 and len(parts[0]) == 1 and parts[0].isalpha() and parts[1][:1] in ("\\", "/"):
        parts[:2] = [":".join(parts[:2])]
    return parts


def _drive(path: str) -> bool:
    return len(path) > 2 and path[1] == ":" and path[0].isalpha()


def _options(made: Map, words: list[str]) -> None:
    for word in words:
        if word in ("ro", "rw"):
            if word == "ro":
                made["read_only"] = True
        elif word == "nocopy":
            made.setdefault("volume", Map())["nocopy"] = True
        elif word in ("z", "Z"):
            made.setdefault("bind", Map())["selinux"] = word
        elif word in PROPAGATION:
            made.setdefault("bind", Map())["propagation"] = word


# --- pairs, commands ------------------------------------------------------------------------------


def as_text(value: Any) -> str:
    """A scalar of an environment or a label as its text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def pairs_of(value: Any, separator: str = "=") -> Map:
    """``[A=1, B]`` or ``{A: 1, B: }`` as a mapping; a name alone has None."""
    if isinstance(value, dict):
        made = {key: None if one is None else as_text(one) for key, one in value.items()}
        return Map(made, getattr(value, "places", None))
    made, places = {}, {}
    for at, one in enumerate(value or ()):
        name, equals, rest = as_text(one).partition(separator)
        made[name] = rest if equals else None
        if isinstance(value, Seq) and at < len(value.places):
            places[name] = value.places[at]
    return Map(made, places)


def words_of(value: Any) -> list[str] | None:
    """A command as words; a text is split as a shell does."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError:
            raise BadForm("invalid command line string") from None
    return [as_text(one) for one in value]


def listed(value: Any) -> list[Any]:
    """One or several as a list."""
    if value is None:
        return Seq()
    return value if isinstance(value, list) else Seq([value])
