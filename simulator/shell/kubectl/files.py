"""Manifests from files and folders that a person names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.files import is_folder, read_text
from simulator.scenario.listing import listed
from simulator.shell.kubectl.target import KubectlError

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.reading import Document
    from simulator.shell.session import Session

MOST_BYTES = 64 << 20


def documents(
    session: Session, names: tuple[str, ...], *, recursive: bool = False
) -> list[tuple[Document, str]]:
    """All objects of files, each with the text of its file."""
    from simulator.cluster.kubernetes.api.reading import read

    found = []
    for name in names:
        for path, shown in _files(session, name, recursive=recursive):
            text = read_text(path, limit_bytes=MOST_BYTES, within=_within(session))
            found += [(one, text) for one in read(text, shown)]
    if not found:
        raise KubectlError("error: no objects passed to apply")
    return found


def _within(session: Session) -> Path | None:
    return session.folder if session.confined else None


def _files(session: Session, name: str, *, recursive: bool) -> list[tuple[Path, str]]:
    if name == "-":
        raise KubectlError("error: there is no standard input here: name a file or a folder")
    if "://" in name:
        raise KubectlError(
            f'error: unable to read URL "{name}": there is no network here; save it as a file'
        )
    path = session.path(name)
    if not is_folder(path):
        if not path.exists():
            raise KubectlError(f'error: the path "{name}" does not exist')
        return [(path, name)]
    files = listed(path, name, recursive=recursive)
    if not files:
        raise KubectlError(
            f"error: error reading [{name}]: recognized file extensions are [.json .yaml .yml]"
        )
    return files
