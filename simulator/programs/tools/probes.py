"""curl, wget, nc, ping, pg_isready, redis-cli ping, …: is anybody there?

They are answered from the state of the server that is asked, as the network of a container tells.
"""

from __future__ import annotations

import re
from math import inf

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome, Waits
from simulator.programs.tools.options import Options, read, read_words
from simulator.programs.view import Reply

_URL = re.compile(r"(?:(https?)://)?(?:[^@/]*@)?(\[[0-9a-f:]+\]|[^:/?#]+)(?::(\d{1,5}))?([/?#].*)?")
_LATE = 5.0
_PUBLIC = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|io|dev|edu|gov|info|app|cloud|de|uk|fr)"
)
"""Names that somebody on the internet has."""
SOMEBODY = "198.51.100.1"
"""Whoever that is: an address of examples (RFC 5737)."""


def _curl_options(words: tuple[str, ...]) -> Options:
    longs = {"fail": "f", "silent": "s", "show-error": "S", "head": "I", "location": "L",
             "output": "o", "max-time": "m", "write-out": "w", "request": "X", "header": "H",
             "data": "d", "connect-timeout": "T", "insecure": "k", "retry": "R",
             "fail-with-body": "f", "include": "i", "verbose": "v"}  # fmt: skip
    return read_words(words, "fsSILkivOg46N", "omwXHdTRAu", longs)


def _wget_options(words: tuple[str, ...]) -> Options:
    longs = {"quiet": "q", "spider": "c", "output-document": "O", "tries": "t", "timeout": "T",
             "no-verbose": "n", "no-check-certificate": "n"}  # fmt: skip
    return read_words(words, "qSnc", "OTtYPU", longs)


URL_OPTIONS = {"curl": _curl_options, "wget": _wget_options}
"""How programs that ask for a URL read their words."""


def target_of(url: str) -> tuple[str, int, str] | None:
    """Host, port and path of a URL; None where it is none."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    port = int(found[3]) if found[3] else (443 if found[1] == "https" else 80)
    return found[2].strip("[]"), port, found[4] or "/"


def curl(call: Call) -> Outcome:
    """An answer, or one of curl's codes: 6 no such host, 7 nobody listens, 22, 28."""
    found = _curl_options(call.words)
    if found.bad:
        call.err(f"curl: option {'-' if len(found.bad) == 1 else ''}{found.bad}: is unknown")
        return 2
    if len(found.rest) != 1:
        call.err("curl: (2) no URL specified")
        return 2
    target = target_of(found.rest[0])
    if target is None:
        call.err("curl: (3) URL rejected: Malformed input to a URL function")
        return 3
    host, port, path = target
    reply = call.view.network.ask(host, port, path)
    code = _curled(
        call, reply, host, port, found.on("f"), quiet=found.on("s") and not found.on("S")
    )
    if not code:
        _answered(call, reply, found.on("I") or found.on("i"), found.values)
    return _after(reply, code, found.values.get("m") or found.values.get("T", ""))


def _soon(reply: Reply) -> str:
    """What the real program cannot know: that a little later somebody will answer."""
    return f" ({reply.waiting} is starting: 'advance 1s')" if reply.waiting else ""


def _curled(call: Call, reply: Reply, host: str, port: int, fails: bool, *, quiet: bool) -> int:
    told = {
        "refused": (7, f"Failed to connect to {host} port {port} after 0 ms: Couldn't connect to "
                    "server"),
        "unreachable": (7, f"Failed to connect to {host} port {port}: No route to host"),
        "no way": (7, f"Failed to connect to {host} port {port}: Network is unreachable"),
        "unknown": (6, f"Could not resolve host: {host}"),
        "timeout": (28, "Operation timed out"),
    }  # fmt: skip
    if reply.problem:
        code, text = told[reply.problem]
        if not quiet:
            call.err(f"curl: ({code}) {text}{_soon(reply)}")
        return code
    if fails and reply.status >= 400:
        if not quiet:
            call.err(f"curl: (22) The requested URL returned error: {reply.status}")
        return 22
    return 0


def _answered(call: Call, reply: Reply, heads: bool, values: dict[str, str]) -> None:
    body = reply.body
    if heads:
        call.out(f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}\n\n")
        body = ""
    if "o" in values:
        if values["o"] != "/dev/null":
            call.files.write(call.path(values["o"]), body, user=call.user)
    else:
        call.out(body)
    if "w" in values:
        text = values["w"].replace("\\n", "\n").replace("%{http_code}", str(reply.status))
        call.out(text.replace("%{time_total}", f"{reply.seconds:.6f}"))


_REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error", 502: "Bad Gateway",
            503: "Service Unavailable"}  # fmt: skip


def _after(reply: Reply, code: int, most: str = "") -> Outcome:
    """When it ends: after what it waited for, at most what it was told to."""
    seconds = reply.seconds
    if most.replace(".", "", 1).isdigit() and len(most) < 10:
        seconds = min(seconds, float(most))
    return Waits(seconds, code) if seconds > 0 else code


def wget(call: Call) -> Outcome:
    """The same with wget's words and codes (busybox: 1, GNU: 4 and 8)."""
    found = _wget_options(call.words)
    busybox = call.files.exists("/bin/busybox")
    if found.bad or len(found.rest) != 1:
        return call.fail("missing URL")
    target = target_of(found.rest[0])
    if target is None:
        return call.fail(f"bad address '{found.rest[0]}'")
    host, port, path = target
    reply = call.view.network.ask(host, port, path)
    told = {
        "refused": f"can't connect to remote host ({reply.address}): Connection refused",
        "unreachable": f"can't connect to remote host ({reply.address}): Host is unreachable",
        "no way": f"can't connect to remote host ({reply.address}): Network unreachable",
        "unknown": f"bad address '{host}'",
        "timeout": "download timed out",
    }
    if reply.problem:
        return _after(
            reply,
            call.fail(told[reply.problem] + _soon(reply), 1 if busybox else 4),
            found.values.get("T", ""),
        )
    if reply.status >= 400:
        reason = _REASONS.get(reply.status, "")
        text = f"server returned error: HTTP/1.1 {reply.status} {reason}"
        return _after(reply, call.fail(text, 1 if busybox else 8))
    place = found.values.get("O")
    if found.on("c"):
        return _after(reply, 0)
    if place == "-":
        call.out(reply.body)
    elif place != "/dev/null":
        name = place or path.rstrip("/").rpartition("/")[2] or "index.html"
        try:
            call.files.write(call.path(name), reply.body, user=call.user)
        except FileProblem as problem:
            return call.fail(f"can't open '{name}': {problem.says}")
    return _after(reply, 0)


def nc(call: Call) -> Outcome:
    """Only whether somebody listens (``-z``)."""
    found = read(call, "zvnu", "w")
    if found.bad or not found.on("z") or len(found.rest) != 2 or not found.rest[1].isdigit():
        raise Refused("of nc only 'nc -z HOST PORT' is modelled")
    host, port = found.rest[0], int(found.rest[1][:6])
    reply = call.view.network.ask(host, port, "")
    if reply.problem == "unknown":
        return call.fail(f"bad address '{host}'")
    if found.on("v"):
        if reply.problem:
            why = {"unreachable": "No route to host", "no way": "Network is unreachable",
                   "timeout": "Connection timed out"}  # fmt: skip
            said = why.get(reply.problem, "Connection refused")
            call.err(f"nc: connect to {host} port {port} (tcp) failed: {said}")
        else:
            call.err(f"Connection to {host} {port} port [tcp/*] succeeded!")
    return _after(reply, int(bool(reply.problem)), found.values.get("w", ""))


def pg_isready(call: Call) -> Outcome:
    """0 accepting, 2 no answer."""
    found = read(call, "q", "hpUdt", {"host": "h", "port": "p", "username": "U", "dbname": "d"})
    host, port = found.values.get("h", "localhost"), found.number("p", 5432) or 5432
    reply = call.view.network.ask(host, port, "")
    shown = f"{host}:{port}" if "h" in found.values else f"/var/run/postgresql:{port}"
    if not found.on("q"):
        call.line(f"{shown} - {'no response' if reply.problem else 'accepting connections'}")
    return _after(reply, 2 if reply.problem else 0, found.values.get("t", "3"))


def redis_cli(call: Call) -> Outcome:
    """PING."""
    found = read(call, "", "hpan", {})
    if "".join(found.rest[:1]).lower() != "ping":
        raise Refused("of redis-cli only 'ping' is modelled")
    host, port = found.values.get("h", "127.0.0.1"), found.number("p", 6379) or 6379
    reply = call.view.network.ask(host, port, "")
    if reply.problem:
        call.err(f"Could not connect to Redis at {host}:{port}: Connection refused")
        return _after(reply, 1)
    call.line("PONG")
    return _after(reply, 0)


def mysqladmin(call: Call) -> Outcome:
    """ping."""
    words = [word for word in call.words if not word.startswith("-")]
    if "ping" not in words:
        raise Refused("of mysqladmin only 'ping' is modelled")
    host = next((call.words[at + 1] for at, word in enumerate(call.words[:-1]) if word == "-h"), "")
    reply = call.view.network.ask(host or "localhost", 3306, "")
    if reply.problem:
        call.err("mysqladmin: connect to server at 'localhost' failed")
        return _after(reply, 1)
    call.line("mysqld is alive")
    return _after(reply, 0)


def ping(call: Call) -> Outcome:
    """Whether a host is there."""
    found = read(call, "qn46", "cwWi")
    if found.bad or len(found.rest) != 1:
        return call.fail("usage error: Destination address required", 2)
    host, count = found.rest[0], found.number("c", 4)
    addresses = call.view.network.lookup(host)
    if not addresses and _PUBLIC.fullmatch(host.lower()) and call.view.network.leaves():
        return _ping_somebody(call, host, count if "c" in found.values else None)
    if not addresses:
        return call.fail(f"bad address '{host}'", 1)
    reply = call.view.network.ask(addresses[0], 0, "")
    lost = reply.problem in ("unreachable", "timeout")
    if reply.problem == "no way":
        call.line(f"PING {host} ({addresses[0]}): 56 data bytes")
        return call.fail("sendto: Network unreachable", 1)
    if count is None or not 0 < count <= 100:
        return call.fail(f"invalid number '{found.values.get('c')}'")
    call.line(f"PING {host} ({addresses[0]}): 56 data bytes")
    if not lost:
        call.lines(
            [f"64 bytes from {addresses[0]}: seq={number} ttl=64" for number in range(count)]
        )
    call.line(f"\n--- {host} ping statistics ---")
    got = 0 if lost else count
    share = 100 * (count - got) // count
    call.line(f"{count} packets transmitted, {got} packets received, {share}% packet loss")
    return Waits(float(count - 1), int(lost)) if count > 1 else int(lost)


def _ping_somebody(call: Call, host: str, count: int | None) -> Outcome:
    """The internet answers pings, and nothing else here; without -c they go on for ever."""
    call.line(f"PING {host} ({SOMEBODY}): 56 data bytes")
    shown = 4 if count is None else min(max(count, 0), 100)
    call.lines([f"64 bytes from {SOMEBODY}: seq={number} ttl=52" for number in range(shown)])
    if count is None:
        return Waits(inf, 0, f"ping {host}")
    call.line(f"\n--- {host} ping statistics ---")
    call.line(f"{shown} packets transmitted, {shown} packets received, 0% packet loss")
    return Waits(float(shown - 1), 0) if shown > 1 else 0


def nslookup(call: Call) -> Outcome:
    """The addresses of a name, from Docker's own server of names."""
    if len(call.words) != 1:
        return call.fail("usage: nslookup HOST")
    addresses = call.view.network.lookup(call.words[0])
    known = (call.known_text("/etc/resolv.conf") or "").split()
    server = known[known.index("nameserver") + 1] if "nameserver" in known[:-1] else "127.0.0.53"
    call.lines([f"Server:\t\t{server}", f"Address:\t{server}:53", ""])
    if not addresses:
        call.line(f"** server can't find {call.words[0]}: NXDOMAIN")
        return 1
    for address in addresses:
        call.lines([f"Name:\t{call.words[0]}", f"Address: {address}"])
    return 0


def getent(call: Call) -> Outcome:
    """hosts NAME, passwd NAME."""
    if len(call.words) < 2 or call.words[0] not in ("hosts", "ahosts", "passwd", "group"):
        raise Refused("of getent only 'hosts NAME', 'passwd NAME' and 'group NAME' are modelled")
    if call.words[0] in ("passwd", "group"):
        text = call.known_text(f"/etc/{call.words[0]}") or ""
        lines = [
            line
            for line in text.splitlines()
            if call.words[1] in (line.split(":")[0], line.split(":")[2:3] or "")
        ]
        call.lines(lines)
        return 0 if lines else 2
    addresses = call.view.network.lookup(call.words[1])
    call.lines([f"{address:<15} {call.words[1]}" for address in addresses])
    return 0 if addresses else 2
