"""Package managers of operating systems: apt-get, apk, dnf and their kin."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from simulator.image.builder.costs import MB, Package, manager, package
from simulator.image.builder.filecmds import option
from simulator.image.builder.gaps import distribution
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.words import known

WARM = 0.05
"""Share of the network work that is left when a cache mount already holds the packages."""
_UPDATES = frozenset({"update", "makecache", "check-update", "refresh", "upgrade", "dist-upgrade"})
_CLEANS = frozenset({"clean", "autoclean"})
_REMOVES = frozenset({"remove", "purge", "autoremove", "del", "erase"})
_VALUED = frozenset(
    {
        "-t", "--virtual", "-X", "--repository", "-o", "-c", "--enablerepo", "--disablerepo", "-p",
        "--root", "--keys-dir", "--repositories-file", "--installroot", "--releasever", "--arch",
        "--target-release", "--cache-dir",
    }
)  # fmt: skip
_PYTHONS = {
    ("debian", "12"): "3.11", ("debian", "13"): "3.13", ("ubuntu", "23.04"): "3.11",
    ("ubuntu", "23.10"): "3.11", ("ubuntu", "24.04"): "3.12", ("ubuntu", "24.10"): "3.12",
    ("ubuntu", "25.04"): "3.13", ("ubuntu", "25.10"): "3.13", ("ubuntu", "26.04"): "3.14",
    ("alpine", "3.19"): "3.11", ("alpine", "3.20"): "3.12", ("alpine", "3.21"): "3.12",
    ("alpine", "3.22"): "3.12", ("alpine", "3.23"): "3.12", ("alpine", "3.24"): "3.12",
}  # fmt: skip
"""Versions of Python in distributions that mark it EXTERNALLY-MANAGED (PEP 668)."""
_BINARIES = ("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin")


def perform_manager(command: Command, session: Session) -> None:
    """One call of a system package manager."""
    name = posixpath.basename(command.program)
    facts = manager(name) or {}
    arguments = [word for word in command.words[1:] if word]
    verbs = [word for word in arguments if word in facts.get("verbs", ())]
    plain = _plain(arguments)
    if not verbs:
        _other(name, facts, plain, session)
        return
    names = [word for word in plain if word not in verbs]
    if any(flag in arguments for flag in facts.get("update_flags", ())):
        _update(facts, session)
    fresh = any(flag in arguments for flag in facts.get("fresh_flags", ()))
    if "always_update" in facts:
        _fetch_lists(facts["always_update"], facts["lists"], session)
    elif fresh:
        _fetch_lists([*facts["update"][:2], 0.0], facts["lists"], session)
    elif not _has_lists(facts["lists"], session) and names and session.unlisted(facts["lists"]):
        if not facts.get("fetches_lists"):
            _no_lists(facts, names, session)
            return
        _update(facts, session)
    root = option(command, ("-p", "--root", "--installroot"))
    if root and name not in ("apt-get", "apt"):
        session.effect.notes.append(f"{name}: what is installed into {root} is not modelled")
        session.loosen(session.absolute(root))
        return
    weak = not _skips_recommends(arguments, facts)
    virtual = next((arguments[at + 1] for at, word in enumerate(arguments[:-1])
                    if word in ("-t", "--virtual") and name == "apk"), "")  # fmt: skip
    if virtual:
        session.effect.virtuals.setdefault(virtual, []).extend(names)
    _install(name, facts, names, weak, session)


def _plain(arguments: list[str]) -> list[str]:
    """Words that are neither flags nor values of the flags that take one."""
    kept, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word in _VALUED:
            skip = True
        elif not word.startswith("-"):
            kept.append(word)
    return kept


def _skips_recommends(arguments: list[str], facts: dict[str, Any]) -> bool:
    flags = ("--no-install-recommends", *facts.get("recommends_flags", ()))
    return any(flag in arguments for flag in flags) or any(
        "Install-Recommends=" in word for word in arguments
    )


def _other(name: str, facts: dict[str, Any], words: list[str], session: Session) -> None:
    verb = words[0] if words else ""
    if verb in _UPDATES and "update" in facts:
        _update(facts, session)
        if "upgrade" in verb:
            session.effect.download_bytes += 12 * MB
            session.effect.cpu_s += 6.0
            session.write("/usr/lib/upgraded", 38 * MB, files=400)
    elif verb in _CLEANS:
        session.effect.cpu_s += 0.3
        if name not in ("apt", "apt-get"):
            session.remove(facts.get("lists", "/var/cache"))
    elif verb in _REMOVES:
        _uninstall(facts, words[1:], session)
    else:
        session.effect.cpu_s += 0.5


def _update(facts: dict[str, Any], session: Session) -> None:
    _fetch_lists(facts["update"], facts["lists"], session)


def _fetch_lists(update: list[float], lists: str, session: Session) -> None:
    seconds, fetched, written = update
    effect = session.effect
    effect.cpu_s += seconds
    effect.download_bytes += round(fetched * MB * _left(lists, "index", session))
    if written:
        session.write(lists, round(written * MB), files=24)


def _has_lists(lists: str, session: Session) -> bool:
    return session.entry(lists) is not None or session.mount_at(lists) is not None


def _no_lists(facts: dict[str, Any], names: list[str], session: Session) -> None:
    code, text = facts["missing"]
    session.fail(int(code), f"{text.format(package=names[0])} ({facts['advice']})")


def _install(
    name: str, facts: dict[str, Any], names: list[str], weak: bool, session: Session
) -> None:
    effect = session.effect
    session.loosen("/tmp")
    effect.cpu_s += float(facts["base_s"])
    factor = float(facts.get("recommends", 1.0)) if weak else 1.0
    folder = "/usr/local/cache" if name == "apk" else f"/var/cache/{name.split('-')[0]}"
    for one in names:
        if not known(one):
            effect.notes.append(f"{name}: a package whose name is not known; none assumed")
            session.loosen(*_BINARIES)
            continue
        found = package(str(facts["ecosystem"]), one)
        effect.cpu_s += float(facts["package_s"]) + found.size_bytes / MB * 0.02
        left = _left(folder, one, session)
        effect.download_bytes += round(found.download_bytes * factor * left)
        place(found, factor, session)
    if not names:
        effect.notes.append(f"{name}: no package named; what a file lists is not modelled")
        session.loosen(*_BINARIES)


def place(found: Package, factor: float, session: Session) -> None:
    """The files of an installed package: one directory for its content, and its programs."""
    bare = re.split("[=<>~@]", found.name)[0].rstrip("/").rpartition("/")[2] or "package"
    size = round(found.size_bytes * factor)
    for path in found.paths:
        if path.endswith("/"):
            session.write(path.rstrip("/"), size * 9 // 10, files=600)
            size -= size * 9 // 10
    programs = [path for path in found.paths if not path.endswith("/")]
    programs += [f"/usr/bin/{program}" for program in found.programs]
    each = size // (5 * len(programs)) if programs else 0
    for path in dict.fromkeys(programs):
        session.program(path, each)
        size -= each
    session.write(f"/usr/share/packages/{bare}", size, files=max(2, round(size / 25_000)))
    version = _PYTHONS.get(distribution(session.below))
    if "python3" in found.programs and version is not None:
        session.write(f"/usr/lib/python{version}/EXTERNALLY-MANAGED", 800)
    if not found.known:
        session.program(f"/usr/bin/{bare}")
        session.loosen(*_BINARIES)


def _left(folder: str, item: str, session: Session) -> float:
    """Share of the download that is left: little when a cache mount holds the item already."""
    mount = session.mount_over(folder, True)
    if mount is None or mount.type != "cache":
        return 1.0
    key = mount.id or session.absolute(mount.target)
    session.effect.mounted.setdefault(key, []).append(item)
    return WARM if item in session.warm(key) else 1.0


def left_of(folder: str, item: str, session: Session) -> float:
    """As above, for other tools: what share of fetching ``item`` into ``folder`` is left."""
    return _left(folder, item, session)


def _uninstall(facts: dict[str, Any], names: list[str], session: Session) -> None:
    """Remove packages; those of this RUN vanish, those of a lower layer get a whiteout."""
    session.effect.cpu_s += 1.0
    for one in [part for name in names for part in session.effect.virtuals.get(name, [name])]:
        found = package(str(facts.get("ecosystem", "debian")), one)
        session.remove(f"/usr/share/packages/{one}")
        for program in found.programs:
            if not found.known or f"/usr/bin/{program}" in session.effect.files:
                session.remove(f"/usr/bin/{program}")
