"""``docker commit --change``: instructions that only alter an image's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simulator.dockerfile import parse, parse_instruction
from simulator.errors import unknown
from simulator.image.builder.settings import apply_setting
from simulator.image.builder.state import StageState
from simulator.image.builder.variables import Globals, Scope
from simulator.image.model import ImageConfig

ALLOWED = ("CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "ONBUILD", "USER", "VOLUME", "WORKDIR")
_NOTHING = parse("FROM scratch\n")


def bare_state(config: ImageConfig) -> StageState:
    """A stage with a configuration and nothing else, for what the builder knows how to do."""
    scope = Scope(Globals(_NOTHING, {}, {}), {}, config.environment)
    return StageState("commit", 0, scope, config, [], "", [])


def changed_config(config: ImageConfig, changes: Iterable[str]) -> ImageConfig:
    """The configuration after the instructions; InputError for one that is not allowed here."""
    state = bare_state(config)
    for text in changes:
        one = parse_instruction(text, name="--change")
        if one.name not in ALLOWED:
            raise unknown("instruction for --change", one.name, ALLOWED)
        if one.name == "WORKDIR":
            state.config = replace(state.config, workdir=state.absolute(one.words[0]))
        else:
            apply_setting(one, state, one.place("--change"))
    return state.config
