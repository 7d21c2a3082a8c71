from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import DrydockError, InputError
from simulator.image.reference import Reference

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("text", "canonical", "short"),
    [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("python:3.12-slim", "docker.io/library/python:3.12-slim", "python:3.12-slim"),
        ("docker.io/python", "docker.io/library/python:latest", "python:latest"),
        ("index.docker.io/library/python", "docker.io/library/python:latest", "python:latest"),
        ("bitnami/redis", "docker.io/bitnami/redis:latest", "bitnami/redis:latest"),
        ("ghcr.io/a/b:1.2", "ghcr.io/a/b:1.2", "ghcr.io/a/b:1.2"),
        ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
        ("localhost:5000/a:v1", "localhost:5000/a:v1", "localhost:5000/a:v1"),
        (f"a@{DIGEST}", f"docker.io/library/a@{DIGEST}", f"a@{DIGEST}"),
        (f"r.io/a:1@{DIGEST}", f"r.io/a:1@{DIGEST}", f"r.io/a:1@{DIGEST}"),
        ("a__b-d--e/f.g", "docker.io/a__b-d--e/f.g:latest", "a__b-d--e/f.g:latest"),
    ],
)
def test_a_reference_has_a_full_and_a_familiar_form(text, canonical, short):
    reference = Reference.parse(text)
    assert canonical == reference.canonical()
    assert short == reference.short()


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "a:", "A", "a/B", "a//b", "/a", "a/", "-a", "a-", "a..b", "a___b", "a:-x",
        "a:" + "t" * 129, "a" * 256, "ab" * 32, "a@sha256:12", "a@" + DIGEST[:-1], "a b", "é",
        "http://a/b", "a:1:2", "x.io:999999/a",
    ],
)  # fmt: skip
def test_a_malformed_reference_is_refused(text):
    with pytest.raises(InputError):
        Reference.parse(text)


def test_an_upper_case_name_is_met_with_the_lower_case_one():
    with pytest.raises(InputError, match=r"must be lowercase.*did you mean 'python:3'"):
        Reference.parse("Python:3")


@given(st.text(max_size=60) | st.from_regex(r"[a-zA-Z.:/@_-]{0,40}"))
def test_parsing_raises_nothing_else_and_the_canonical_form_is_a_fixed_point(text):
    try:
        reference = Reference.parse(text)
    except DrydockError:
        return
    again = Reference.parse(reference.canonical())
    assert reference.canonical() == again.canonical()
    assert reference.short() == again.short()
