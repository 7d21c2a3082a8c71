"""Texts in a lesson that nobody reads by accident: what later pages build upon."""

from __future__ import annotations

import base64
import binascii
import zlib

from simulator.errors import InputError, Place

MAX_SEALED = 200_000


def seal(text: str) -> str:
    """A text that cannot be read by accident."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unseal(body: str, place: Place) -> str:
    """What was sealed; InputError for what was not, or is too long."""
    try:
        packed = base64.b64decode("".join(body.split()), validate=True)
        opener = zlib.decompressobj()
        text = opener.decompress(packed, MAX_SEALED)
        if opener.unconsumed_tail:
            raise InputError("too much is sealed here", place=place)
        if not opener.eof:
            raise ValueError
        return text.decode()
    except (binascii.Error, zlib.error, ValueError):
        raise InputError("this was not sealed, or was changed since", place=place) from None
