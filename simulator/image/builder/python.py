"""pip: what it installs where, and where a distribution forbids it (PEP 668)."""

from __future__ import annotations

import posixpath
import re

from simulator.image.builder.costs import MB, package, table
from simulator.image.builder.filecmds import expand_glob, is_pattern
from simulator.image.builder.managers import left_of
from simulator.image.builder.pythonprojects import perform_project
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.venvs import venv_of
from simulator.image.builder.words import known

MAX_LINES = 2000
MANAGED = "/usr/lib/python3*/EXTERNALLY-MANAGED"
"""The mark by which a distribution keeps its own Python to itself."""
_VALUED = frozenset(
    {
        "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--python", "--platform",
        "--trusted-host", "--progress-bar", "--timeout", "--retries", "--proxy", "--cache-dir",
        "--python-version", "--only-binary", "--no-binary", "--upgrade-strategy", "--abi",
        "--implementation", "--config-settings", "-C", "--global-option", "--src", "--exclude",
        "--group",
        "--extra", "--no-group", "-p", "--index-strategy", "--prerelease", "--resolution",
    }
)  # fmt: skip
_VERBS = ("install", "wheel", "download", "sync")
_INTO = ("--target", "-t", "--prefix", "--root", "--wheel-dir", "-w", "-d", "--dest")
_ANSWER = (
    "error: externally-managed-environment\n\n"
    "× This environment is externally managed\n"
    "╰─> To install Python packages system-wide, try apt install python3-xyz, or make a virtual "
    "environment: python3 -m venv /opt/venv && /opt/venv/bin/pip install …; "
    "--break-system-packages overrides this (PEP 668)"
)


def perform_pip(command: Command, session: Session) -> None:
    """pip, and what stands for it: ``python -m pip``, ``uv pip``; the others by their projects."""
    words = list(command.words)
    name = posixpath.basename(words[0])
    if name.startswith("python"):
        words = words[2:]
        name = words[0]
    if name == "uv" and words[1:2] == ["pip"]:
        words = ["uv", *words[2:]]
    elif not name.startswith("pip") or name in ("pipenv", "pipx"):
        perform_project(name, words, session, install)
        return
    verb = next((word for word in words[1:] if not word.startswith("-")), "")
    if verb in ("install", "wheel", "download", "sync"):
        install(words, session, name == "uv")
    elif verb == "uninstall":
        for one in words:
            session.remove(f"{site_packages(session)}/{one}")
    elif verb == "config":
        told = ".".join(words[words.index("config") + 1 :])
        session.write(f"{session.home}/.config/pip/pip.conf", len(told), text=told)
    elif verb == "compile":
        session.loosen(session.cwd)
    else:
        session.effect.cpu_s += 0.6


def site_packages(session: Session) -> str:
    """Where packages go: below the prefix of the interpreter that is found first on the PATH."""
    venv = venv_of(session) or session.env.get("UV_PROJECT_ENVIRONMENT")
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


def _managed(words: list[str], session: Session) -> bool:
    """True when the distribution's own Python refuses packages from elsewhere (PEP 668)."""
    if venv_of(session) or any(word.startswith(_INTO[:4]) for word in words):
        return False
    if "--break-system-packages" in words or session.variable("PIP_BREAK_SYSTEM_PACKAGES"):
        return False
    program = session.where(words[0]) or session.where("pip3") or session.where("python3") or ""
    if not program.startswith(("/usr/bin/", "/bin/")):
        return False
    home = session.home
    settings = ("/etc/pip.conf", f"{home}/.config/pip/pip.conf", f"{home}/.pip/pip.conf")
    if any(session.entry(path) is not None for path in settings):
        return False
    return any(session.entry(path) for path in expand_glob(MANAGED, session))


def install(words: list[str], session: Session, fast: bool) -> None:
    """pip install, wheel, download: packages by name, from files, and of the project itself."""
    verb = next((word for word in words[1:] if not word.startswith("-")), "install")
    if verb == "install" and (not fast or "--system" in words) and _managed(words, session):
        session.fail(2 if fast else 1, _ANSWER)
        return
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
    packed = verb in ("wheel", "download")
    target = session.absolute(into or ".") if into or packed else _site(words, session)
    place_packages(names, session, fast, target, cpu_only, "--no-cache-dir" in words, packed)


def _site(words: list[str], session: Session) -> str:
    """The user's own packages with --user, and where the others are root's; else the system's."""
    site = site_packages(session)
    if "--user" not in words and not session.denied_at(site):
        return site
    version = re.search(r"python\d[\d.]*", site)
    base = session.variable("PYTHONUSERBASE") or f"{session.home}/.local"
    return f"{base}/lib/{version.group() if version else 'python3'}/site-packages"


def _arguments(words: list[str]) -> tuple[list[str], list[str], str]:
    """Package names, requirement files, and the folder of --target or --prefix."""
    names: list[str] = []
    files: list[str] = []
    into, at = "", 1
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        if word in ("-r", "--requirement", "--requirements"):
            files.append(following)
            at += 1
        elif word.startswith("--requirement="):
            files.append(word.partition("=")[2])
        elif word.startswith("-r") and len(word) > 2:
            files.append(word[2:])
        elif word in _INTO:
            into = following
            at += 1
        elif word.startswith(tuple(f"{one}=" for one in _INTO)):
            into = word.partition("=")[2]
        elif word in _VALUED or word in ("-c", "--constraint"):
            at += 1
        elif known(word) and not word.startswith("-") and (names or word not in _VERBS):
            names.append(word)
        at += 1
    return names, files, into


def _requirements(file: str, session: Session, depth: int) -> list[str] | None:
    """The packages of a requirements file; unnamed ones when its text is unknown."""
    path = session.absolute(file)
    if not known(path) or "://" in file:
        return unnamed(12)
    text = session.text_of(path)
    if text is None and session.mount_at(path) is None and path.startswith("/dev/"):
        text = session.stdin.text if session.stdin is not None else None
    if text is None:
        gone = session.absent(path) and not path.startswith(("/dev/", "/proc/"))
        return None if gone else unnamed(12)
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


def unnamed(count: int) -> list[str]:
    """Packages of a list whose text is unknown."""
    return [f"dependency-{number}" for number in range(1, count + 1)]


def place_packages(
    names: list[str],
    session: Session,
    fast: bool,
    target: str,
    cpu_only: bool,
    no_cache: bool,
    packed: bool = False,
) -> None:
    """Fetch packages and write them below ``target``, with their programs beside it.

    ``packed``: as wheels, which are not unpacked.
    """
    facts, effect = table()["pip"], session.effect
    variable = "UV_CACHE_DIR" if fast else "PIP_CACHE_DIR"
    cache = session.variable(variable) or f"{session.home}/.cache/{'uv' if fast else 'pip'}"
    effect.cpu_s += float(facts["base_s"]) * (0.2 if fast else 1.0)
    bin_folder = f"{posixpath.dirname(posixpath.dirname(posixpath.dirname(target)))}/bin"
    session.loosen(bin_folder, target)
    kept = 0
    for name in names:
        if name.startswith((".", "/")) or "://" in name or name.endswith(".whl"):
            _local(name, target, session)
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
        kept += fetched
        if packed:
            session.write(f"{target}/{bare}.whl", fetched)
            continue
        session.write(f"{target}/{bare}", size, files=max(2, size // 15_000))
        for program in found.programs:
            session.program(f"{bin_folder}/{program}")
    if kept and not no_cache and not session.variable("PIP_NO_CACHE_DIR"):
        session.write(cache, kept, files=max(2, len(names) * 6))


def _local(name: str, target: str, session: Session) -> None:
    """A project of the context, a wheel, or an address: its files, once unpacked."""
    size = 1 * MB
    if is_pattern(name) or name.endswith((".whl", ".tar.gz")):
        found = [session.under(path) for path in expand_glob(name, session)]
        size = round(2.76 * sum(one.size_bytes for each in found for one in each.values())) or size
    session.write(f"{target}/project", size, files=60)
    session.effect.cpu_s += 2.0
