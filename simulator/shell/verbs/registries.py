"""``registry``: registries of one's own, and what the public one allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.image.manifests import images_of
from simulator.registry.repository import RateLimit
from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.tables import columns
from simulator.units import format_bytes, format_span, parse_bytes, parse_duration, parse_number
from simulator.world.image_commands import (
    ChangeRegistry,
    CollectRegistry,
    CreateRegistry,
    RemoveRegistry,
)

if TYPE_CHECKING:
    from simulator.shell.session import Session

_NAME = Argument("NAME", kinds.text("registry"), "its host name, such as registry.local")


def _uplink(value: str) -> float:
    """``1Gbit``, ``100Mbit/s`` or ``125MB`` a second, in bytes a second."""
    text = value.lower().removesuffix("/s").removesuffix("ps")
    bits = text.removesuffix("s").endswith("bit")
    if bits:
        number = text.removesuffix("s").removesuffix("bit")
        return parse_bytes(number.strip() or "0", decimal=True) / 8
    return float(parse_bytes(text, decimal=True))


def _limit(value: str) -> tuple[float, float]:
    """``100/6h``: pulls, and the seconds in which as many come back; ``none`` is no limit."""
    if value == "none":
        return 0.0, 1.0
    pulls, slash, period = value.partition("/")
    if not slash:
        raise InputError("bad rate limit", found=value, expected="PULLS/PERIOD such as 100/6h")
    head = period if period[:1].isdigit() else f"1{period}"
    return parse_number(pulls, "number of pulls", maximum=1e9), parse_duration(head)


def _limit_or_published(value: str) -> tuple[float, float] | str:
    return "published" if value == "published" else _limit(value)


def _user(value: str) -> tuple[str, str]:
    name, colon, secret = value.partition(":")
    if not name or not colon or not secret:
        raise InputError("bad user", found=value, expected="NAME:SECRET")
    return name, secret


UPLINK = Kind("rate", _uplink)
LIMIT = Kind("pulls/period", _limit)
_UPLINK = Flag(("--uplink",), "what it can send, for example 1Gbit (default) or 50MB", UPLINK)
_RATE = Flag(("--rate-limit",), "pulls of one address, for example 100/6h", LIMIT)
_USER = Flag(("--user",), "NAME:SECRET, somebody who can log in", Kind("user", _user), repeat=True)


@verb(
    "registry add",
    "Add a registry; images whose name begins with its name are pushed and pulled there",
    arguments=(_NAME,),
    flags=(
        _UPLINK,
        Flag(("--private",), "only users that are logged in may pull and push"),
        _USER,
        Flag(("--region",), "its site, for example aws/us-east-1: then egress costs",
             kinds.text("region"), ""),
        _RATE,
    ),
    examples=(
        "registry add registry.local --uplink 1Gbit",
        "registry add corp.local --private --user ada:secret --rate-limit 100/6h",
    ),
)  # fmt: skip
def add(session: Session, call: Call) -> Iterable[str]:
    """Add a registry."""
    pulls, period_s = call["rate_limit"] or (None, 1.0)
    return session.do(
        CreateRegistry(
            name=call["NAME"],
            uplink_bytes_s=125e6 if call["uplink"] is None else call["uplink"],
            private=call["private"],
            users=dict(call["user"]),
            region=call["region"],
            pulls=pulls,
            period_s=period_s,
        )
    )


@verb(
    "registry set",
    "Change a registry, 'docker.io' included: uplink, rate limit, users, outage",
    arguments=(_NAME,),
    flags=(
        _UPLINK,
        Flag(
            ("--rate-limit",),
            "pulls of one address, for example 100/6h; 'published': Docker Hub's own limits",
            Kind("pulls/period", _limit_or_published, choices=("published", "none")),
        ),
        _USER,
        Flag(("--down",), "an outage: what is under way breaks off"),
        Flag(("--up",), "the end of an outage"),
    ),
    examples=(
        "registry set docker.io --rate-limit published",
        "registry set docker.io --rate-limit 100/6h",
        "registry set registry.local --down",
    ),
)
def set_(session: Session, call: Call) -> Iterable[str]:
    """Change a registry."""
    if call["down"] and call["up"]:
        raise InputError("registry set: --down and --up exclude each other")
    changes = ("uplink", "rate_limit", "user", "down", "up")
    if not any(call[key] for key in changes):
        raise InputError(
            "registry set: nothing to change",
            expected="--uplink, --rate-limit, --user, --down or --up",
        )
    published = call["rate_limit"] == "published"
    pulls, period_s = (None, 1.0) if published else call["rate_limit"] or (None, 1.0)
    return session.do(
        ChangeRegistry(
            name=call["NAME"],
            uplink_bytes_s=call["uplink"],
            pulls=pulls,
            period_s=period_s,
            published_limits=published,
            available=False if call["down"] else True if call["up"] else None,
            users=dict(call["user"]),
        )
    )


@verb("registry rm", "Take a registry away, with what is in it", arguments=(_NAME,),
      destructive=True, examples=("registry rm registry.local",))  # fmt: skip
def rm(session: Session, call: Call) -> Iterable[str]:
    """Remove a registry."""
    return session.do(RemoveRegistry(name=call["NAME"]))


@verb(
    "registry gc",
    "Delete the layers that no manifest of a registry names",
    arguments=(_NAME,),
    flags=(Flag(("-m", "--delete-untagged"), "manifests without a tag too"),),
    destructive=True,
    examples=("registry gc registry.local -m",),
)
def collect(session: Session, call: Call) -> Iterable[str]:
    """Collect garbage."""
    return session.do(CollectRegistry(name=call["NAME"], delete_untagged=call["delete_untagged"]))


@verb(
    "registry ls",
    "List registries; with NAME, what is in it",
    arguments=(Argument("NAME", kinds.text("registry"), "only its repositories", optional=True),),
    aliases=("registries",),
    examples=("registry ls", "registry ls registry.local"),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """One line a registry, or one a tag."""
    registries = session.world.depot.registries
    if call["NAME"]:
        registry = registries.get(call["NAME"])
        rows = []
        for repository in registry.repositories.values():
            for tag, digest in sorted(repository.tags.items()):
                made = images_of(repository.manifests[digest])
                platforms = ", ".join(str(one.platform) for one in made)
                size = format_bytes(sum(one.transfer_bytes for one in made))
                rows.append([f"{repository.name}:{tag}", digest[7:19], size, platforms])
        return columns(("NAME", "DIGEST", "COMPRESSED", "PLATFORMS"), rows)
    rows = []
    for name in registries.names():
        one = registries.get(name)
        rows.append(
            [
                name,
                "up" if one.available else "down",
                "private" if one.members_only else "public",
                f"{format_bytes(one.uplink.capacity_bytes_s)}/s",
                _told(one.anonymous_limit),
                str(one.site or ""),
                str(len(one.repositories)),
                format_bytes(one.stored_bytes),
            ]
        )
    headings = (
        "NAME", "STATE", "ACCESS", "UPLINK", "RATE LIMIT", "SITE", "REPOSITORIES", "STORED",
    )  # fmt: skip
    return columns(headings, rows)


def _told(limit: RateLimit | None) -> str:
    return "none" if limit is None else f"{limit.pulls:g}/{format_span(limit.period_s)}"
