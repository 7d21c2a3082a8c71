"""Makes the helpers that lie in this folder importable from all tests.

A machine that is busy makes no test fail: hypothesis does not look at the clock.
The same examples are tried in each run, so that what is green stays green until somebody changes
something; ``HYPOTHESIS_PROFILE=explore pytest`` looks for new ones.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_ALIKE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("drydock", derandomize=True, **_ALIKE)
settings.register_profile("explore", **_ALIKE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "drydock"))

SLOW = (
    "course/test_shipped_demos.py", "lessons", "theory", "report/test_bench.py",
    "scenario/test_shipped.py",
    "scenario/test_variants.py",
    "tui/test_tui_fuzz.py", "tui/test_tui_pty.py", "tui/test_tui_real.py",
    "shell/test_compose_costs.py", "shell/test_image_fuzz.py", "cli/test_streams.py",
    "world/test_invariants.py",
)  # fmt: skip
"""What takes long: long runs against closed forms, whole lessons and scenarios, random worlds."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them: ``pytest`` leaves them out, ``pytest -m slow`` runs them alone."""
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here).as_posix()
        if place.startswith(SLOW):
            item.add_marker("slow")
