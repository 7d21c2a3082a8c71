from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

import simulator
from simulator.cli import main
from simulator.cli.catalogue import scenario_path, scenarios

HEAVY = ("numpy", "simpy", "networkx", "textual", "rich", "yaml", "msgspec", "tomllib")
SMALL = "format: 1\nuntil: 5s\nhosts: [{name: a}]\n"


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(SMALL)
    return str(path)


def drydock(*words, stdin="", env=None):
    return subprocess.run(
        [sys.executable, "-m", "simulator.cli", *words],
        input=stdin, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, **(env or {})},
    )  # fmt: skip


@pytest.mark.parametrize("words", [["--version"], ["list"]])
def test_what_must_start_fast_imports_nothing_heavy(words):
    code = (
        f"import sys; from simulator.cli import main; main({words!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"drydock {simulator.__version__}\n"


def test_without_a_terminal_it_says_what_to_do():
    done = drydock()
    assert done.returncode == 0
    assert "drydock run SCENARIO" in done.stdout


def test_list_shows_scenarios_with_their_titles(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "Scenarios (drydock run NAME)" in out
    for one in scenarios():
        assert one.title
        assert one.name in out


def test_a_run_prints_its_summary(small, capsys):
    assert main(["run", small]) == 0
    assert "simulated 5s" in capsys.readouterr().out


def test_a_run_prints_json(small, capsys):
    assert main(["run", small, "--json", "--seed", "9", "--until", "2s"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["seed"], result["simulated_s"]) == (9, 2.0)


def test_a_run_can_be_recorded(small, tmp_path, capsys):
    record = tmp_path / "record.jsonl"
    assert main(["run", small, "--record", str(record)]) == 0
    capsys.readouterr()
    rows = [json.loads(line) for line in record.read_text().splitlines()]
    assert rows[0]["kind"] == "drydock record"
    assert any(row.get("event") == "HostCreated" for row in rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rn"], "did you mean 'run'?"),
        (["run", "surg"], "did you mean 'surge'?"),
        (["run", "nope.yaml"], "nope.yaml: no such scenario"),
        (["run"], "Missing argument"),
        (["run", "surge", "--jsn"], "--json"),
        (["run", "surge", "--until", "x"], "--until: bad duration"),
        (["run", "surge", "--set", "hosts.0.coers=8"], "did you mean 'cores'?"),
        (["run", "surge", "--record", "/nope/x"], "cannot write the record"),
        (["explain", "runtime.nope"], "unknown constant"),
        (["build", "/nope"], "/nope: no such folder"),
        (["schema", "x"], "scenario"),
        (["play", "nope"], "unknown lesson"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(words, said, capsys):
    assert main(words) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.count("\n") == 1
    assert caught.err.startswith("error: ")
    assert said in caught.err


def test_a_failing_line_of_a_script_is_told_and_gives_exit_code_2(tmp_path, capsys):
    path = tmp_path / "s.yaml"
    path.write_text(SMALL + "script: ['@1s docker stop nope']\n")
    assert main(["run", str(path)]) == 2
    assert f"{path}:4:15: Error response from daemon" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["scenario", "result"])
def test_schemas_are_json(what, capsys):
    assert main(["schema", what]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_a_bug_is_told_in_one_line_without_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr("simulator.cli.catalogue.listing", lambda what: 1 / 0)
    monkeypatch.delenv("DRYDOCK_DEBUG", raising=False)
    assert main(["list"]) == 1
    said = capsys.readouterr().err
    assert "unexpected ZeroDivisionError" in said
    assert said.count("\n") == 1
    monkeypatch.setenv("DRYDOCK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["list"])


def test_whoever_stops_reading_causes_no_noise():
    done = subprocess.run(
        f"{sys.executable} -m simulator.cli explain | head -1",
        shell=True, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "simulator.cli", "explain"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "error: output: No space left on device\n"


def test_the_shell_works_with_pipes():
    done = drydock("shell", stdin="host ls\ndocker ps \\\n  -a\necho\nexit\nhost ls\n")
    assert done.returncode == 2
    assert done.stdout.count("NAME") == 2
    assert "command not found: echo" in done.stderr


def test_a_build_of_a_real_folder_is_planned(tmp_path, capsys):
    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY . /app\n")
    (tmp_path / "app.py").write_text("import web\nprint('hello')\n")
    assert main(["build", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "COPY . /app" in out
    assert "rebuild after a change of app.py" in out
    assert main(["build", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["image"]["layers"] > 1


def pause(process, condition=lambda: False, most=600):
    """Let a process go on until something is there to see, or for a fraction of a second."""
    for _ in range(most):
        if condition():
            return
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)


def test_ctrl_c_prints_the_summary_so_far(tmp_path):
    path, record = tmp_path / "long.yaml", tmp_path / "record"
    path.write_text(
        'format: 1\nuntil: 90d\nhosts: [{name: a}]\ncontainers: [{image: "python:3.12-slim", '
        "name: w, service: web, workload: 'server cpu=1ms workers=4'}]\ntraffic: {web: 500/s}\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator.cli", "run", str(path), "--record", str(record)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    pause(process, record.exists)  # it is made before the run begins
    pause(process, most=5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "INTERRUPTED" in out
    assert "interrupted" in err


def test_ctrl_c_gives_the_prompt_back():
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "simulator.cli", "shell"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdin.write("traffic web 500/s\nadvance 90d; host add never\nhost ls\n")
    process.stdin.flush()
    assert "traffic to web" in process.stdout.readline()
    pause(process, most=5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "interrupted at" in out
    assert "NAME" in out
    assert "never" not in out
    assert err == ""


def test_a_shipped_scenario_is_found_by_its_name():
    assert scenario_path("surge").name == "surge.yaml"
