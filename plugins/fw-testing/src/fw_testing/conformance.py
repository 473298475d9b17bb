"""The conformance kit: what every fw plugin must keep to, as tests of an installed plugin.

    from fw_testing.conformance import conformance
    test_conformance = conformance("http")

The kernel and the plugin are imported when a test runs, not when this module is imported.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import chdir
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from fw_testing.life_checks import (
    a_cancelled_start_leaves_nothing,
    a_failed_start_leaves_nothing,
    neighbours_that_raise_change_nothing,
    runs_in_two_apps_at_once,
    starts_and_stops_alone_twice,
    starts_and_stops_with_all_installed,
)
from fw_testing.rebuild_checks import rebuilding_leaves_nothing
from fw_testing.static_checks import (
    docs_name_every_setting_and_hook,
    importing_it_is_cheap,
    imports_are_declared,
    manifest_is_true,
    what_the_manifest_names_exists,
)
from fw_testing.trial import Probe, Settings, Trial, Use

Check: TypeAlias = Callable[[Trial], Awaitable[None] | None]

CHECKS: tuple[Check, ...] = (
    manifest_is_true,
    what_the_manifest_names_exists,
    imports_are_declared,
    importing_it_is_cheap,
    docs_name_every_setting_and_hook,
    starts_and_stops_alone_twice,
    starts_and_stops_with_all_installed,
    runs_in_two_apps_at_once,
    a_cancelled_start_leaves_nothing,
    a_failed_start_leaves_nothing,
    rebuilding_leaves_nothing,
    neighbours_that_raise_change_nothing,
)


def conformance(
    name: str,
    settings: Settings | Callable[[Path], Settings] | None = None,
    use: Use | None = None,
    probe: Probe | None = None,
) -> Callable[..., Any]:
    """A test to be named ``test_…`` in a test module; it runs once for each check.

    ``name`` is the plugin's entry point; ``settings`` what it needs to start beside its defaults, by section, or a
    function that makes them from a folder which no other App uses. Settings named ``port`` are 0 by themselves.
    ``use`` declares what an application would, where a plugin that nobody uses does nothing: it is called with every
    App before that is put together. ``probe``, sync or async, is called with every App that is ready and raises if the
    plugin does not work in it.
    """

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.__name__) for check in CHECKS])
    @pytest.mark.asyncio
    async def test(check: Check, tmp_path: Path) -> None:
        from fw_testing.subject import Subject

        with chdir(tmp_path):  # whatever the plugin writes by default, it writes there
            result = check(Trial(Subject.installed(name), settings or {}, use, probe, tmp_path))
            if result is not None:
                await result

    return test
