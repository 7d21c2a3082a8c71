"""What comes of builds, pulls, pushes and moves is data: words are found by who shows it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.engine.values import is_value
from simulator.shell import wording
from simulator.shell.session import Session
from simulator.world import World, build_facts, facts, machine_facts, storage_facts
from simulator.world.build_facts import BuildEnded, StepEnded, Vertex, Work
from simulator.world.facts import Fact, MoveStage, PullEnded


def _kinds() -> list[type[Fact]]:
    rooms = (facts, build_facts, machine_facts, storage_facts)
    all_of_them = [one for room in rooms for one in vars(room).values()]
    kinds = [one for one in all_of_them if isinstance(one, type) and issubclass(one, Fact)]
    return [one for one in dict.fromkeys(kinds) if one not in (Fact, Work)]


def test_every_fact_is_a_value_that_copies_of_a_world_may_share() -> None:
    assert [one.__name__ for one in _kinds() if not is_value(one)] == []


def test_every_fact_has_words() -> None:
    assert [one.__name__ for one in _kinds() if one not in wording.KINDS] == []


def test_a_build_is_told_in_steps_seconds_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine\nRUN echo hello\n")
    session = Session(World(1), folder=tmp_path)
    session.execute("host add h")
    session.execute("docker build -t app .")
    said = session.world.jobs[-1].lines
    assert [one for one in said if isinstance(one, str)] == []
    steps = [one.work for one in said if isinstance(one, Vertex)]
    ran = [one for one in steps if isinstance(one, StepEnded)]
    assert [(one.name.text, one.cached, one.exit_code) for one in ran] == [
        ("RUN echo hello", False, 0)
    ]
    ended = next(one for one in said if isinstance(one, BuildEnded))
    assert (ended.steps, ended.cached) == (1, 0)


def test_a_pull_and_a_move_are_told_in_stages(tmp_path: Path) -> None:
    session = Session(World(1), folder=tmp_path)
    for line in ("host add a", "host add b", "use a", "docker run -d --name web nginx"):
        session.execute(line)
    pulled = [one for one in session.world.jobs[-1].lines if isinstance(one, PullEnded)]
    assert len(pulled) == 1
    session.execute("move web b")
    stages = [one for one in session.world.jobs[-1].lines if isinstance(one, MoveStage)]
    assert [one.stage for one in stages] == ["pull", "start", "drain"]


def _wordy(node: ast.expr) -> bool:
    """Whether an expression is a sentence, or holds one that is not handed on to a call."""
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value
    parts = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
    return not isinstance(node, ast.Call) and any(map(_wordy, parts))


def _answers(tree: ast.AST) -> Iterator[ast.expr]:
    """What is put into a reply, or told of a job."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            told = ast.unparse(node.func)
            if told == "Reply" or told.endswith((".lines.append", ".lines.extend")):
                yield from node.args
        elif isinstance(node, ast.AugAssign | ast.Assign):
            goals = [node.target] if isinstance(node, ast.AugAssign) else node.targets
            if any(ast.unparse(one).endswith(("job.lines", "job.lines[:]")) for one in goals):
                yield node.value


def _sentences(text: str) -> list[int]:
    return [one.lineno for one in _answers(ast.parse(text)) if _wordy(one)]


def test_a_sentence_in_an_answer_is_found() -> None:
    text = 'Reply((f"now {name}",))\njob.lines += ["all done"]\nReply((name,))\nReply((one(" "),))'
    assert sorted(_sentences(text)) == [1, 2]


def test_nothing_in_the_world_answers_with_sentences() -> None:
    files = sorted(Path(facts.__file__).parent.rglob("*.py"))
    assert len(files) > 50
    found = [f"{one.name}:{line}" for one in files for line in _sentences(one.read_text())]
    assert found == []


def _worded(monkeypatch: pytest.MonkeyPatch, facts_of_job: int, frames: int) -> int:
    """How many facts are worded while a job grows by one a frame, and then only is looked at."""
    growing, said, calls = wording.Growing(), list[facts.Said](), list[Fact]()
    real = wording.words
    with monkeypatch.context() as patched:
        patched.setattr(wording, "words", lambda fact: calls.append(fact) or real(fact))
        for frame in range(frames):
            if frame < facts_of_job:
                said.append(MoveStage("web", "data", float(frame)))
            assert len(growing.lines(said)) == len(said)
    return len(calls)


def test_a_job_that_is_watched_is_worded_once_however_many_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _worded(monkeypatch, 50, 100) == 50
    assert _worded(monkeypatch, 100, 400) == 100


def test_lines_that_were_written_over_are_worded_anew() -> None:
    growing, said = wording.Growing(), ["one", "two"]
    assert growing.lines(said) == ["one", "two"]
    said[:] = ["three", "four", "five"]
    assert growing.lines(said) == ["three", "four", "five"]
    assert growing.lines(["six"]) == ["six"]
    assert growing.lines([]) == []
