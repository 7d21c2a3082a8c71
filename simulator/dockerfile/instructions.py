"""What each instruction demands of its arguments, said in the builder's own words."""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.dockerfile.flags import check_flags
from simulator.dockerfile.healthcheck import read_healthcheck
from simulator.dockerfile.heredocs import heredoc_of_word
from simulator.dockerfile.model import Instruction
from simulator.dockerfile.mounts import read_mounts
from simulator.dockerfile.ports import parse_ports
from simulator.dockerfile.signals import parse_signal
from simulator.dockerfile.syntax import CHAINED, KEYWORDS, go_quote
from simulator.dockerfile.words import shown
from simulator.errors import InputError, nearest

STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")


def check(instruction: Instruction, file: str) -> None:
    """Raise InputError when an instruction is unknown or its arguments make no sense."""
    if instruction.name not in KEYWORDS:
        raise InputError(
            f"unknown instruction: {shown(instruction.written)}",
            place=instruction.place(file),
            expected="one of: " + ", ".join(KEYWORDS),
            nearest=nearest(instruction.name, KEYWORDS),
        )
    count = len(instruction.words) or len(instruction.pairs)
    least, most = _COUNTS.get(instruction.name, (0, None))
    if count < least or (most is not None and count > most):
        raise _wrong_count(instruction, count, least, most, file)
    check_flags(instruction.name, instruction.flags, file)
    more = _MORE.get(instruction.name)
    if more is not None:
        more(instruction, file)


_COUNTS: dict[str, tuple[int, int | None]] = {
    "ADD": (2, None),
    "ARG": (1, None),
    "COPY": (2, None),
    "ENV": (1, None),
    "EXPOSE": (1, None),
    "HEALTHCHECK": (1, None),
    "LABEL": (1, None),
    "MAINTAINER": (1, 1),
    "RUN": (1, None),
    "SHELL": (1, None),
    "STOPSIGNAL": (1, 1),
    "USER": (1, 1),
    "VOLUME": (1, None),
    "WORKDIR": (1, 1),
}
"""Least and most arguments; CMD and ENTRYPOINT may be empty, which clears them."""


def _wrong_count(
    instruction: Instruction, count: int, least: int, most: int | None, file: str
) -> InputError:
    name = instruction.name
    if least == 2:
        provided = "only one was" if count else "none were"
        problem = (
            f"{name} requires at least two arguments, but {provided} provided. "
            "Destination could not be determined"
        )
    else:
        problem = f"{name} requires {'exactly' if most else 'at least'} one argument"
    return InputError(problem, place=instruction.place(file))


def _from(instruction: Instruction, file: str) -> None:
    words = instruction.words
    if len(words) != 1 and not (len(words) == 3 and words[1].lower() == "as"):
        raise InputError(
            "FROM requires either one or three arguments",
            place=instruction.place(file),
            found=" ".join(words) or "none",
            expected="FROM image or FROM image AS name",
        )
    if len(words) == 3 and not STAGE_NAME.fullmatch(words[2].lower()):
        raise InputError(
            f"invalid name for build stage: {go_quote(words[2][:60])}, "
            "name can't start with a number or contain symbols",
            place=instruction.place(file),
        )


def _names(instruction: Instruction, file: str) -> None:
    for name, _, _ in instruction.pairs:
        if not name:
            raise InputError(
                f"{instruction.name} names can not be blank", place=instruction.place(file)
            )


def _copy(instruction: Instruction, file: str) -> None:
    if not instruction.json and heredoc_of_word(instruction.words[-1]) is not None:
        raise InputError(
            f"{instruction.name} cannot accept a heredoc as a destination",
            place=instruction.place(file),
            found=instruction.words[-1],
        )


def _run(instruction: Instruction, file: str) -> None:
    read_mounts(instruction, file)


def _shell(instruction: Instruction, file: str) -> None:
    if not instruction.json:
        raise InputError(
            "SHELL requires the arguments to be in JSON form",
            place=instruction.place(file),
            found=instruction.words[0],
            expected='SHELL ["/bin/sh", "-c"]; a backslash inside must be doubled',
        )


def _volume(instruction: Instruction, file: str) -> None:
    if not all(word.strip() for word in instruction.words):
        raise InputError(
            "VOLUME specified can not be an empty string", place=instruction.place(file)
        )


def _expose(instruction: Instruction, file: str) -> None:
    for word in instruction.words:
        if _is_plain(word):
            parse_ports(word, place=instruction.place(file))


def _stopsignal(instruction: Instruction, file: str) -> None:
    if _is_plain(instruction.words[0]):
        parse_signal(instruction.words[0], place=instruction.place(file))


def _is_plain(word: str) -> bool:
    """Whether a word is its own value; others are looked at once their variables are known."""
    return not any(character in word for character in "$'\"\\`")


def _healthcheck(instruction: Instruction, file: str) -> None:
    read_healthcheck(instruction, file)


def _onbuild(instruction: Instruction, file: str) -> None:
    child = instruction.child
    if child is None:
        raise InputError("ONBUILD requires at least one argument", place=instruction.place(file))
    if child.name == "ONBUILD":
        raise InputError(CHAINED, place=child.place(file))
    if child.name in ("FROM", "MAINTAINER"):
        raise InputError(
            f"{child.name} isn't allowed as an ONBUILD trigger", place=child.place(file)
        )
    check(child, file)


_MORE: dict[str, Callable[[Instruction, str], None]] = {
    "ADD": _copy,
    "ARG": _names,
    "COPY": _copy,
    "ENV": _names,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _names,
    "ONBUILD": _onbuild,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": _stopsignal,
    "VOLUME": _volume,
}
