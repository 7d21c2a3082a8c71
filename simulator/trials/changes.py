"""Changes of a scenario: ``KEY=VALUE``, the same words wherever a scenario is to be otherwise.

Keys are paths in the file, as after ``--set`` (``hosts.0.cores``, ``traffic.web.peak``), the name
of a parameter, or one of these:

    variant=NAME            one of the scenario's variants
    runtime=gvisor          all containers under another runtime
    traffic=x10             everything that is sent, or traffic.web=x3
    nodes=5, nodes=+1       so many nodes in the first group of each cluster, or nodes.GROUP=5
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import InputError, Place, unknown
from simulator.scenario.changing import what_if, with_traffic
from simulator.scenario.loading import CheckLine, Scenario, load
from simulator.scenario.spec import Spec

if TYPE_CHECKING:
    from simulator.trials.trial import ScenarioTrial

_TIMES = re.compile(r"[x*×][0-9.]+")
_TOP = frozenset(Spec.__struct_fields__)
_SPECIAL = ("variant", "runtime", "nodes", "seed")


@dataclass(slots=True)
class _Sorted:
    sets: list[str] = field(default_factory=list)
    what_ifs: list[str] = field(default_factory=list)
    variant: str | None = None
    runtime: str | None = None


def split(change: str) -> tuple[str, str]:
    """Key and value of a change; InputError where it has none."""
    key, equals, value = change.partition("=")
    if not equals or not key.strip():
        raise InputError("bad change", found=change, expected="KEY=VALUE")
    return key.strip(), value.strip()


def full_key(key: str, parameters: Iterable[str]) -> str:
    """The key that is meant: the name of a parameter stands for its path. InputError for none."""
    first = key.partition(".")[0]
    if first not in _TOP and key in parameters:
        return f"parameters.{key}"
    if first in _TOP or first in _SPECIAL:
        return key
    raise unknown("key", key, {*parameters, *_TOP, *_SPECIAL})


def _sorted(changes: Iterable[str]) -> _Sorted:
    found = _Sorted()
    for change in changes:
        key, value = split(change)
        first = key.partition(".")[0]
        if key == "variant":
            found.variant = value
        elif key == "runtime":
            found.runtime = value
        elif key == "seed":
            raise InputError("a seed is no change", found=change, expected="--seeds")
        elif first == "nodes" or (first == "traffic" and _TIMES.fullmatch(value)):
            found.what_ifs.append(f"{key}={value}")
        else:
            found.sets.append(f"{key}={value}")
    return found


def read(
    path: Path,
    changes: Iterable[str],
    *,
    traffic: tuple[str, ...] = (),
    seed: int | None = None,
    name: str | None = None,
    check: CheckLine | None = None,
) -> Scenario:
    """The scenario with these changes; InputError names the change that is none."""
    wanted = _sorted(changes)
    found = load(path, wanted.sets, seed=seed, check=check, variant=wanted.variant, name=name)
    found = what_if(with_traffic(found, traffic), tuple(wanted.what_ifs))
    if wanted.runtime is None:
        return found
    from simulator.trials.runtimes import under

    try:
        return under(found, wanted.runtime)
    except InputError as error:
        raise error.at(Place(f"runtime={wanted.runtime}")) from None


def scenario_of(trial: ScenarioTrial, folder: Path) -> Scenario:
    """The scenario of a trial whose files lie in a folder."""
    path = folder if trial.scenario == "." else folder / trial.scenario
    name = trial.name or trial.scenario
    return read(path, trial.changes, traffic=trial.traffic, seed=trial.seed, name=name)
