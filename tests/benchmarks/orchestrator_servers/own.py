"""Jobs of one state, jobs with one task, and a bare greeting, on this framework.

The argument is ``memory`` or the path of an SQLite file. The server's URL is the first line it prints; it ends with its
standard input.
"""

import asyncio
import logging
import sys

from framework import App
from fw_http.facade import Http
from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.store import JobStore
from fw_store_sql import SQLStorage

CLIENT_TOKEN, WORKER_TOKEN = "bench-client", "bench-worker"


def one_state() -> StateMachineBlueprint:
    made = StateMachineBlueprint("one", api_version="v1", api_endpoint="/jobs/one")

    @made.handler_for(is_start=True, is_end=True)
    def finished() -> None: ...

    return made


def one_task() -> StateMachineBlueprint:
    made = StateMachineBlueprint("task", api_version="v1", api_endpoint="/jobs/task")

    @made.handler_for(is_start=True)
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", {}, transitions={"success": "finished"})

    @made.handler_for(is_end=True)
    def finished() -> None: ...

    return made


def application(store: JobStore) -> App:
    tokens = {"client_token": CLIENT_TOKEN, "worker_token": WORKER_TOKEN}
    defaults = {"http": {"host": "127.0.0.1", "port": 0}, "orchestrator": tokens}
    app = App("bench", plugins=["orchestrator"], defaults=defaults)
    app.provide(JobStore, lambda: store)
    app.orchestrator.register_blueprint(one_state())
    app.orchestrator.register_blueprint(one_task())

    @app.facade(Http).route("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "world"}

    return app


async def main(storage: str) -> None:
    store = MemoryStorage() if storage == "memory" else SQLStorage(f"sqlite:///{storage}")
    async with application(store) as app:
        print(app.http.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main(sys.argv[1]))
