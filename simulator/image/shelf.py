"""The files of the catalogue, read by lines: a family is parsed when somebody asks for it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from simulator.image.families import Family, read_family

_FAMILY = re.compile(r"^\[\[image\]\]\n", re.MULTILINE)
_NAMES = "names = "


class Shelf(Mapping[str, Family]):
    """Families by every name they have, ``docker.io/library/python``.

    Each file begins with what its families inherit, a ``source`` and the ``date`` of figures
    whose own source states none; then come its ``[[image]]`` tables, the names on the first line.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._texts: dict[str, tuple[str, Mapping[str, str]]] = {}
        self._families: dict[str, Family] = {}
        for path in paths:
            head, *tables = _FAMILY.split(path.read_text(encoding="utf-8"))
            inherited = tomllib.loads(head)
            for table in tables:
                line = table.partition("\n")[0]
                for name in json.loads(line.removeprefix(_NAMES)):
                    self._texts[name] = (table, inherited)

    def __getitem__(self, name: str) -> Family:
        family = self._families.get(name)
        if family is None:
            family = self._parsed(*self._texts[name])
            self._families |= dict.fromkeys(family.names, family)
        return family

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def parsed(self) -> int:
        """How many names have been asked for, with their aliases."""
        return len(self._families)

    def _parsed(self, table: str, inherited: Mapping[str, str]) -> Family:
        (data,) = tomllib.loads(f"[[image]]\n{table}")["image"]
        return read_family(data, inherited["source"], inherited["date"])
