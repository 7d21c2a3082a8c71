"""Being told to end: the terminal gets back its screen, its keys and its mouse."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

_ENDING = ("SIGTERM", "SIGHUP", "SIGQUIT")


def leave_on_signals(leave: Callable[[int], None]) -> None:
    """Have ``leave`` called with the exit code, 128 and the number, instead of dying at once.

    Does nothing where an event loop cannot listen to signals (Windows, a loop in a thread).
    """
    loop = asyncio.get_running_loop()
    for name in _ENDING:
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, leave, 128 + number)
        except (NotImplementedError, RuntimeError, ValueError):
            return
