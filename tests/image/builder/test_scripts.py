"""A RUN does what its shell does: loops, functions, quotes, pipes, substitutions, bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.image.builder.script import parse_script
from simulator.image.builder.words import Expansion, arithmetic
from simulator.image.union import FileSystem

MIB = 1 << 20


def run(build, script, base="alpine", files=None, head=""):
    built = build(f"FROM {base}\n{head}RUN {script}\n", files)
    assert built.failure is None, built.failure
    return built


def written(built):
    layer = built.numbered[-1].layer
    return {} if layer is None else {one.path: one.size_bytes for one in layer.files}


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("dd if=/dev/zero of=/x bs=1M count=60", {"/x": 60 * MIB}),
        ("dd if=/dev/urandom of=/x bs=4k count=10", {"/x": 40960}),
        ("dd if=/dev/zero of=/x bs=1 count=0 seek=20M", {"/x": 20 * MIB}),
        ("fallocate -l 40M /x", {"/x": 40 * MIB}),
        ("truncate -s 50M /x", {"/x": 50 * MIB}),
        ("head -c 30M /dev/urandom > /x", {"/x": 30 * MIB}),
        ("head -c 1kB </dev/zero >>/x", {"/x": 1000}),
        ("yes | head -c 5MB > /x", {"/x": 5_000_000}),
        ("seq 1 100000 > /x", {"/x": 588_895}),
        ("base64 /dev/urandom | head -c 1M > /x", {"/x": MIB}),
        ("mkdir /a /b; truncate -s 9 /a/f; tar cf - -C /a . | tar xf - -C /b",
         {"/a": 0, "/b": 0, "/a/f": 9, "/b/archive": 9}),
        ("cat /dev/zero | head -c 1M | tee /x > /y", {"/x": MIB, "/y": MIB}),
        ("for i in 1 2 3; do fallocate -l 1M /f$i; done", {f"/f{i}": MIB for i in (1, 2, 3)}),
        ("for i in $(seq 2); do echo $i > /f$i; done", {"/f1": 2, "/f2": 2}),
        ("i=0; while [ $i -lt 2 ]; do i=$((i+1)); truncate -s 9 /f$i; done", {"/f1": 9, "/f2": 9}),
        ("make() { truncate -s $2 /$1; }; make a 3; make b 4", {"/a": 3, "/b": 4}),
        ("case amd64 in arm*) touch /arm;; amd64|x86_64) touch /x86;; esac", {"/x86": 0}),
        ("printf '%s\\n' a b > /p; echo end >> /p", {"/p": 8}),
        ("cat <<EOF > /x\nhello\nEOF", {"/x": 6}),
        ("echo 'a $HOME \"b\"' > /x", {"/x": 12}),
        ('A="b c"; touch $A; touch "$A"', {"/b": 0, "/c": 0, "/b c": 0}),
        ("V=1.2.3; echo ${V%%.*} > /x; touch /${V#1.}", {"/x": 2, "/2.3": 0}),
        ("(cd /tmp && touch in); touch out", {"/tmp/in": 0, "/out": 0}),
        ("sh -c 'touch /x' && bash_like=1 sh -ec 'false || touch /y'", {"/x": 0, "/y": 0}),
        ("[ 3 -gt 2 ] && touch /yes || touch /no", {"/yes": 0}),
        ("if [ ! -f /x ] && [ -z \"\" ]; then touch /x; else touch /y; fi", {"/x": 0}),
        ("uname -m > /x; eval 'touch /y'", {"/x": 7, "/y": 0}),
        ("false || code=$?; touch /f$code", {"/f1": 0}),
        ("set -- a b; for x; do touch /$x; done", {"/a": 0, "/b": 0}),
        ("touch /a && mv /a /b && ln -s /b /c", {"/b": 0, "/c": 2}),
        ("false; true; touch /x", {"/x": 0}),
        ("mkdir -p /d/e && touch /d/e/f && rm -r /d", {}),
    ],
)  # fmt: skip
def test_a_script_leaves_the_files_that_it_makes(build, script, files):
    assert written(run(build, script)) == files


def test_a_variable_that_is_empty_is_not_its_own_name(build):
    assert written(run(build, "touch /$N.txt", head='ENV N=""\n')) == {"/.txt": 0}


def test_a_variable_that_nobody_sets_is_empty(build):
    assert written(run(build, "touch /a$NOBODY")) == {"/a": 0}


def test_an_archive_holds_what_it_packs(build):
    head = "WORKDIR /w\nCOPY . .\n"
    files = {"a.txt": 1000, "b.txt": 2000, "c.md": 500}
    built = run(build, "tar cf /all.tar . && tar czf /t.tgz *.txt", head=head, files=files)
    assert written(built) == {"/all.tar": 3500, "/t.tgz": 1087}


def test_files_are_found_by_patterns(build):
    head = "WORKDIR /w\nCOPY . .\n"
    files = {"a.txt": 10, "d/b.txt": 20, "c.md": 5}
    script = (
        "mkdir /o && for f in *.txt; do cp $f /o/; done && find . -name 'b.*' -exec cp {} /o/ \\;"
    )
    assert written(run(build, script, head=head, files=files)) == {
        "/o": 0, "/o/a.txt": 10, "/o/b.txt": 20
    }  # fmt: skip


def test_what_a_search_finds_is_deleted(build):
    built = run(build, "find /w -type f -name '*.txt' -delete", head="COPY . /w/\n",
                files={"a.txt": 10, "b.md": 20})  # fmt: skip
    kept = FileSystem(built.image.layers).under("/w")
    assert list(kept) == ["/w/b.md"]


def test_a_loop_without_an_end_ends(build):
    built = run(build, "while true; do truncate -s 1 /x; done")
    assert built.numbered[-1].duration_s < 3600


@pytest.mark.parametrize(
    ("base", "script", "code", "output"),
    [
        ("debian:12", "source /etc/profile", 127, "/bin/sh: 1: source: not found"),
        ("debian:12", "[[ a == a ]]", 127, "[[: not found"),
        ("ubuntu:24.04", "set -o pipefail && true", 2, "Illegal option -o pipefail"),
        ("debian:12", "pushd /tmp", 127, "pushd: not found"),
        ("debian:12", "a=(1 2); echo ${a[0]}", 2, 'Syntax error: "(" unexpected'),
        ("debian:12", "cat <<< hi > /x", 2, "Syntax error: redirection unexpected"),
        ("debian:12", "V=a/b; echo ${V//a/c}", 2, "Bad substitution"),
        ("debian:12", "[ a == a ] && touch /x || exit 5", 5, ""),
        ("alpine", "cp /nope /x", 1, "cannot stat '/nope'"),
        ("alpine", "mkdir /d && cd /d && cat nope.txt", 1, "No such file"),
        ("alpine", "set -e; (exit 3); touch /x", 3, ""),
        ("alpine", "f() { return 4; }; f", 4, ""),
        ("alpine", "tar xf /nope.tar", 2, "Cannot open"),
        ("alpine", "sh /nope.sh", 127, "nope.sh"),
        ("debian:12-slim", "sudo apt-get update", 127, "sudo: not found"),
        ("debian:12-slim", "curl -fsSL https://x.org/i.sh | sh", None, ""),
        ("debian:12-slim", "set -e; curl https://x.org/a -o /a", 127, "curl: not found"),
    ],
)
def test_a_script_fails_as_its_shell_does(build, base, script, code, output):
    failed = build(f"FROM {base}\nRUN {script}\n").failure
    assert (failed.exit_code if failed else None) == code
    assert output in (failed.output if failed else "")


@pytest.mark.parametrize(
    ("base", "script"),
    [
        ("alpine", "source /etc/profile"),
        ("alpine", "wget -qO- https://x.org/a.zip | unzip -d /opt -"),
        ("alpine", "f() { f; }; f"),
        ("alpine", 'rm -rf "$NOBODY" && rm -rf $NOBODY/x'),
        ("alpine", "f() { echo $(f); }; f"),
        ("alpine", "while :; do for i in $(seq 1 1000); do touch /$i; done; done"),
        ("debian:12", "bash -c 'touch {1..999999}{1..999999}'"),
        ("fedora", "source /etc/profile; a=(1 2); cat <<< hi; [ a == a ]"),
        ("alpine", "[ a == a ] && [[ b == b ]] || exit 1"),
        ("debian:12", "x=5; echo ${x:-/tmp} ${x%/*} ${x:+y} '${x//a/b}'"),
        ("alpine", "set -o pipefail && true"),
        ("debian:12", "bash -c 'set -o pipefail; [[ a == a ]] && source /etc/profile'"),
        ("debian:12", "grep -q x /etc/passwd || exit 1"),
        ("debian:12", "apt-get update && if ! command -v thing; then touch /x; fi"),
        ("alpine", "test -x /usr/bin/thing && exit 1 || true"),
        ("alpine", "ret=0 && unheard-of || ret=$?; test $ret = 1"),
        ("debian:12", 'echo $(bash -c "echo \\${0//a/b}" x) \\${x//a/b}'),
        (
            "buildpack-deps:bookworm",
            "openssl genrsa -out k.pem && chmod 400 k.pem && rm k.pub k.pem",
        ),
        ("oraclelinux:7-slim", "yum install -y gcc && gcc -v"),
        ("buildpack-deps:bookworm", "wget https://x.org/a?b=c && mv a b"),
        ("postgres:alpine", "bash -c ls"),
        ("debian:12", "apt-get install --update -y curl && curl -V"),
        ("python:3.12", "bash -c 'pip install -r <(unheard-of)'"),
        ("alpine", "unheard-of | while read line; do exit 1; done"),
        ("alpine", 'x=$(unheard-of) && [ "$x" = 3 ]'),
    ],
)
def test_what_cannot_be_known_fails_nobody(build, base, script):
    assert build(f"FROM {base}\nRUN {script}\n").failure is None


def test_a_script_is_read_with_the_shell_that_is_named(build):
    text = 'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN touch /{a,b}{1..2}\n'
    assert list(written(build(text))) == ["/a1", "/a2", "/b1", "/b2"]


def test_a_first_line_names_the_program_of_a_document(build):
    text = "FROM debian:12\nRUN <<EOF\n#!/bin/bash\nset -o pipefail\ntouch /{a,b}\nEOF\n"
    assert list(written(build(text))) == ["/a", "/b"]


class Names:
    def value(self, name):
        return {"A": "1 2", "E": ""}.get(name)

    def assign(self, name, value):
        pass

    def output(self, script):
        return script.upper()


@pytest.mark.parametrize(
    ("word", "fields"),
    [
        ("$A", ["1", "2"]),
        ('"$A"', ["1 2"]),
        ("x$A", ["x1", "2"]),
        ("$E", []),
        ('"$E"', [""]),
        ("${U:-d e}", ["d", "e"]),
        ("${A:+set}", ["set"]),
        ("$(x y)", ["X", "Y"]),
        ("'$A'", ["$A"]),
        ("\\$A", ["$A"]),
        ("$((2 * (3 + 4)))", ["14"]),
        ("a$", ["a$"]),
    ],
)
def test_a_word_becomes_its_fields(word, fields):
    assert fields == Expansion(Names()).fields(word)


@pytest.mark.parametrize(
    ("text", "value"), [("1+2*3", 7), ("7/2", 3), ("1/0", None), ("2**9", None), ("x", None)]
)
def test_numbers_are_calculated(text, value):
    assert value == arithmetic(text)


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="ab \n\t;&|(){}<>\"'\\$`#=!*if then fi do done case esac", max_size=60))
def test_no_script_breaks_the_reader_or_the_build(script):
    from tests.image.builder.conftest import Builder

    parse_script(script)
    Builder()(f"FROM alpine\nRUN <<EOF\n{script}\nEOF\n")
