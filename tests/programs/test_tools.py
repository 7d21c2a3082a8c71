"""Single programs: patterns without backtracking, snippets of Python, probes."""

import pytest
from inside import answer
from test_shell import ENV, view

from simulator.errors import Refused
from simulator.image.catalogue import Catalogue
from simulator.image.writable import WritableLayer
from simulator.machine.seat import Seat
from simulator.node.files import Files
from simulator.programs.finding import Absent, find
from simulator.programs.running import missing
from simulator.programs.tools.regex import compiled
from simulator.programs.view import Reply, View


@pytest.mark.parametrize(
    ("pattern", "extended", "text", "span"),
    [("a*b", False, "xaab", [1, 4]), ("[0-9]+\\.[0-9]", True, "v12.5", [1, 5]),
     ("^$", False, "", [0, 0]), ("cpu|mem", True, "x mem", [2, 5]),
     ("x{2,3}", True, "axxxx", [1, 4]),
     ("\\(a\\)b", False, "zab", [1, 3, 1, 2]), ("[[:upper:]]", False, "aB", [1, 2])],
)  # fmt: skip
def test_patterns_match_as_grep_s_do(pattern, extended, text, span):
    assert compiled(pattern, extended, False).search(text) == span


def test_a_hostile_pattern_takes_steps_in_proportion_to_the_text():
    work = []
    for size in (100, 200):
        pattern = compiled("(a+)+$", True, False)
        assert pattern.search("a" * size + "!") is None
        work.append(pattern.work)
    assert work[1] <= 2.2 * work[0]


@pytest.mark.parametrize(
    ("source", "lines", "code"),
    [("print(1, 'a', 2**10)", ("1 a 1024",), 0), ("import os; print(os.cpu_count())", ("4",), 0),
     ("x = 3\nfor i in range(2):\n    print(f'{x}{i}')", ("30", "31"), 0),
     ("import sys; sys.exit(7)", (), 7), ("print(1/0)", None, 1)],
)  # fmt: skip
def test_a_few_lines_of_python_are_carried_out(source, lines, code):
    found = answer(view("python:3.12-slim"), ["python", "-c", source], ENV)
    assert found.code == code
    assert lines is None or found.lines == lines


def test_python_beyond_a_few_lines_is_refused_by_name():
    with pytest.raises(Refused, match="python -c are not modelled"):
        answer(view("python:3.12-slim"), ["python", "-c", "import numpy; numpy.zeros(3)"], ENV)


def test_interpreters_tell_the_version_of_their_image():
    python = {**ENV, "PYTHON_VERSION": "3.12"}
    assert answer(view("python:3.12-slim"), ["python3", "--version"], python).lines == (
        "Python 3.12",
    )
    java = {"PATH": "/opt/java/openjdk/bin:/usr/bin:/bin", "JAVA_VERSION": "21"}
    assert answer(view("eclipse-temurin:21"), ["java", "-version"], java).lines[0] == (
        'openjdk version "21"'
    )


class _Net:
    def __init__(self, reply):
        self.reply = reply

    def ask(self, host, port, path):
        return self.reply

    def lookup(self, name):
        return ("10.0.0.2",)


@pytest.mark.parametrize(
    ("argv", "reply", "code"),
    [("curl -f http://localhost/", Reply(), 0), ("curl -f localhost", Reply("refused"), 7),
     ("curl -f x", Reply("unknown"), 6), ("curl -f x", Reply(status=503), 22),
     ("curl x", Reply(status=503), 0), ("wget -qO- http://x", Reply("refused"), 1),
     ("nc -z x 80", Reply("refused"), 1), ("pg_isready", Reply("refused"), 2),
     ("redis-cli ping", Reply(), 0), ("mysqladmin ping", Reply("refused"), 1)],
)  # fmt: skip
def test_probes_end_with_the_code_of_what_they_found(argv, reply, code):
    here = view("buildpack-deps:bookworm-curl" if argv.startswith("curl") else "alpine")
    here.network = _Net(reply)
    for name in ("pg_isready", "redis-cli", "mysqladmin"):
        here.files.write(f"/usr/bin/{name}", "", mode=0o755)
    assert answer(here, argv.split(), ENV).code == code


def test_a_program_is_found_along_path_by_one_rule():
    here = view("python:3.12-slim")
    assert find(here, "python3", ENV).path == "/usr/local/bin/python3"
    assert find(here, "nproc", ENV).path == "/usr/bin/nproc"
    assert find(here, "gunicorn", ENV) == Absent(
        "gunicorn", 127, "executable file not found in $PATH"
    )
    assert find(here, "/nope/x", ENV).reason == "stat /nope/x: no such file or directory"
    assert find(here, "/usr/bin", ENV) == Absent("/usr/bin", 126, "is a directory")
    here.files.write("/notes", "a")
    assert find(here, "/notes", ENV) == Absent("/notes", 126, "permission denied")


def test_what_an_image_of_the_catalogue_starts_is_in_it():
    catalogue, lacking = Catalogue.load(), []
    for name in catalogue.names():
        image = catalogue.resolve(f"{name}:{catalogue.tags(name)[-1]}", None)
        if image.platform.os == "linux" and image.config.argv:
            here = View(Seat("h", "6.8", programs=frozenset()), Files(WritableLayer(image, "c")))
            env, cwd = {**ENV, **image.config.environment}, image.config.workdir or "/"
            lacking += [name] if missing(here, image.config.argv, env, cwd) else []
    assert lacking == []
