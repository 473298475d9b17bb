"""`Demo`: one run. The engine with its API in this process, workers in others, one job, its result."""

import asyncio
import secrets
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from batch_processor.app import app
from batch_processor.client import Client
from batch_processor.report import console, files_table, history_lines, progress
from batch_processor.workers import Workers, WorkersLost
from fw_worker.config import WorkerSettings

OWN_CONFIG = Path(__file__).with_name("fw.toml")
ENDED = ("finished", "failed", "quarantined")
LOOK_EVERY = 0.1
"""Seconds between two looks at the job."""


class DemoError(Exception):
    """The demo was asked for something impossible; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    folder: Path
    serve: bool
    workers: int
    port: int | None
    database: Path
    config: Path | None


class Demo:
    """Runs the job for one folder, or continues the one that was interrupted."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._console = console()
        self._client_token = secrets.token_urlsafe(24)
        self._worker_token = secrets.token_urlsafe(24)
        self._config = options.config or OWN_CONFIG

    async def run(self) -> int:
        """The exit status."""
        self._bootstrap()
        async with app, aiohttp.ClientSession() as session:
            client = Client(session, app.http.url, self._client_token)
            workers = Workers(
                self._options.workers,
                url=app.http.url,
                token=self._worker_token,
                config=self._config,
                logs=self._options.database.parent,
            )
            self._console.print(f"engine and API at {app.http.url}, {self._options.workers} workers")
            async with workers:
                job = await self._process(client, workers)
                await self._show(client, job)
                if self._options.serve:
                    await self._serve(client, job["id"])
        return 0 if job["status"] == "finished" else 1

    def _bootstrap(self) -> None:
        try:
            self._options.database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DemoError(
                f"{self._options.database.parent} cannot be made: {error.strerror}. Choose --database."
            ) from error
        flags = [
            f"store-sql.url=sqlite:///{self._options.database}",
            f"orchestrator.client_token={self._client_token}",
            f"orchestrator.worker_token={self._worker_token}",
        ]
        if self._options.port is not None:
            flags.append(f"http.port={self._options.port}")
        app.log_level = "warning"  # the demo tells its own story
        app.bootstrap(mode="web", config=self._config, flags=flags)
        app.config.load(WorkerSettings, "worker")  # what is wrong there is told now, before there is a job

    async def _process(self, client: Client, workers: Workers) -> dict[str, Any]:
        folder = str(self._options.folder)
        job_id = await client.unfinished_job(folder)
        if job_id:
            self._console.print(f"continuing job {job_id} for {folder}", soft_wrap=True)
        else:
            job_id = await client.create_job(folder)
            self._console.print(f"job {job_id} for {folder}", soft_wrap=True)
        watching = asyncio.create_task(workers.watch())
        following = asyncio.create_task(self._follow(client, job_id))
        try:
            await asyncio.wait([watching, following], return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                await watching
            return await following
        except WorkersLost as lost:
            raise DemoError(str(lost)) from lost
        finally:
            watching.cancel()
            following.cancel()
            await asyncio.gather(watching, following, return_exceptions=True)

    async def _follow(self, client: Client, job_id: str) -> dict[str, Any]:
        fields = ("status", "current_state", "progress", "tasks_total", "tasks_open")
        with progress(self._console) as show:
            while True:
                job = await client.job(job_id, *fields)
                show(job)
                if job["status"] in ENDED:
                    return await client.job(job_id)
                await asyncio.sleep(LOOK_EVERY)

    async def _show(self, client: Client, job: dict[str, Any]) -> None:
        screen = self._console
        if job["status"] == "finished":
            screen.print(files_table(job["result"]))
        else:
            screen.print(f"the job is {job['status']}: {job['error_message']}", style="red", markup=False)
        screen.print("history of the job", style="bold")
        for line in history_lines(await client.history(job["id"])):
            screen.print("  " + line, markup=False, highlight=False, soft_wrap=True)
        screen.print("where to look next", style="bold")
        for line in (
            f"the whole result is in the database: {self._options.database}",
            f"what the workers did: {self._options.database.parent}/worker-*.log",
            "the API while it runs: --serve",
            "how it is made: examples/batch-processor/README.md, docs/tutorial/first-job.md",
        ):
            screen.print("  " + line, markup=False, highlight=False, soft_wrap=True)

    async def _serve(self, client: Client, job_id: str) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        self._console.print(
            "serving until Ctrl-C; try: "
            f"curl -H 'X-Client-Token: {self._client_token}' {app.http.url}/api/v1/jobs/{job_id}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        await stop.wait()
