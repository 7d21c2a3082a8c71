"""What `.dockerignore` leaves out of the build context."""

from __future__ import annotations

import pytest

from simulator.dockerfile import Dockerignore
from simulator.errors import InputError


@pytest.mark.parametrize(
    ("patterns", "path", "excluded"),
    [
        ("*.log", "a.log", True),
        ("*.log", "logs/a.log", False),
        ("**/*.log", "logs/old/a.log", True),
        ("**/*.log", "a.log", True),
        ("node_modules", "node_modules/left-pad/index.js", True),
        ("node_modules", "web/node_modules/index.js", False),
        ("**/node_modules", "web/node_modules/index.js", True),
        ("/build/", "build/out.o", True),
        ("./a/../build", "build", True),
        ("*/temp*", "some/temporary.txt", True),
        ("*/temp*", "some/where/temporary.txt", False),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("a/**", "a", False),
        ("a/**", "a/b/c", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b/c", True),
        ("a**b", "ab", True),
        ("a**b", "ax/y/b", True),
        ("**.pyc", "pkg/mod.pyc", True),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("# a.log\na.txt", "a.log", False),
        ("  a.log  \n\n", "a.log", True),
        ("a.log\r\nb.log\r\n", "a.log", True),
        ("*", "anything/at/all", True),
        ("**", "anything/at/all", True),
        (".", "a", False),
        ("foo", "foobar", False),
        ("x+y(z).$", "x+y(z).$", True),
        ("\ufeffa.log", "a.log", True),
    ],
)
def test_a_path_is_left_out_or_not(patterns, path, excluded):
    assert excluded is Dockerignore.parse(patterns).excludes(path)


def test_the_last_pattern_that_matches_decides():
    ignore = Dockerignore.parse("*.md\n!README*.md\nREADME-secret.md")
    assert [ignore.excludes(name) for name in ("notes.md", "README.md", "README-secret.md")] == [
        True,
        False,
        True,
    ]


def test_an_exclamation_mark_lets_back_in_what_lies_below_an_excluded_directory():
    ignore = Dockerignore.parse("*\n!src\nsrc/secret")
    assert not ignore.excludes("src/app/main.py")
    assert ignore.excludes("src/secret/key")
    assert ignore.excludes("docs/index.md")


def test_the_root_of_the_context_is_never_left_out():
    assert not any(Dockerignore.parse("**").excludes(path) for path in (".", "", "/", "./"))


def test_a_directory_is_pruned_only_when_nothing_below_comes_back():
    assert Dockerignore.parse("node_modules").prunes("node_modules")
    assert not Dockerignore.parse("a\n!a/b/keep").prunes("a")
    assert not Dockerignore.parse("a\n!**/keep").prunes("a")
    assert not Dockerignore.parse("a\n!a/*.txt").prunes("a")
    assert Dockerignore.parse("a\n!b/keep").prunes("a")


@pytest.mark.parametrize("pattern", ["[", "a[b", "a[/]b", "[]", "[b-a]", "!", "a\\"])
def test_a_malformed_pattern_is_named_with_its_line(pattern):
    with pytest.raises(InputError, match=r"^\.dockerignore:2:1: "):
        Dockerignore.parse(f"ok\n{pattern}")


def test_many_stars_do_not_run_away():
    ignore = Dockerignore.parse("*a" * 500 + "\n" + "/".join(["**/*a*b*c"] * 50))
    assert not ignore.excludes("/".join(["a" * 100] * 40) + "/" + "ab" * 500)
