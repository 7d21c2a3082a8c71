"""Projects of Python: uv, poetry, pipenv, pdm, pipx, each with where it puts what it installs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from simulator.image.builder.costs import MB
from simulator.image.builder.session import Session
from simulator.image.builder.venvs import make_venv, venv_of

_LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pipenv": "Pipfile.lock", "pdm": "pdm.lock"}
_NAMED = re.compile(r'^name = "([^"]+)"', re.MULTILINE)
_TRUE = ("1", "true", "True", "yes")
MAX_NAMES = 400
Install = Callable[[list[str], Session, bool], None]


def perform_project(name: str, words: list[str], session: Session, install: Install) -> None:
    """One call of a project's tool; ``install`` is pip's own."""
    verbs = [word for word in words[1:] if not word.startswith("-")]
    verb = verbs[0] if verbs else ""
    if name == "pipx" or (name == "uv" and verb == "tool"):
        _tools(name, verbs, session)
    elif name == "uv" and verb in ("python", "venv"):
        _uv(verb, verbs[1:], session)
    elif verb in ("sync", "install", "update", "add", "lock") and name in _LOCKS:
        _install(name, verb, verbs[1:], words, session, install)
    elif verb == "export" or "requirements" in verbs[:1]:
        _export(words, session)
    elif verb == "config":
        path = f"{session.home}/.config/pypoetry/config.toml"
        told = (session.text_of(path) or "") + " ".join(words[2:]) + "\n"
        session.write(path, len(told), text=told)
    elif verb == "run":
        session.effect.cpu_s += 2.0
        session.effect.opaque = True
    else:
        session.effect.cpu_s += 0.6
        session.loosen(session.absolute("dist"))


def _tools(name: str, verbs: list[str], session: Session) -> None:
    """pipx install, uv tool install: a tool in an environment of its own, and a link to it."""
    if "install" not in verbs and "inject" not in verbs:
        session.effect.cpu_s += 0.5
        return
    variable = "PIPX_BIN_DIR" if name == "pipx" else "UV_TOOL_BIN_DIR"
    folder = session.variable(variable) or f"{session.home}/.local/bin"
    at = verbs.index("install") + 1 if "install" in verbs else len(verbs)
    session.loosen(folder, f"{session.home}/.local")
    for tool in verbs[at:]:
        bare = re.split(r"[\[=<>~!;@ ]", tool)[0]
        session.effect.download_bytes += 6 * MB
        session.effect.cpu_s += 2.5
        session.write(f"{session.home}/.local/share/{name}/{bare}", 24 * MB, files=900)
        session.program(f"{folder}/{bare}", 250)


def _uv(verb: str, rest: list[str], session: Session) -> None:
    if verb == "venv":
        make_venv(session.absolute(rest[0] if rest else ".venv"), session)
        return
    if rest[:1] != ["install"]:
        return
    folder = session.variable("UV_PYTHON_INSTALL_DIR") or f"{session.home}/.local/share/uv/python"
    session.effect.download_bytes += 32 * MB
    session.effect.cpu_s += 1.0
    session.write(folder, 95 * MB, files=3200)
    session.loosen(f"{session.home}/.local/bin")


def _export(words: list[str], session: Session) -> None:
    """export -o FILE: a requirements file, of whose packages only the number is guessed."""
    out = next((words[at + 1] for at, word in enumerate(words[:-1])
                if word in ("-o", "--output", "--output-file")), None)  # fmt: skip
    attached = next((w.partition("=")[2] for w in words if w.startswith("--output")), None)
    session.effect.cpu_s += 1.0
    if out or attached:
        session.write(session.absolute(out or attached or ""), 6_000)


def _install(
    name: str, verb: str, named: list[str], words: list[str], session: Session, install: Install
) -> None:
    manifest = "Pipfile" if name == "pipenv" else "pyproject.toml"
    path = session.absolute(manifest)
    elsewhere = any(word in words for word in ("--project", "--directory", "-C", "-P", "-p"))
    if session.absent(path) and not elsewhere and not (name == "pipenv" and named):
        session.fail(1, f"{name}: no {manifest} found in {session.cwd}")
        return
    lock = session.absolute(_LOCKS[name])
    size = session.size_of(lock)
    text = session.text_of(lock) or ""
    count = max(3, size // 2500) if size is not None else 30
    names = _NAMED.findall(text)[:2000] or [
        f"dependency-{number}" for number in range(1, min(count, MAX_NAMES) + 1)
    ]
    if verb in ("lock", "add", "update"):
        session.write(lock, size or 60_000)
        names = named if verb == "add" else [] if verb == "lock" else names
    folder = _environment(name, words, session)
    if folder is not None:
        make_venv(folder, session)
        session.variables = {**session.variables, "VIRTUAL_ENV": folder}
    install([name, "install", *_kept(name, words), *names], session, name == "uv")


def _kept(name: str, words: list[str]) -> list[str]:
    """The flags that pip's model knows; poetry and pipenv keep their downloads elsewhere."""
    if name != "uv":
        return ["--no-cache-dir", "--break-system-packages"]
    return [word for word in words if word in ("--no-cache", "--no-cache-dir")]


def _environment(name: str, words: list[str], session: Session) -> str | None:
    """The virtual environment of a project; None when it installs into the system's Python."""
    if name == "uv":
        if "--system" in words or session.variable("UV_SYSTEM_PYTHON"):
            return None
        return session.absolute(session.variable("UV_PROJECT_ENVIRONMENT") or ".venv")
    if name == "pipenv":
        if "--system" in words:
            return None
        inside = session.variable("PIPENV_VENV_IN_PROJECT") in _TRUE
        base = f"{session.home}/.local/share/virtualenvs/app"
    elif name == "pdm":
        inside, base = True, ""
    else:
        told = session.text_of(f"{session.home}/.config/pypoetry/config.toml") or ""
        if session.variable("POETRY_VIRTUALENVS_CREATE") in ("0", "false", "False"):
            return venv_of(session)
        if re.search(r"virtualenvs\.create.? ?false", told):
            return venv_of(session)
        inside = session.variable("POETRY_VIRTUALENVS_IN_PROJECT") in _TRUE or (
            re.search(r"virtualenvs\.in-project.? ?true", told) is not None
        )
        inside = inside or session.is_folder(session.absolute(".venv"))
        cache = session.variable("POETRY_CACHE_DIR") or f"{session.home}/.cache/pypoetry"
        base = f"{cache}/virtualenvs/app-py3"
    active = venv_of(session)
    if active is not None and not inside:
        return active
    return session.absolute(".venv") if inside else posixpath.normpath(base)
