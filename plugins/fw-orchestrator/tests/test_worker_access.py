"""Which worker is who, by which token, and for how long."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from framework import App, StartupError
from fw_orchestrator import MemoryStorage
from fw_orchestrator.access_tokens import AccessTokens
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.worker_tokens import WorkerTokens

from .orchestration import ADMIN_TOKEN, PATIENCE, WORKER_TOKEN, Answer, Clock, Hand, Site, one_task, site

FILE = """
["gpu-*"]
token = "of-the-gpus"
description = "the farm"

[gpu-01]
token = "of-gpu-01"

["*-02"]
token = "of-every-second"
"""


@pytest.fixture
def workers_file(tmp_path: Path) -> Path:
    path = tmp_path / "workers.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def with_token(running: Site, worker_id: str | None, token: str, body: Any = None) -> Answer:
    """Registration with that id and token."""
    headers = {"X-Worker-Token": token} | ({"X-Worker-ID": worker_id} if worker_id else {})
    data = json.dumps({"worker_id": worker_id} if body is None else body).encode()
    return await running.call("POST", "/_worker/workers/register", headers=headers, data=data)


async def exchange(running: Site, worker_id: str, token: str = WORKER_TOKEN) -> Answer:
    headers = {"X-Worker-Token": token, "X-Worker-ID": worker_id}
    return await running.call("POST", "/_worker/auth/token", headers=headers)


async def refresh(running: Site, worker_id: str, token: Any) -> Answer:
    data = json.dumps({"refresh_token": token}).encode()
    return await running.call("POST", "/_worker/auth/token/refresh", headers={"X-Worker-ID": worker_id}, data=data)


@pytest.mark.parametrize(
    "worker_id, token, status",
    [
        ("gpu-01", "of-gpu-01", 200),
        ("gpu-01", "of-the-gpus", 403),
        ("gpu-01", WORKER_TOKEN, 403),
        ("gpu-02", "of-the-gpus", 200),
        ("gpu-02", "of-gpu-01", 403),
        ("gpu-02", "of-every-second", 403),
        ("gpu-02", WORKER_TOKEN, 403),
        ("cpu-01", WORKER_TOKEN, 200),
        ("cpu-01", "of-the-gpus", 403),
        ("cpu-01", "", 403),
        ("cpu-01", "deadbeef", 403),
    ],
)
async def test_a_worker_has_one_token(workers_file: Path, worker_id: str, token: str, status: int) -> None:
    async with site(one_task(), workers_file=str(workers_file)) as running:
        assert (await with_token(running, worker_id, token)).status == status


async def test_who_does_not_say_its_id_is_who_the_message_says_it_is(workers_file: Path) -> None:
    async with site(one_task(), workers_file=str(workers_file)) as running:
        assert (await with_token(running, None, "of-gpu-01", {"worker_id": "gpu-01"})).status == 200
        assert (await with_token(running, None, "of-gpu-01", {"worker_id": "cpu-01"})).status == 403
        assert (await with_token(running, None, "nobodys", {"worker_id": "cpu-01"})).status == 403


async def test_without_a_global_token_only_those_in_the_file_come_in(workers_file: Path) -> None:
    async with site(one_task(), workers_file=str(workers_file), worker_token="") as running:
        assert (await with_token(running, "gpu-01", "of-gpu-01")).status == 200
        assert (await with_token(running, "cpu-01", "")).status == 403


async def test_the_file_is_read_again_when_an_operator_says_so(workers_file: Path) -> None:
    async with site(one_task(), workers_file=str(workers_file)) as running:
        access = (await exchange(running, "gpu-01", "of-gpu-01")).body["access_token"]
        assert (await with_token(running, "gpu-01", access)).status == 200
        headers = {"X-Admin-Token": ADMIN_TOKEN}
        rewrite(workers_file, '[gpu-01]\ntoken = "new"\n')
        answer = await running.call("POST", "/api/admin/reload-workers", headers=headers)
        assert (answer.status, answer.body) == (200, {"status": "worker_configs_reloaded", "workers": 1})
        assert (await with_token(running, "gpu-01", "of-gpu-01")).status == 403
        assert (await with_token(running, "gpu-01", access)).status == 401
        assert (await with_token(running, "gpu-01", "new")).status == 200
        rewrite(workers_file, "[gpu-01")
        assert (await running.call("POST", "/api/admin/reload-workers", headers=headers)).status == 409
        assert (await with_token(running, "gpu-01", "new")).status == 200


@pytest.mark.parametrize(
    "text, words",
    [
        (None, "cannot be read: No such file"),
        ("[a", "is no TOML"),
        ("a = 1", r"\[a\] has no token"),
        ('[a]\ntoken = ""', r"\[a\] has no token"),
        ("[a]\ntoken = 5", r"\[a\] has no token"),
        ('[a]\ntoken = "x"\ntokne = "y"', r"\[a\] has 'tokne', which is not known here"),
    ],
)
async def test_a_file_that_cannot_be_used_keeps_the_application_from_starting(
    tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "workers.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(StartupError, match=words):
        async with site(one_task(), workers_file=str(path)):
            pass


@pytest.mark.parametrize(
    "name, token",
    [
        ("client_token", "secure-orchestrator-token"),
        ("worker_token", "secure-worker-token"),
        ("worker_token", "your-secret-worker-token"),
    ],
)
async def test_tokens_that_everybody_knows_are_for_loopback_only(name: str, token: str) -> None:
    loopback: dict[str, Any] = {name: token}
    async with site(one_task(), **loopback):
        pass
    tokens = {"client_token": "a", "worker_token": "b", name: token}
    app = App("t", plugins=["orchestrator"], defaults={"http": {"host": "0.0.0.0", "port": 0}, "orchestrator": tokens})  # noqa: S104 (it must not come to that)
    app.orchestrator.register_blueprint(one_task())
    with pytest.raises(StartupError, match=f"{name} is a default that everybody knows"):
        await app.start()


async def test_a_worker_exchanges_its_token_for_one_that_ends() -> None:
    async with site(one_task()) as running:
        clock = Clock(running)
        answer = await exchange(running, "w1")
        assert answer.status == 200
        body = answer.body
        assert (body["worker_id"], type(body["expires_in"])) == ("w1", int)
        assert 3600 <= body["expires_in"] <= 3900
        assert (await with_token(running, "w1", body["access_token"])).status == 200
        assert (await with_token(running, "w2", body["access_token"])).status == 401
        clock.now += body["expires_in"] - 1
        assert (await with_token(running, "w1", body["access_token"])).status == 200
        clock.now += 1
        expired = await with_token(running, "w1", body["access_token"])
        assert (expired.status, expired.body["error"]) == (
            401,
            "Unauthorized: the access token has expired or is unknown",
        )
        assert (await with_token(running, "w1", WORKER_TOKEN)).status == 200


async def test_an_access_token_is_known_to_every_engine_and_after_a_restart() -> None:
    async with site(one_task()) as first:
        access = (await exchange(first, "w1")).body["access_token"]
    async with site(one_task()) as second:
        assert (await with_token(second, "w1", access)).status == 200


async def test_the_next_access_token_needs_nothing_but_the_refresh_token() -> None:
    async with site(one_task()) as running:
        clock = Clock(running)
        first = (await exchange(running, "w1")).body
        clock.now += 7200
        second = await refresh(running, "w1", first["refresh_token"])
        assert second.status == 200
        assert (await with_token(running, "w1", second.body["access_token"])).status == 200
        assert second.body["refresh_token"] != first["refresh_token"]
        third = await refresh(running, "w1", second.body["refresh_token"])
        assert (third.status, third.body["worker_id"]) == (200, "w1")


async def test_a_refresh_token_is_good_for_one_use() -> None:
    """Again within a minute it is the same request, whose answer was lost."""
    async with site(one_task()) as running:
        clock = Clock(running)
        token = (await exchange(running, "w1")).body["refresh_token"]
        first = (await refresh(running, "w1", token)).body
        clock.now += 60
        again = (await refresh(running, "w1", token)).body
        assert again == {**first, "expires_in": again["expires_in"]}
        clock.now += 1
        used = await refresh(running, "w1", token)
        assert (used.status, used.body["error"]) == (403, "Unauthorized: Invalid refresh token (it has been used)")


async def test_a_refresh_token_is_good_for_one_use_at_all_engines_and_after_a_restart() -> None:
    store = MemoryStorage()
    async with site(one_task(), store=store) as first, site(one_task(), store=store) as second:
        clock = Clock(first)
        second.engine.surroundings.clock = first.engine.surroundings.clock
        token = (await exchange(first, "w1")).body["refresh_token"]
        given = (await refresh(first, "w1", token)).body
        assert (await refresh(second, "w1", token)).body["refresh_token"] == given["refresh_token"]
        clock.now += 61
        assert (await refresh(second, "w1", token)).status == 403
    async with site(one_task(), store=store) as third:
        third.engine.surroundings.clock = first.engine.surroundings.clock
        assert (await refresh(third, "w1", token)).status == 403
        assert (await refresh(third, "w1", given["refresh_token"])).status == 200


async def test_a_refresh_token_is_good_for_a_day() -> None:
    async with site(one_task()) as running:
        clock = Clock(running)
        token = (await exchange(running, "w1")).body["refresh_token"]
        clock.now += 86400
        expired = await refresh(running, "w1", token)
        assert (expired.status, expired.body["error"]) == (403, "Unauthorized: Invalid refresh token (expired)")


@pytest.mark.parametrize(
    "token", ["x", "", ".", "..", "ffffffffff.a.b", "-1.a.b", "1e3.a.b", "ключ.a.b", "f" * 99 + ".a.b"]
)
async def test_made_up_tokens_are_good_for_nothing(token: str) -> None:
    async with site(one_task()) as running:
        refused = await refresh(running, "w1", token)
        assert refused.status == (403 if token else 400)
        assert (await with_token(running, "w1", token)).status in (401, 403)


async def test_tokens_are_for_one_worker_and_one_purpose() -> None:
    async with site(one_task()) as running:
        body = (await exchange(running, "w1")).body
        assert (await refresh(running, "w2", body["refresh_token"])).status == 403
        assert (await refresh(running, "w1", body["access_token"])).status == 403
        assert (await with_token(running, "w1", body["refresh_token"])).status == 401
        assert (await exchange(running, "w1", body["access_token"])).status == 403


@pytest.mark.parametrize("root", ["", "key"])
async def test_nothing_can_be_derived_for_a_worker_that_has_no_token(workers_file: Path, root: str) -> None:
    """Who knows how tokens are made could make those of a worker whose own token is empty.

    Every worker knows the key that tasks are signed with: no token may be made of that either.
    """
    async with site(one_task(), workers_file=str(workers_file), worker_token="", secret_key="key") as running:
        surroundings = running.engine.surroundings
        derived = AccessTokens(WorkerTokens(OrchestratorSettings(worker_token=root)), surroundings, running.store)
        made = derived._pair("cpu-01", surroundings.clock(), "0" * 16)
        assert made.refresh_token is not None
        assert (await with_token(running, "cpu-01", made.access_token)).status == 401
        assert (await refresh(running, "cpu-01", made.refresh_token)).status == 403


async def test_nothing_in_a_token_can_be_changed() -> None:
    """Else it would be good for longer, or once more."""
    async with site(one_task()) as running:
        body = (await exchange(running, "w1")).body
        end, made = body["access_token"].split(".")
        assert (await with_token(running, "w1", f"{int(end, 16) + 1:x}.{made}")).status == 401
        end, nonce, made = body["refresh_token"].split(".")
        for changed in (f"{int(end, 16) + 1:x}.{nonce}.{made}", f"{end}.{nonce[::-1]}.{made}"):
            assert (await refresh(running, "w1", changed)).status == 403
        assert (await refresh(running, "w1", body["refresh_token"])).status == 200


async def test_no_token_is_made_for_an_unnamed_worker() -> None:
    async with site(one_task()) as running:
        answer = await running.call("POST", "/_worker/auth/token", headers={"X-Worker-Token": WORKER_TOKEN})
        assert (answer.status, "X-Worker-ID is missing" in answer.body["error"]) == (400, True)
        answer = await running.call("POST", "/_worker/auth/token/refresh", data=b'{"refresh_token": "x"}')
        assert answer.status == 400
        assert (await exchange(running, "a b")).status == 400


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"{", b'{"refresh_token": 5}', b'{"refresh_token": null}'])
async def test_a_refresh_without_its_token_is_told_so(body: bytes) -> None:
    async with site(one_task()) as running:
        answer = await running.call("POST", "/_worker/auth/token/refresh", headers={"X-Worker-ID": "w1"}, data=body)
        assert (answer.status, bool(answer.body["error"])) == (400, True)


class Marked(MemoryStorage):
    """Shows what it is told to remember."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[str] = []

    async def use_once(self, mark: str, *, now: float, until: float) -> float | None:
        self.marks.append(mark)
        return await super().use_once(mark, now=now, until=until)


async def test_what_is_made_of_a_token_is_in_no_log_and_no_store(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = Marked()
    async with site(one_task(), store=store) as running:
        body = (await exchange(running, "w1")).body
        await refresh(running, "w1", body["refresh_token"])
        await with_token(running, "w2", body["access_token"])
        await refresh(running, "w2", body["refresh_token"])
        shown = caplog.text + str((await running.get("/api/workers")).body) + str(store.marks)
    assert len(store.marks) == 1
    assert body["access_token"] not in shown
    assert body["refresh_token"] not in shown


async def test_every_answer_to_a_worker_carries_the_version() -> None:
    async with site(one_task()) as running:
        worker = Hand(running)
        answers = [
            await running.call("GET", "/_worker/nothing"),
            await running.call("GET", "/_worker/tasks/result"),
            await worker.poll(timeout=0),
            await exchange(running, "w1"),
            await exchange(running, "w1", "wrong"),
            await refresh(running, "w1", "wrong"),
            await worker.send("POST", "/_worker/tasks/result", b"{"),
        ]
        assert [answer.status for answer in answers] == [404, 405, 204, 200, 403, 403, 400]
        assert {answer.headers.get("X-RXON-Version") for answer in answers} == {"1.0b17"}
        assert answers[1].headers["Allow"] == "POST"
        assert (await running.call("GET", "/_public/status")).headers.get("X-RXON-Version") is None
        async with running.session.ws_connect(
            f"{running.app.http.url}/_worker/ws/w1", headers=worker.headers
        ) as socket:
            assert socket._response.headers["X-RXON-Version"] == "1.0b17"


async def raw(running: Site, request: bytes) -> bytes:
    """All that comes back for these bytes, to the end of the connection."""
    address = urlsplit(running.app.http.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    async with asyncio.timeout(PATIENCE):
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer


async def test_a_worker_that_sends_too_slowly_is_told_so_with_the_version() -> None:
    async with site(one_task(), http={"body_timeout": 0.02}) as running:
        head = f"POST /_worker/tasks/result HTTP/1.1\r\nHost: localhost\r\nX-Worker-Token: {WORKER_TOKEN}\r\n"
        answer = await raw(running, f"{head}Content-Length: 9\r\n\r\n{{".encode())
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nX-RXON-Version: 1.0b17\r\n" in answer


async def test_a_token_in_bytes_that_are_no_text_is_refused() -> None:
    async with site(one_task()) as running:
        head = b"POST /_worker/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n"
        answer = await raw(running, head + b"X-Worker-Token: \xff\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 ")
