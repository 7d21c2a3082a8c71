"""``docker images``, ``pull``, ``tag``, ``rmi`` and ``history``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.image.model import HistoryEntry
from simulator.image.reference import Reference
from simulator.look.views import ImageView
from simulator.shell import kinds, lookup
from simulator.shell.docker.listing import FORMAT, NO_TRUNC, QUIET
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.tables import ellipsis
from simulator.units import format_ago, format_bytes
from simulator.world.commands import PullImage, RemoveImage, TagImage

if TYPE_CHECKING:
    from simulator.shell.session import Session

COLUMNS = {
    "Repository": "REPOSITORY",
    "Tag": "TAG",
    "ID": "IMAGE ID",
    "CreatedSince": "CREATED",
    "Size": "SIZE",
}

HISTORY = {
    "ID": "IMAGE",
    "CreatedSince": "CREATED",
    "CreatedBy": "CREATED BY",
    "Size": "SIZE",
    "Comment": "COMMENT",
}


def _reference(value: str) -> str:
    Reference.parse(value)
    return value


REFERENCE = Kind("image", _reference, "image")
PLATFORM = Flag(("--platform",), "for example linux/arm64", kinds.text("platform"))


@verb(
    "docker images",
    "List the images of the current machine",
    arguments=(Argument("REPOSITORY", kinds.IMAGE, "only this one", optional=True),),
    flags=(
        Flag(("-a", "--all"), "intermediate images too (there are none)", ignored=True),
        QUIET,
        NO_TRUNC,
        FORMAT,
    ),
    aliases=("docker image ls", "docker image list"),
    examples=("docker images", "docker images --format '{{.Repository}} {{.Size}}'"),
    known="--digests -f --filter --tree",
)
def images(session: Session, call: Call) -> Iterable[str]:
    """List images, newest first."""
    found = lookup.images(session.reader, call["host"])
    wanted = call["REPOSITORY"]
    if wanted:
        repository, colon, tag = wanted.partition(":")
        found = [
            one
            for one in found
            if _split(one)[0] == repository and (not colon or _split(one)[1] == tag)
        ]
    found = sorted(found, key=lambda one: -one.created_at)
    rows = [_row(one, session.world.now, call["no_trunc"]) for one in found]
    if call["quiet"] and not call["format"]:
        return list(dict.fromkeys(row["ID"] for row in rows))
    return listing(rows, COLUMNS, call["format"], COLUMNS | {"CreatedAt": "CREATED AT"})


def _split(one: ImageView) -> tuple[str, str]:
    repository, colon, tag = one.reference.rpartition(":")
    return (repository, tag) if colon else (one.reference, "<none>")


def _row(one: ImageView, now: float, whole: bool) -> dict[str, str]:
    repository, tag = _split(one)
    digest = one.id.removeprefix("sha256:")
    return {
        "Repository": repository,
        "Tag": tag,
        "ID": f"sha256:{digest}" if whole else digest[:12],
        "CreatedSince": format_ago(now - one.created_at),
        "Size": format_bytes(one.size_bytes),
    }


@verb(
    "docker pull",
    "Fetch an image from its registry; only missing layers are transferred",
    arguments=(Argument("NAME", REFERENCE, "name[:tag] or name@digest"),),
    flags=(
        PLATFORM,
        Flag(("-q", "--quiet"), "only the name"),
        Flag(("--lazy",), "ready when the few bytes read at start are here (no flag of docker's)"),
    ),
    aliases=("docker image pull",),
    examples=("docker pull python:3.12-slim", "docker pull --platform linux/arm64 alpine"),
    known="-a --all-tags --disable-content-trust",
)
def pull(session: Session, call: Call) -> Iterable[str]:
    """Pull."""
    lookup.machine(session.reader, call["host"])
    lines = session.do(
        PullImage(
            reference=call["NAME"],
            platform=call["platform"],
            machine=call["host"],
            lazy=True if call["lazy"] else None,
        )
    )
    return lines[-1:] if call["quiet"] else [*default_tag(call["NAME"]), *lines]


def default_tag(name: str) -> list[str]:
    """What the client says where no tag was typed."""
    found = Reference.parse(name)
    return [] if found.tag or found.digest else ["Using default tag: latest"]


@verb(
    "docker tag",
    "Give an image another name",
    arguments=(
        Argument("SOURCE_IMAGE", kinds.IMAGE, "an image that is here"),
        Argument("TARGET_IMAGE", REFERENCE, "its new name"),
    ),
    aliases=("docker image tag",),
    examples=("docker tag web:latest web:v1",),
)
def tag(session: Session, call: Call) -> Iterable[str]:
    """Tag."""
    lookup.image(session.reader, call["SOURCE_IMAGE"], call["host"])
    return session.do(
        TagImage(source=call["SOURCE_IMAGE"], target=call["TARGET_IMAGE"], machine=call["host"])
    )


@verb(
    "docker rmi",
    "Remove images: the tag, and the layers that nothing else uses",
    arguments=(Argument("IMAGE", kinds.IMAGE, "name or id", repeat=True),),
    flags=(Flag(("-f", "--force"), "also when a stopped container uses it"),),
    aliases=("docker image rm", "docker image remove"),
    destructive=True,
    examples=("docker rmi web:v1",),
    known="--no-prune --platform",
)
def rmi(session: Session, call: Call) -> Iterable[str]:
    """Remove images."""
    lines: list[str] = []
    for name in call["IMAGE"]:
        try:
            lookup.image(session.reader, name, call["host"])
            command = RemoveImage(reference=name, force=call["force"], machine=call["host"])
            lines += session.do(command)
        except DrydockError as error:
            session.fail(call, error)
    return lines


@verb(
    "docker history",
    "The steps that made an image, the newest first, and what each added",
    arguments=(Argument("IMAGE", kinds.IMAGE, "name or id"),),
    flags=(QUIET, NO_TRUNC, FORMAT),
    aliases=("docker image history",),
    examples=("docker history web", "docker history --no-trunc web"),
    known="-H --human --platform",
)
def history(session: Session, call: Call) -> Iterable[str]:
    """One row a step; steps of metadata add nothing."""
    machine = lookup.machine(session.reader, call["host"])
    found = lookup.image(session.reader, call["IMAGE"], machine.name)
    stored = session.world.machine(machine.name).images.store.get(found.reference)
    rows = []
    for index, entry in enumerate(reversed(stored.image.history)):
        whole = call["no_trunc"]
        rows.append(
            {
                "ID": found.id[:12] if index == 0 else "<missing>",
                "CreatedSince": format_ago(max(0.0, session.world.now - entry.created_s)),
                "CreatedBy": _step(entry) if whole else ellipsis(_step(entry), 45),
                "Size": format_bytes(entry.size_bytes),
                "Comment": entry.comment,
            }
        )
    if call["quiet"]:
        return [row["ID"] for row in rows]
    return listing(rows, HISTORY, call["format"], HISTORY)


def _step(entry: HistoryEntry) -> str:
    """A step as BuildKit writes it: words of a program in Go's quotes, and who made a layer."""
    if not entry.empty_layer:
        return entry.created_by
    text = entry.created_by.removesuffix(" # buildkit")
    name, _, rest = text.partition(" ")
    if name.upper() not in ("CMD", "ENTRYPOINT"):
        return text
    try:
        words = json.loads(rest)
    except ValueError:
        words = ["/bin/sh", "-c", rest]
    return f"{name.upper()} [{' '.join(json.dumps(word, ensure_ascii=False) for word in words)}]"
