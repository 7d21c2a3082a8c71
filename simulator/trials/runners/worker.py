"""What a process of :mod:`simulator.trials.runners.processes` does: items in, results out."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from simulator import collector
from simulator.trials.bundle import Files
from simulator.trials.runners import frames
from simulator.trials.runners.protocol import named


def main(root: str) -> None:
    """Serve until the one who asks is gone. ``root``: where the files of trials lie."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    collector.seldom()
    asked = os.fdopen(os.dup(0), "rb")
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not come between the messages
    files = Files(Path(root))
    while True:
        try:
            name, item = frames.read(asked), frames.read(asked)
        except EOFError:
            return
        frames.write(told, named(name.decode())(item, files))


if __name__ == "__main__":
    main(sys.argv[1])
