"""What a user other than root may not do: system package managers, files of root."""

from __future__ import annotations

import re

from simulator.image.builder.costs import managers
from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.state import StageState

_GIVES = re.compile(
    r"\b(chown|chmod|chgrp|setfacl|usermod|useradd|adduser|fix-permissions)\b"
    r"|(?:^|[;&|({])\s*install\s"
)
_INSTALLS = re.compile(r"\b(apt-get|apt|apk|dnf|yum|microdnf|zypper|pacman)\b")
"""Packages make accounts, and give them their folders below /var."""
_VARIABLE = re.compile(r"\$\{?(\w+)\}?|\$\{(\w+)[^}]*\}")

_LOCK = "open (13: Permission denied)"
_REFUSALS = {
    "apk": (99, "ERROR: Unable to lock database: Permission denied"),
    "dnf": (1, "Error: This command has to be run with superuser privileges (under the root user "
               "on most systems)."),
    "yum": (1, "Error: This command has to be run with superuser privileges (under the root user "
               "on most systems)."),
    "microdnf": (1, "error: Failed to create: /var/cache/yum/metadata: Permission denied"),
    "zypper": (5, "Root privileges are required to run this command."),
    "pacman": (1, "error: you cannot perform this operation unless you are root."),
}  # fmt: skip
_ACCOUNTS = frozenset({"useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod"})
_ASKS = frozenset({"--version", "list", "search", "info", "show", "--help", "-v", "policy"})


def granted_by(script: str, state: StageState) -> tuple[str, ...]:
    """Paths that a RUN may give to others than root, read from its text: "/" when that is unclear.

    From the text, not from what was carried out, so that a cached step grants the same.
    """
    if not _GIVES.search(script):
        return ("/var",) if _INSTALLS.search(script) else ()
    known = state.scope.all

    def filled(match: re.Match[str]) -> str:
        return known.get(match[1] or match[2], "$")

    found = ["/var"] if _INSTALLS.search(script) else []
    for written in re.split(r"[\s;&|()=]+", script):
        word = _VARIABLE.sub(filled, written.strip("\"'"))
        if "$" in word or "`" in word:
            return ("/",)
        if word in (".", "./", "*", "~"):
            found.append(state.config.workdir or "/")
        elif "/" in word and "://" not in word:
            found.append(state.absolute(re.split(r"[*?\[{]", word)[0]))
    found.append(state.config.workdir or "/")
    return tuple(dict.fromkeys(one for one in found if one != "/"))


def refuses(name: str, command: Command, session: Session) -> bool:
    """Fail a command that only root may carry out."""
    if session.is_root or session.gaps.programs or session.gaps.everywhere:
        return False
    if name in managers() and not set(command.words[1:2]) & _ASKS:
        _refuse_manager(name, command, session)
        return True
    if name in _ACCOUNTS:
        session.fail(1, f"{name}: Permission denied.\n{name}: cannot lock /etc/passwd; try again "
                     "later.")  # fmt: skip
        return True
    if name == "chown" and not session.effect.opaque:
        for word in command.words[2:]:
            path = session.absolute(word)
            if not word.startswith("-") and session.denied_at(path) and session.exists(path):
                session.fail(1, f"chown: changing ownership of '{word}': Operation not permitted")
                return True
    return False


def _refuse_manager(name: str, command: Command, session: Session) -> None:
    if name in _REFUSALS:
        session.fail(*_REFUSALS[name])
        return
    if "update" in command.words:
        lists = "/var/lib/apt/lists"
        held = session.exists(lists) and session.entry(lists) is not None
        said = (
            f"E: Could not open lock file {lists}/lock - {_LOCK}"
            if held
            else f"E: List directory {lists}/partial is missing. - Acquire (13: Permission denied)"
        )
        session.fail(100, said)
        return
    lock = "/var/lib/dpkg/lock-frontend"
    session.fail(
        100,
        f"E: Could not open lock file {lock} - {_LOCK}\n"
        f"E: Unable to acquire the dpkg frontend lock ({lock}), are you root?",
    )


def settle(name: str, session: Session) -> None:
    """Fail a command that has tried to write where it may not."""
    path, session.denied = session.denied, ""
    if path and not session.status:
        user = session.user
        told = f"{name}: cannot create '{path}': Permission denied"
        if name in ("npm", "yarn", "pnpm"):
            told = f"npm error EACCES: permission denied, mkdir '{path}'"
        session.fail(
            243 if name == "npm" else 1,
            f"{told} (the step runs as {user}, and the folder is root's: COPY --chown={user}, or "
            f"RUN chown before USER {user})",
        )
