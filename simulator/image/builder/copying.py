"""COPY and ADD: which files, where to, under which names, and what the cache compares."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from simulator.dockerfile import Instruction
from simulator.dockerfile.expansion import expand_heredoc
from simulator.errors import InputError, Place, nearest
from simulator.image.builder.assumed import assumed_bytes
from simulator.image.builder.gaps import Gaps, is_folder, merged
from simulator.image.builder.state import StageState
from simulator.image.context import BuildContext, ContextFile
from simulator.image.digests import digest_of, sha256_of
from simulator.image.globs import compile_glob, has_wildcard
from simulator.image.model import DIRECTORY, FILE, FileEntry
from simulator.image.union import FileSystem

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")
ARCHIVE_RATIO = 2.76
REMOTE_BYTES = 20_000_000


@dataclass(slots=True)
class Copied:
    """The outcome: entries for a layer, inputs for the cache key, bytes to fetch, notes."""

    files: list[FileEntry] = field(default_factory=list)
    inputs: list[tuple[str, str]] = field(default_factory=list)
    download_bytes: int = 0
    notes: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    """Folders into which something was unpacked."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where COPY --from reads: the files of a stage or an image, and who may have written more."""

    label: str
    files: FileSystem
    gaps: Gaps
    writers: tuple[str, ...]
    image: bool = False


class Copier:
    """One COPY or ADD of a stage."""

    def __init__(self, instruction: Instruction, state: StageState, place: Place) -> None:
        self.instruction = instruction
        self.state = state
        self.place = place
        words = [state.scope.expand(word, place) for word in instruction.words]
        self.sources, self.written_to = words[:-1], words[-1]
        self.out = Copied()
        self.target = state.absolute(self.written_to)
        self._pending: list[tuple[str, str, ContextFile]] = []
        self.excluded = [state.scope.expand(x, place) for x in instruction.flag_values("exclude")]
        self.keep_parents = instruction.has_flag("parents")
        self.mode = _mode(state.scope.expand(instruction.flag("chmod") or "", place), place)
        self.owner = state.scope.expand(instruction.flag("chown") or "", place)

    def from_context(self, context: BuildContext) -> Copied:
        """Copy files of the build context, here-documents and (ADD) URLs."""
        documents = iter(self.instruction.heredoc_sources)
        for source in self.sources:
            if "<<" in source and self.instruction.heredocs:
                self._document(next(documents, None))
            elif self.instruction.name == "ADD" and _is_remote(source):
                self._remote(source)
            else:
                self._context(source, context)
        return self._finished()

    def from_origin(self, origin: Origin) -> Copied:
        """Copy files of another stage or image."""
        for source in self.sources:
            self._stage(source, origin)
        return self._finished()

    def _finished(self) -> Copied:
        flags = f"{self.owner} {self.mode} {self.keep_parents} {self.excluded}"
        target = self.target
        self.out.inputs.append(("destination", f"{target} {flags}"))
        return self.out

    def _context(self, source: str, context: BuildContext) -> None:
        try:
            chosen = context.select(source)
        except InputError as error:
            raise error.at(self.place) from None
        if not chosen and not (has_wildcard(source) and _has_folder(source, context)):
            raise self._not_found(source, context.files)
        root = context.resolved(source)
        archives = self.instruction.name == "ADD" and not _denied(self.instruction.flag("unpack"))
        for path, one in chosen.items():
            name = _relative(path, root)
            if self._leaves_out(name or path):
                continue
            self.out.inputs.append((f"file {path}", one.identity()))
            if archives and one.kind == FILE and path.endswith(ARCHIVES):
                self._unpack(path, one)
            else:
                self._put(path if self.keep_parents else name, path, one)

    def _put(self, name: str, path: str, one: ContextFile) -> None:
        """``name``: path below a copied folder; empty for a source that is itself a file.

        Entries are made when they are needed: a cached COPY of 50,000 files needs none.
        """
        self._pending.append((name, path, one))

    def entries(self) -> list[FileEntry]:
        """The files of the layer; a later source replaces an earlier one of the same name."""
        for name, path, one in self._pending:
            self.out.files.append(
                FileEntry(
                    self._target(name, posixpath.basename(path)),
                    one.size_bytes,
                    self.mode if self.mode is not None and one.kind == FILE else one.mode,
                    one.digest,
                    one.kind,
                    target=one.target,
                    text=one.content,
                )
            )
        self._pending.clear()
        return list({entry.path: entry for entry in self.out.files}.values())

    def _target(self, name: str, base: str) -> str:
        target = self.target
        if name:
            return f"{target.rstrip('/')}/{name}"
        into = self.written_to.endswith(("/", "/.")) or self.written_to in (".", "")
        if into or is_folder(target, self.state.files):
            return posixpath.join(target, base)
        return target

    def _leaves_out(self, path: str) -> bool:
        return any(
            fnmatch.fnmatchcase(path, pattern)
            or fnmatch.fnmatchcase(path, pattern.removeprefix("**/"))
            or fnmatch.fnmatchcase(path, pattern.rstrip("/") + "/*")
            for pattern in self.excluded
        )

    def _unpack(self, path: str, one: ContextFile) -> None:
        ratio = 1.0 if path.endswith(".tar") else ARCHIVE_RATIO
        target = self.target
        name = posixpath.basename(path).partition(".tar")[0].removesuffix(".tgz")
        self.out.notes.append(f"{path} is unpacked: its content is taken as one directory")
        self.out.files.append(
            FileEntry(
                posixpath.join(target, name),
                round(one.size_bytes * ratio),
                0o755,
                digest_of("unpacked", one.digest),
                DIRECTORY,
                files=max(1, round(one.size_bytes * ratio) // 60_000),
            )
        )
        self.out.loose.append(target)

    def _document(self, document: object) -> None:
        text = getattr(document, "text", "")
        if getattr(document, "expand", False):
            text = expand_heredoc(text, self.state.scope.all, place=self.place)
        name = str(getattr(document, "name", "document"))
        data = text.encode("utf-8", "surrogatepass")
        one = ContextFile(len(data), sha256_of(data), content=text)
        self.out.inputs.append((f"file {name}", one.identity()))
        self._put("", name, one)

    def _remote(self, url: str) -> None:
        name = posixpath.basename(url.partition("?")[0].partition("#")[0].rstrip("/"))
        repository = _is_repository(url)
        unpacks = (self.instruction.flag("unpack") or "").lower() in ("true", "1")
        if unpacks:
            kind, count = DIRECTORY, REMOTE_BYTES // 60_000
            self.out.loose.append(self.target)
            name = name.partition(".tar")[0] or "archive"
        elif repository:
            kind, count = DIRECTORY, REMOTE_BYTES // 60_000
            self.out.loose.append(self.target)
        else:
            kind, count = FILE, 1
        checksum = self.instruction.flag("checksum") or ""
        self.out.inputs.append((f"url {url}", checksum))
        self.out.notes.append(f"{url}: {REMOTE_BYTES // 1_000_000} MB assumed")
        self.out.download_bytes += REMOTE_BYTES
        mode = 0o755 if kind == DIRECTORY else (self.mode if self.mode is not None else 0o600)
        digest = digest_of("remote", url, checksum)
        path = self.target if repository else self._target("", name or "download")
        self.out.files.append(FileEntry(path, REMOTE_BYTES, mode, digest, kind, files=count))

    def _stage(self, source: str, origin: Origin) -> None:
        path = posixpath.normpath("/" + source)
        path = "/" + path.lstrip("/")
        if has_wildcard(path):
            chosen, root = self._glob(path, origin), path
        else:
            path, found = origin.files.resolve(merged(path, origin.files))
            chosen = origin.files.under(path)
            root = path if found is None or found.kind == DIRECTORY else ""
        if not chosen:
            self._assumed(source, path, origin)
        if not chosen:
            return
        if len(chosen) > 1 or root:
            self._note_writers(origin)
            if origin.gaps.everywhere or origin.gaps.covers(path):
                self.out.loose.append(self.target)
        for full, entry in chosen.items():
            name = _relative(full, root) if root else ""
            if self._leaves_out(name or full):
                continue
            self.out.inputs.append((f"file {full}", entry.identity()))
            kept = full.lstrip("/") if self.keep_parents else name
            base = posixpath.basename(full)
            at_root = not kept and root == full
            target = self.target if at_root else self._target(kept, base)
            self.out.files.append(replace(entry, path=target))

    def _glob(self, pattern: str, origin: Origin) -> dict[str, FileEntry]:
        glob = compile_glob(pattern)
        depth = pattern.count("/") + 1
        return {
            path: entry
            for path, entry in origin.files.files().items()
            if glob.fullmatch("/".join(path.split("/")[:depth]))
        }

    def _note_writers(self, origin: Origin) -> None:
        """A folder may hold more than the model lists: whoever may have written it counts."""
        if origin.writers:
            self.out.inputs.append((f"result of stage {origin.label}", " ".join(origin.writers)))

    def _assumed(self, source: str, path: str, origin: Origin) -> None:
        """A path that nothing known has made: an output of a command, or an error."""
        if not has_wildcard(path) and origin.files.is_folder(path):
            self.out.inputs.append((f"file {path}", "empty folder"))
            return
        folder = _fixed_folder(path) if has_wildcard(path) else path
        if not origin.gaps.may_hold(folder, origin.files):
            if has_wildcard(path) and origin.files.is_folder(folder):
                return
            raise self._not_found(source, origin.files.files(), origin)
        self._note_writers(origin)
        self.out.loose.append(self.target)
        self.out.inputs.append((f"file {path}", "assumed"))
        size = assumed_bytes(path)
        where = f"image {origin.label}" if origin.image else f"stage {origin.label}"
        made = "not listed" if origin.image else "made by a command there"
        hint = f"; '# drydock: adds={path}:SIZE' above that RUN says more"
        self.out.notes.append(
            f"{source} of {where}: {made}; {_shown(size)} assumed{'' if origin.image else hint}"
        )
        digest = digest_of("assumed", path, *origin.writers)
        name = posixpath.basename(path)
        target = self._target("", name) if name and not has_wildcard(path) else self.target
        folder_like = path.endswith("/") or has_wildcard(path)
        kind, count = (DIRECTORY, 20) if folder_like else (FILE, 1)
        self.out.files.append(FileEntry(target, size, 0o755, digest, kind, files=count))

    def _not_found(
        self,
        source: str,
        known: Iterable[str] | Mapping[str, object],
        origin: Origin | None = None,
    ) -> InputError:
        path = "/" + posixpath.normpath("/" + source).lstrip("/")
        hint = "a path inside the build context" if ".." in source.split("/") else None
        if origin is not None and not origin.image and origin.files.layers:
            hint = f"a path that stage {origin.label} makes; '# drydock: adds={path[:200]}:10MB' "
            hint += "above its RUN says that it does"
        return InputError(
            f'failed to calculate checksum of ref: "{path[:200]}": not found',
            place=self.place,
            expected=hint,
            nearest=nearest(path.lstrip("/"), [one.lstrip("/") for one in list(known)[:2000]]),
        )


def _fixed_folder(pattern: str) -> str:
    """The folder above the first wildcard of a pattern."""
    folder = pattern
    while has_wildcard(folder):
        folder = posixpath.dirname(folder)
    return folder


def _has_folder(source: str, context: BuildContext) -> bool:
    """True when the folder that a pattern looks into is there: then matching nothing is no error.

    BuildKit's ``ResolveWildcards`` walks that folder, and fails when there is none.
    """
    folder = _fixed_folder(posixpath.normpath("/" + source)).strip("/")
    if not folder:
        return True
    return any(path.startswith(folder + "/") or path == folder for path in context.files)


def _denied(value: str | None) -> bool:
    return (value or "").lower() in ("false", "0")


def _shown(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:g} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:g} kB"


def _is_repository(url: str) -> bool:
    """True for the address of a git repository, with or without a branch."""
    bare = re.split("[?#]", url)[0]
    if url.startswith(("git@", "git://", "ssh://")) or bare.endswith(".git"):
        return True
    return "#" in url and bare.startswith(("https://github.com/", "https://gitlab.com/"))


def _relative(path: str, root: str) -> str:
    """The path below the root that was named; empty when the root is the file itself."""
    if root in ("", "/"):
        return path.lstrip("/")
    if has_wildcard(root):
        depth = root.count("/") + 1
        return "/".join(path.split("/")[depth:])
    return path[len(root) :].lstrip("/")


def _is_remote(source: str) -> bool:
    return source.startswith(("http://", "https://", "git@", "ssh://", "git://"))


def _mode(text: str, place: Place) -> int | None:
    """The bits of ``--chmod``: octal digits, or None for symbolic changes and when absent."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        if len(text) <= 5 and not text.strip("01234567"):
            return int(text, 8)
        raise InputError("invalid chmod parameter", place=place, found=text, expected="octal")
    return None
