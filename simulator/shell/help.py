"""Help texts, made from the registry alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import wrap

from simulator.errors import unknown
from simulator.shell import registry
from simulator.shell.grammar import Flag, Verb

WIDTH = 100
"""Columns of help."""
TOPICS: dict[str, tuple[str, ...]] = {
    "line": (
        "One line may hold several commands:  a ; b   a && b   a || b",
        "Quotes and backslashes work as in a shell, '#' starts a comment, '\\' at the end of a",
        "line continues it, $(docker ps -q) is replaced by what the command prints.",
        "Loops are unrolled: for i in {1..20}; do docker run -d --name web$i nginx; done",
        "Pipes, redirection and other variables are not modelled.",
    ),
    "time": (
        "Nothing happens until simulated time passes. A command that takes time (docker build,",
        "docker pull, docker run, vm create) lets it pass until it is done. 'advance 60s' lets it",
        "pass, 'step' goes to the next thing that happens, 'rewind 30s' goes back, 'undo' takes",
        "the last line back that changed something, 'redo' brings back what either left.",
    ),
    "machines": (
        "A host is a machine with a kernel; a vm is a machine inside a host, with its own kernel.",
        "Containers share the kernel of the machine they run on. 'use NAME' makes a machine the",
        "one that docker talks to; 'docker -H NAME ...' names one for a single command.",
    ),
    "disks": (
        "Each machine has one disk ('host add NAME --disk 3g'). Images, build cache, what",
        "containers write, logs, volumes and archives fill it; 'docker system df -v' says with",
        "what, 'host ls' how full it is. A full one fails writes, pulls, builds, new containers:",
        "'no space left on device'; 'docker system prune' and 'docker volume prune -a' free it.",
        "What a container writes is lost with it; what it writes to a volume (-v data:/data) or a",
        "folder of the host (-v /srv/data:/data, kept in the model) is not. --tmpfs is memory.",
        "'docker cp' reads real files, and writes none: out of a container goes to the machine.",
    ),
    "services": (
        "A service is a name that clients send requests to. Containers become its endpoints with",
        "'docker run --network NET --network-alias NAME', with --alias NAME (no flag of the real",
        "docker), or 'service add'. 'traffic NAME WORDS' sends load: a balancer with a foot on",
        "every bridge, which needs no published port. What is on no network is not reached.",
    ),
    "swarm": (
        "Docker's swarm mode: several machines that run services together. 'swarm create' makes",
        "one on new machines; by hand 'docker swarm init' on one and the line that 'docker swarm",
        "join-token worker' prints, with 'docker -H OTHER', for each other. 'docker service",
        "create' asks for tasks, which the managers place on nodes and replace where they end;",
        "'docker stack deploy -c FILE NAME' makes all of a Compose file services. 'docker node",
        "ls', 'service ls', 'service ps' look, 'why service/NAME', 'why task/NAME.1' and 'why",
        "node/NAME' explain. 'traffic NAME 50/s' sends requests to a service by its name,",
        "'traffic NODE:PORT 50/s' to a published port. Nothing scales by itself here.",
    ),
    "workloads": (
        "What a program does, in words: the image's label drydock.workload or --workload.",
        "  server cpu=20ms workers=4 queue=128   answers requests; cpu is the mean work of one,",
        "                                        workers=ps takes all at once, queue is its line",
        "  server cpu=20ms dist=lognormal:2      law of the work: constant, uniform, erlang:4,",
        "                                        gamma:2, exponential (as when not said),",
        "                                        hyperexponential:4, lognormal:2, pareto:2.5",
        "  server mix=90%:1ms,10%:100ms          classes of requests, each a share and its mean",
        "  server cpu=20ms usl=0.05,0.001        threads hinder each other (contention, coherency)",
        "  batch cpu=30s threads=2               works, then exits (code=1: with that code)",
        "  hog threads=4                         takes all CPU that it can get",
        "  leak rate=1MiB/s                      takes ever more memory",
        "  exit code=1 after=2s                  exits; idle does nothing",
        "  cpubomb, membomb, forkbomb, diskbomb, netbomb   misbehave (connections=N: a netbomb",
        "                                        opens so many a second)",
        "All take memory=64MiB startup=2s startup_cpu=1s sigterm=ignored mtbf=1h (it fails by",
        "itself with code 1, at random after this mean time). A server also takes",
        "per_request=1MiB (memory), errors=1% (of its answers), and what one request asks of the",
        "kernel, the disk and the network: syscalls=10 packets=4 ios=1 io_bytes=4KiB net_bytes=2k,",
        "opens=1 (files, dear in a sandbox), internals=5 (calls that a sandbox answers by itself).",
        "Servers, batches, hogs, leaks and idle ones take writes=1MiB/s: a file of theirs grows",
        "while they work, in a volume of the image or their working directory, or to=/FOLDER. When",
        "the disk is full they try again (full=exit: they end with code 1); a diskbomb ends.",
        "data=40MiB: what they lay down there at their first start, as databases do.",
        "logs=10KiB/s: what they print grows in the daemon's log, as --log-opt max-size allows.",
    ),
}


def of(verb: Verb) -> list[str]:
    """The help of one command, in the real tool's layout."""
    lines = [*_wrapped(f"Usage:  {verb.usage()}", "        "), "", *_wrapped(verb.help)]
    if verb.details:
        lines += ["", *(part for line in verb.details.splitlines() for part in _wrapped(line))]
    if verb.aliases:
        names = ", ".join(" ".join((*path,)) for path in _names(verb))
        lines += ["", "Aliases:", *_wrapped(f"  {names}", "  ")]
    described = [(a.name, f"{a.help} ({a.kind.name})") for a in verb.arguments if a.help]
    if described:
        lines += ["", "Arguments:", *_columns(described)]
    lines += ["", "Options:", *_columns(_flags(verb.flags))]
    if verb.examples:
        lines += ["", "Examples:", *(f"  {example}" for example in verb.examples)]
    if verb.destructive:
        lines += ["", "This ends or deletes something; 'undo' takes it back."]
    return lines


def _names(verb: Verb) -> Iterable[tuple[str, ...]]:
    return (verb.path, *verb.aliases)


def _flags(flags: Iterable[Flag]) -> list[tuple[str, str]]:
    shown = [flag for flag in flags if not flag.refused]
    return [_flag(flag) for flag in sorted(shown, key=lambda flag: flag.key)]


def _flag(flag: Flag) -> tuple[str, str]:
    short = [name for name in flag.names if not name.startswith("--")]
    long = [name for name in flag.names if name.startswith("--")]
    names = (f"{short[0]}, " if short else "    ") + ", ".join(long)
    kind = f" {flag.kind.name}" if flag.kind else ""
    notes = flag.help
    choices = flag.kind.choices if flag.kind else ()
    if choices and not all(
        re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", notes) for one in choices
    ):
        notes += f" ({', '.join(choices)})"
    if flag.default not in (None, False, ()):
        notes += f" (default {flag.default})"
    if flag.ignored:
        notes += " (accepted; changes nothing here)"
    return names.rstrip(", ") + kind, notes


def _columns(pairs: Iterable[tuple[str, str]]) -> list[str]:
    listed = list(pairs)
    indent = min(max((len(name) for name, _ in listed), default=0), 34)
    beside = " " * (indent + 5)
    return [
        line
        for name, text in listed
        for line in _wrapped(f"  {name:<{indent}}   {text}".rstrip(), beside)
    ]


def _wrapped(text: str, indent: str = "") -> list[str]:
    """A line, and what does not fit into it on more of them."""
    if len(text) <= WIDTH:
        return [text]
    cut = text.rfind(" ", len(indent) + 1, WIDTH + 1)
    if cut < 0:
        return [text]
    rest = wrap(
        text[cut + 1 :], WIDTH - len(indent), break_on_hyphens=False, break_long_words=False
    )
    return [text[:cut].rstrip(), *(indent + line for line in rest)]


def overview() -> list[str]:
    """All commands with one line each, grouped by tool."""
    lines: list[str] = []
    for tool, title in (("docker", "Docker's commands"), ("drydock", "Drydock's own")):
        group = [verb for verb in registry.commands() if verb.tool == tool]
        lines += [f"{title}:", *_columns((verb.name, verb.help) for verb in group), ""]
    lines.append(f"Topics: {', '.join(TOPICS)} ('help TOPIC')")
    lines.append("'COMMAND --help' explains one command with its options and examples.")
    return lines


def about(words: tuple[str, ...]) -> list[str]:
    """Help on a command, on a group of commands or on a topic; everything without words."""
    if not words:
        return overview()
    name = " ".join(words)
    if name in TOPICS:  # before the commands: 'services' is short for 'service ls', too
        return list(TOPICS[name])
    verb = registry.verbs().get(tuple(words))
    if verb is not None:
        return of(verb)
    group = [one for one in registry.commands() if one.name.startswith(name + " ")]
    if group:
        return [f"Commands of {name}:", *_columns((one.name, one.help) for one in group)]
    names = [" ".join(path) for path in registry.verbs()]
    raise unknown("command or topic", name, [*names, *TOPICS, *registry.groups()])
