"""A campaign: clients and workers keep two engines on one SQLite file busy, engines die, and then all is counted.

A long one, from the folder ``tests``: ``python -m faults.campaign --jobs 20000 --kills 400 --seed 1``
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from fw_orchestrator.model import TERMINAL
from fw_store_sql import SQLStorage

from .counting import faults_in, tasks_of
from .crash_points import POINTS, CrashPoint
from .nursery import EngineProcess, Nursery

HEADERS = {"X-Client-Token": "client", "X-Worker-Token": "worker"}
CLIENTS = 12
TIMEOUT = aiohttp.ClientTimeout(10.0)
REACHED_WITHIN = 20.0
"""Seconds in which an engine comes to its crash point; then it is killed all the same."""


@dataclass
class Report:
    """What a campaign has shown: ``faults`` is empty if all is well."""

    kills: Counter[str] = field(default_factory=Counter)
    seconds_after_last_kill: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class Campaign:
    """``jobs`` jobs while engines die at ``points``, one after the other; an empty name is a random moment.

    Jobs that have not ended ``patience`` seconds after the last death count as lost. ``store`` and ``fault`` say how
    store and engines are broken, if they are.
    """

    path: Path
    jobs: int
    points: Sequence[CrashPoint]
    store: str = "sound"
    fault: str = ""
    patience: float = 60.0
    workers: int = 12
    seed: int = 0

    async def run(self) -> Report:
        """Do it all; engines and file are left to themselves at the end."""
        self.report = Report()
        self._random = random.Random(self.seed)  # noqa: S311 (moments, not secrets)
        self._points = deque(self.points)
        self._quota = -(-self.jobs // (len(self.points) + 1))
        self._allowed = asyncio.Semaphore(0)
        self._numbers = iter(range(self.jobs))
        self._made: dict[int, str] = {}
        self._accepted: set[tuple[str, str]] = set()
        self._urls: dict[int, str] = {}
        self._over = asyncio.Event()
        self._last_death = time.monotonic()
        self._allow()
        async with (
            Nursery.opened() as nursery,
            aiohttp.ClientSession(headers=HEADERS, timeout=TIMEOUT) as session,
            asyncio.TaskGroup() as group,
        ):
            slots = [group.create_task(self._keep_alive(nursery, slot)) for slot in range(2)]
            workers = [group.create_task(self._work(session, f"w{number}")) for number in range(self.workers)]
            clients = [group.create_task(self._create(session, number)) for number in range(CLIENTS)]
            await asyncio.gather(*clients)
            await self._until_ended()
            self._over.set()
            await asyncio.gather(*slots)
            for worker in workers:
                worker.cancel()
        made = {str(number): job_id for number, job_id in self._made.items()}
        self.report.faults += await faults_in(self.path, made, self._accepted)
        return self.report

    def _allow(self) -> None:
        """Let some more jobs be created: there is always work when an engine dies."""
        for _ in range(self._quota):
            self._allowed.release()

    async def _keep_alive(self, nursery: Nursery, slot: int) -> None:
        """An engine that dies at the next point, and then another one; at last one that lives."""
        while True:
            point = self._points.popleft() if self._points else None
            engine = await nursery.start(self.path, self.store, point or CrashPoint("never"), self.fault)
            self._urls[slot] = engine.url
            if point is None:
                await self._over.wait()
                return
            await self._death(engine, point)
            del self._urls[slot]
            self._last_death = time.monotonic()
            self._allow()

    async def _death(self, engine: EngineProcess, point: CrashPoint) -> None:
        patience = REACHED_WITHIN if point.name else self._random.uniform(0.05, 0.4)
        try:
            async with asyncio.timeout(patience):
                await engine.down.wait()
        except TimeoutError:
            os.kill(engine.pid, signal.SIGKILL)
            await engine.down.wait()
            self.report.kills["random moment"] += 1
        else:
            self.report.kills[point.name] += 1

    async def _call(
        self, session: aiohttp.ClientSession, method: str, path: str, turns: Iterator[int], **more: Any
    ) -> Any:
        """The answer of some engine: whoever gets none asks the next one."""
        while True:
            urls = [url for url in self._urls.values() if url]
            if urls:
                url = urls[next(turns) % len(urls)] + path
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.request(method, url, **more) as answer:
                        assert answer.ok, f"{method} {path}: {answer.status} {await answer.text()}"
                        return None if answer.status == HTTPStatus.NO_CONTENT else await answer.json()
            # Another engine serves soon; until then there is nobody to wait for.
            await asyncio.sleep(0.02)

    async def _create(self, session: aiohttp.ClientSession, turn: int) -> None:
        turns = count(turn)
        for number in self._numbers:
            await self._allowed.acquire()
            body = {"initial_data": {"tasks": tasks_of(number), "number": number}}
            headers = {"Idempotency-Key": str(number)}
            made = await self._call(session, "POST", "/api/jobs/flow", turns, json=body, headers=headers)
            self._made[number] = made["job_id"]

    async def _work(self, session: aiohttp.ClientSession, worker: str) -> None:
        turns = count(int(worker[1:]))
        query = "timeout=1&available_skills=echo&hot_skills="
        await self._call(session, "POST", "/_worker/workers/register", turns, json={"worker_id": worker})
        while True:
            task = await self._call(session, "GET", f"/_worker/workers/{worker}/tasks/next?{query}", turns)
            if task is not None:
                result = {key: task[key] for key in ("job_id", "task_id")}
                result |= {"worker_id": worker, "status": "success", "data": task["params"]}
                answer = await self._call(session, "POST", "/_worker/tasks/result", turns, json=result)
                if answer["status"] == "accepted":
                    self._accepted.add((task["task_id"], worker))

    async def _until_ended(self) -> None:
        store = SQLStorage(f"sqlite:///{self.path}", busy_timeout=30.0)
        await store.open()
        while True:
            is_quiet = not self._points and len(self._made) == self.jobs
            still_open = sum(one.number for one in await store.counts() if one.status not in TERMINAL)
            if is_quiet and not still_open:
                break
            if time.monotonic() - self._last_death > self.patience:
                self.report.faults.append(f"{still_open} jobs have not ended")
                break
            await asyncio.sleep(0.05)
        self.report.seconds_after_last_kill = time.monotonic() - self._last_death
        await store.close()


def some_points(number: int, seed: int) -> list[CrashPoint]:
    """Crash points and random moments, drawn."""
    draw = random.Random(seed)  # noqa: S311 (moments, not secrets)
    return [CrashPoint(draw.choice([*POINTS, ""]), draw.randint(1, 5)) for _ in range(number)]


def main(arguments: list[str]) -> int:
    """Run one campaign in a temporary folder and print what it showed."""
    parser = argparse.ArgumentParser(prog="python -m faults.campaign", description=main.__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        points = some_points(asked.kills, asked.seed)
        report = asyncio.run(Campaign(Path(folder, "jobs.db"), asked.jobs, points, seed=asked.seed).run())
    print(*report.faults[:20], sep="\n")
    print(f"{asked.jobs} jobs, {report.kills.total()} kills ({dict(report.kills)}): {len(report.faults)} faults;")
    print(f"all ended {report.seconds_after_last_kill:.1f} s after the last kill")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
