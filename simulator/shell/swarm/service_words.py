"""Values of flags of services: ports, constraints, preferences, counted resources, references.

Source: docker/cli, ``opts/port.go``, ``opts/network.go``, ``opts/swarmopts``.
"""

from __future__ import annotations

import re
from typing import Any

from simulator.cluster.swarm.specs import Port
from simulator.errors import InputError, unknown
from simulator.shell.grammar import Kind

MOST_PORTS = 1000
PROTOCOLS = ("tcp", "udp", "sctp")
_FIELDS = ("target", "published", "protocol", "mode")
_SHORT = re.compile(
    r"(?:(?P<ip>\[[^]]*\]|[0-9]+(?:\.[0-9]+){3}):)?"
    r"(?:(?P<at>[0-9-]*):)?(?P<port>[0-9-]+)(?:/(?P<protocol>[a-z]+))?"
)


def _number(text: str, what: str, least: int = 1) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not least <= int(text) <= 65_535:
        raise InputError(f"invalid {what} port", found=text, expected="1 to 65535")
    return int(text)


def _protocol(text: str) -> str:
    if text.lower() not in PROTOCOLS:
        raise unknown("protocol", text, PROTOCOLS)
    return text.lower()


def ports_of(text: str) -> tuple[Port, ...]:
    """``8080:80/tcp``, ranges of both one by one, or ``published=8080,target=80,mode=host``."""
    if "=" in text:
        return (_long(text),)
    found = _SHORT.fullmatch(text)
    if found is None:
        raise InputError(f"invalid port: {text}", expected="8080:80, or target=80,published=8080")
    if found["ip"]:
        raise InputError(
            "a service is published at all addresses of its nodes", found=found["ip"],
            expected=f"{found['at'] or ''}:{found['port']}",
        )  # fmt: skip
    targets = _range(found["port"], "container")
    published = _range(found["at"], "host") if found["at"] else [0] * len(targets)
    if len(targets) == 1:
        targets *= len(published)
    if len(targets) != len(published):
        raise InputError(
            f"invalid ranges specified for container and host Ports: {found['port']} and "
            f"{found['at']}", expected="as many of one as of the other",
        )  # fmt: skip
    protocol = _protocol(found["protocol"] or "tcp")
    pairs = zip(targets, published, strict=True)
    return tuple(Port(target=one, published=at, protocol=protocol) for one, at in pairs)


def _range(text: str, what: str) -> list[int]:
    first, dash, last = text.partition("-")
    ends = _number(first, what), _number(last if dash else first, what)
    if not 0 <= ends[1] - ends[0] < MOST_PORTS:
        raise InputError(f"invalid range of {what} ports", found=text,
                         expected=f"the lower end first, at most {MOST_PORTS:,} ports")  # fmt: skip
    return list(range(ends[0], ends[1] + 1))


def _long(text: str) -> Port:
    given: dict[str, Any] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        key = key.strip().lower()
        if not equals:
            raise InputError(f"invalid field: {part}", expected="target=80,published=8080")
        if key not in _FIELDS:
            raise unknown("field", key, _FIELDS)
        given[key] = value.strip()
    if "target" not in given:
        raise InputError("missing mandatory field 'target'", found=text)
    mode = given.get("mode", "ingress").lower()
    if mode not in ("ingress", "host"):
        raise InputError(f"invalid publish mode value ({mode})",
                         expected="either 'ingress' or 'host'")  # fmt: skip
    return Port(
        target=_number(given["target"], "target"),
        published=_number(given.get("published", "0"), "published", 0),
        protocol=_protocol(given.get("protocol", "tcp")),
        mode=mode,
    )


def at_port(word: str, key: tuple[int, int, str, str]) -> bool:
    """Whether ``80``, ``80/tcp`` or ``8080:80`` of ``--publish-rm`` means a port: by target."""
    target, _, protocol = word.rpartition(":")[2].partition("/")
    return str(key[1]) == target and (not protocol or protocol == key[2])


def _preference(text: str) -> str:
    key, equals, value = text.partition("=")
    if not equals or not value:
        raise InputError(f'could not parse placement preference: "{text}"',
                         expected="spread=node.labels.zone")  # fmt: skip
    if key != "spread":
        raise InputError(f"unsupported placement preference {key} (only spread is supported)")
    return value


def _generic(text: str) -> tuple[str, int]:
    kind, equals, count = text.partition("=")
    if not equals or not kind:
        raise InputError(f"incorrect term {text}, missing '=' or malformed expression")
    if not re.fullmatch(r"[0-9]{1,9}", count):
        raise InputError("a resource is counted", found=count, expected="a whole number")
    return kind, int(count)


def _host(text: str) -> str:
    name, colon, address = text.partition(":")
    if not colon or not name or not address:
        raise InputError(f'invalid host mapping "{text}"', expected="NAME:ADDRESS")
    return text


def reference(text: str) -> dict[str, str]:
    """``name``, or ``source=name,target=path,mode=0440`` of a secret, config or network."""
    if "=" not in text:
        return {"name": text}
    found: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise InputError(f"invalid field '{part}' must be a key=value pair")
        found[{"source": "name", "src": "name"}.get(key.lower(), key.lower())] = value
    if not found.get("name"):
        raise InputError("source is required", found=text)
    return found


PORTS = Kind("port", ports_of)
PREFERENCE = Kind("preference", _preference)
GENERIC = Kind("resource", _generic)
HOST = Kind("host", _host)
