"""Messages over a pipe: each is its length in eight bytes, then so many bytes."""

from __future__ import annotations

from typing import IO

_LENGTH = 8
MOST_BYTES = 1 << 30


def write(pipe: IO[bytes], *parts: bytes) -> None:
    """Send one message a part."""
    for part in parts:
        pipe.write(len(part).to_bytes(_LENGTH, "big"))
        pipe.write(part)
    pipe.flush()


def read(pipe: IO[bytes]) -> bytes:
    """The next message; EOFError where the other side is gone, or says what makes no sense."""
    head = pipe.read(_LENGTH)
    length = int.from_bytes(head, "big")
    if len(head) < _LENGTH or length > MOST_BYTES:
        raise EOFError
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError
    return body
