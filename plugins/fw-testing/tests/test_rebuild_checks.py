"""K26: the conformance kit finds what a plugin leaves in an App that is rebuilt without it."""

from typing import Any

import pytest

from fw_testing.rebuild_checks import rebuilding_leaves_nothing

from .conftest import AS_OBJECT, HOOKS, done

GROWING = """
made = []

class Clapper:
    pass

def register(app):
    made.append(type("Clapper", (), {}))
    for kind in made:
        app.provide(kind, kind)
"""
KEEPING = """
from framework import Component

kept = []

class Clapper(Component):
    def start(self):
        kept.append(self)

def register(app):
    app.register(Clapper)
"""
SETTING = """
def bootstrap(app):
    app.config.override({"app": {"tick_rate": 50.0 + len(seen)}})
    seen.append(app)

seen = []
"""
STAYING = """
def register(app):
    app._facades  # the application's own list, as if the application had declared it
    with app.acting_as("application"):
        app.facade(__import__("fw_bells.facade").facade.Bells).declare("bell", "big")
"""
DESCRIPTOR = """
files = []

def start(app):
    files.append(open(__file__))
"""


@pytest.mark.parametrize(
    "hooks,said",
    [
        (GROWING, ["more, provider: fw_bells.plugin.Clapper, singleton, of bells", "after rebuild 1 with it"]),
        (SETTING, ["more, setting: [app] tick_rate = 52.0", "plugin.py:3: config.override()", "of kernel"]),
        (STAYING, ["more, declaration: bell 'big', of application", "after rebuild 1 without it"]),
        (KEEPING, ["the Clapper of an earlier life", "after 3 rebuilds"]),
        (DESCRIPTOR, ["the descriptor", "plugin.py", "after rebuild 1"]),
    ],
    ids=["provider", "setting", "declaration", "object", "descriptor"],
)
async def test_what_grows_from_one_life_to_the_next_is_named(bells: Any, hooks: str, said: list[str]) -> None:
    """K26"""
    found = await bells.fault(rebuilding_leaves_nothing, f"{hooks}\n{AS_OBJECT}")
    for part in ("leaves behind: ", *said):
        assert part in found, found


async def test_a_component_that_takes_no_weak_reference_is_no_fault(bells: Any) -> None:
    hooks = "from framework import Component\n\nclass Slim:\n    __slots__ = ()\n" + HOOKS.replace(
        "    @hookimpl\n", "    @hookimpl\n    def register(self, app):\n        app.register(Slim)\n\n    @hookimpl\n"
    )
    await done(rebuilding_leaves_nothing, bells.trial({"fw_bells/plugin.py": hooks}))
