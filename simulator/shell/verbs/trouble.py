"""``fault``: make something break."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import unknown
from simulator.shell import kinds, lookup
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.world.commands import InjectFault
from simulator.world.snapshot import Snapshot

if TYPE_CHECKING:
    from simulator.shell.session import Session

KINDS = {
    "crash": "the program in a container exits with code 1",
    "hang": "the program in a container stops answering",
    "oom": "memory in a container is eaten until the kernel kills",
    "panic": "the kernel of a machine stops, with all that runs on it",
    "power": "a host loses power",
    "recover": "a machine that fell is switched on again, with what restarts by itself",
}
ON_MACHINES = ("panic", "power", "recover")
KIND = kinds.choice("fault", KINDS)


@verb(
    "fault",
    "Make something break: " + ", ".join(KINDS),
    arguments=(
        Argument("KIND", KIND, "what happens"),
        Argument("TARGET", Kind("target", kinds.TEXT.parse, "target"), "to what"),
    ),
    flags=(
        Flag(("--amount",), "how much, where the kind has one", kinds.number("amount", 0, 1e12)),
    ),
    examples=("fault crash web1", "fault panic a", "fault power b"),
    details="\n".join(f"{kind:<6} {text}" for kind, text in KINDS.items()),
    destructive=True,
)
def fault(session: Session, call: Call) -> Iterable[str]:
    """Inject a fault."""
    target = _target(session.snapshot(), call["KIND"], call["TARGET"])
    return session.do(InjectFault(kind=call["KIND"], target=target, amount=call["amount"]))


def _target(snapshot: Snapshot, kind: str, name: str) -> str:
    """The name of the container or machine that breaks."""
    if kind not in ON_MACHINES:
        return lookup.container(snapshot, name).name
    known = [one.name for one in lookup.machines(snapshot)]
    if name not in known and name not in [one.name for one in snapshot.containers()]:
        raise unknown("machine", name, known)
    return name  # a container's: the world says on whose kernel it runs
