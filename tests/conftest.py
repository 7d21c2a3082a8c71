"""Makes the helpers that lie in this folder importable from all tests.

A machine that is busy makes no test fail: hypothesis does not look at the clock.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("drydock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("drydock")
