"""Whose processes a container has: user, group and other groups, from what was asked and its image.

The rules and sentences are Docker's (moby/sys/user, ``GetExecUser``): a number that nobody has is
that user with group 0; a name must stand in the image; a stated group replaces all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.errors import Refused
from simulator.image.accounts import Accounts, accounts
from simulator.image.model import Image

MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom processes run. ``name``: that of the user, or its number where it has none."""

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    """Groups besides its own."""
    name: str = "root"
    home: str = "/root"


def identity(image: Image, asked: str, group_add: Sequence[str] = ()) -> Identity:
    """The identity for ``--user`` (or USER) and ``--group-add``; Refused for a name of nobody."""
    known = accounts(image)
    user, _, group = asked.partition(":")
    found = _user(known, user or "0")
    gid, groups = found.gid, found.groups
    if group:
        gid, groups = _group(known, group), ()
    groups = tuple(dict.fromkeys((*groups, *(_group(known, one) for one in group_add))))
    return Identity(found.uid, gid, groups, found.name, found.home)


def _user(known: Accounts, word: str) -> Identity:
    account = known.users.get(word)
    if account is None and word.isascii() and word.isdigit():
        uid = _within(word)
        account = known.user(uid)
        if account is None:
            return Identity(uid, 0, (), "root" if uid == 0 else str(uid), "/")
    if account is None:
        raise Refused(f"unable to find user {word}: no matching entries in passwd file")
    others = known.also_in(account.name)
    return Identity(account.uid, account.gid, others, account.name, account.home)


def _group(known: Accounts, word: str) -> int:
    group = known.groups.get(word)
    if group is not None:
        return group.gid
    if word.isascii() and word.isdigit():
        return _within(word)
    raise Refused(f"unable to find group {word}: no matching entries in group file")


def _within(word: str) -> int:
    number = int(word[:20])
    if number > MOST:
        raise Refused(f"uids and gids must be in range 0-{MOST}")
    return number
