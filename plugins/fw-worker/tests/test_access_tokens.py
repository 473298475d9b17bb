"""When access tokens are asked for, and which one is shown meanwhile."""

import asyncio
from types import SimpleNamespace

import pytest

from fw_rxon import REFRESH_PATH, TOKEN_PATH, Registered, TokenAnswer
from fw_worker import access
from fw_worker.access import Access
from fw_worker.transport import Refused, TransportError, Unreachable

LIFE = 100


class Issuer:
    """Gives tokens that are good for `LIFE` seconds of its clock, or answers with `trouble`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[tuple[str, str]] = []
        self.trouble: dict[str, TransportError] = {}

    async def send(self, path: str, body: bytes, token: str) -> TokenAnswer:
        """The other end of the wire."""
        self.asked.append((path, token))
        await asyncio.sleep(0)
        if path in self.trouble:
            raise self.trouble[path]
        number = len(self.asked)
        return TokenAnswer(
            access_token=f"access-{number}", expires_in=LIFE, worker_id="w1", refresh_token=f"refresh-{number}"
        )


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    made = Issuer()
    monkeypatch.setattr(access, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


async def test_a_token_is_used_to_its_end_while_the_next_one_cannot_be_had(issuer: Issuer) -> None:
    mine = Access("own", issuer.send, exchange=True)
    issuer.trouble = {path: Unreachable("http://host", "down") for path in (TOKEN_PATH, REFRESH_PATH)}
    with pytest.raises(Unreachable):
        await mine.prepare()
    issuer.trouble, no_answer = {}, issuer.trouble
    await mine.prepare()
    issuer.now = 0.79 * LIFE
    await mine.prepare()
    assert (mine.token, mine.key, len(issuer.asked)) == ("access-2", "own", 2)
    issuer.trouble = no_answer
    issuer.now = 0.8 * LIFE
    await mine.prepare()
    assert (mine.token, len(issuer.asked)) == ("access-2", 3)
    issuer.now = LIFE
    with pytest.raises(Unreachable):
        await mine.prepare()


async def test_a_token_that_came_with_the_registration_is_renewed_too(issuer: Issuer) -> None:
    mine = Access("own", issuer.send, exchange=False)
    assert not await mine.renew("own")
    mine.take(Registered(access_token="given", expires_in=LIFE, refresh_token="first"))
    await mine.prepare()
    assert (mine.token, issuer.asked) == ("given", [])
    issuer.now = 0.8 * LIFE
    await mine.prepare()
    assert (mine.token, issuer.asked) == ("access-1", [(REFRESH_PATH, "")])


@pytest.mark.parametrize("life", [None, 0])
async def test_a_token_of_which_nobody_says_how_long_it_is_good_is_not_used(issuer: Issuer, life: int | None) -> None:
    mine = Access("own", issuer.send, exchange=False)
    mine.take(Registered(access_token="given", expires_in=life))
    assert mine.token == "own"


async def test_requests_that_are_refused_together_get_one_new_token(issuer: Issuer) -> None:
    mine = Access("own", issuer.send, exchange=True)
    await mine.prepare()
    assert await asyncio.gather(*(mine.renew("access-1") for _ in range(3))) == [True] * 3
    assert (mine.token, len(issuer.asked)) == ("access-2", 2)


@pytest.mark.parametrize(
    "status, asked", [(status, [REFRESH_PATH, TOKEN_PATH]) for status in (400, 401, 403, 404)] + [(503, [REFRESH_PATH])]
)
async def test_the_own_token_is_shown_again_where_the_refresh_is_refused_for_good(
    issuer: Issuer, status: int, asked: list[str]
) -> None:
    mine = Access("own", issuer.send, exchange=True)
    await mine.prepare()
    issuer.asked.clear()
    issuer.trouble[REFRESH_PATH] = Refused("http://host", status, "no")
    issuer.now = 0.9 * LIFE
    await mine.prepare()
    assert [path for path, _ in issuer.asked] == asked
