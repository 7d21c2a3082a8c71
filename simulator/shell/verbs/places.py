"""From place to place: ``clouds``, ``platforms``, ``move``, and what it all costs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING

from simulator.clouds import Cloud, as_of, clouds
from simulator.errors import Refused
from simulator.image.manifests import images_of
from simulator.shell import kinds, stored
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.tables import columns
from simulator.units import format_bytes, format_span
from simulator.world.image_commands import MoveService
from simulator.world.moves import planned
from simulator.world.moving import Move, Stage
from simulator.world.portability import table as portable

if TYPE_CHECKING:
    from simulator.shell.session import Session

FORMS = ("container", "vm-disk")


@verb("clouds ls", "Clouds, their regions and list prices", aliases=("clouds",),
      examples=("clouds ls", "host add eu --region aws/eu-central-1"))  # fmt: skip
def clouds_ls(session: Session, call: Call) -> Iterable[str]:
    """One line a cloud; US dollars."""
    rows = [
        [
            one.name,
            one.machine,
            f"{one.machine_usd_hour:g}",
            f"{one.egress_usd_gb:g}",
            f"{one.between_regions_usd_gb:g}",
            f"{one.registry_usd_gb_month:g}",
            one.disk_format,
            _nested(one),
        ]
        for one in clouds().values()
    ]
    headings = (
        "NAME", "MACHINE", "$/H", "EGRESS", "BETWEEN", "REGISTRY", "DISK", "/DEV/KVM"
    )  # fmt: skip
    return [
        *columns(headings, rows),
        "",
        *(f"{one.name}: {', '.join(one.regions)}" for one in clouds().values()),
        "",
        f"({as_of()}; US dollars: a machine an hour, a GB to the internet and",
        "between regions, a GB a month in a registry. 'host add a --region eu-central-1',",
        "or aws/eu-central-1)",
    ]


def _nested(one: Cloud) -> str:
    """Whether its machine lets virtual machines run in it."""
    if one.nested == "never":
        return f"no; asked: {one.nested_machine}" if one.nested_machine else "no"
    return "yes" if one.nested == "always" else "when asked"


@verb(
    "platforms",
    "On which machines an image runs natively, emulated, or not, and why",
    arguments=(Argument("IMAGE", kinds.IMAGE, "an image here, or a name in a registry"),),
    flags=(Flag(("-H", "--host"), "the machine that has it", kinds.MACHINE),),
    examples=("platforms web", "platforms python:3.12-slim"),
)
def platforms(session: Session, call: Call) -> Iterable[str]:
    """One line a machine."""
    found = stored.manifest(session, call["IMAGE"], call["host"])
    offered = ", ".join(str(one.platform) for one in images_of(found))
    head = wrap(f"{call['IMAGE']}: {offered}", 100, subsequent_indent="  ")
    rows = [
        [row.machine, row.platform, row.kernel, row.verdict.runs, row.verdict.reason]
        for row in portable(session.world.fleet, found)
    ]
    return [*head, *columns(("MACHINE", "PLATFORM", "KERNEL", "RUNS", "WHY"), rows)]


@verb(
    "move",
    "Move a running service or container to another machine, or plan it both ways",
    arguments=(
        Argument("NAME", kinds.text("service|container", "container"), "what moves"),
        Argument("HOST", kinds.MACHINE, "where to"),
    ),
    flags=(
        Flag(("--as",), "in which form (a plan shows both)", kinds.choice("form", FORMS)),
        Flag(("--plan",), "only tell: both ways side by side, stage by stage"),
        Flag(("--registry",), "go through this registry", kinds.text("registry")),
        Flag(("--data",), "bytes it must take along", kinds.DISK_BYTES, 0),
        Flag(("--drain",), "wait between leaving the service and the stop", kinds.DURATION, 5.0),
    ),
    examples=("move web eu --plan", "move web eu --data 10GB --plan", "move web eu"),
    details="Carried out, a container is pushed to a registry at the target's site, pulled and\n"
    "started there; it joins its services, and the old one is drained and removed.",
    destructive=True,
)
def move(session: Session, call: Call) -> Iterable[str]:
    """Plan, or carry out as containers."""
    command = MoveService(
        name=call["NAME"],
        target=stored.machine(session, call["HOST"]).name,
        registry=call["registry"],
        drain_s=call["drain"],
        data_bytes=call["data"],
    )
    if call["plan"]:
        return _plan(session, command, call["as"])
    if call["as"] == "vm-disk":
        raise Refused(
            "as a VM disk a move can only be planned: add --plan; without it, --as container"
        )
    return session.do(command)


def _plan(session: Session, command: MoveService, form: str | None) -> list[str]:
    world = session.world
    count, ways, no_disk = planned(world.fleet, world.director, world.depot, command)
    if form == "vm-disk" and no_disk:
        raise Refused(no_disk)
    if form is not None:
        ways = [ways[FORMS.index(form)]]
    lines = _side_by_side(ways, count)
    return [*lines, f"VM disk image: not possible: {no_disk}"] if no_disk else lines


def _side_by_side(ways: list[Move], count: int) -> list[str]:
    head = [f"{ways[0].origin} to {ways[0].target}, each of {count} (prices: {as_of()})"]
    pairs = zip_longest(*(one.stages for one in ways))
    rows = [[cell for stage in pair for cell in _cells(stage)] for pair in pairs]
    rows.append([cell for one in ways for cell in _total(one)])
    headings = [
        text
        for one in ways
        for text in (one.form.upper(), "BYTES", "TIME", "USD")
    ]  # fmt: skip
    notes = [f"  {stage.name}: {stage.note}" for one in ways for stage in one.stages if stage.note]
    return [*head, *columns(headings, rows), *notes]


def _cells(stage: Stage | None) -> list[str]:
    if stage is None:
        return ["", "", "", ""]
    size = format_bytes(stage.size_bytes) if stage.size_bytes else ""
    return [stage.name, size, format_span(stage.seconds), f"{stage.usd:.4f}"]


def _total(one: Move) -> list[str]:
    return ["total", format_bytes(one.moved_bytes), format_span(one.seconds), f"{one.usd:.4f}"]


@verb("cost", "What hosts and transfers have cost so far", examples=("cost",))
def cost(session: Session, call: Call) -> Iterable[str]:
    """One line a host and a transfer, then the sum."""
    world = session.world
    rows = []
    for one in world.hosts():
        hours = (world.now - one.created_at) / 3600.0
        rows.append(
            [one.name, f"{hours:.3f} h at {one.price_per_hour:g}/h in {one.region}",
             f"{hours * one.price_per_hour:.4f}"]
        )  # fmt: skip
    if world.fleet.gone_cost:
        rows.append(["(removed hosts)", "", f"{world.fleet.gone_cost:.4f}"])
    rows += [
        ["egress", f"{bill.what}: {format_bytes(bill.size_bytes)}", f"{bill.usd:.4f}"]
        for bill in world.depot.bills
    ]
    rows.append(["total", "", f"{world.cost():.4f}"])
    return columns(("WHAT", "HOW MUCH", "COST"), rows)
