"""A sweep as a job: an engine on SQLite, workers in processes of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fw_orchestrator.model import TERMINAL, Job
from fw_store_sql import SQLStorage
from predator_prey.app import app
from predator_prey.world import simulate

SETTINGS = Path(__file__).parents[1] / "fw.toml"
PATIENCE = 60.0


@asynccontextmanager
async def worker(name: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`fw run --mode worker`, as the README says; killed at the end if nothing has done so before."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "framework", "run", "--mode", "worker", "--config", str(SETTINGS)),
        env={**os.environ, "FW_WORKER__URL": app.http.url, "FW_WORKER__TOKEN": "two", "FW_WORKER__ID": name},
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def ended(job_id: str) -> Job:
    async with asyncio.timeout(PATIENCE):
        while True:
            job: Job | None = await app.orchestrator.job(job_id)
            assert job is not None
            if job.status in TERMINAL:
                return job
            await asyncio.sleep(0.02)


@pytest.mark.needs("posix")
async def test_workers_make_the_runs_and_the_rows_are_what_one_process_gets(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'sweep.db'}"
    flags = ["http.port=0", f"store-sql.url={store}", "orchestrator.task_lease=1.0"]
    tokens = ["orchestrator.client_token=one", "orchestrator.worker_token=two"]
    app.bootstrap(mode="web", config=SETTINGS, flags=[*flags, *tokens])
    async with app:
        asked = {"days": 5, "regrowth": [20, 40], "seeds": 2}
        job_id = await app.orchestrator.create_job("sweep", asked)
        async with worker("first"), worker("second"):
            job = await ended(job_id)
    assert job.status == "finished", job
    grid = [(regrowth, seed) for regrowth in (20, 40) for seed in (0, 1)]
    wanted = [{"days": 5, "regrowth": regrowth, "seed": seed} | simulate(5, regrowth, seed) for regrowth, seed in grid]
    kept = SQLStorage(store)
    await kept.open()
    try:
        stored = await kept.job(job_id)
    finally:
        await kept.close()
    assert stored is not None
    assert stored.result == {"rows": wanted}
