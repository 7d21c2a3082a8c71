"""Where stages begin: base images, earlier stages, platforms, and triggers of the base."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from simulator.dockerfile import Dockerfile, Instruction, Stage, parse_instruction
from simulator.errors import InputError, Place
from simulator.image.builder.annotations import read_annotation
from simulator.image.builder.gaps import KNOWN, Gaps
from simulator.image.builder.graph import base_stage
from simulator.image.builder.state import StageState
from simulator.image.builder.variables import DEFAULT_PATH, Globals, Scope
from simulator.image.model import SCRATCH, Image, Platform
from simulator.image.reference import ARCHITECTURE_OWNERS, Reference


class Bases:
    """The bases of one build, and the images found for them."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        outer: Globals,
        platform: Platform,
        resolve: Callable[[Reference, Platform], Image],
    ) -> None:
        self.dockerfile = dockerfile
        self.file = dockerfile.name
        self.globals = outer
        self.platform = platform
        self.resolve = resolve
        self.images: dict[str, Image] = {}
        self.platforms: dict[int, Platform] = {}
        self.digests: set[str] = set()

    def base_of(self, stage: Stage) -> str:
        """The base of a stage with its variables expanded."""
        place = stage.instructions[0].place(self.file)
        scope = Scope(self.globals, self.globals.scope, {})
        base = scope.expand(stage.base, place)
        if not base.strip():
            raise InputError(
                f"base name ({stage.base[:60]}) should not be blank",
                place=place,
                expected="an image or a stage; give the argument a default or use --build-arg",
            )
        return base

    def start(
        self, stage: Stage, states: Mapping[int, StageState]
    ) -> tuple[StageState, list[Instruction], bool]:
        """The state a stage begins with, its base's triggers, and whether the base is an image."""
        first = stage.instructions[0]
        place = first.place(self.file)
        base = self.base_of(stage)
        earlier = base_stage(self.dockerfile, stage, base)
        if earlier is not None:
            parent = states[earlier.index]
            self.platforms[stage.index] = self.platforms[earlier.index]
            state = parent.child(stage.label, stage.index)
        else:
            platform = self._platform(stage, place)
            self.platforms[stage.index] = platform
            image = self._base_image(base, platform, first)
            if image.platform.architecture != platform.architecture and image.layers:
                self.platforms[stage.index] = image.platform
            env = image.config.environment
            scope = Scope(self.globals, {}, env)
            self.digests.add(image.digest)
            history = list(image.history)
            state = StageState(
                stage.label, stage.index, scope, image.config, list(image.layers), image.digest,
                history, gaps_of(base, image),
            )  # fmt: skip
        triggers = [self._trigger(text, place) for text in state.config.onbuild]
        state.config = replace(state.config, onbuild=())
        if "PATH" not in state.scope.env and state.layers:
            state.scope.env["PATH"] = DEFAULT_PATH
            state.config = state.config.with_env({"PATH": DEFAULT_PATH})
        return state, triggers, earlier is None

    def _platform(self, stage: Stage, place: Place) -> Platform:
        if not stage.platform:
            return self.platform
        scope = Scope(self.globals, self.globals.scope, {})
        try:
            return Platform.parse(scope.expand(stage.platform, place))
        except InputError as error:
            raise error.at(place) from None

    def _trigger(self, text: str, place: Place) -> Instruction:
        try:
            return parse_instruction(text, name="ONBUILD of the base image")
        except InputError as error:
            raise error.at(place) from None

    def _base_image(self, name: str, platform: Platform, first: Instruction) -> Image:
        """The base of a stage, or the image that its author says is like it."""
        place = first.place(self.file)
        stated = read_annotation(first, self.file)
        if stated is None or stated.like is None:
            return self.image(name, platform, place)
        try:
            return self.image(name, platform, place)
        except InputError:
            return self.image(stated.like, platform, place)

    def image(self, name: str, platform: Platform, place: Place) -> Image:
        """An image by name. InputError, with the place, when there is none for the platform."""
        if name == "scratch":
            return replace(SCRATCH, platform=platform)
        try:
            reference = Reference.parse(name)
            image = self.resolve(reference, platform)
        except InputError as error:
            raise error.at(place) from None
        self.images.setdefault(reference.canonical(), image)
        return image


_LISTED = frozenset(
    {
        "almalinux", "alpine", "amazoncorretto", "amazonlinux", "archlinux", "buildpack-deps",
        "busybox", "centos", "debian", "eclipse-temurin", "fedora", "golang", "gradle", "haskell",
        "julia", "maven", "node", "openjdk", "oraclelinux", "perl", "php", "python", "pypy",
        "r-base", "rockylinux", "ruby", "rust", "scratch", "swift", "ubuntu", "elixir", "erlang",
    }
)  # fmt: skip
"""Official images that hold a distribution, a language, and nothing else."""


_SMALL = frozenset({"haproxy", "httpd", "memcached", "nginx", "redis", "traefik", "hello-world"})
"""Official images of a server that bring hardly anything beside it."""


def gaps_of(name: str, image: Image) -> Gaps:
    """What is not known of a base: by who publishes it, and whether it was built here."""
    if name == "scratch":
        return KNOWN
    if any("RUN" in one.created_by and one.comment != "catalogue" for one in image.history):
        return Gaps(files=True, programs=True)
    reference = Reference.parse(name)
    repository = reference.name.removeprefix("public.ecr.aws/docker/").removeprefix("docker.io/")
    owner, _, last = repository.rpartition("/")
    if owner in ("library", *ARCHITECTURE_OWNERS):
        listed = last in _LISTED
        return KNOWN if listed else Gaps(files=True, programs=last not in _SMALL)
    bare = "distroless" in repository and "debug" not in (reference.tag or "")
    return KNOWN if bare else Gaps(files=True, programs=True)
