"""``docker build``: reads the real Dockerfile and the real folder; nothing in it is executed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.files import read_text
from simulator.image.context import BuildContext
from simulator.image.directory import read_directory
from simulator.image.dockerfile import Dockerignore
from simulator.shell import kinds, lookup
from simulator.shell.docker.images import PLATFORM, REFERENCE
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.world.commands import BuildImage

if TYPE_CHECKING:
    from simulator.shell.session import Session

MAX_DOCKERFILE_BYTES = 1 << 20
WRITTEN = "writing image "
"""What the line of a build begins with that tells the image's id."""


@verb(
    "docker build",
    "Build an image from a Dockerfile and the files of a folder",
    arguments=(Argument("PATH", kinds.FOLDER, "the folder with the Dockerfile"),),
    flags=(
        Flag(
            ("-t", "--tag"), "name of the image (may be given several times)", REFERENCE, None, True
        ),
        Flag(("-f", "--file"), "the Dockerfile, when it is not PATH/Dockerfile", kinds.FILE),
        Flag(("--build-arg",), "value of an ARG", kinds.PAIR, repeat=True),
        Flag(("--target",), "stop at this stage", kinds.text("stage")),
        Flag(("--no-cache",), "build every step anew"),
        PLATFORM,
        Flag(("-q", "--quiet"), "only the image's id"),
        Flag(("--progress",), "", kinds.text("mode"), ignored=True),
        Flag(("--pull",), "look for a newer base image", ignored=True),
        Flag(("--load",), "put it among the images", ignored=True),
    ),
    aliases=("docker image build", "docker buildx build"),
    examples=("docker build -t web .", "docker build --no-cache --build-arg VERSION=2 -t web app"),
    known="--add-host --allow --annotation --attest --builder --cache-from --cache-to "
    "--cgroup-parent --call --check --iidfile --label --metadata-file --network --no-cache-filter "
    "-o --output --provenance --push --sbom --secret --shm-size --ssh --ulimit",
)
def build(session: Session, call: Call) -> Iterable[str]:
    """Build; the command carries the text of the Dockerfile and the digests of the files."""
    lookup.machine(session.snapshot(), call["host"])
    folder = session.path(call["PATH"])
    if not folder.is_dir():
        raise InputError("docker build: no such folder", found=call["PATH"])
    name, text, context = read_folder(folder, dockerfile_of(session, call))
    lines = session.do(
        BuildImage(
            dockerfile=text,
            dockerfile_name=name,
            context=replace(context, name=call["PATH"]),
            tags=call["tag"],
            build_args=dict(call["build_arg"]),
            target=call["target"],
            no_cache=call["no_cache"],
            platform=call["platform"],
            machine=call["host"],
        )
    )
    if call["quiet"]:
        return [line.rpartition(" ")[2] for line in lines if line.startswith(WRITTEN)]
    return lines


def dockerfile_of(session: Session, call: Call) -> Path | None:
    """The path that ``-f`` names, or None."""
    return session.path(call["file"]) if call["file"] else None


def read_folder(folder: Path, dockerfile: Path | None = None) -> tuple[str, str, BuildContext]:
    """Name and text of the Dockerfile of a real folder, and the files that a build could copy."""
    path = dockerfile or folder / "Dockerfile"
    text = read_text(path, limit_bytes=MAX_DOCKERFILE_BYTES, what="Dockerfile")
    ignore_path = path.with_name(path.name + ".dockerignore")
    if not ignore_path.is_file():
        ignore_path = folder / ".dockerignore"
    ignore = None
    if ignore_path.is_file():
        words = read_text(ignore_path, limit_bytes=MAX_DOCKERFILE_BYTES, what=".dockerignore")
        ignore = Dockerignore.parse(words, ignore_path.name)
    return path.name, text, read_directory(folder, ignore)
