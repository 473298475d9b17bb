"""PettingZoo's checkers; their own import warns of what PettingZoo itself does."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test

__all__ = ["api_test", "parallel_api_test", "parallel_seed_test"]
