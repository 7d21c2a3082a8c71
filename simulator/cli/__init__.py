"""The ``drydock`` command. Nothing heavy is imported before it is known what to do.

No traceback reaches a user: what is the input's fault is told in one line (exit code 2), what is
Drydock's own is told in one line that asks to report it (``DRYDOCK_DEBUG=1`` shows the traceback).
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from simulator import __version__, collector
from simulator.errors import DrydockError, InputError, harmless, is_text

OK, BUG, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
_NO_TERMINAL = """\
drydock shows a full-screen workbench, and needs a terminal for it. Without one:

  drydock list                  lessons, scenarios and traffic presets
  drydock run SCENARIO          run a scenario and print its summary (--json for data)
  drydock lesson play LESSON    play a lesson as plain text
  drydock shell                 type commands, one a line; works with pipes
  drydock build DIR             plan the build of a real Dockerfile
  drydock --help                everything else"""


def main(args: Sequence[str] | None = None) -> int:
    """Carry out ``drydock ARGS``; the exit code."""
    words = list(sys.argv[1:] if args is None else args)
    collector.seldom()
    _streams()
    try:
        return _run(words)
    except KeyboardInterrupt:
        _tell("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return OK
    except DrydockError as error:
        _tell(f"error: {error}")
        return error.exit_code
    except OSError as error:  # a full disk, a file that went away: the machine's fault, not a bug
        _silence()
        _tell(f"error: {error.filename or 'output'}: {error.strerror or error}")
        return BAD_INPUT
    except Exception as error:  # the last line of defence: a bug must not look like the user's
        if os.environ.get("DRYDOCK_DEBUG") == "1":
            raise
        _tell(
            f"drydock {__version__}: unexpected {type(error).__name__}: "
            f"{' '.join(str(error).split())[:200]} (this is a bug in drydock; please report it "
            "with the command you typed; DRYDOCK_DEBUG=1 shows where it happened)"
        )
        return BUG


def _streams() -> None:
    """Make standard streams harmless: closed ones are empty, what cannot be encoded is '?'."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _run(words: list[str]) -> int:
    for word in words:
        if not is_text(word):
            raise InputError("this argument is not UTF-8 text", found=repr(word))
    if words in (["--version"], ["-V"]):
        print(f"drydock {__version__}")
        return OK
    if not words:
        return _start()
    from simulator.cli.commands import run

    code = run(words)
    sys.stdout.flush()
    return code


def _start() -> int:
    """The workbench, where there is a terminal for it."""
    from simulator.cli.terminal import can_show_screens

    if not can_show_screens():
        print(_NO_TERMINAL)
        sys.stdout.flush()
        return OK
    from simulator.tui import run

    return int(run() or OK)


def _tell(line: str) -> None:
    try:
        print(harmless(line), file=sys.stderr, flush=True)
    except OSError:
        pass


def _silence() -> None:
    """Whoever read our output has gone: nothing more can be said, and that is no error."""
    try:
        sys.stdout.flush()
    except OSError:
        pass
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
