"""``docker build``: reads the real Dockerfile and the real folder; nothing in it is executed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.dockerfile import parse
from simulator.dockerfile.lint import lint_error, report
from simulator.errors import InputError, unknown
from simulator.files import is_file, is_folder
from simulator.image.context import BuildContext
from simulator.image.model import Platform
from simulator.image.project import read_project
from simulator.shell import kinds, lookup
from simulator.shell.docker.images import REFERENCE
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.pairs import fields_of, secret_of
from simulator.shell.registry import verb
from simulator.shell.wording.builds import where
from simulator.world.builds import check
from simulator.world.commands import BuildImage

if TYPE_CHECKING:
    from simulator.shell.session import Session

_MODES = ("auto", "plain", "tty", "quiet", "rawjson")
_SET_BY_HOST = "the builder uses the machine's own"


def _platforms(value: str) -> tuple[str, ...]:
    return tuple(str(Platform.parse(part)) for part in value.split(","))


def _cache_from(value: str) -> str:
    fields = fields_of(value, "cache source")
    kind = fields.get("type", "registry")
    if kind != "registry":
        raise InputError(f"cache source type={kind} is not modelled", expected="type=registry,ref=")
    return str(REFERENCE.parse(fields.get("ref") or fields.get("", "")))


def _cache_to(value: str) -> str:
    kind = fields_of(value, "cache target").get("type", "registry")
    if kind != "inline":
        raise InputError(f"cache target type={kind} is not modelled", expected="type=inline")
    return value


def _ssh(value: str) -> str:
    return value.partition("=")[0] or "default"


def _stages(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _no_output(value: str) -> str:
    if value.replace("type=", "") not in ("docker", "image"):
        raise InputError("other outputs than the image store are not modelled", found=value)
    return value


def _call_mode(value: str) -> str:
    if value not in ("build", "check"):
        raise unknown("method of --call", value, ("build", "check"))
    return value


_FLAGS = (
    Flag(("-t", "--tag"), "name of the image (may be given several times)", REFERENCE, None, True),
    Flag(("-f", "--file"), "the Dockerfile, when it is not PATH/Dockerfile", kinds.FILE),
    Flag(("--build-arg",), "value of an ARG", kinds.PAIR, repeat=True),
    Flag(("--target",), "stop at this stage", kinds.text("stage")),
    Flag(("--no-cache",), "build every step anew"),
    Flag(
        ("--no-cache-filter",), "build these stages anew", Kind("stages", _stages), repeat=True
    ),
    Flag(
        ("--platform",),
        "for example linux/arm64; several with commas make a manifest list",
        Kind("platforms", _platforms),
        repeat=True,
    ),
    Flag(("--check",), "only check the Dockerfile; nothing is built"),
    Flag(("--call",), "'check' is --check", Kind("method", _call_mode), default="build"),
    Flag(("--secret",), "id=NAME,src=FILE, for RUN --mount=type=secret",
         Kind("secret", secret_of), repeat=True),
    Flag(("--ssh",), "a key for RUN --mount=type=ssh", Kind("default|id", _ssh), repeat=True),
    Flag(("--cache-from",), "use the cache inside this image",
         Kind("image", _cache_from, "image"), repeat=True),
    Flag(("--cache-to",), "'type=inline': put the cache into the image",
         Kind("type=inline", _cache_to), repeat=True),
    Flag(("--label",), "a label of the image", kinds.PAIR, repeat=True),
    Flag(("--pull",), "ask the registry even when the base image is here"),
    Flag(("--push",), "push the tags when it is done"),
    Flag(("-q", "--quiet"), "only the image's id"),
    Flag(("--progress",), "plain numbers every step", kinds.choice("mode", _MODES), "auto"),
    Flag(("-o", "--output"), "", Kind("type", _no_output), repeat=True, ignored=True),
    Flag(("--load",), "put it among the images", ignored=True),
    Flag(("--provenance", "--sbom"), "", refused="attestations are not modelled"),
    Flag(("--ulimit",), "", refused=_SET_BY_HOST),
    Flag(("--shm-size",), "", refused=_SET_BY_HOST),
    Flag(("--cgroup-parent",), "", refused=_SET_BY_HOST),
    Flag(("--network",), "", refused="RUN always has the machine's network"),
    Flag(("--add-host",), "", refused="names are not looked up inside a RUN"),
    Flag(("-m", "--memory", "--cpus", "--cpu-quota"), "", refused="BuildKit has no such limits"),
)  # fmt: skip


@verb(
    "docker build",
    "Build an image from a Dockerfile and the files of a folder",
    arguments=(Argument("PATH", kinds.FOLDER, "the folder with the Dockerfile"),),
    flags=_FLAGS,
    aliases=("docker image build", "docker buildx build", "docker builder build"),
    examples=(
        "docker build -t web .",
        "docker build --no-cache --build-arg VERSION=2 -t web app",
        "docker build --check .",
        "docker build --platform linux/amd64,linux/arm64 -t registry.local/web --push .",
    ),
    known="--build-context --allow --annotation --attest --builder --iidfile --metadata-file "
    "--isolation --security-opt --squash --compress --force-rm --rm --cpuset-cpus --cpu-shares",
    details="Every step says whether it was cached, and if not, why not.",
)
def build(session: Session, call: Call) -> Iterable[str]:
    """Build; the command carries the text of the Dockerfile and the digests of the files."""
    machine = lookup.machine(session.reader, call["host"])
    folder = session.path(call["PATH"])
    if not is_folder(folder):
        raise InputError("docker build: no such folder", found=call["PATH"])
    project = read_project(folder, dockerfile_of(session, call))
    name, text = project.dockerfile_name, project.dockerfile
    try:
        if call["check"] or call["call"] == "check":
            return _check(session, machine.name, name, text)
        return session.do(_command(session, call, name, text, project.context))
    except InputError as error:
        if error.place is not None and error.place.file == name and error.place.line:
            session.say(where(text, name, error.place.line))
        raise


def _command(
    session: Session, call: Call, name: str, text: str, context: BuildContext
) -> BuildImage:
    for secret, source in call["secret"]:
        if source and not is_file(session.path(source)):
            raise InputError(f"failed to stat {source}: no such file", expected=f"a file: {secret}")
    platforms = tuple(dict.fromkeys(one for some in call["platform"] for one in some))
    arguments = dict(call["build_arg"])
    return BuildImage(
        dockerfile=text,
        dockerfile_name=name,
        context=replace(context, name=call["PATH"]),
        tags=call["tag"],
        build_args=arguments,
        target=call["target"],
        no_cache=call["no_cache"],
        no_cache_stages=tuple(one for some in call["no_cache_filter"] for one in some),
        platforms=platforms,
        labels=dict(call["label"]),
        secrets=tuple(one for one, _ in call["secret"]),
        ssh=call["ssh"],
        cache_from=call["cache_from"],
        inline_cache=bool(call["cache_to"]) or arguments.get("BUILDKIT_INLINE_CACHE") == "1",
        pull=call["pull"],
        push=call["push"],
        plain=call["progress"] in ("plain", "rawjson"),
        quiet=call["quiet"] or call["progress"] == "quiet",
        machine=call["host"],
    )


def _check(session: Session, machine: str, name: str, text: str) -> list[str]:
    """``--check``: every finding with its lines, why, and what to do."""
    dockerfile = parse(text, name=name)
    findings = check(session.world.depot, session.world.machine(machine), dockerfile)
    lines = report(findings, text, name=name).split("\n")
    error = lint_error(dockerfile, findings)
    if error is not None:
        session.say(lines)
        raise error
    return lines


def dockerfile_of(session: Session, call: Call) -> Path | None:
    """The path that ``-f`` names, or None."""
    return session.path(call["file"]) if call["file"] else None
