"""Commands priced by the table alone: installers of projects, compilers, build tools."""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from simulator.image.builder.costs import MB, table
from simulator.image.builder.filecmds import option
from simulator.image.builder.managers import left_of
from simulator.image.builder.outputs import cargo_folder, go_targets
from simulator.image.builder.places import places
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.words import known

MAX_UNITS = 5000
_CRATE = re.compile(r'^name\s*=\s*"([\w-]+)"', re.MULTILINE)


def find_entry(command: Command) -> Mapping[str, Any] | None:
    """The first entry of the table that matches the words of a command."""
    name = posixpath.basename(command.program)
    program = command.program if command.program.startswith("./") else name
    for words, entry in _by_program().get(program, ()):
        if _matches(words, command.words, entry):
            return entry
    return None


@cache
def _by_program() -> dict[str, list[tuple[list[str], Mapping[str, Any]]]]:
    found: dict[str, list[tuple[list[str], Mapping[str, Any]]]] = {}
    by_first = {entry["match"][0]: entry for entry in table()["command"]}
    for stated in table()["command"]:
        entry = {**by_first[stated["like"]], **stated} if "like" in stated else stated
        for text in entry["match"]:
            words = text.split()
            found.setdefault(words[0], []).append((words, entry))
    return found


def _matches(words: list[str], given: tuple[str, ...], entry: Mapping[str, Any]) -> bool:
    """The words of the entry appear in order among those of the command."""
    rest = iter(given[1:])
    if not all(word in rest for word in words[1:]):
        return False
    if entry.get("only_flags_after") and len(words) == 1:
        return all(word.startswith("-") for word in given[1:])
    return True


_EVERYBODY_S = frozenset({"-g", "--global", "global"})
"""Words with which a package manager of a language installs programs for all of a system."""


class Project:
    """One command with its entry: fills in the places of the table and applies the figures."""

    def __init__(self, command: Command, entry: Mapping[str, Any], session: Session) -> None:
        self.command = command
        self.entry = entry
        self.session = session
        last = [word for word in command.words[1:] if not word.startswith("-")]
        name = posixpath.basename((last[-1] if last else "").rstrip("/")).split("@")[0]
        self.values = {
            "cwd": session.cwd.rstrip("/"),
            "home": session.home,
            "folder": posixpath.basename(session.cwd.rstrip("/")) or "app",
            "last": name if name not in ("", ".", "...") else "app",
        }
        self.named = _named(command, entry)
        self.values["path"] = last[-1] if last else "."
        self.values |= places(session)
        named = _CRATE.search(session.text_of(session.absolute("Cargo.toml")) or "")
        if named and "Cargo.toml" in str(entry.get("requires", "")):
            self.values["folder"] = named[1]

    def text(self, template: str) -> str:
        """A text of the table with its places filled in."""
        for name, value in self.values.items():
            template = template.replace("{" + name + "}", value)
        return template

    def path(self, template: str) -> str:
        """A path of the table, absolute."""
        return self.session.absolute(self.text(template) or "/")

    def perform(self) -> None:
        """Let the command take effect."""
        if not self._has_inputs():
            code, text = self.entry["error"]
            self.session.fail(int(code), self.text(text))
            return
        units = self._units()
        left = self._left(units)
        if "incremental" in self.entry and self.session.entry(self.path(self.entry["target"])):
            # What an earlier step compiled is still there; only the project itself is new.
            units, left = max(1, round(units * self.entry["incremental"])), 0.0
        self._modules()
        self._work(units, left)
        self._write(units)
        for template in self.entry.get("removes", ()):
            self.session.remove(self.path(template))
        self._shrink()
        self.session.loosen("/tmp", *_named_paths(self.command))
        self.session.loosen(*(self.path(one) for one in self.entry.get("loosens", ())))
        if _EVERYBODY_S & set(self.command.words[1:]):
            # Which programs a package brings for everybody is not known of each.
            self.session.loosen("/usr/local/bin")
        if self.entry.get("opaque"):
            self.session.effect.opaque = True

    def _has_inputs(self) -> bool:
        if self.session.gaps.everywhere or self.session.effect.opaque:
            return True
        if self.named and "named_units" in self.entry:
            return True
        if any(word in self.command.words for word in self.entry.get("elsewhere", ())):
            return True
        if "needs_since" in self.entry and not self._since(self.entry["needs_since"]):
            return True
        for wanted in self.entry.get("requires", ()):
            if not any(self._held(name) for name in wanted.split("|")):
                return False
        return True

    def _since(self, stated: list[str]) -> bool:
        """True when the tool is known to be as new as the demand for a manifest."""
        name, since = stated
        given = (self.session.variable(name) or "").split(".")[:2]
        parts = [int(part) for part in given if part.isascii() and part.isdigit()]
        return parts >= [int(part) for part in since.split(".")]

    def _held(self, name: str) -> bool:
        """True unless a manifest is absent for sure; some tools look in the folders above too."""
        session = self.session
        if "*" in name:
            below = session.under(session.cwd)
            found = any(fnmatch.fnmatch(path, f"*/{name}") for path in below)
            return found or session.may_exist(session.absolute("x"))
        folder = session.cwd
        while True:
            if not session.absent(posixpath.join(folder, name)):
                return True
            if folder in ("/", "") or not self.entry.get("above"):
                return False
            folder = posixpath.dirname(folder)

    def _units(self) -> int:
        """How many packages: from the lock file's size, else the manifest, else the default."""
        entry, session = self.entry, self.session
        if "unit" not in entry:
            return 0
        if "manifest" in entry and not self.named and not any(map(self._held, entry["manifest"])):
            return 0
        if self.named and "named_units" in entry:
            return min(MAX_UNITS, len(self.named) * int(entry["named_units"]))
        for name in entry.get("unit_file", ()):
            size = session.size_of(session.absolute(name))
            if size:
                return max(1, min(MAX_UNITS, size // int(entry["unit_bytes"])))
        if "unit_text" in entry:
            name, each = entry["unit_text"]
            text = session.text_of(session.absolute(name))
            listed = _listed(text) if text is not None else None
            if listed is not None:
                return max(1, min(MAX_UNITS, listed * int(each)))
        return int(entry["units"])

    @property
    def _share(self) -> float:
        """The share that is installed when development packages are left out."""
        entry = self.entry
        flags = " ".join(self.command.words)
        wanted = entry.get("production_env", {})
        by_env = any(self.session.env.get(k) == v for k, v in wanted.items())
        by_flag = any(flag in flags for flag in entry.get("production_flags", ()))
        return float(entry.get("production_share", 1.0)) if by_env or by_flag else 1.0

    def _left(self, units: int) -> float:
        """What share of fetching is left after a cache mount."""
        cache_folder = self.entry.get("cache")
        if not cache_folder:
            return 1.0
        item = f"{self.entry['match'][0]} {self.values['folder']}"
        shares = [left_of(self.path(cache_folder), item, self.session)]
        if "cache_target" in self.entry:
            shares.append(left_of(self.path(self.entry["cache_target"]), item, self.session))
        return min(shares)

    def _work(self, units: int, left: float) -> None:
        entry, effect = self.entry, self.session.effect
        unit = entry.get("unit", {})
        share = self._share
        cpu = float(entry.get("cpu_s", 0.0)) + units * share * float(unit.get("cpu_s", 0.0))
        if left < 1.0:
            cpu *= float(entry.get("cache_cpu", 0.6))
        effect.cpu_s += cpu
        if cpu > 1.0:
            effect.threads = max(effect.threads, float(entry.get("threads", 1)))
        effect.wait_s += float(entry.get("base_s", 0.0))
        fetched = float(entry.get("download_mb", 0.0)) + units * share * float(
            unit.get("download_mb", 0.0)
        )
        effect.download_bytes += round(fetched * MB * left)
        self._first(left)

    def _first(self, left: float) -> None:
        """Packages that the first call of a tool fetches, unless an earlier one did."""
        stated = self.entry.get("first")
        if stated is None:
            return
        folder = self.path(stated[0])
        if self.session.entry(folder) is None:
            self.session.effect.download_bytes += round(stated[1] * MB * left)
            self.session.write(folder, round(stated[2] * MB), files=int(stated[3]))

    def _modules(self) -> None:
        """Go fetches modules on demand when no earlier step did."""
        held = self.session.entry(self.path("{gomod}")) or self.session.exists(
            self.path("{cwd}/vendor")
        )
        if not self.entry.get("needs_modules") or held:
            return
        call = Command(("go", "mod", "download"))
        entry = find_entry(call)
        if entry is not None and self.session.size_of(self.path("{cwd}/go.sum")) is not None:
            Project(call, entry, self.session).perform()

    def _write(self, units: int) -> None:
        entry, session = self.entry, self.session
        unit, share = entry.get("unit", {}), self._share
        size = float(entry.get("size_mb", 0.0)) + units * share * float(unit.get("size_mb", 0.0))
        files = int(entry.get("files", 0)) + round(units * share * int(unit.get("files", 0)))
        if size and "target" in entry:
            self._target(round(size * MB), files)
        if "binary" in entry:
            folder = cargo_folder(self.command, self.path("{cargo_target}"))
            session.program(f"{folder}/{self.values['folder']}", round(entry["binary"] * MB))
        if "side" in entry:
            template, megabytes, count = entry["side"]
            session.write(self.path(template), round(megabytes * MB), files=int(count))
        if entry.get("leaves_cache"):
            fetched = units * share * float(unit.get("download_mb", 0.0))
            session.write(self.path(entry["cache"]), round(fetched * MB), files=max(2, files // 8))
        for path in entry.get("programs", ()):
            session.program(path)
        if entry.get("install_program"):
            for name in self._installed():
                session.program(f"{self.path(entry['programs_in'])}/{name}")
        if entry.get("venv"):
            for name in ("python", "python3", "pip", "pip3"):
                session.program(f"{self.path(entry['target'])}/bin/{name}")

    def _installed(self) -> list[str]:
        """The programs that installed packages bring: called as the package, or as it is known."""
        names = []
        for word in self.named:
            bare = posixpath.basename(word.rstrip("/")).split("@")[0] or word.strip("@")
            names += table()["npm_programs"].get(word.rpartition("@")[0] or word, bare).split()
        return [name for name in names if known(name) and name not in (".", "..")]

    def _target(self, size: int, files: int) -> None:
        session = self.session
        if self.entry.get("namer") == "go":
            for path in go_targets(self.command, session, self.values["gobin"]):
                session.program(path, size)
            return
        out = option(self.command, (self.entry.get("output", "--no-such"), "--output"))
        path = session.absolute(out) if out else self.path(self.entry["target"])
        if not known(path):
            session.loosen(path)
        elif self.entry.get("program"):
            if out and (out.endswith("/") or session.is_folder(path)):
                path = posixpath.join(path, self.values["folder"])
            session.program(path, size)
        elif "." in posixpath.basename(path) and files <= 1:
            session.write(path, size)
        else:
            session.write(path, size, files=max(2, files))

    def _shrink(self) -> None:
        stated = self.entry.get("shrinks")
        if stated is None:
            return
        path = self.path(stated[0])
        entry = self.session.entry(path)
        if entry is not None:
            files = max(2, round(entry.files * stated[1]))
            self.session.write(path, round(entry.size_bytes * stated[1]), files=files)


def _named_paths(command: Command) -> list[str]:
    """Absolute paths among the words: a tool may write where its options point."""
    tails = [word.partition("=")[2] if "=" in word else word for word in command.words[1:]]
    return [tail for tail in tails if tail.startswith("/") and len(tail) > 1]


def _named(command: Command, entry: Mapping[str, Any]) -> list[str]:
    """The words that are neither flags nor those by which the entry was chosen."""
    for text in entry["match"]:
        words = text.split()
        if posixpath.basename(command.program) != words[0] and command.program != words[0]:
            continue
        if _matches(words, command.words, entry):
            rest = list(command.words[1:])
            for word in words[1:]:
                rest.remove(word)
            return [word for word in rest if not word.startswith("-")]
    return []


def _listed(text: str) -> int | None:
    """How many packages a package.json names."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    groups = [data.get("dependencies"), data.get("devDependencies")]
    return sum(len(group) for group in groups if isinstance(group, dict))
