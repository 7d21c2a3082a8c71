"""dig: what a server of names answers, section by section (RFC 1035, section 4)."""

from __future__ import annotations

from datetime import timedelta

from simulator.errors import Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.units import EPOCH

TTL_S = 600
"""For how long Docker's server lets its answers be kept (moby, libnetwork/resolver.go)."""


def dig(call: Call) -> Outcome:
    """The addresses of a name; ``+short``: nothing but them."""
    names = [word for word in call.words if not word.startswith("+") and word != "A"]
    others = [word for word in call.words if word.startswith("+") and word != "+short"]
    if len(names) != 1 or others or names[0].startswith(("-", "@")):
        raise Refused("of dig only 'dig NAME', 'dig NAME A' and '+short' are modelled")
    name = names[0].rstrip(".")
    found = call.view.network.lookup(name)
    if "+short" in call.words:
        call.lines(list(found))
    else:
        call.lines(_sections(call, name, found))
    return 0


def _sections(call: Call, name: str, found: tuple[str, ...]) -> list[str]:
    known = (call.known_text("/etc/resolv.conf") or "").split()
    server = known[known.index("nameserver") + 1] if "nameserver" in known[:-1] else "127.0.0.53"
    status = "NOERROR" if found else "NXDOMAIN"
    when = EPOCH + timedelta(seconds=min(call.view.now_s, 1e9))
    number = int(call.view.now_s * 7919) % 65536
    size = 12 + len(name) + 6 + len(found) * (len(name) + 16)
    lines = [
        "",
        f"; <<>> DiG 9.18 <<>> {' '.join(call.words)}",
        ";; global options: +cmd",
        ";; Got answer:",
        f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: {number}",
        f";; flags: qr rd ra; QUERY: 1, ANSWER: {len(found)}, AUTHORITY: 0, ADDITIONAL: 0",
        "",
        ";; QUESTION SECTION:",
        f";{name}.\t\t\t\tIN\tA",
        "",
    ]
    if found:
        rows = [f"{name}.\t\t\t{TTL_S}\tIN\tA\t{address}" for address in found]
        lines += [";; ANSWER SECTION:", *rows, ""]
    return [
        *lines,
        ";; Query time: 0 msec",
        f";; SERVER: {server}#53({server})",
        f";; WHEN: {when:%a %b %d %H:%M:%S} UTC {when.year}",
        f";; MSG SIZE  rcvd: {size}",
        "",
    ]
