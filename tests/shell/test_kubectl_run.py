"""``kubectl run -it --rm``: what a program printed, and what is left of its pod."""

from pathlib import Path

import pytest

from simulator.shell import Session
from simulator.world import World


@pytest.fixture
def session():
    made = Session(World(), folder=Path())
    for line in ("cluster create c --nodes 1", "kubectl create deployment web --image nginx",
                 "kubectl expose deploy/web --port 80", "advance 30s"):  # fmt: skip
        assert made.execute(line).error is None
    return made


def test_a_pod_is_watched_to_its_end_and_deleted(session):
    line = "kubectl run -it --rm ask --image=busybox:1.28 --restart=Never -- wget -qO- http://web"
    result = session.execute(line)
    assert result.error is None
    assert "Welcome to nginx" in result.text
    assert result.lines[-1] == 'pod "ask" deleted from default namespace'
    session.execute("advance 1s")
    assert "NotFound" in session.execute("kubectl get pod ask").error


def test_a_program_that_fails_is_an_error_after_its_words(session):
    line = "kubectl run --attach ask --image=busybox --restart=Never -- sh -c 'echo so; exit 3'"
    result = session.execute(line)
    assert (result.lines, result.error) == (
        ("so",),
        "error: pod default/ask terminated (Error)",
    )
    assert "Error" in session.execute("kubectl get pod ask").text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("kubectl run --rm ask --image=busybox -- ls", "--rm should only be used for attached"),
        ("kubectl run -i ask --image=busybox", "is not modelled"),
    ],
)
def test_what_cannot_be_attached_to_is_refused_before_anything_is_made(session, line, words):
    assert words in session.execute(line).error
    assert "NotFound" in session.execute("kubectl get pod ask").error
