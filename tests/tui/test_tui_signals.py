"""A workbench that is told to end leaves the terminal as it was."""

from __future__ import annotations

import os
import signal

import pytest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
async def test_a_signal_ends_the_workbench_in_order(desk, number):
    async with desk() as d:
        os.kill(os.getpid(), number)
        await d.pilot.pause()
        await d.pilot.pause()
        assert d.app.return_code == 128 + number
