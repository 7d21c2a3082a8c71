"""What the entrypoint of an image, whose text nobody has here, asks for before it starts."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from simulator.files import asset
from simulator.programs.view import View


@dataclass(frozen=True, slots=True)
class Demand:
    """Variables of which one has to be set while a folder of data is empty."""

    programs: tuple[str, ...]
    any: tuple[str, ...]
    trust: Mapping[str, str]
    """A variable with a value that does as well."""
    data: str
    variable: str
    """Names the folder of data, where it is set."""
    code: int
    says: str

    def met(self, view: View, env: Mapping[str, str]) -> bool:
        """Whether the program can start."""
        if any(env.get(name) for name in self.any):
            return True
        if any(env.get(name) == value for name, value in self.trust.items()):
            return True
        folder = env.get(self.variable, self.data)
        return view.files.is_folder(folder) and bool(view.files.entries(folder))


def unmet(view: View, argv: tuple[str, ...], env: Mapping[str, str]) -> Demand | None:
    """What is missing for what an entrypoint would start; None where nothing is."""
    for program in (argv[0], posixpath.basename(argv[0])):
        for demand in _demands():
            if program in demand.programs:
                return None if demand.met(view, env) else demand
    return None


@cache
def _demands() -> tuple[Demand, ...]:
    data = tomllib.loads(asset("entrypoints.toml").read_text(encoding="utf-8"))
    return tuple(
        Demand(
            programs=tuple(one["programs"]),
            any=tuple(one["any"]),
            trust=one.get("trust", {}),
            data=one["data"],
            variable=one.get("variable", ""),
            code=one["code"],
            says=one["says"].lstrip("\n"),
        )
        for one in data["demand"]
    )
