"""python, node, java, …: their versions, one-liners, and otherwise programs of their own."""

from __future__ import annotations

import re
from math import inf

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.machine.sysctls import OVERCOMMIT
from simulator.programs.call import Call
from simulator.programs.pauses import Burns, Computes, Outcome, Serves, Waits
from simulator.programs.tools import perl, snippets
from simulator.units import parse_bytes, parse_duration

_VERSIONS = {
    "python": ("PYTHON_VERSION", "Python {}"),
    "node": ("NODE_VERSION", "v{}"),
    "nodejs": ("NODE_VERSION", "v{}"),
    "ruby": ("RUBY_VERSION", "ruby {}"),
    "php": ("PHP_VERSION", "PHP {} (cli)"),
    "go": ("GOLANG_VERSION", "go version go{} linux/amd64"),
    "java": ("JAVA_VERSION", 'openjdk version "{}"'),
    "redis-server": ("REDIS_VERSION", "Redis server v={}"),
    "nginx": ("NGINX_VERSION", "nginx version: nginx/{}"),
    "postgres": ("PG_VERSION", "postgres (PostgreSQL) {}"),
    "psql": ("PG_VERSION", "psql (PostgreSQL) {}"),
    "mysqld": ("MYSQL_VERSION", "mysqld  Ver {} for Linux on x86_64"),
    "mariadbd": ("MARIADB_VERSION", "mariadbd  Ver {}-MariaDB"),
    "mongod": ("MONGO_VERSION", "db version v{}"),
    "caddy": ("CADDY_VERSION", "{}"),
    "dotnet": ("DOTNET_VERSION", "{}"),
    "rustc": ("RUST_VERSION", "rustc {}"),
    "perl": ("PERL_VERSION", "This is perl, version {}"),
}
"""The variable of the image that has the version, and what is printed."""
_ASKS = {"--version", "-V", "-v", "-version", "version"}
ONE_LINERS = frozenset({*_ASKS, "-c", "-e", "-p"})
_PYTHON = re.compile(r"python(\d(\.\d+)?)?")
NAMES = (
    *(name for name in _VERSIONS if name not in ("psql", "rustc")),
    "python2", "python3", *(f"python3.{minor}" for minor in range(6, 16)),
)  # fmt: skip


def _base(name: str) -> str:
    return "python" if _PYTHON.fullmatch(name) else name


def version_of(call: Call, name: str) -> str | None:
    """The version of an interpreter, as its image says it; None where nobody knows."""
    variable = _VERSIONS[name][0]
    found = call.env.get(variable)
    if found is not None:
        found = found.removeprefix("jdk-").removeprefix("v")
    if found is None and name == "python":
        hit = re.fullmatch(r"python(3\.\d+)", call.name)
        found = hit[1] if hit else None
    return found


def interpreter(call: Call) -> Outcome:
    """Its version, a one-liner, or a program of its own."""
    name = _base(call.name)
    words = call.words
    if words and words[0] in _ASKS and not (words[0] == "-v" and name in ("python", "ruby")):
        return _version(call, name)
    if name == "python":
        return _python(call)
    if words[:1] in (("-e",), ("-p",)) and name == "node":
        return _node(call)
    if name == "perl" and perl.is_one_liner(call.argv):
        return perl.one_liner(call)
    if words[:1] in (("-e",), ("-r",), ("-E",)) and name in ("php", "ruby"):
        raise Refused(f"one-liners of {name} are not modelled")
    if not words and name in ("node", "nodejs", "php"):
        return _prompt(call)
    return Serves(call.argv)


def _version(call: Call, name: str) -> Outcome:
    found = version_of(call, name)
    if found is None:
        raise Refused(f"the version of {name} in this image is not known")
    line = _VERSIONS[name][1].format(found)
    if name == "java":
        major = found.partition(".")[0]
        lines = [line, f"OpenJDK Runtime Environment (build {found})",
                 f"OpenJDK 64-Bit Server VM (build {found}, mixed mode, sharing)"]  # fmt: skip
        for text in lines if major else []:
            if call.words[0] == "--version":
                call.line(text.replace(' version "', " ").replace('"', ""))
            else:
                call.err(text)
        return 0
    if name == "nginx":
        call.err(line)
    else:
        call.line(line)
    return 0


def _prompt(call: Call) -> Outcome:
    """Without a program it reads its input, which is at its end or a terminal."""
    if call.streams.source is None and call.machine.interactive:
        raise Refused(f"the prompt of {call.name} is not modelled; use: {call.name} -c or a file")
    return 0


def _python(call: Call) -> Outcome:
    words = list(call.words)
    while words and words[0] in ("-u", "-B", "-O", "-I", "-s", "-E"):
        words.pop(0)
    if not words or words == ["-i"]:
        return _prompt(call)
    if words[0] == "-c" and len(words) > 1:
        try:
            return _told(call, words[1])
        except snippets.Beyond:
            raise Refused("more than a few lines of python -c are not modelled") from None
    if words[0].startswith("-"):
        return Serves(call.argv)
    return _file(call, words[0])


def _file(call: Call, name: str) -> Outcome:
    try:
        text = call.known_text(call.path(name))
    except FileProblem:
        if not call.files.is_folder(call.path("/".join(name.split("/")[:-1]) or ".")):
            return Serves(call.argv)
        call.err(
            f"{call.argv[0]}: can't open file '{call.path(name)}': "
            "[Errno 2] No such file or directory"
        )
        return 2
    except Refused:
        return Serves(call.argv)
    if text is None:
        return Serves(call.argv)
    try:
        return _told(call, text, whole=True)
    except snippets.Beyond:
        return Serves(call.argv)


def _told(call: Call, source: str, *, whole: bool = False) -> Outcome:
    """``whole``: a file, which stands for a program of its own where it does nothing at all."""
    seat = call.seat
    told = snippets.tell(
        source,
        snippets.Facts(
            seat.cores, seat.cores, seat.hostname, seat.kernel_version,
            version_of(call, "python") or "3", seat.architecture, seat.uid,
            call.machine.scope.pid, dict(call.env),
        ),
    )  # fmt: skip
    strict = seat.files.get(OVERCOMMIT, "0") != "1"
    if strict and told.holds_bytes > seat.memory_total + seat.swap_total > 0:
        # More than there is of memory and swap together: the kernel does not even promise it.
        call.err("Traceback (most recent call last):\nMemoryError")
        return 1
    if told.holds_bytes > 1 << 20:
        call.view.hold(told.holds_bytes)
    if whole and not (told.out or told.err or told.code or told.sleep_s or told.burns):
        return Serves(call.argv)
    for text in told.out:
        call.out(text)
    for text in told.err:
        call.err(text.rstrip("\n"))
    if told.burns:
        return Burns(1, " ".join(call.argv))
    return Waits(told.sleep_s, told.code) if told.sleep_s else told.code


def _node(call: Call) -> Outcome:
    text = call.words[1] if len(call.words) > 1 else ""
    known = {
        "os.cpus().length": str(call.seat.cores), "process.version": f"v{version_of(call, 'node')}",
        "os.hostname()": call.seat.hostname, "require('os').cpus().length": str(call.seat.cores),
    }  # fmt: skip
    hit = re.fullmatch(r"\s*console\.log\((.*)\);?\s*", text, re.DOTALL)
    inner = hit[1].strip() if hit else (text if call.words[0] == "-p" else "")
    quoted = re.fullmatch(r"(['\"])([^'\"\\]*)\1|(\d{1,15})", inner)
    if inner in known:
        call.line(known[inner])
    elif quoted:
        call.line(quoted[2] if quoted[3] is None else quoted[3])
    else:
        raise Refused("more than console.log('text') of node -e is not modelled")
    return 0


_STRESS = {"--cpu": "c", "-c": "c", "--vm": "m", "-m": "m", "--vm-bytes": "bytes",
           "--vm-hang": "hang", "--timeout": "t", "-t": "t"}  # fmt: skip
_STRESS_SWITCHES = ("--vm-keep", "-v", "--verbose", "-q", "--quiet", "--metrics-brief", "--metrics")
_VM_BYTES = 256 << 20
"""stress, stress.c: what each hog of memory takes unless it is told."""


def stress(call: Call) -> Outcome:
    """Threads that compute (``-c N``), and that take memory (``--vm N --vm-bytes B``)."""
    asked = _stress_words(call)
    threads = min(_whole(asked.get("c", "")), 1000)
    hogs = min(_whole(asked.get("m", "")), 1000)
    if "c" in asked and not threads:
        threads = call.seat.cores
    if not threads and not hogs:
        raise Refused("of stress only --cpu N and --vm N are modelled")
    lasts = None
    if "t" in asked:
        lasts = parse_duration(asked["t"] + ("s" if asked["t"].isdigit() else ""))
    call.line(f"stress: info: [1] dispatching hogs: {threads} cpu, 0 io, {hogs} vm, 0 hdd")
    if hogs:
        each = parse_bytes(asked["bytes"]) if "bytes" in asked else _VM_BYTES
        call.view.hold(hogs * each)
        threads += 0 if "hang" in asked else hogs
    if not threads:
        return Waits(inf if lasts is None else lasts)
    if lasts is None:
        return Burns(threads, " ".join(call.argv))
    if threads > 1:
        raise Refused("stress of several threads for a time is not modelled: leave -t out")
    return Computes(lasts, what=" ".join(call.argv))


def _stress_words(call: Call) -> dict[str, str]:
    found: dict[str, str] = {}
    words = list(call.words)
    while words:
        name, equals, value = words.pop(0).partition("=")
        if name in _STRESS_SWITCHES:
            continue
        if name not in _STRESS:
            raise Refused(f"stress {name} is not modelled: expected {', '.join(_STRESS)}")
        if not equals and not words:
            raise Refused(f"stress: {name} needs a value")
        found[_STRESS[name]] = value if equals else words.pop(0)
    return found


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
