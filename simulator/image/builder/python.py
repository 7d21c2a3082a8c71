"""Python's package managers: pip, uv, poetry, pipenv."""

from __future__ import annotations

import posixpath
import re

from simulator.image.builder.costs import MB, package, table
from simulator.image.builder.managers import left_of
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command

MAX_LINES = 2000


def perform_pip(command: Command, session: Session) -> None:
    """pip install, uv pip install, uv sync, poetry install, pipenv install."""
    words = list(command.words)
    name = posixpath.basename(words[0])
    if name.startswith("python"):
        words = words[2:]
    if name == "uv" and words[1:2] == ["pip"]:
        words = ["uv", *words[2:]]
    verb = next((word for word in words[1:] if not word.startswith("-")), "")
    fast = name == "uv"
    if verb in ("sync", "install") and name in ("uv", "poetry", "pipenv"):
        if verb == "install" and name == "uv":
            _install(words, session, fast)
        else:
            _project(name, session, fast)
    elif verb in ("install", "wheel", "download"):
        _install(words, session, fast)
    elif verb == "uninstall":
        for one in words:
            session.remove(f"{site_packages(session)}/{one}")
    else:
        session.effect.cpu_s += 0.6


def site_packages(session: Session) -> str:
    """Where packages go: below the prefix of the interpreter that is found first on the PATH."""
    venv = session.env.get("VIRTUAL_ENV") or session.env.get("UV_PROJECT_ENVIRONMENT")
    program = session.where("python3") or session.where("python") or "/usr/local/bin/python3"
    prefix = posixpath.dirname(posixpath.dirname(program))
    if venv:
        prefix = session.absolute(venv)
    wanted = re.compile(re.escape(prefix) + r"/lib/python\d[\d.]*")
    for layer in reversed(session.below.layers):
        for entry in layer.files:
            match = wanted.match(entry.path)
            if match:
                tail = "dist-packages" if prefix == "/usr" else "site-packages"
                return f"{match.group()}/{tail}"
    return f"{prefix}/lib/python3/site-packages"


def _install(words: list[str], session: Session, fast: bool) -> None:
    names, files, into = _arguments(words)
    for file in files:
        listed = _requirements(file, session, 0)
        if listed is None:
            session.fail(
                1,
                "ERROR: Could not open requirements file: [Errno 2] No such file or directory: "
                f"'{file}'",
            )
            return
        names.extend(listed)
    cpu_only = any("whl/cpu" in word for word in words)
    target = session.absolute(into) if into else site_packages(session)
    _place(names, session, fast, target, cpu_only, "--no-cache-dir" in words)


def _arguments(words: list[str]) -> tuple[list[str], list[str], str]:
    """Package names, requirement files, and the folder of --target or --prefix."""
    names: list[str] = []
    files: list[str] = []
    into, at = "", 1
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        if word in ("-r", "--requirement", "-c", "--constraint"):
            if word in ("-r", "--requirement"):
                files.append(following)
            at += 1
        elif word.startswith("-r") and len(word) > 2:
            files.append(word[2:])
        elif word in ("--target", "-t", "--prefix", "--root", "--wheel-dir", "-w"):
            into = following
            at += 1
        elif word.startswith(("--target=", "--prefix=", "--wheel-dir=")):
            into = word.partition("=")[2]
        elif word in ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--python"):
            at += 1
        elif not word.startswith(("-", "$")) and word not in ("install", "wheel", "download"):
            names.append(word)
        at += 1
    return names, files, into


def _requirements(file: str, session: Session, depth: int) -> list[str] | None:
    """The packages of a requirements file; [] when it exists but its text is unknown."""
    path = session.absolute(file)
    text = session.text_of(path)
    if text is None:
        gone = session.entry(path) is None and session.mount_at(path) is None
        unsure = session.effect.opaque or not session.known or session.below.inside_coarse(path)
        return None if gone and not unsure else _unnamed(12)
    names: list[str] = []
    for raw in text.splitlines()[:MAX_LINES]:
        line = raw.partition(" #")[0].strip()
        if line.startswith("-r") and depth < 5:
            inner = line.split(None, 1)[-1].removeprefix("-r").strip()
            folder = posixpath.dirname(path)
            names.extend(_requirements(posixpath.join(folder, inner), session, depth + 1) or [])
        elif line and not line.startswith(("#", "-")):
            names.append(line)
    return names


def _unnamed(count: int) -> list[str]:
    """Packages of a list whose text is unknown."""
    return [f"dependency-{number}" for number in range(1, count + 1)]


def _place(
    names: list[str], session: Session, fast: bool, target: str, cpu_only: bool, no_cache: bool
) -> None:
    facts, effect = table()["pip"], session.effect
    cache = f"{session.home}/.cache/{'uv' if fast else 'pip'}"
    effect.cpu_s += float(facts["base_s"]) * (0.2 if fast else 1.0)
    kept = 0
    for name in names:
        if name.startswith((".", "/")) or "://" in name:
            session.write(f"{target}/project", 1 * MB, files=60)
            effect.cpu_s += 2.0
            continue
        bare = re.split(r"[\[=<>~!;@ ]", name)[0].lower() or "package"
        if session.entry(f"{target}/{bare}") is not None:
            continue  # Requirement already satisfied.
        found = package("pypi", bare)
        fetched, size = found.download_bytes, found.size_bytes
        if found.known and "torch" in name.lower() and cpu_only and fetched > 1000 * MB:
            fetched, size = (round(value * MB) for value in facts["torch_cpu"])
        left = left_of(cache, name, session)
        effect.download_bytes += round(fetched * left)
        work = float(facts["package_s"]) + size / MB * float(facts["cpu_per_mb"])
        effect.cpu_s += work * (0.15 if fast else 1.0)
        session.write(f"{target}/{bare}", size, files=max(2, size // 15_000))
        for program in found.programs:
            session.program(f"{posixpath.dirname(posixpath.dirname(posixpath.dirname(target)))}"
                            f"/bin/{program}")  # fmt: skip
        kept += fetched
    if kept and not no_cache and "PIP_NO_CACHE_DIR" not in session.env:
        session.write(cache, kept, files=max(2, len(names) * 6))


def _project(name: str, session: Session, fast: bool) -> None:
    """uv sync, poetry install, pipenv install: the lock file says how many packages."""
    locks = {"uv": "uv.lock", "poetry": "poetry.lock", "pipenv": "Pipfile.lock"}
    manifest = "Pipfile" if name == "pipenv" else "pyproject.toml"
    path = session.absolute(manifest)
    held = session.entry(path) is not None or session.mount_at(path) is not None
    if not held and session.known and not session.effect.opaque:
        session.fail(1, f"{name}: no {manifest} found in {session.cwd}")
        return
    size = session.size_of(session.absolute(locks[name]))
    count = max(3, size // 2500) if size is not None else 30
    text = session.text_of(session.absolute(locks[name])) or ""
    named = re.findall(r'^name = "([^"]+)"', text, re.MULTILINE)[:MAX_LINES]
    names = named or _unnamed(min(count, 400))
    target = site_packages(session)
    if name == "uv" and not session.env.get("UV_SYSTEM_PYTHON"):
        target = session.absolute(".venv/lib/python3/site-packages")
    _place(names, session, fast, target, False, name != "uv")
