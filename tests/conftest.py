"""How Hypothesis runs here, for every test folder.

`default` draws the same examples every time, so that a red CI is always a real and repeatable failure. `soak` draws
new ones by the thousand and keeps what failed: NATGW_HYPOTHESIS_PROFILE=soak. Neither has a deadline, because the
machines that run this are slow and shared.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, derandomize=True, max_examples=100)
settings.register_profile(
    "soak", deadline=None, derandomize=False, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("NATGW_HYPOTHESIS_PROFILE", "default"))
