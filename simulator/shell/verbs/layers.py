"""``layers``, ``secrets``, ``advise``: looking into images, and what would make them better."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simulator.errors import InputError, Refused
from simulator.files import is_folder
from simulator.image.advice import Advice, advise
from simulator.image.builder.cache import looks_secret
from simulator.image.builder.findings import find_in_files
from simulator.image.context import BuildContext
from simulator.image.explore import ADDED, CHANGED, REMOVED, Exploration, explore
from simulator.image.model import Image
from simulator.image.project import read_project
from simulator.image.reference import Reference
from simulator.image.union import FileSystem
from simulator.shell import kinds, stored
from simulator.shell.advising import rewritten
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import columns, ellipsis
from simulator.units import format_bytes
from simulator.world.builds import base_image

if TYPE_CHECKING:
    from simulator.shell.session import Session

_SIGNS = {ADDED: "+", CHANGED: "~", REMOVED: "-"}
_MOST = 200
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_IMAGE = Argument("IMAGE", kinds.IMAGE, "name or id")
_ON = Flag(("-H", "--host"), "the machine that has it", kinds.MACHINE)


@verb(
    "layers",
    "The layers of an image: what each adds, changes, removes and wastes; with N, its files",
    arguments=(
        _IMAGE,
        Argument(
            "N", kinds.integer("layer", 1, 10_000), "list the files of layer N", optional=True
        ),
    ),
    flags=(_ON, Flag(("-n", "--tail"), "most files", kinds.integer("count", 1, 100_000))),
    examples=("layers web", "layers web 4"),
    details="'+' added, '~' changed, '-' removed; wasted bytes are on disk but can never be seen.",
)
def layers(session: Session, call: Call) -> Iterable[str]:
    """The layer explorer."""
    found = explore(stored.image(session, call["IMAGE"], call["host"]))
    if call["N"] is None:
        if call["tail"] is not None:
            raise InputError("layers: --tail counts files of a layer", expected="N before it")
        return _summary(found)
    if call["N"] > len(found.layers):
        raise InputError("no such layer", found=call["N"], expected=f"1 to {len(found.layers)}")
    return list(_files(found, call["N"], call["tail"] or _MOST))


def _summary(found: Exploration) -> list[str]:
    rows = [
        [
            str(one.index + 1),
            format_bytes(one.size_bytes),
            *(_count(one.count(kind)) for kind in (ADDED, CHANGED, REMOVED)),
            format_bytes(one.wasted_bytes) if one.wasted_bytes else "",
            ellipsis(" ".join(one.created_by.removesuffix("# buildkit").split()), 70),
        ]
        for one in found.layers
    ]
    lines = columns(("LAYER", "SIZE", "ADDED", "CHANGED", "REMOVED", "WASTED", "COMMAND"), rows)
    lines += [
        "",
        f"size {format_bytes(found.size_bytes)}, wasted {format_bytes(found.wasted_bytes)}, "
        f"efficiency {found.efficiency:.1%}",
    ]
    lines += [
        f"  {format_bytes(one.size_bytes):>8}  {one.path} ({one.copies} times)"
        for one in found.wastes[:10]
    ]
    return lines


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _files(found: Exploration, number: int, most: int) -> Iterator[str]:
    report = found.layers[number - 1]
    yield f"layer {number}: {format_bytes(report.size_bytes)}, {report.created_by}"
    for one in report.changes[:most]:
        many = f" ({one.files:,} files)" if one.files > 1 else ""
        yield f"{_SIGNS[one.kind]} {format_bytes(one.size_bytes):>8}  {one.path}{many}"
    left = len(report.changes) - most
    if left > 0:
        yield f"  ... and {left:,} more; --tail {len(report.changes)} shows all"


@verb(
    "secrets",
    "Secrets that anybody who has an image can read, in whichever layer they are",
    arguments=(_IMAGE,),
    flags=(_ON,),
    examples=("secrets web",),
)
def secrets(session: Session, call: Call) -> Iterable[str]:
    """Files of all layers, variables of the configuration, arguments in the history."""
    image = stored.image(session, call["IMAGE"], call["host"])
    rows = list(_secrets(image))
    if not rows:
        return ["no secrets found: no key, credential or environment file, no such variable"]
    lines = columns(("WHERE", "SECRET", "WHAT"), rows)
    return [
        *lines,
        "",
        "Change each of them, for whoever has pulled the image has them; then use "
        "RUN --mount=type=secret, or .dockerignore.",
    ]


def _secrets(image: Image) -> Iterator[list[str]]:
    seen = FileSystem(image.layers)
    for number, layer in enumerate(image.layers, 1):
        for one in find_in_files(layer, 0):
            hidden = not seen.exists(one.subject)
            note = "removed by a later layer, still in this one" if hidden else "readable"
            yield [f"layer {number}", one.subject, note]
    for name in image.config.environment:
        if looks_secret(name):
            yield ["configuration", name, "ENV: docker inspect shows its value"]
    for line in image.history:
        if line.created_by.startswith(("RUN |", "ARG ")):
            head = line.created_by.partition(" /bin/")[0]
            for name in dict.fromkeys(_ASSIGNED.findall(head)):
                if looks_secret(name):
                    yield ["history", name, "ARG: docker history --no-trunc shows its value"]


@verb(
    "advise",
    "What would make an image smaller and faster to rebuild, ranked by what it saves",
    arguments=(
        Argument("DIR|IMAGE", kinds.text("folder or image", "folder"),
                 "a folder with a Dockerfile, or an image that was built here"),
        Argument("N", kinds.integer("advice", 1, 100), "show the Dockerfile after advice N",
                 optional=True),
    ),
    flags=(_ON, Flag(("-f", "--file"), "the Dockerfile of a folder", kinds.FILE)),
    examples=("advise .", "advise . 1", "advise web"),
    details="Every piece of advice was tried: the Dockerfile was rewritten and planned again.",
)  # fmt: skip
def advise_(session: Session, call: Call) -> Iterable[str]:
    """Measured advice."""
    target = call["DIR|IMAGE"]
    text, name, context = _subject(session, target, call)
    here = stored.machine(session, call["host"])
    found = advise(
        text,
        context,
        pull_bytes_s=session.world.parts.calibration.value(
            "images.registry.hub_connection_bytes_s"
        ),
        name=name,
        resolve=lambda reference, platform: base_image(
            session.world.depot, here, reference, platform
        ),
        platform=here.images.platform,
    )
    if call["N"] is not None:
        return rewritten(found, call["N"])
    return list(told(found)) or [f"nothing to improve was found in {name}"]


def _subject(session: Session, target: str, call: Call) -> tuple[str, str, BuildContext]:
    """Text and name of the Dockerfile, and the context."""
    folder = session.path(target)
    if is_folder(folder):
        file = session.path(call["file"]) if call["file"] else None
        project = read_project(folder, file)
        return project.dockerfile, project.dockerfile_name, project.context
    try:
        wanted = Reference.parse(target).canonical()
    except InputError:
        wanted = ""
    found = session.world.depot.sources.get(wanted)
    if found is not None:
        if call["file"]:
            raise InputError(
                "advise: --file names a Dockerfile of a folder", expected=f"a folder, not {target}"
            )
        return found
    raise Refused(f"{target} is neither a folder here nor an image that was built in this world")


def told(found: list[Advice]) -> Iterator[str]:
    """The list, the most useful first, each with why."""
    for number, one in enumerate(found, 1):
        yield f"{number}. {one}"
        yield f"   {one.why}"
        for line in one.dockerignore.split("\n"):
            if line:
                yield f"     .dockerignore: {line}"
