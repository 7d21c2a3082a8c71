from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.dockerfile import Dockerignore
from simulator.errors import DrydockError, InputError
from simulator.image.context import BuildContext
from simulator.image.directory import FULL_HASH_BYTES, read_directory
from simulator.image.globs import compile_glob


@pytest.fixture
def project(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("print(1)")
    (tmp_path / "node_modules" / "a").mkdir(parents=True)
    (tmp_path / "node_modules" / "a" / "index.js").write_text("x" * 1000)
    (tmp_path / "empty").mkdir()
    (tmp_path / "blob").write_bytes(b"\0" * 10)
    return tmp_path


def test_sizes_modes_and_small_texts_are_read(project):
    os.chmod(project / "src" / "main.py", 0o755)
    context = read_directory(project)
    one = context.files["src/main.py"]
    assert (one.size_bytes, one.mode, one.content) == (8, 0o755, "print(1)")
    assert context.files["blob"].content is None
    assert context.files["empty"].kind == "dir"
    assert context.size_bytes == 1018


def test_ignored_files_are_left_out(project):
    ignore = Dockerignore.parse("node_modules\n*\n!src\n")
    context = read_directory(project, ignore)
    assert list(context.files) == ["src/main.py"]
    assert context.ignored_files > 0
    assert list(read_directory(project).without(ignore).files) == ["src/main.py"]


def test_the_digest_depends_on_content_but_not_on_times(project):
    before = read_directory(project)
    os.utime(project / "src" / "main.py", (1, 1))
    assert before.digest == read_directory(project).digest
    (project / "src" / "main.py").write_text("print(2)")
    assert before.digest != read_directory(project).digest


def test_links_are_recorded_but_not_followed(project, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("secret")
    (project / "out").symlink_to(outside)
    (project / "loop").symlink_to("loop")
    (project / "up").symlink_to("..")
    (project / "alias").symlink_to("src")
    context = read_directory(project)
    assert context.files["out"].content is None
    assert context.files["out"].kind == "symlink"
    assert list(context.select("alias")) == ["src/main.py"]
    assert context.select("out") == {}
    with pytest.raises(InputError, match="too many levels of symbolic links"):
        context.select("loop")


def test_pipes_are_skipped_with_a_reason(project):
    os.mkfifo(project / "pipe")
    context = read_directory(project)
    assert ("pipe", "not a regular file (device, pipe or socket)") in context.skipped
    with pytest.raises(InputError, match="failed to read pipe"):
        context.select("pipe")


def test_a_huge_sparse_file_is_sampled(project):
    with open(project / "huge", "wb") as stream:
        stream.truncate(10 * 1000**3)
    small = read_directory(project).files["huge"]
    assert small.size_bytes == 10 * 1000**3
    with open(project / "huge", "r+b") as stream:
        stream.seek(10 * 1000**3 - 1)
        stream.write(b"x")
    assert small.digest != read_directory(project).files["huge"].digest
    assert small.size_bytes > FULL_HASH_BYTES


def test_progress_is_told_while_reading(tmp_path):
    for number in range(600):
        (tmp_path / f"{number}.txt").write_text("x")
    told = []
    read_directory(tmp_path, progress=lambda files, size: told.append((files, size)))
    assert told == [(250, 250), (500, 500), (600, 600)]


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nope: no such directory"):
        read_directory(tmp_path / "nope")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a directory"):
        read_directory(tmp_path / "file")


def test_a_context_survives_being_written_down(project):
    context = read_directory(project)
    again = BuildContext.from_data(json.loads(json.dumps(context.to_data())))
    assert context == again


@pytest.mark.parametrize(
    ("source", "chosen"),
    [
        (".", ["a.py", "d/b.py", "d/e/c.txt"]),
        ("/", ["a.py", "d/b.py", "d/e/c.txt"]),
        ("d", ["d/b.py", "d/e/c.txt"]),
        ("./d/", ["d/b.py", "d/e/c.txt"]),
        ("*.py", ["a.py"]),
        ("d/*", ["d/b.py", "d/e/c.txt"]),
        ("?.py", ["a.py"]),
        ("[ab].py", ["a.py"]),
        ("[^a].py", []),
        ("../a.py", ["a.py"]),
        ("nope", []),
    ],
)
def test_a_source_chooses_files(source, chosen):
    context = BuildContext.from_mapping({"a.py": "1", "d/b.py": "2", "d/e/c.txt": "3"})
    assert chosen == list(context.select(source))


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "."])
def test_a_context_holds_only_paths_inside_it(path):
    with pytest.raises(InputError):
        BuildContext.from_mapping({path: "x"})


@given(st.text(alphabet="ab*?[]^-\\/.", max_size=12))
def test_no_pattern_breaks_the_matcher(pattern):
    try:
        compile_glob(pattern).fullmatch("ab/a")
        BuildContext.from_mapping({"a": "1", "b/c": "2"}).select(pattern)
    except DrydockError:
        return


def test_a_pattern_with_many_stars_is_answered_at_once():
    assert compile_glob("*a" * 60 + "b").fullmatch("a" * 250) is None
    assert compile_glob("*a" * 60 + "*").fullmatch("a" * 250) is not None


@given(st.text(alphabet="ab*?/", max_size=8), st.text(alphabet="ab/", max_size=8))
def test_patterns_match_as_a_plain_backtracking_matcher_says(pattern, path):
    def matches(p, t):
        if not p:
            return not t
        if p[0] == "*":
            return matches(p[1:], t) or (bool(t) and t[0] != "/" and matches(p, t[1:]))
        return bool(t) and (p[0] == t[0] or (p[0] == "?" and t[0] != "/")) and matches(p[1:], t[1:])

    assert matches(pattern, path) == (compile_glob(pattern).fullmatch(path) is not None)
