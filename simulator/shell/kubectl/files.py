"""Manifests from files and folders that a person names."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import DrydockError, nearest
from simulator.files import is_folder, read_text
from simulator.scenario.listing import listed
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import KubectlError, namespace_of

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.api.reading import Document
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

MOST_BYTES = 64 << 20


FILES = Flag(("-f", "--filename"), "a file or folder of manifests", text("file"), repeat=True)
RECURSIVE = Flag(("-R", "--recursive"), "folders in folders, too")
KUSTOMIZE = Flag(("-k", "--kustomize"), "a folder with a kustomization.yaml", text("folder"))
GIVEN = (FILES, RECURSIVE, KUSTOMIZE)


def given(session: Session, call: Call) -> list[tuple[Document, str]]:
    """The objects of ``-f`` or ``-k``, each with the text of its file."""
    names, folder = call["filename"], call["kustomize"]
    if names and folder:
        raise KubectlError("error: only one of -f or -k can be specified")
    if folder and call["recursive"]:
        raise KubectlError("error: the -k flag can't be used with -f or -R")
    if folder:
        return kustomized(session, folder)
    if not names:
        raise KubectlError("error: must specify one of -f and -k")
    return documents(session, names, recursive=bool(call["recursive"]), call=call)


def objects_of(session: Session, call: Call, cluster: Cluster) -> list[tuple[Kind, str, str]]:
    """Which objects of a cluster those of files are: kind, namespace, name."""
    found = []
    for one, _ in given(session, call):
        kind = cluster.kinds.named(str(one.data.get("kind")))
        meta = one.data.get("metadata")
        meta = meta if isinstance(meta, dict) else {}
        if kind is not None:
            space = str(meta.get("namespace") or namespace_of(session, call))
            found.append((kind, space if kind.namespaced else "", str(meta.get("name"))))
    return found


def kustomized(session: Session, name: str) -> list[tuple[Document, str]]:
    """The objects of a folder's kustomization; what is not modelled of it is said once."""
    from simulator.cluster.kubernetes.kustomize.building import build

    if "://" in name:
        raise KubectlError(f'error: "{name}": there is no network here; save it as a folder')
    path = session.path(name)
    if not is_folder(path):
        why = f"'{name}' is not a directory" if path.exists() else _missing(session, name)
        raise KubectlError(f"error: must build at directory: {why}")
    try:
        built = build(path, name, within=_within(session))
    except DrydockError as error:
        raise KubectlError(f"error: {error}") from None
    for one in built.warnings:
        session.note(one, one)
    for one in built.notes:
        session.note(one, f"  ({one})")
    return built.documents


def _missing(session: Session, name: str) -> str:
    path = session.path(name)
    names = [one.name for one in path.parent.iterdir()] if is_folder(path.parent) else []
    near = nearest(path.name, names[:1000])
    hint = f"; did you mean '{near}'?" if near else ""
    return f"not a valid directory: '{name}' does not exist{hint}"


def documents(
    session: Session, names: tuple[str, ...], *, recursive: bool = False, call: Call | None = None
) -> list[tuple[Document, str]]:
    """All objects of files, each with the text of its file.

    ``call``: of several files one that cannot be read is told of, and keeps none of the others
    back (``resource.Builder`` with ``ContinueOnError``).
    """
    from simulator.cluster.kubernetes.api.reading import read

    found: list[tuple[Document, str]] = []
    if "-" in names:
        found += _handed(call)
        names = tuple(one for one in names if one != "-")
    files = [each for name in names for each in _files(session, name, recursive=recursive)]
    for path, shown in files:
        try:
            body = read_text(path, limit_bytes=MOST_BYTES, within=_within(session))
            found += [(one, body) for one in read(body, shown)]
        except DrydockError as error:
            if call is None or len(files) == 1:
                raise
            session.fail(call, error)
    if not found:
        raise KubectlError("error: no objects passed to apply")
    return found


def _handed(call: Call | None) -> list[tuple[Document, str]]:
    """The objects of what a line hands over: ``kubectl apply -f - <<EOF``."""
    from simulator.cluster.kubernetes.api.reading import read

    if call is None or call.stdin is None:
        raise KubectlError(
            "error: there is nothing to read here: name a file or a folder, or write a text after "
            "it, as in: kubectl apply -f - <<EOF"
        )
    return [(one, call.stdin) for one in read(call.stdin, "STDIN")]


def _within(session: Session) -> Path | None:
    return session.folder if session.confined else None


def _matching(path: Path, name: str) -> list[tuple[Path, str]]:
    """Files of a pattern such as ``deploy/*.yaml``: only its last part may have stars."""
    if "*" not in path.name or not is_folder(path.parent):
        return []
    start = name[: len(name) - len(path.name)]
    found = [one for one in sorted(path.parent.iterdir()) if fnmatchcase(one.name, path.name)]
    return [(one, start + one.name) for one in found if not is_folder(one)]


def _files(session: Session, name: str, *, recursive: bool) -> list[tuple[Path, str]]:
    if "://" in name:
        raise KubectlError(
            f'error: unable to read URL "{name}": there is no network here; save it as a file'
        )
    path = session.path(name)
    if not is_folder(path):
        if not path.exists():
            found = _matching(path, name)
            if not found:
                raise KubectlError(f'error: the path "{name}" does not exist')
            return found
        return [(path, name)]
    files = listed(path, name, recursive=recursive)
    if not files:
        raise KubectlError(
            f"error: error reading [{name}]: recognized file extensions are [.json .yaml .yml]"
        )
    return files
