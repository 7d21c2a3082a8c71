"""``docker push``, ``login``, ``logout``, ``search`` and ``manifest inspect``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import InputError
from simulator.image.manifests import images_of, manifest_digest
from simulator.image.model import Image, Index
from simulator.image.reference import Reference
from simulator.shell import kinds, lookup, stored
from simulator.shell.docker.images import REFERENCE, default_tag
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import ellipsis, table
from simulator.world.image_commands import LogIn, LogOut, PushImage

if TYPE_CHECKING:
    from simulator.shell.session import Session

_SERVER = Argument("SERVER", kinds.text("registry"), "the public one without", optional=True)
_LIST = "application/vnd.oci.image.index.v1+json"
_ONE = "application/vnd.oci.image.manifest.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_MOST_FOUND = 25


@verb(
    "docker push",
    "Upload an image to its registry; only layers that are missing there are sent",
    arguments=(Argument("NAME", REFERENCE, "name[:tag]; its first part names the registry"),),
    flags=(Flag(("-q", "--quiet"), "only the name"),),
    aliases=("docker image push",),
    examples=("docker tag web registry.local/web:1", "docker push registry.local/web:1"),
    known="-a --all-tags --disable-content-trust --platform",
)
def push(session: Session, call: Call) -> Iterable[str]:
    """Push."""
    lookup.machine(session.reader, call["host"])
    lines = session.do(PushImage(reference=call["NAME"], machine=call["host"]))
    if call["quiet"]:
        return [Reference.parse(call["NAME"]).canonical()]
    return [*default_tag(call["NAME"]), *lines]


@verb(
    "docker login",
    "Log in to a registry on the current machine",
    arguments=(_SERVER,),
    flags=(
        Flag(("-u", "--username"), "user", kinds.text("user")),
        Flag(("-p", "--password"), "password", kinds.text("password")),
        Flag(("--password-stdin",), "", refused="lines have no standard input; use --password"),
    ),
    examples=("docker login registry.local -u ada -p secret",),
)
def login(session: Session, call: Call) -> Iterable[str]:
    """Log in."""
    lookup.machine(session.reader, call["host"])
    if not call["username"] or not call["password"]:
        raise InputError("docker login: user and password are needed", expected="-u USER -p SECRET")
    return session.do(
        LogIn(
            registry=call["SERVER"] or "",
            user=call["username"],
            password=call["password"],
            machine=call["host"],
        )
    )


@verb(
    "docker logout",
    "Log out from a registry on the current machine",
    arguments=(_SERVER,),
    examples=("docker logout registry.local",),
)
def logout(session: Session, call: Call) -> Iterable[str]:
    """Log out."""
    lookup.machine(session.reader, call["host"])
    return session.do(LogOut(registry=call["SERVER"] or "", machine=call["host"]))


@verb(
    "docker search",
    "Find images of the built-in catalogue by a part of their name",
    arguments=(Argument("TERM", kinds.TEXT, "a part of the name"),),
    flags=(Flag(("--limit",), "most lines", kinds.integer("count", 1, 100), _MOST_FOUND),),
    examples=("docker search python",),
    known="-f --filter --format --no-trunc",
)
def search(session: Session, call: Call) -> Iterable[str]:
    """Names and tags; the public registry's stars and descriptions are not known."""
    lookup.machine(session.reader, call["host"])
    catalogue, term = session.world.catalogue, call["TERM"].lower()
    names = [Reference.parse(name) for name in catalogue.names()]
    found = [one for one in names if term in one.familiar.lower()]
    found.sort(key=lambda one: (one.familiar != term, len(one.familiar), one.familiar))
    rows = []
    for one in found[: call["limit"]]:
        official = "[OK]" if one.repository.startswith("library/") else ""
        rows.append([one.familiar, official, ellipsis(", ".join(catalogue.tags(one.name)), 60)])
    return table(("NAME", "OFFICIAL", "TAGS"), rows)


@verb(
    "docker manifest inspect",
    "What a name in a registry stands for: one image, or a list with one for each platform",
    arguments=(Argument("MANIFEST", REFERENCE, "name[:tag] or name@digest"),),
    flags=(
        Flag(("-v", "--verbose"), "", refused="the long form is not modelled"),
        Flag(("--insecure",), "", ignored=True),
    ),
    examples=("docker manifest inspect python:3.12-slim",),
)
def manifest_inspect(session: Session, call: Call) -> Iterable[str]:
    """The manifest as JSON, compressed sizes included."""
    here = stored.machine(session, call["host"])
    found = stored.in_registry(session, Reference.parse(call["MANIFEST"]), here)
    document = _index(found) if isinstance(found, Index) else _image(found)
    return json.dumps(document, indent=3).split("\n")


@verb(
    "docker buildx imagetools inspect",
    "The platforms behind a name in a registry",
    arguments=(Argument("NAME", REFERENCE, "name[:tag] or name@digest"),),
    examples=("docker buildx imagetools inspect python:3.12-slim",),
    known="--raw --format --builder",
)
def imagetools(session: Session, call: Call) -> Iterable[str]:
    """Digest and platforms."""
    reference = Reference.parse(call["NAME"])
    here = stored.machine(session, call["host"])
    found = stored.in_registry(session, reference, here)
    lines = [
        f"Name:      {reference.canonical()}",
        f"MediaType: {_LIST if isinstance(found, Index) else _ONE}",
        f"Digest:    {manifest_digest(found)}",
        "",
        "Manifests:",
    ]
    for one in images_of(found):
        lines += [
            f"  Name:      {reference.name}@{one.manifest_digest}",
            f"  MediaType: {_ONE}",
            f"  Platform:  {one.platform}",
            "",
        ]
    return lines[:-1]


def _platform(one: Image) -> dict[str, str]:
    platform = one.platform
    found = {"architecture": platform.architecture, "os": platform.os}
    if platform.variant:
        found["variant"] = platform.variant
    if platform.os_version:
        found["os.version"] = platform.os_version
    return found


def _index(found: Index) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": _LIST,
        "manifests": [
            {
                "mediaType": _ONE,
                "digest": one.manifest_digest,
                "size": one.transfer_bytes,
                "platform": _platform(one),
            }
            for one in found.images
        ],
    }


def _image(found: Image) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": _ONE,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": found.digest,
        },
        "layers": [
            {"mediaType": _LAYER, "size": layer.transfer_bytes, "digest": layer.digest}
            for layer in found.layers
        ],
    }
