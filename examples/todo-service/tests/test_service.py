"""What clients and operators see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from framework import App


async def test_a_todo_is_added_listed_completed_and_removed(client: Any) -> None:
    added = await client.post("/todos", json={"title": "buy milk"})
    assert (added.status, added.headers["Location"]) == (201, "/todos/1")
    assert added.json() == {"number": 1, "title": "buy milk", "done": False}
    assert (await client.get("/todos/1")).json() == added.json()

    assert (await client.post("/commands/AddTodo", json={"title": "drink it"})).json()["number"] == 2
    renamed = await client.post("/commands/RenameTodo", json={"number": 2, "title": "drink tea"})
    assert renamed.json() == {"number": 2, "title": "drink tea", "done": False}
    done = await client.post("/commands/CompleteTodo", json={"number": 1})
    assert done.json() == {"number": 1, "title": "buy milk", "done": True}

    assert [todo["number"] for todo in (await client.get("/todos")).json()] == [1, 2]
    assert [todo["number"] for todo in (await client.get("/todos?done=false")).json()] == [2]
    assert [todo["number"] for todo in (await client.get("/todos?done=true")).json()] == [1]

    assert (await client.post("/commands/RemoveTodo", json={"number": 1})).status == 204
    assert (await client.get("/todos/1")).status == 404


async def test_errors_of_the_domain_are_problems_by_either_way(client: Any) -> None:
    await client.post("/todos", json={"title": "buy milk"})
    await client.post("/commands/CompleteTodo", json={"number": 1})
    asked = {
        404: await client.get("/todos/7"),
        409: await client.post("/commands/CompleteTodo", json={"number": 1}),
        422: await client.post("/todos", json={"title": " "}),
    }
    for status, answer in asked.items():
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert asked[409].json()["detail"] == "Todo 1 is done already."
    wrong = await client.post("/todos", json={"titel": "buy milk"})
    assert {(error["name"], error["message"]) for error in wrong.json()["errors"]} >= {("title", "is missing")}


async def test_operators_see_metrics_logs_and_health(client: Any, tmp_path: Path, app: App) -> None:
    await client.post("/todos", json={"title": "buy milk"})
    await client.post("/commands/CompleteTodo", json={"number": 1}, headers={"X-Request-ID": "r-1"})
    await client.post("/commands/CompleteTodo", json={"number": 7}, headers={"X-Request-ID": "r-2"})
    page = (await client.get("/metrics")).text
    assert "todos_completed_total 1.0" in page
    assert 'messages_handled_total{message="CompleteTodo",outcome="ok"} 1.0' in page
    assert 'http_request_duration_seconds_count{method="POST",route="/commands/CompleteTodo",status="404"} 1.0' in page
    assert (await client.get("/health/ready")).status == 200
    app.logging.flush()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    [line] = [line for line in lines if line["message"] == "todo completed"]
    assert (line["number"], line["request_id"]) == (1, "r-1")
    [line] = [line for line in lines if line.get("request_id") == "r-2"]
    assert (line["route"], line["status"]) == ("/commands/CompleteTodo", 404)


async def test_the_document_describes_routes_and_commands(client: Any) -> None:
    document = (await client.get("/openapi.json")).json()
    commands = {f"/commands/{name}" for name in ("AddTodo", "RenameTodo", "CompleteTodo", "RemoveTodo")}
    assert set(document["paths"]) == {"/todos", "/todos/{number}", *commands}


async def test_a_life_begins_with_what_its_storage_has_kept(app: App, tmp_path: Path) -> None:
    async with app.test_client() as client:
        await client.post("/todos", json={"title": "buy milk"})
    async with app.test_client() as client:
        kept = [todo["title"] for todo in (await client.get("/todos")).json()]
    assert kept == (["buy milk"] if (tmp_path / "todos.db").exists() else [])
