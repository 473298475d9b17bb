"""The fixtures `behavior_engine` and `trial`. Nothing else of the package is imported before they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fw_behavior.testing import Trial
    from fw_behavior.tree import Engine


@pytest.fixture(params=["objects", "compiled"])
def behavior_engine(request: pytest.FixtureRequest) -> Engine:
    """An engine: a test that asks for it, or for `trial`, runs once with each."""
    found: Engine = request.param
    return found


@pytest.fixture
def trial(behavior_engine: Engine) -> Callable[..., Trial]:
    """``trial(tree, given={…}, dt=1.0)``: a `Trial` of the tree with each engine."""
    from fw_behavior.testing import Trial

    def made(tree: Any, given: Any = None, *, dt: float = 1.0) -> Trial:
        return Trial(tree, given, dt=dt, engine=behavior_engine)

    return made
