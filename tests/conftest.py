"""Makes the helpers that lie in this folder importable from all tests.

A machine that is busy makes no test fail: hypothesis does not look at the clock.
The same examples are tried in each run, so that what is green stays green until somebody changes
something; ``HYPOTHESIS_PROFILE=explore pytest`` looks for new ones.
"""

import os

from hypothesis import HealthCheck, settings

_ALIKE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("drydock", derandomize=True, **_ALIKE)
settings.register_profile("explore", **_ALIKE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "drydock"))
