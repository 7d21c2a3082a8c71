"""Who is process 1 of a container, and what becomes of a signal that is sent to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.image.first import FirstProcess
from simulator.image.model import SYMLINK, FileEntry, Image, ImageConfig, Layer
from simulator.image.shells import of_script
from simulator.image.starting import first_process


def image(files: dict[str, str] | None = None, shell: str = "dash") -> Image:
    """An image of a few small text files and one shell."""
    entries = [
        FileEntry(path, len(text), 0o755, digest=path + text, text=text)
        for path, text in (files or {}).items()
    ]
    links = FileEntry("/bin/sh", 4, 0o777, kind=SYMLINK, target=f"/bin/{shell}")
    there = FileEntry(f"/bin/{shell}", 100, 0o755, digest=shell)
    return Image.of(ImageConfig(), [Layer.of([*entries, links, there])])


def started(*argv: str, files: dict[str, str] | None = None, shell: str = "dash") -> FirstProcess:
    """Process 1 of an image that is told to start some words."""
    return first_process(image(files, shell), argv)


def code(first: FirstProcess, signal: str = "TERM") -> int | None:
    """The exit code after a signal; None for who lives on."""
    end = first.end(signal)
    return None if end is None else end.code


def test_a_program_without_a_handler_ignores_what_would_end_any_other_process():
    assert code(started("python", "/app.py")) is None
    assert code(started("python", "/app.py").behind_init()) == 143
    assert code(started("python", "/app.py"), "KILL") == 137


@pytest.mark.parametrize(
    ("argv", "signal", "expected"),
    [
        (("gunicorn", "app:app"), "TERM", 0),
        (("python", "-m", "uvicorn", "main:app"), "TERM", 0),
        (("nginx", "-g", "daemon off;"), "QUIT", 0),
        (("postgres",), "INT", 0),
        (("redis-server",), "TERM", 0),
        (("java", "-jar", "app.jar"), "TERM", 143),
        (("catalina.sh", "run"), "TERM", 143),
        (("docker-entrypoint.sh", "nginx"), "TERM", 0),
        (("tini", "--", "sleep", "1000"), "TERM", 143),
        (("node", "server.js"), "TERM", None),
        (("tail", "-f", "/dev/null"), "TERM", None),
        (("python", "/app.py"), "INT", 130),
        (("uwsgi", "--http", ":80"), "TERM", None),
        (("uwsgi", "--die-on-term"), "TERM", 0),
        (("registry", "serve", "config.yml"), "TERM", 2),
    ],
)
def test_programs_end_at_the_signals_that_they_handle_with_codes_of_their_own(
    argv, signal, expected
):
    assert code(started(*argv), signal) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("#!/bin/sh\ngunicorn app:app\n", None),
        ('#!/bin/sh\nset -e\nexec "$@"\n', 0),
        ("#!/bin/bash\nif true; then exec sleep 5; fi\nexec gunicorn app:app\n", 0),
        ("#!/usr/bin/env bash\ntrap 'exit 7' TERM\ngunicorn app:app &\nwait\n", 7),
        ("#!/bin/sh\ntrap 'exit 7' TERM\ngunicorn app:app\n", None),
        ("#!/bin/sh\ntrap 'kill $child' TERM\ngunicorn a:b & child=$!\nwait $child\n", 143),
        ("#!/bin/sh\ntrap '' TERM\ngunicorn app:app & wait\n", None),
    ],
)
def test_a_script_in_front_stays_there_unless_it_gives_its_place_away(script, expected):
    first = started("/start.sh", "gunicorn", "app:app", files={"/start.sh": script})
    assert code(first) == expected
    assert first.program[:1] in (("gunicorn",), ("sleep",))


def test_a_trap_in_a_loop_of_sleeps_runs_when_the_sleep_is_over():
    script = "#!/bin/sh\ntrap 'exit 0' TERM\nwhile true; do sleep 3; done\n"
    end = started("/loop.sh", files={"/loop.sh": script}).end("TERM")
    assert end is not None
    assert (end.code, end.after_s) == (0, 3.0)


@pytest.mark.parametrize(
    ("shell", "text", "expected"),
    [
        ("dash", "gunicorn app:app", None),
        ("busybox", "gunicorn app:app", 0),
        ("bash", "gunicorn app:app", 0),
        ("busybox", "cd /app && gunicorn app:app", 0),
        ("bash", "cd /app; PORT=1 gunicorn app:app", 0),
        ("bash", "gunicorn app:app > /dev/null", None),
        ("busybox", "gunicorn app:app | tee log", None),
        ("dash", "exec gunicorn app:app", 0),
    ],
)
def test_shells_differ_in_whether_a_command_takes_their_place(shell, text, expected):
    assert code(started("/bin/sh", "-c", text, shell=shell)) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("app.py", "import signal\nsignal.signal(signal.SIGTERM, stop)\nsys.exit(3)", 3),
        ("app.py", "signal.signal(signal.SIGTERM, signal.SIG_IGN)", None),
        ("app.py", "loop.add_signal_handler(signal.SIGTERM, stop.set)", 0),
        ("app.py", "uvicorn.run(app)", 0),
        ("app.js", "process.on('SIGTERM', () => server.close(() => process.exit(4)))", 4),
        ("app.js", "server.listen(80)", None),
    ],
)
def test_a_script_that_shows_a_handler_of_its_own_has_one(name, text, expected):
    reader = "python" if name.endswith("py") else "node"
    assert code(started(reader, f"/{name}", files={f"/{name}": text})) == expected


@pytest.mark.parametrize(
    ("server", "expected"),
    [("server.listen(80)", 1), ("process.on('SIGTERM', () => process.exit(0))", 0)],
)
def test_a_package_manager_waits_for_its_script_and_ends_as_that_does(server, expected):
    files = {"/package.json": '{"scripts": {"start": "node /s.js"}}', "/s.js": server}
    first = started("npm", "start", files=files)
    assert first.commands == (("npm", "start"), ("node", "/s.js"))
    assert code(first) == expected
    assert started("npm", "run", "start", files=files).program == ("node", "/s.js")
    assert started("npm", "start", files={"/package.json": "{"}).program == ("npm", "start")


def test_an_init_keeps_what_would_be_about_itself_and_harmless_signals_end_nobody():
    first = started("sleep", "100").behind_init()
    assert [code(first, signal) for signal in ("SEGV", "WINCH", "USR1", "40")] == [
        None,
        None,
        138,
        168,
    ]


def test_each_process_from_the_first_to_the_program_is_named():
    first = started("/start.sh", files={"/start.sh": "#!/bin/sh\npython /app.py\n"}).behind_init()
    assert first.commands == (
        ("/sbin/docker-init", "--", "/bin/sh", "/start.sh"),
        ("/bin/sh", "/start.sh"),
        ("python", "/app.py"),
    )


@given(st.text(alphabet="sh ec'\"$@&|;\n(){}trap TERMwait#!/-", max_size=80))
@settings(max_examples=30, deadline=None)
def test_no_script_is_too_strange_to_be_read(text):
    assert of_script(text, ("a",)) is not None
    assert started("/x", files={"/x": "#!" + text}).end("KILL") is not None
