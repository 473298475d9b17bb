"""`fw run` in this folder, as the README has it: served, killed, started again."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest

pytestmark = pytest.mark.needs("posix")

PROJECT = Path(__file__).parents[1]
PATIENCE = 60.0


class Service:
    """The program in a process of its own, on a free port. Use it with ``async with``."""

    def __init__(self, **settings: object) -> None:
        given = {f"FW_{name.upper()}": str(value) for name, value in settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
        self._environment = {**kept, "FW_HTTP__PORT": "0", "FW_LOGGING__FORMAT": "json", **given}

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "framework", "run"),
            cwd=PROJECT,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def url(self) -> str:
        """Where it listens, told when it is ready."""
        assert self.process.stderr is not None
        found = ""
        async with asyncio.timeout(PATIENCE):
            while line := await self.process.stderr.readline():
                message = json.loads(line)["message"]
                if listening := re.search(r"http://\S+", message):
                    found = listening[0]
                if "is ready" in message:
                    return found
        raise AssertionError("it ended before it was ready")

    async def end(self) -> tuple[int, str]:
        """Exit status, and what it wrote since."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            text = (await self.process.stderr.read()).decode()
            return await self.process.wait(), text


async def titles(url: str) -> list[str]:
    async with aiohttp.ClientSession(url) as session, session.get("/todos") as answer:
        found: list[dict[str, Any]] = await answer.json()
        return [todo["title"] for todo in found]


async def test_what_was_answered_is_kept_though_the_process_is_killed(tmp_path: Path) -> None:
    async with Service(todos__file=tmp_path / "todos.db") as killed:
        async with aiohttp.ClientSession(await killed.url()) as session:
            for title in ("one", "two"):
                async with session.post("/todos", json={"title": title}) as answer:
                    assert answer.status == 201
        killed.process.kill()
        await killed.process.wait()
    async with Service(todos__file=tmp_path / "todos.db") as following:
        assert await titles(await following.url()) == ["one", "two"]
        following.process.terminate()
        status, text = await following.end()
        assert (status, "Traceback" in text) == (0, False)


async def test_a_file_that_is_no_database_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database\n" * 100)
    async with Service(todos__file=tmp_path / "notes.txt") as refused:
        status, text = await refused.end()
    assert status == 4
    assert "notes.txt cannot be used: file is not a database. Name another one in [todos] file." in text
    assert "Traceback" not in text
