"""`Health`: how an App is, for probes and pages."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Check = tuple[str, Callable[[], Any]]


@dataclass(frozen=True, slots=True)
class Health:
    """Three answers to three questions, and why.

    ``live``: it runs, and need not be killed. ``started``: every unit has come up. ``ready``: its doors are open and
    no component is ill. ``ill`` maps the units that are to what is wrong.
    """

    live: bool = False
    started: bool = False
    ready: bool = False
    ill: Mapping[str, str] = field(default_factory=dict)


async def illnesses(checks: Sequence[Check], *, seconds: float) -> dict[str, str]:
    """Run all checks at once, each for so many seconds at most; what is wrong, by name.

    A check gives what is wrong in words, or None; one that raises is ill, too.
    """
    found = await asyncio.gather(*(_illness(check, seconds) for _, check in checks))
    return {name: said for (name, _), said in zip(checks, found, strict=True) if said}


async def _illness(check: Callable[[], Any], seconds: float) -> str:
    try:
        async with asyncio.timeout(seconds):
            result = check()
            if inspect.isawaitable(result):
                result = await result
    except TimeoutError:
        return f"health() gave no answer within {seconds:g} s"
    except Exception as error:  # noqa: BLE001 - that is what the check is asked for
        return f"{type(error).__name__}: {error}"
    return str(result or "")
