"""Checks of the conformance kit: the plugin starts and stops, alone and beside others, and leaves nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framework import App
    from fw_testing.awaits import Awaits, End
    from fw_testing.trial import Trial


async def starts_and_stops_alone_twice(trial: Trial) -> None:
    """In one App, one life after the other, leaving no task, thread or descriptor."""
    await _twice(trial, trial.app(), "alone")


async def starts_and_stops_with_all_installed(trial: Trial) -> None:
    """Twice, beside every installed plugin that can be on with it; those that fail there are gone without."""
    from fw_testing.beside import companions

    app = trial.app(*companions(trial), policy="degrade")
    await _twice(trial, app, f"beside {', '.join(p.name for p in app.plugins if p.name != trial.subject.name)}")


async def _twice(trial: Trial, app: App, how: str) -> None:
    from fw_testing.leftovers import Surroundings

    for round_ in ("first", "second"):
        before = Surroundings()
        async with trial.living(app):
            refuse_absence(trial, app, how)
        await trial.refuse_left(before, f"its {round_} stop, {how}")


def refuse_absence(trial: Trial, app: App, how: str) -> None:
    """Fail if the plugin is not on in an App that goes without what fails."""
    name = trial.subject.name
    if name not in [plugin.name for plugin in app.plugins]:
        trial.subject.fail(f"is left out {how}", "its start", app.assembly.selection.off.get(name, "Nothing says why."))


async def runs_in_two_apps_at_once(trial: Trial) -> None:
    """The hooks object keeps nothing of an App: one stops, the other goes on."""
    from fw_testing.leftovers import Surroundings

    before = Surroundings()
    async with AsyncExitStack() as stack:
        one, other = trial.app(), trial.app()
        await stack.enter_async_context(trial.living(one))
        await stack.enter_async_context(trial.living(other))
        await one.stop("the other goes on")
        if not other.is_ready:
            trial.subject.fail("does not run in two Apps at once", "stop of the first", "Keep state out of the hooks.")
        await trial.probe(other)
    await trial.refuse_left(before, "the stop of two Apps")


async def a_cancelled_start_leaves_nothing(trial: Trial) -> None:
    """Cancelled at every await of its start, and of one that starts after it."""
    await _ended_at_every_await(trial, "cancelled")


async def a_failed_start_leaves_nothing(trial: Trial) -> None:
    """Every await of its start, and of one that starts after it, raises."""
    await _ended_at_every_await(trial, "failed")


async def _ended_at_every_await(trial: Trial, end: End) -> None:
    from fw_testing.awaits import Awaits, chosen
    from fw_testing.leftovers import Surroundings

    owners = (trial.subject.name, LAST)
    whole = Awaits(owners, trial.subject.package)
    app = _with_a_last_one(trial)
    (await whole.start(app)).result()
    await app.stop("it was started to count its awaits")
    for number in chosen(whole.places):
        app, before = _with_a_last_one(trial), Surroundings()
        awaits = Awaits(owners, trial.subject.package, end, number)
        starting = await awaits.start(app)
        await app.stop("it did without what failed")
        _refuse_deafness(trial, starting, awaits, end, number)
        place = awaits.places[number] if number < len(awaits.places) else whole.places[number]
        await trial.refuse_left(before, f"a start {end} at {place}", turns=2)
    async with trial.living(app):  # the last one that was ended has left nothing in itself either
        pass


LAST = "last-one"


def _with_a_last_one(trial: Trial) -> App:
    """The plugin, and one that starts after it and waits a little, so that the plugin is up and has to be stopped."""
    import asyncio

    from fw_testing.neighbour import Neighbour

    return trial.app(Neighbour(LAST, requires=[trial.subject.name], hooks={"start": lambda app: asyncio.sleep(0)}))


def _refuse_deafness(trial: Trial, starting: Any, awaits: Awaits, end: End, number: int) -> None:
    """A start that was cancelled must not end as if nothing had been said."""
    ended = not starting.cancelled() and starting.exception() is None
    if ended and end == "cancelled" and number < len(awaits.places):
        trial.subject.fail(
            "goes on starting although it was cancelled",
            awaits.places[number],
            "Do not suppress asyncio.CancelledError; clean up in `finally`, or raise it again.",
        )


async def neighbours_that_raise_change_nothing(trial: Trial) -> None:
    """One that raises in each of the seven hooks, where the policy is to degrade."""
    from framework.hookspecs import HOOKS

    expected: Any = None
    for hook in ("", *HOOKS):
        found = await _beside_trouble(trial, hook)
        expected = expected or found
        if found != expected:
            changes = [f"{what}: {found[what]}" for what in found if found[what] != expected[what]]
            trial.subject.fail(
                f"behaves otherwise beside a plugin that raises in {hook}: {'; '.join(changes)}",
                f"instead of {'; '.join(f'{expected[what]}' for what in found if found[what] != expected[what])}",
                "Do not depend on what others do in their hooks, unless plugin.toml requires them.",
            )


async def _beside_trouble(trial: Trial, hook: str) -> dict[str, Any]:
    """What the plugin does beside a neighbour that raises in ``hook``."""
    from framework import ShutdownError
    from framework.calls import PATIENCE
    from framework.hookspecs import HOOKS
    from fw_testing.leftovers import Surroundings, facts
    from fw_testing.neighbour import Neighbour

    before = Surroundings()
    hooks = {name: _raise if name == hook else _nothing for name in HOOKS}
    trouble = Neighbour("a-troublesome-one", hooks=hooks)
    app = trial.app(trouble, policy="degrade")
    blamed: set[str] = set()
    seen: dict[str, Any] = {}
    try:
        async with trial.living(app):
            refuse_absence(trial, app, f"beside a plugin that raises in {hook or 'no hook'}")
            app.clock.step(PATIENCE)
            name = trial.subject.name
            seen = {
                "what it has": [str(fact) for fact in facts(app) if fact.owner == name and fact.kind != "setting"],
                "its errors in tick and render": [app.calls[hot].errors.get(name, 0) for hot in app.calls],
                "health": (await app.health()).ready,
            }
    except ShutdownError as error:
        blamed = {report.plugin for report in error.reports} - {trouble.manifest.name}
    await trial.refuse_left(before, f"a life beside a plugin that raises in {hook or 'no hook'}")
    return {**seen, "who failed to stop": blamed}


def _raise(*_: Any) -> Any:
    raise RuntimeError("a neighbour of the conformance kit raises")


def _nothing(*_: Any) -> Any:
    return None
