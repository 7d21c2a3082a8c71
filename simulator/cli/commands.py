"""The subcommands of ``drydock``. What a subcommand needs is imported inside it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from simulator import __version__
from simulator.cli.course_commands import COMMANDS
from simulator.cli.terminal import can_show_screens
from simulator.errors import InputError, harmless, nearest

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
RUNTIMES = (
    "process, runc, crun, docker, lxc, gvisor (systrap), gvisor-ptrace, gvisor-kvm, kata (qemu), "
    "kata-clh, kata-fc, firecracker, cloud-hypervisor, qemu, qemu-qboot, qemu-bios, xen, cloud-vm"
)
"""Words of ``drydock compare``, here so that help does not load the model."""


def run(words: list[str]) -> int:
    """Carry out a command line; the exit code."""
    try:
        code = drydock.main(words, prog_name="drydock", standalone_mode=False, obj=words)
    except click.exceptions.NoArgsIsHelpError as error:
        print(harmless(error.format_message()))
        return 2
    except click.Abort:
        return 130
    except click.ClickException as error:
        raise InputError(_one_line(error)) from None
    return int(code or 0)


def _one_line(error: click.ClickException) -> str:
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    where = f" ('{context.command_path} --help' explains)" if context is not None else ""
    return text.rstrip(".") + where


class _Commands(click.Group):
    """A group that knows the nearest name of a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one is near."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            raise InputError(
                "no such command",
                found=args[0],
                expected=f"one of: {', '.join(names)}",
                nearest=nearest(args[0], names),
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings=_CONTEXT,
    help="A simulator of how containers really work. Without a command: the workbench.",
)
@click.version_option(__version__, "-V", "--version", message="drydock %(version)s")
def drydock() -> None:
    """The group of all subcommands."""


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(harmless(line))


@drydock.command("list", help="List what is shipped; 'list lessons' with how far you have come.")
@click.argument("what", required=False, metavar="[lessons|scenarios|demos|traffic]")
def list_(what: str | None) -> int:
    """Print what is shipped."""
    from simulator.cli.catalogue import listing

    _print(listing(what))
    return 0


@drydock.command(
    "run",
    short_help="Run a scenario.",
    help="Run a scenario file, or a shipped scenario by name; print its summary.",
)
@click.argument("file")
@click.option("--until", help="End after this simulated time, for example 10m.")
@click.option("--seed", type=click.IntRange(0), help="Another seed than the scenario's.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value: hosts.0.cores=8, traffic.web.peak=200, parameters.replicas=4.",
)
@click.option(
    "--traffic",
    "traffic",
    multiple=True,
    metavar="'SERVICE WORDS'",
    help="Send something to a service: 'web 200/s', 'web file access.log'.",
)
@click.option("--variant", help="Only this variant of a scenario that has some.")
@click.option(
    "--what-if",
    "what_ifs",
    multiple=True,
    metavar="CHANGE",
    help="Run twice, as it is and with this change, side by side: traffic=x10, nodes=-1.",
)
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.option("--plain", is_flag=True, help="Nothing but ASCII (the default when not a terminal).")
@click.option("--record", type=click.Path(path_type=Path), help="Write all events as JSON lines.")
def run_(
    file: str,
    until: str | None,
    seed: int | None,
    sets: tuple[str, ...],
    traffic: tuple[str, ...],
    variant: str | None,
    what_ifs: tuple[str, ...],
    as_json: bool,
    plain: bool,
    record: Path | None,
) -> int:
    """Run a scenario."""
    from simulator.cli.running import Wanted, run_file

    return run_file(
        Wanted(file, until, seed, sets, traffic, variant, what_ifs, as_json, plain, record)
    )


@drydock.command(
    short_help="A scenario over values and seeds, with intervals.",
    help="Run a scenario (a file, a folder or a shipped one by name) over values and seeds, and "
    "say how sure each number is. Values: 4,8,16 or 2..10 or 2..10:2; several --vary are a grid; "
    "'a=1,2; b=3,4' and 'a,b=1:3,2:4' go together. A KEY is a path in the file as after --set, a "
    "parameter's name, or variant, runtime, nodes, traffic (traffic=x1,x2,x10).",
)
@click.argument("file")
@click.option("--vary", "vary", multiple=True, metavar="KEY=VALUES", help="What to vary.")
@click.option(
    "--seeds", default="5", show_default=True, metavar="N|A..B", help="20 is seeds 1 to 20."
)
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME=EXPRESSION",
    help="p99=percentile('web', 99); or p99, errors, mean, requests of the one service.",
)
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a value.")
@click.option("--traffic", multiple=True, metavar="'SERVICE WORDS'", help="Send something.")
@click.option("--until", help="End each run after this simulated time.")
@click.option("--target", metavar="'ci(NAME) < 5%'", help="More seeds until it is as sure as this.")
@click.option(
    "--find",
    metavar="'min KEY [in A..B] with NAME < LIMIT'",
    help="Search for the least (or max: the greatest) value instead of trying all.",
)
@click.option(
    "--most-seeds",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="Of one combination, with --target or --find.",
)
@click.option(
    "--on",
    default="processes",
    show_default=True,
    metavar="WHERE",
    help="here, processes (all cores), processes:N, or tcp://HOST:PORT: a Dask scheduler.",
)
@click.option("--csv", type=click.Path(path_type=Path), metavar="FILE", help="Write a table.")
@click.option("--parquet", type=click.Path(path_type=Path), metavar="FILE", help="As Parquet.")
@click.option("--trials", is_flag=True, help="Files have a line a trial, not one a combination.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.option("--plain", is_flag=True, help="Nothing but ASCII (the default when not a terminal).")
@click.option("--fresh", is_flag=True, help="Use and keep no finished trials.")
def sweep(
    file: str,
    csv: Path | None,
    parquet: Path | None,
    trials: bool,
    as_json: bool,
    plain: bool,
    fresh: bool,
    **wanted: Any,
) -> int:
    """Run a sweep."""
    from simulator.cli.sweeping import Goals
    from simulator.cli.sweeping import sweep as carry_out
    from simulator.report.sweep.planning import Wanted

    goals = Goals(csv, parquet, trials, as_json, plain, fresh)
    return carry_out(file, Wanted(**wanted, command=_command_line()), goals)


def _command_line() -> str:
    """What was typed, so that it can be typed again."""
    context = click.get_current_context()
    return shlex.join(["drydock", *context.find_root().obj])


@drydock.command(help="A plain prompt: one line in, its output out. Works with pipes.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--host/--no-host", default=True, help="Begin with one host called 'a'.")
def shell(seed: int, host: bool) -> int:
    """Read lines until the end of input."""
    from simulator.cli.prompt import prompt

    return prompt(sys.stdin, sys.stdout, seed=seed, host=host)


@drydock.command(help="Where a number of the model comes from; without NAME, all names.")
@click.argument("name", required=False)
def explain(name: str | None) -> int:
    """Explain a constant."""
    from simulator.calibration import explain_lines

    _print(explain_lines(name))
    return 0


@drydock.command(help="Print the JSON Schema of a scenario, a result or a lesson result.")
@click.argument("what", type=click.Choice(["scenario", "result", "lesson"]))
def schema(what: str) -> int:
    """Print a schema."""
    import json

    print(json.dumps(_schema(what), indent=2))
    return 0


def _schema(what: str) -> object:
    if what == "scenario":
        from simulator import scenario

        return scenario.schema()
    if what == "result":
        from simulator.report import summary

        return summary.schema()
    from simulator.course import results

    return results.schema()


@drydock.command(
    short_help="Plan the build of a real Dockerfile.",
    help="Plan the build of a real Dockerfile: steps, times, layers, advice.",
)
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option("-f", "--file", type=click.Path(path_type=Path), help="The Dockerfile.")
@click.option("--build-arg", multiple=True, metavar="KEY=VALUE", help="Value of an ARG.")
@click.option(
    "--secret",
    multiple=True,
    metavar="id=NAME[,src=FILE]",
    help="A secret for RUN --mount=type=secret.",
)
@click.option("--target", help="Stop at this stage.")
@click.option("--platform", help="For example linux/arm64.")
@click.option("--edit", "edited", metavar="FILE", help="The file that changes before the rebuild.")
@click.option("--advice", type=click.IntRange(1), help="Print the Dockerfile after this advice.")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def build(
    folder: Path,
    file: Path | None,
    build_arg: tuple[str, ...],
    secret: tuple[str, ...],
    target: str | None,
    platform: str | None,
    edited: str | None,
    advice: int | None,
    as_json: bool,
) -> int:
    """Plan a build."""
    from simulator.cli.planning import Wanted, plan_folder

    wanted = Wanted(folder, file, build_arg, target, platform, edited, advice, as_json, secret)
    return plan_folder(wanted)


@drydock.command(help="Measure how fast the simulator is on this machine.")
@click.argument(
    "groups", nargs=-1, metavar="[paths|size|scheduler|clusters|swarm|compose|sweep|start]..."
)
@click.option("--json", "as_json", is_flag=True, help="The numbers as JSON.")
def bench(groups: tuple[str, ...], as_json: bool) -> int:
    """Run the benchmark, or some groups of it."""
    from simulator.report import bench as benchmark

    return benchmark.main(groups, as_json)


@drydock.command(
    short_help="Play, write and prove lessons.",
    help="Play, write and prove lessons: list, show, play, check, test, replay, new, words.",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def lesson(words: tuple[str, ...]) -> int:
    """Hand over to the lessons' own commands."""
    from simulator.course.commands import main

    return main(list(words) or ["--help"])


@drydock.command(
    help="Play a lesson: in the workbench, or with --plain as text.",
)
@click.argument("name")
@click.option("--plain", is_flag=True, help="As plain text on standard input and output.")
@click.option("--seed", type=click.IntRange(0), help="Another world than the lesson's own.")
@click.option("--again", is_flag=True, help="Begin anew; without it you go on where you left.")
def play(name: str, plain: bool, seed: int | None, again: bool) -> int:
    """Play a lesson."""
    from simulator.course.library import find

    find(name)
    if plain or not can_show_screens():
        from simulator.course.commands import main

        words = [*(["--seed", str(seed)] if seed is not None else []), *(["--again"] * again)]
        return main(["play", name, *words])
    from simulator.tui import run as workbench
    from simulator.tui.opening import first, open_lesson

    opener = first(f"lesson/{name}", lambda s: open_lesson(name, s, again=again))
    return workbench(lesson=name, seed=seed, opener=opener)


@drydock.command("open", help="Open the workbench at a scenario, or at its home screen.")
@click.argument("scenario", required=False)
@click.option("--seed", type=click.IntRange(0), help="Another seed than the scenario's.")
@click.option("--ascii", "ascii_only", is_flag=True, default=None, help="No Unicode symbols.")
@click.option("--theme", help="Name of a theme.")
def open_(
    scenario: str | None, seed: int | None, ascii_only: bool | None, theme: str | None
) -> int:
    """Open the workbench."""
    from simulator.cli.catalogue import scenario_path
    from simulator.tui import run as workbench

    if not can_show_screens():
        raise InputError("the workbench needs a terminal", expected="'drydock run' without one")
    path = None if scenario is None else str(scenario_path(scenario))
    return workbench(scenario=path, seed=seed, ascii_only=ascii_only, theme=theme)


@drydock.command(help="How many of a WORKLOAD fit on a host under each arrangement, and why.")
@click.argument("workload")
@click.option("--cores", default="32", show_default=True, help="Cores of the host.")
@click.option("--memory", default="128g", show_default=True, help="Memory of the host.")
@click.option("--price", default="0", help="Price of the host per hour.")
@click.option("--cpu", default="0", help="Cores that one needs.")
@click.option("--guest-memory", help="Memory of a virtual machine (default 512m).")
@click.option("--pods", type=click.IntRange(1), help="Kubernetes' rule of pods per node: 110.")
def density(
    workload: str,
    cores: str,
    memory: str,
    price: str,
    cpu: str,
    guest_memory: str | None,
    pods: int | None,
) -> int:
    """Print the density table."""
    from simulator.cli import walls

    return walls.density(workload, cores, memory, price, cpu, guest_memory, pods)


class _Placed(click.Command):
    """A command whose ``--set`` belongs to the file before it; before all files, to all of them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write the number of the file in front of each value of ``--set``."""
        valued = {
            name
            for one in self.params
            if isinstance(one, click.Option) and not one.is_flag
            for name in one.opts
        }
        files, placed, words = 0, [], iter(args)
        for word in words:
            placed.append(word)
            if word in valued:
                value = next(words, None)
                if value is not None:
                    placed.append(f"{files}:{value}" if word == "--set" else value)
            elif word.startswith("--set="):
                placed[-1] = f"--set={files}:{word.removeprefix('--set=')}"
            elif not word.startswith("-"):
                files += 1
        return super().parse_args(ctx, placed)


@drydock.command(
    cls=_Placed,
    short_help="Designs side by side on the same arrivals.",
    help="Compare designs on the same arrivals, seed by seed: 'compare A B', a --set behind a file "
    "being of that file (before all files: of all); 'compare A --with KEY=VALUE', one scenario "
    "with and without a change; 'compare A --runtime runc,gvisor'; a scenario that has variants "
    f"in these. Runtimes: {RUNTIMES}.",
)
@click.argument("files", nargs=-1, required=True)
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a value.")
@click.option(
    "--with",
    "others",
    multiple=True,
    metavar="'KEY=VALUE; ...'",
    help="The same scenario with these changes; several are several designs.",
)
@click.option("--runtime", "runtimes", metavar="NAME,NAME", help="All containers under each.")
@click.option("--seeds", default="5", show_default=True, metavar="N|A..B", help="As of sweep.")
@click.option(
    "--measure", "measures", multiple=True, metavar="NAME=EXPRESSION", help="As of sweep."
)
@click.option("--on", default="processes", show_default=True, metavar="WHERE", help="As of sweep.")
@click.option("--csv", type=click.Path(path_type=Path), metavar="FILE", help="Write a table.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.option("--plain", is_flag=True, help="Nothing but ASCII.")
@click.option("--fresh", is_flag=True, help="Use and keep no finished trials.")
def compare(
    files: tuple[str, ...],
    sets: tuple[str, ...],
    csv: Path | None,
    as_json: bool,
    plain: bool,
    fresh: bool,
    **asked: Any,
) -> int:
    """Print designs side by side."""
    from simulator.cli.sweeping import Goals
    from simulator.cli.sweeping import compare as carry_out
    from simulator.report.sweep.comparing import Asked

    placed = [one.partition(":") for one in sets]
    own = tuple(
        (Path(file), tuple(value for at, _, value in placed if int(at) in (0, number)))
        for number, file in enumerate(files, 1)
    )
    goals = Goals(csv=csv, as_json=as_json, plain=plain, fresh=fresh)
    return carry_out(Asked(files=own, **asked, command=_command_line()), goals)


@drydock.command(help="Who hurts whom: every neighbour under every arrangement, measured.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--sockets",
    type=click.IntRange(1, 12),
    default=2,
    show_default=True,
    help="Processors of the host: guests are kept on one each where they fit.",
)
@click.option("--swap", default="16g", show_default=True, help="Swap of the host.")
@click.option("--json", "as_json", is_flag=True, help="The cells as JSON.")
def isolation(seed: int, sockets: int, swap: str, as_json: bool) -> int:
    """Print the isolation matrix."""
    from simulator.cli import walls

    return walls.isolation(seed, sockets, swap, as_json)


@drydock.command(help="Published benchmarks of runtimes, and what the cost model makes of them.")
@click.option("--json", "as_json", is_flag=True, help="The rows as JSON.")
def published(as_json: bool) -> int:
    """Print model beside publication."""
    from simulator.cli import walls

    return walls.published(as_json)


for _command in COMMANDS:
    drydock.add_command(_command)
