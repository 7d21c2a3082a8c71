"""ip, ifconfig, netstat, ss: the interfaces of a network namespace, and who listens in it."""

from __future__ import annotations

from ipaddress import IPv4Interface

from simulator.errors import Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.tools.options import bad, read
from simulator.programs.view import Interface

_FOREVER = "       valid_lft forever preferred_lft forever"
LOOPBACK = Interface("lo", "127.0.0.1", 8, "00:00:00:00:00:00")


def ip(call: Call) -> Outcome:
    """``ip addr`` and ``ip route``, of all interfaces or of one."""
    words = [word for word in call.words if not word.startswith("-")]
    what = words[0] if words else "addr"
    rest = [word for word in words[1:] if word not in ("show", "list", "dev")]
    if "address".startswith(what):
        return _addresses(call, rest)
    if "route".startswith(what) and not rest:
        call.lines(_routes(call.view.network.interfaces()))
        return 0
    raise Refused("of ip only 'ip addr' and 'ip route' are modelled")


def _addresses(call: Call, names: list[str]) -> Outcome:
    shown = [LOOPBACK, *call.view.network.interfaces()]
    known = {one.name for one in shown}
    for name in names:
        if name not in known:
            call.err(f'Device "{name}" does not exist.')
            return 1
    for number, one in enumerate(shown, 1):
        if not names or one.name in names:
            call.lines(_lines(number, one))
    return 0


def _lines(number: int, one: Interface) -> list[str]:
    whole = IPv4Interface(f"{one.address}/{one.length}")
    if one.name == "lo":
        flags, kind, scope = "LOOPBACK,UP,LOWER_UP> mtu 65536", "loopback", "host"
        state, edge, across = "UNKNOWN", "", "00:00:00:00:00:00"
    else:
        flags, kind, scope = "BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500", "ether", "global"
        state, edge = "UP", f" brd {whole.network.broadcast_address}"
        across = "ff:ff:ff:ff:ff:ff"
    return [
        f"{number}: {one.name}: <{flags} qdisc noqueue state {state}",
        f"    link/{kind} {one.mac} brd {across}",
        f"    inet {whole}{edge} scope {scope} {one.name}",
        _FOREVER,
    ]


def _routes(interfaces: tuple[Interface, ...]) -> list[str]:
    way = next((one for one in interfaces if one.gateway), None)
    lines = [f"default via {way.gateway} dev {way.name}"] if way else []
    for one in interfaces:
        block = IPv4Interface(f"{one.address}/{one.length}").network
        lines.append(f"{block} dev {one.name} scope link  src {one.address}")
    return lines


def ifconfig(call: Call) -> Outcome:
    """Interfaces with their addresses, as busybox prints them."""
    if call.words not in ([], ["-a"], ()):
        raise Refused("of ifconfig only the list of all interfaces is modelled")
    for one in (*call.view.network.interfaces(), LOOPBACK):
        whole = IPv4Interface(f"{one.address}/{one.length}")
        ether = one.name != "lo"
        link = f"Ethernet  HWaddr {one.mac.upper()}" if ether else "Local Loopback"
        edge = f"  Bcast:{whole.network.broadcast_address}" if ether else ""
        call.lines([
            f"{one.name:<10}Link encap:{link}",
            f"{'':<10}inet addr:{one.address}{edge}  Mask:{whole.netmask}",
            "",
        ])  # fmt: skip
    return 0


def netstat(call: Call) -> Outcome:
    """Who listens; connections are not listed."""
    found = read(call, "tulnpaW")
    if found.bad:
        return bad(call, found)
    if not found.on("l"):
        raise Refused("of netstat only who listens is modelled: netstat -tln")
    call.line("Active Internet connections (only servers)")
    local, foreign = f"{'Local Address':<23}", f"{'Foreign Address':<23}"
    call.line(f"{'Proto':<5} {'Recv-Q':>6} {'Send-Q':>6} {local} {foreign} State")
    for protocol, where, state in _listening(call, found.on("t"), found.on("u")):
        call.line(f"{protocol:<5} {0:>6} {0:>6} {where:<23} {'0.0.0.0:*':<23} {state}".rstrip())
    return 0


def ss(call: Call) -> Outcome:
    """The same, as iproute2 prints it."""
    found = read(call, "tulnpaH")
    if found.bad:
        return bad(call, found)
    if not found.on("l"):
        raise Refused("of ss only who listens is modelled: ss -tln")
    call.line(f"{'State':<8}{'Recv-Q':<8}{'Send-Q':<8}{'Local Address:Port':<22}Peer Address:Port")
    for _, where, state in _listening(call, found.on("t"), found.on("u")):
        where = where.replace(":::", "[::]:")
        call.line(f"{state or 'UNCONN':<8}{0:<8}{4096:<8}{where:<22}0.0.0.0:*")
    return 0


def _listening(call: Call, tcp: bool, udp: bool) -> list[tuple[str, str, str]]:
    """Protocol, address with port, and state of all that were asked for."""
    wanted = {"tcp": tcp or not udp, "udp": udp or not tcp}
    return [
        (protocol, f"{address}:{port}", "LISTEN" if protocol == "tcp" else "")
        for protocol, address, port in call.view.network.listening()
        if wanted.get(protocol, False)
    ]
