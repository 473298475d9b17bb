"""The orchestrator that `test_schemathesis_orchestrator.py` calls: jobs in every state, workers, a workers file.

Prints where it listens and the id of a quarantined job, and stops when its standard input ends.
"""

import asyncio
import json
import sys
from typing import Any

import aiohttp

from framework import App
from fw_orchestrator import ActionFactory, StateMachineBlueprint

TOKENS = {"client_token": "client-secret", "worker_token": "worker-secret", "admin_token": "admin-secret"}
app = App(
    "fuzzed", plugins=["orchestrator"], defaults={"http": {"port": 0}, "orchestrator": {**TOKENS, "max_poll": 0.05}}
)
flow = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")
approval = StateMachineBlueprint("approval", api_endpoint="/jobs/approval", api_version="v2")


@flow.handler_for("start", is_start=True)
def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
    actions.dispatch_task("echo", initial_data, transitions={"success": "done"})


@flow.handler_for("done", is_end=True)
def done() -> None: ...


@approval.handler_for("ask", is_start=True)
def ask(actions: ActionFactory) -> None:
    actions.await_human_approval("mail", "Shall we?", transitions={"approved": "approved"})


@approval.handler_for("approved", is_end=True)
def approved() -> None: ...


app.orchestrator.register_blueprint(flow)
app.orchestrator.register_blueprint(approval)


async def prepare(session: aiohttp.ClientSession, url: str) -> dict[str, str]:
    """A worker, a task that it holds, a job that waits for a person, one that waits for an operator."""
    worker = {"X-Worker-Token": TOKENS["worker_token"], "X-Worker-ID": "w1"}
    body = {"worker_id": "w1", "supported_skills": [{"name": "echo"}]}
    await session.post(f"{url}/_worker/workers/register", json=body, headers=worker)
    poll = f"{url}/_worker/workers/w1/tasks/next?timeout=10&available_skills=echo"
    tasks = []
    for _ in range(2):
        await app.orchestrator.create_job("flow", {"n": 1})
        task: dict[str, str] = {}
        while not task:
            async with session.get(poll, headers=worker) as answer:
                task = await answer.json() if answer.status == 200 else {}
        tasks.append(task)
    stuck = {key: tasks[0][key] for key in ("job_id", "task_id")} | {"status": "failure"}
    failure = {"error": {"code": "PERMANENT_ERROR", "message": "no luck"}}
    await session.post(f"{url}/_worker/tasks/result", json={**stuck, **failure, "worker_id": "w1"}, headers=worker)
    asked = await app.orchestrator.create_job("approval")
    return {"stuck": tasks[0]["job_id"], "held": tasks[1]["job_id"], "task": tasks[1]["task_id"], "asked": asked}


async def main() -> None:
    async with app, aiohttp.ClientSession() as session:
        ids = await prepare(session, app.http.url)
        print(json.dumps({"url": app.http.url, **ids}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
