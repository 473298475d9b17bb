"""A worker as its operator meets it: a process with settings from the environment, ended by a signal."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from .fake_orchestrator import PATIENCE, TOKEN, FakeOrchestrator

PROGRAM = """
import os
from framework import App
from fw_worker import TaskContext

app = App("demo", plugins=["worker"])

@app.worker.skill("wait")
def wait(context: TaskContext, marker: str) -> dict[str, str]:
    context.progress(0, "begun")
    while not os.path.exists(marker):
        context.cancelled.wait(0.01)
    return {"marker": marker}

app.run(mode="worker")
"""


async def test_terminated_process_finishes_its_task_hands_it_in_and_exits_with_success(
    orchestrator: FakeOrchestrator, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    settings = {"FW_WORKER__URL": orchestrator.url, "FW_WORKER__TOKEN": TOKEN, "FW_WORKER__HEARTBEAT_INTERVAL": "0.1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "program.py", cwd=tmp_path, env={**os.environ, **settings}, stderr=asyncio.subprocess.PIPE
    )
    try:
        await orchestrator.give("task-1", "wait", {"marker": str(tmp_path / "go")})
        await orchestrator.count("event", 1)
        process.send_signal(signal.SIGTERM)
        await orchestrator.until(lambda: orchestrator.heard["heartbeat"][-1]["status"] == "draining")
        (tmp_path / "go").touch()
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert not any(word in errors.decode() for word in ("WARNING", "ERROR", "CRITICAL", "Traceback"))
    assert orchestrator.heard["result"][0]["data"] == {"marker": str(tmp_path / "go")}
    assert orchestrator.heard["heartbeat"][-1]["status"] == "offline"
