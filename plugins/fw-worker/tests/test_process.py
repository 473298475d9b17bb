"""A worker as its operator meets it: a process with settings from the environment, ended by a signal."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

DEAF = """
import threading
from framework import App
from fw_worker import TaskContext

app = App("demo", plugins=["worker"])

@app.worker.skill("deaf")
def deaf(context: TaskContext) -> None:
    context.progress(0, "begun")
    threading.Event().wait()

app.run(mode="worker")
"""


@asynccontextmanager
async def started(*command: str, cwd: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=cwd, env={**os.environ, **settings}, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_terminated_process_finishes_its_task_hands_it_in_and_exits_with_success(
    orchestrator: FakeOrchestrator, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    settings = {"FW_WORKER__URL": orchestrator.url, "FW_WORKER__TOKEN": TOKEN, "FW_WORKER__HEARTBEAT_INTERVAL": "0.1"}
    async with started("program.py", cwd=tmp_path, **settings) as process:
        await orchestrator.give("task-1", "wait", {"marker": str(tmp_path / "go")})
        await orchestrator.count("event", 1)
        process.send_signal(signal.SIGTERM)
        await orchestrator.until(lambda: orchestrator.heard["heartbeat"][-1]["status"] == "draining")
        (tmp_path / "go").touch()
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0
    assert not any(word in errors.decode() for word in ("WARNING", "ERROR", "CRITICAL", "Traceback"))
    assert orchestrator.heard["result"][0]["data"] == {"marker": str(tmp_path / "go")}
    assert orchestrator.heard["heartbeat"][-1]["status"] == "offline"


async def test_a_thread_that_does_not_end_is_named_and_does_not_keep_the_process(
    orchestrator: FakeOrchestrator, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(DEAF)
    settings = {
        "FW_WORKER__URL": orchestrator.url,
        "FW_WORKER__TOKEN": TOKEN,
        "FW_WORKER__DRAIN_TIMEOUT": "0.1",
        "FW_WORKER__CANCEL_TIMEOUT": "0.1",
    }
    async with started("program.py", cwd=tmp_path, **settings) as process:
        await orchestrator.give("task-1", "deaf")
        await orchestrator.count("event", 1)
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0
    assert "skill-1 still runs skill 'deaf' and is left behind" in errors.decode()
    assert orchestrator.heard["result"][0]["error"]["code"] == "TRANSIENT_ERROR"


async def test_a_worker_is_configuration_and_a_module_of_functions(
    orchestrator: FakeOrchestrator, tmp_path: Path
) -> None:
    """No App is written: `fw run` finds `[app] target`, the functions and where to work for in `fw.toml`."""
    (tmp_path / "films.py").write_text("def measure(text: str) -> dict[str, int]:\n    return {'length': len(text)}\n")
    (tmp_path / "fw.toml").write_text(
        f"""
[app]
target = "fw_worker.program"
[plugins]
disable = ["http", "orchestrator"]
[worker]
url = "{orchestrator.url}"
skills = ["films:measure"]
concurrency = 2
"""
    )
    arguments = ("-m", "framework", "run", "--mode", "worker")
    async with started(*arguments, cwd=tmp_path, FW_WORKER__TOKEN=TOKEN) as process:
        await orchestrator.give("task-1", "measure", {"text": "rope"})
        assert (await orchestrator.result("task-1"))["data"] == {"length": 4}
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0
    assert orchestrator.heard["heartbeat"][-1]["status"] == "offline"
