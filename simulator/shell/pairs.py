"""Values that are pairs: ``KEY=VALUE``, and ``id=NAME,src=FILE`` of a build."""

from __future__ import annotations

import csv

from simulator.errors import InputError


def pair_of(value: str) -> tuple[str, str]:
    """``KEY=VALUE``; InputError for a key that is empty or has spaces."""
    key, _, rest = value.partition("=")
    if not key.strip() or any(c.isspace() for c in key):
        raise InputError("invalid variable", found=value, expected="KEY=VALUE")
    return key, rest


def fields_of(value: str, what: str) -> dict[str, str]:
    """``type=registry,ref=x`` as a dictionary; a bare word is under ""."""
    rows = list(csv.reader([value]))
    found: dict[str, str] = {}
    for part in rows[0] if rows else []:
        key, equals, rest = part.partition("=")
        found[key.strip().lower() if equals else ""] = rest.strip() if equals else key.strip()
    if not found:
        raise InputError(f"bad {what}", found=value, expected="key=value,key=value")
    return found


def secret_of(value: str) -> tuple[str, str]:
    """Id and file of ``id=NAME,src=FILE``; "" for a secret that no file gives."""
    fields = fields_of(value, "secret")
    name = fields.get("id", "")
    if not name:
        raise InputError("bad secret", found=value, expected="id=NAME[,src=FILE|,env=VARIABLE]")
    return name, fields.get("src") or fields.get("source") or ""
