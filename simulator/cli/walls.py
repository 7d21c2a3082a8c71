"""``drydock density``, ``drydock isolation`` and ``drydock published``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, TypeVar

from simulator.errors import InputError, Place
from simulator.units import parse_bytes, parse_cpus, parse_number

if TYPE_CHECKING:
    from simulator.calibration import Constant
    from simulator.machine.benchmarks import Comparison

T = TypeVar("T")


def density(
    workload: str,
    cores: str,
    memory: str,
    price: str,
    cpu: str,
    guest_memory: str | None,
    pods: int | None,
) -> int:
    """Print how many fit on a host under each arrangement."""
    from simulator.calibration import Calibration
    from simulator.shell.density import density_lines

    lines = density_lines(
        workload,
        Calibration(),
        cores=_at("--cores", parse_cpus, cores),
        memory_bytes=_at("--memory", parse_bytes, memory),
        price_per_hour=_at("--price", parse_number, price),
        cpu_cores=_at("--cpu", parse_cpus, cpu),
        guest_bytes=None
        if guest_memory is None
        else _at("--guest-memory", parse_bytes, guest_memory),
        pods_max=pods,
    )
    print("\n".join(lines))
    return 0


def _at(flag: str, parse: Callable[[str], T], text: str) -> T:
    """A value of a flag; an error names the flag."""
    try:
        return parse(text)
    except InputError as error:
        raise error.at(Place(flag)) from None


def isolation(seed: int, sockets: int, swap: str, js: bool) -> int:
    """Measure and print the isolation matrix."""
    from simulator.report import isolation as isolating

    lab = isolating.Lab(sockets, _at("--swap", parse_bytes, swap))
    rows = isolating.matrix(seed, lab=lab)
    if not js:
        print("\n".join(isolating.to_text(rows)))
        return 0
    data = [
        {
            "arrangement": cell.arrangement,
            "bomb": cell.bomb,
            "alone_s": cell.alone_s,
            "beside_s": cell.beside_s if cell.finished else None,
            "loss": cell.loss,
        }
        for _, cells in rows
        for cell in cells
    ]
    print(json.dumps(data, indent=2))
    return 0


def published(js: bool) -> int:
    """Print every benchmark that the cost model promises, beside its published figure."""
    from simulator.calibration import Calibration
    from simulator.machine.benchmarks import comparisons, not_reproduced

    shipped = Calibration()
    found, others = comparisons(shipped), not_reproduced(shipped)
    if js:
        print(json.dumps([*map(_compared, found), *map(_not_reproduced, others)], indent=2))
    else:
        print("\n".join(_published_lines(found, others)))
    return 0


def _compared(one: Comparison) -> dict[str, object]:
    return {
        "name": one.name,
        "runtime": one.runtime,
        "model": one.model,
        "published": one.published,
        "unit": one.unit,
        "tolerance": one.tolerance,
        "taken_over": one.taken,
        "source": one.source,
    }


def _not_reproduced(one: Constant) -> dict[str, object]:
    return {
        "name": one.name.partition(".")[2],
        "runtime": None,
        "model": None,
        "published": one.value,
        "unit": one.unit,
        "tolerance": None,
        "taken_over": False,
        "source": one.source,
    }


def _published_lines(found: Sequence[Comparison], others: Sequence[Constant]) -> list[str]:
    """What is compared, what is an input, what is not reproduced, and the sources by number."""
    from simulator.shell.tables import columns

    sources = list(dict.fromkeys([*(one.source for one in found), *(x.source for x in others)]))

    def number(source: str) -> str:
        return f"[{sources.index(source) + 1}]"

    compared = [
        [
            one.name,
            one.runtime,
            f"{one.model:.3g}",
            f"{one.published:.3g}",
            f"{one.deviation * 100:+.1f} %",
            one.unit.replace("times the native", "x native").replace("the ", ""),
            number(one.source),
        ]
        for one in found
        if not one.taken
    ]
    taken = [
        [one.name, one.runtime, f"{one.published:.4g}", one.unit, number(one.source)]
        for one in found
        if one.taken
    ]
    rest = [
        [one.name.partition(".")[2], f"{one.value:.4g}", one.unit, number(one.source)]
        for one in others
    ]
    notes = [f"{one.name.partition('.')[2]}: {one.note}" for one in others if one.note]
    headings = ("BENCHMARK", "RUNTIME", "MODEL", "PUBLISHED", "BY", "UNIT", "FROM")
    return [
        *columns(headings, compared),
        "",
        "Inputs: constants of the model are these measurements, so there is nothing to compare:",
        "",
        *columns(("BENCHMARK", "RUNTIME", "VALUE", "UNIT", "FROM"), taken),
        "",
        "Measured by others and not reproduced:",
        "",
        *columns(("FIGURE", "PUBLISHED", "UNIT", "FROM"), rest),
        "",
        *(line for note in notes for line in wrap(note, 100, subsequent_indent="  ")),
        "",
        *(
            line
            for source in sources
            for line in wrap(f"{number(source)} {source}", 100, subsequent_indent="    ")
        ),
    ]
