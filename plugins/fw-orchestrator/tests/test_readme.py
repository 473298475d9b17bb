"""The first job of the README works as printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aiohttp

from framework import App
from fw_orchestrator.engine import Engine

from .orchestration import CLIENT_TOKEN, WORKER_TOKEN, Hand, Site

README = Path(__file__).parents[1] / "README.md"


class WorkerStandIn:
    """What the sample declares as skills; a test calls them as a worker would."""

    def __init__(self) -> None:
        self.skills: dict[str, Any] = {}

    def skill(self, name: str) -> Any:
        return lambda function: self.skills.setdefault(name, function)


async def test_the_first_job() -> None:
    found = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    tokens = {"client_token": CLIENT_TOKEN, "worker_token": WORKER_TOKEN}
    app = App("t", plugins=["orchestrator"], defaults={"http": {"port": 0}, "orchestrator": tokens})
    worker = WorkerStandIn()
    # The worker plugin is another distribution: its facade is the one thing stood in for.
    sample = found[1].replace('App("greetings")', "given").replace("app.worker", "worker")
    exec(compile(sample, str(README), "exec"), {"given": app, "worker": worker})  # noqa: S102 - our own README
    async with app, aiohttp.ClientSession() as session:
        running = Site(app, session)
        assert running.engine is app.container.get(Engine)
        job_id = await running.create({"name": "Ada"}, path="/api/v1/jobs/greeting")
        hand = Hand(running)
        task = await hand.task("greet")
        await hand.hand_in(task, data=worker.skills["greet"](**task["params"]))
        await running.ended(job_id)
        assert (await running.get(f"/api/v1/jobs/{job_id}")).body["result"] == "Hello, Ada!"
