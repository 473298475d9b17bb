"""The same jobs on avtomatika with its memory storage. It is driven over its public HTTP API only.

The argument is ``silent`` (nothing is logged, which spares it most of its cost) or ``shipped`` (logging as it comes, to
nowhere).
"""

import asyncio
import logging
import os
import socket
import sys

CLIENT_TOKEN, WORKER_TOKEN = "bench-client", "bench-worker"

os.environ |= {
    "CLIENT_TOKEN": CLIENT_TOKEN,
    "GLOBAL_WORKER_TOKEN": WORKER_TOKEN,
    "RATE_LIMITING_ENABLED": "false",
}

from avtomatika import Blueprint, OrchestratorEngine  # noqa: E402 - it reads the environment
from avtomatika.config import Config  # noqa: E402 - it reads the environment
from avtomatika.context import ActionFactory  # noqa: E402 - it reads the environment
from avtomatika.storage import MemoryStorage  # noqa: E402 - it reads the environment


def one_state() -> Blueprint:
    made = Blueprint(name="one", api_version="v1", api_endpoint="/jobs/one")

    @made.handler("finished", is_start=True, is_end=True)
    async def finished(job_id):  # type: ignore[no-untyped-def]
        pass

    return made


def one_task() -> Blueprint:
    made = Blueprint(name="task", api_version="v1", api_endpoint="/jobs/task")

    @made.handler("start", is_start=True)
    async def start(actions: ActionFactory):  # type: ignore[no-untyped-def]
        # Its default strategy would use one worker of many.
        actions.dispatch_task(
            task_type="echo", params={}, transitions={"success": "finished"}, dispatch_strategy="round_robin"
        )

    @made.handler("finished", is_end=True)
    async def finished(job_id):  # type: ignore[no-untyped-def]
        pass

    return made


async def main() -> None:
    config = Config()
    stdout, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with socket.create_server(("127.0.0.1", 0)) as free:
        config.API_PORT = free.getsockname()[1]
    config.API_HOST = "127.0.0.1"
    engine = OrchestratorEngine(MemoryStorage(), config)
    engine.register_blueprint(one_state())
    engine.register_blueprint(one_task())
    await engine.start()
    os.write(stdout, f"http://127.0.0.1:{config.API_PORT}\n".encode())
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # its graceful stop waits for open long polls, up to a minute


if __name__ == "__main__":
    if sys.argv[1] == "silent":
        logging.disable(logging.CRITICAL)
    asyncio.run(main())
