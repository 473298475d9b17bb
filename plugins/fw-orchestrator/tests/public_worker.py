"""The public worker SDK as a process of its own, in its own environment, doing what the tests ask of it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from fw_testing.components import PUBLIC_WORKER

from .orchestration import PATIENCE, WORKER_TOKEN

SECRET_KEY = "what tasks are signed with"

PROGRAM = """
import asyncio
from avtomatika_worker import Worker

worker = Worker(skill_type_limits={"one-at-a-time": 1})

@worker.skill("echo")
async def echo(params: dict, **_):
    return {"status": params.get("status", "success"), "data": params}

@worker.skill("fail")
async def fail(params: dict, **_):
    return {"status": "failure", "error": {"code": params["code"], "message": "as told"}}

@worker.skill("crash")
async def crash(params: dict, **_):
    raise {"RuntimeError": RuntimeError, "ValueError": ValueError}[params["error"]]("out of luck")

@worker.skill("alone", type="one-at-a-time")
async def alone(params: dict, task_id: str, job_id: str, send_progress, **_):
    await send_progress(task_id, job_id, 0.5, "alone")
    await asyncio.sleep(params["seconds"])
    return {"status": "success", "data": {}}

@worker.skill("wait")
async def wait(params: dict, task_id: str, job_id: str, send_progress, send_event, **_):
    await send_progress(task_id, job_id, 0.25, "at 0.25")
    for event in params.get("events", ()):
        await send_event(event, {"n": 1.5})
    await asyncio.sleep(3600)

worker.run()
"""


class PublicWorker:
    """One process of the SDK, impatient, so that tests need not be patient."""

    def __init__(self, folder: Path, name: str, url: str, **variables: str) -> None:
        (folder / f"{name}.py").write_text(PROGRAM, encoding="utf-8")
        environment = {
            "ORCHESTRATOR_URL": url,
            "WORKER_ID": name,
            "WORKER_TOKEN": WORKER_TOKEN,
            "ORCHESTRATOR_SECRET_KEY": SECRET_KEY,
            "HEARTBEAT_INTERVAL": "0.2",
            "WORKER_HEARTBEAT_COOLDOWN": "0.05",
            "IDLE_POLL_DELAY": "0.01",
            "POLL_BACKOFF_INITIAL": "0.05",
            "POLL_BACKOFF_MAX": "0.2",
            "TASK_POLL_ERROR_DELAY": "0.05",
            "REGISTRATION_RETRY_INITIAL_DELAY": "0.05",
            "REGISTRATION_RETRY_MAX_DELAY": "0.2",
            "RESULT_RETRY_INITIAL_DELAY": "0.1",
            "STRICT_EVENT_VALIDATION": "false",
            "WORKER_SKILLS_DIR": str(folder / "none"),
            "TASK_FILES_DIR": str(folder / "files"),
            "WORKER_BLOB_CACHE_DIR": str(folder / "blobs"),
            **variables,
        }
        self._log = folder / f"{name}.log"
        with self._log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(PUBLIC_WORKER.python), f"{name}.py"],
                cwd=folder,
                env={**environment, "PATH": os.environ["PATH"]},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text(encoding="utf-8")

    def stop(self) -> int:
        """Ask it to stop, as an operator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
