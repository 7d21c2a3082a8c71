"""A trial: one run of the model as data that can be kept, compared and sent to another machine."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from simulator.errors import InputError

FORMAT = 1


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="of"):
    """What every trial has. Equal trials give equal outcomes, wherever they are run.

    ``measures``: expressions by the name that their value gets; none: those that are usual.
    ``model``: the version of the model that it is for (:func:`simulator.trials.model.version`).
    """

    format: int = FORMAT
    model: str = ""
    seed: int = 1
    measures: dict[str, str] = {}

    @property
    def key(self) -> str:
        """What it is kept under: a digest of all that is in it."""
        return hashlib.sha256(to_json(self)).hexdigest()


class ScenarioTrial(Trial, frozen=True, kw_only=True, tag="scenario"):
    """A scenario under one seed, with some values changed.

    ``files``: all that it may read, each by its path in the scenario's folder with the digest of
    its content; ``scenario`` is the path of one of them, or ``.`` where the folder is one of
    manifests. ``changes`` are ``KEY=VALUE`` each (:mod:`simulator.trials.changes`).
    """

    scenario: str
    files: dict[str, str]
    changes: tuple[str, ...] = ()
    traffic: tuple[str, ...] = ()
    """More to send: ``SERVICE WORDS`` each."""
    name: str = ""
    """What errors call the scenario."""


class LogTrial(Trial, frozen=True, kw_only=True, tag="log"):
    """A log of commands from time zero, as ``simulator.world.as_json`` writes it, up to a time."""

    log: str
    until_s: float
    calibration: dict[str, float] = {}


AnyTrial = ScenarioTrial | LogTrial


class Buckets(msgspec.Struct, frozen=True, kw_only=True):
    """A histogram of latencies in seconds: exact numbers, and how many fell into each bucket."""

    count: int
    total: float
    squares: float
    minimum: float
    maximum: float
    buckets: tuple[tuple[int, int], ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a trial: its numbers, or why there are none."""

    key: str
    """Of the trial."""
    values: dict[str, float] = {}
    """Measures by name; all of them finite."""
    missing: dict[str, str] = {}
    """Measures that have no value in this trial, each with the reason."""
    histograms: dict[str, Buckets] = {}
    """Latencies of each service that answered anything."""
    digest: str = ""
    """Of the journal: equal digests mean equal histories."""
    simulated_s: float = 0.0
    """Simulated time without the set-up."""
    cpu_s: float = 0.0
    """CPU seconds that it took; the one thing that differs from run to run."""
    warnings: tuple[str, ...] = ()
    """Lines of the script that were refused."""
    error: str | None = None
    """Why it could not be run to its end; then there are no values."""

    @property
    def same(self) -> Outcome:
        """Without what differs from run to run."""
        return msgspec.structs.replace(self, cpu_s=0.0)


def to_json(value: Trial | Outcome) -> bytes:
    """JSON in one order, so that equal values are equal bytes."""
    return msgspec.json.encode(value, order="deterministic")


def trial_from_json(data: bytes | str) -> AnyTrial:
    """The trial that ``to_json`` wrote; InputError for anything else."""
    found: AnyTrial = _decoded(data, AnyTrial, "trial")
    if found.format != FORMAT:
        raise InputError("this format is not known", found=found.format, expected=str(FORMAT))
    return found


def outcome_from_json(data: bytes | str) -> Outcome:
    """The outcome that ``to_json`` wrote; InputError for anything else."""
    found: Outcome = _decoded(data, Outcome, "outcome")
    return found


def _decoded(data: bytes | str, kind: Any, what: str) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"this is no {what}", found=str(error)) from None
