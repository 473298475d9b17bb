"""How often a worker registers."""

import asyncio
from typing import Any, cast

import pytest

from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.membership import Membership
from fw_worker.precedence import Precedence, Turn
from fw_worker.transport import Refused, TransportError, Unreachable

from .fake_orchestrator import PATIENCE


class Register(Closing):
    """Takes registrations, but answers with these troubles first; notes the pauses between."""

    def __init__(self, *troubles: TransportError) -> None:
        super().__init__()
        self.troubles = list(troubles)
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        """Take no time."""
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def register(self, _: bytes) -> bytes:
        """Take one."""
        if self.troubles:
            raise self.troubles.pop(0)
        return b"{}"


async def test_delays_grow_until_it_is_registered_and_start_again_when_that_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    down = Unreachable("http://host", "down")
    register = Register(down, down, Refused("http://host", 503, "busy", 7.0), down)
    membership = Membership(
        cast("Any", register),
        WorkerSettings(retry_first=1.0),
        Catalogue([], {}),
        register,
        Turn(Precedence(1, failover=False), 0),
    )
    membership.lost("not yet known")
    running = asyncio.create_task(membership.run())
    async with asyncio.timeout(PATIENCE):
        await membership.joined.wait()
        register.troubles = [down]
        membership.lost("forgotten")
        membership.lost("forgotten too")
        assert not membership.joined.is_set()
        await membership.joined.wait()
    running.cancel()
    for pause, wanted in zip(register.pauses, (1.0, 2.0, 7.0, 4.0, 1.0), strict=True):
        assert 0.8 * wanted <= pause <= 1.2 * wanted
    assert "forgotten; registering again" in caplog.text
    assert "too" not in caplog.text
    assert "not yet known" not in caplog.text
