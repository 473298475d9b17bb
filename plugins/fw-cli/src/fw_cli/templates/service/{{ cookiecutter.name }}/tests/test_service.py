"""What clients and operators see."""

import json
from pathlib import Path
from typing import Any

from framework import App


async def test_a_note_is_added_shown_edited_and_removed(client: Any) -> None:
    added = await client.post("/notes", json={"text": "milk"})
    assert (added.status, added.headers["Location"]) == (201, "/notes/1")
    assert (await client.get("/notes/1")).json() == added.json() == {"number": 1, "text": "milk"}

    assert (await client.post("/commands/AddNote", json={"text": "tea"})).json() == {"number": 2, "text": "tea"}
    edited = await client.post("/commands/EditNote", json={"number": 2, "text": "mint tea"})
    assert edited.json() == {"number": 2, "text": "mint tea"}
    assert (await client.get("/notes")).json() == [added.json(), edited.json()]

    assert (await client.post("/commands/RemoveNote", json={"number": 1})).status == 204
    assert (await client.get("/notes/1")).status == 404


async def test_errors_of_the_domain_are_problems(client: Any) -> None:
    for status, answer in (
        (404, await client.get("/notes/7")),
        (404, await client.post("/commands/RemoveNote", json={"number": 7})),
        (422, await client.post("/notes", json={"text": " "})),
    ):
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")


async def test_operators_see_metrics_logs_and_health(client: Any, tmp_path: Path, app: App) -> None:
    await client.post("/notes", json={"text": "milk"}, headers={"X-Request-ID": "r-1"})
    assert "notes_added_total 1.0" in (await client.get("/metrics")).text
    assert (await client.get("/health/ready")).status == 200
    app.logging.flush()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert [line["message"] for line in lines if line.get("request_id") == "r-1"] == ["note added", "request"]
