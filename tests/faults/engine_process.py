"""A program for tests: engines in processes of their own, forked from this one, so that a new one starts at once.

Each line on stdin is JSON, ``{"path", "store", "fault", "point", "nth", "signal"}``, and starts an engine. Each line on
stdout is JSON: ``{"pid", "url"}`` when an engine serves, ``{"pid", "down": true}`` when it is paused or gone. All end
with stdin.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import signal
from typing import Any

from framework import App
from fw_orchestrator import ActionFactory, StateMachineBlueprint
from fw_orchestrator.desk import Desk
from fw_orchestrator.engine import Engine
from fw_orchestrator.service import Service
from fw_orchestrator.store import JobStore
from fw_orchestrator.testing.broken_engines import BROKEN_ENGINES, sound

from .broken_stores import STORES
from .crash_points import CrashPoint

LOADED = (Desk, Engine, Service)
"""Imported before the first fork, not after every one."""

SETTINGS = {
    "client_token": "client",
    "worker_token": "worker",
    "job_lease": 1.0,
    "task_lease": 2.0,
    "worker_timeout": 86400.0,  # the campaign's workers send no heartbeats
    "max_retries": 1000,
    "max_concurrent_jobs": 20,
}


def flow() -> StateMachineBlueprint:
    """Start, perhaps some tasks at once, middle, done; ``trail`` tells what has been applied."""
    made = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")

    @made.handler_for(is_start=True)
    def start(initial_data: dict[str, Any], state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["trail"] = ["start"]
        if tasks := [{"task_type": "echo", "params": {"n": n + 1}} for n in range(initial_data["tasks"])]:
            actions.dispatch_parallel(tasks, aggregate_into="gathered")
        else:
            actions.transition_to("middle")

    @made.aggregator_for()
    def gathered(aggregation_results: Any, state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["trail"].append("gathered")
        state_history["sum"] = sum(result["data"].get("n", 0) for result in aggregation_results.values())
        actions.transition_to("middle")

    @made.handler_for()
    def middle(state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["trail"].append("middle")
        actions.transition_to("done")

    @made.handler_for(is_end=True)
    def done(state_history: dict[str, Any]) -> None:
        state_history["trail"].append("done")

    return made


def say(**words: Any) -> None:
    """One line, in one write: engines share the pipe."""
    os.write(1, (json.dumps(words) + "\n").encode())


async def serve(order: dict[str, Any]) -> None:
    """Run an engine until it is killed."""
    point = CrashPoint(order["point"], order["nth"], order["signal"])
    fault = BROKEN_ENGINES.get(order["fault"], sound)
    store = fault(STORES[order["store"]](f"sqlite:///{order['path']}", point.reach))
    defaults = {"http": {"host": "127.0.0.1", "port": 0}, "orchestrator": SETTINGS}
    app = App("engine", plugins=["orchestrator"], defaults=defaults)
    app.provide(JobStore, lambda: store)
    app.orchestrator.register_blueprint(flow())
    app.bootstrap()
    await app.start()
    await app.ready()
    say(pid=os.getpid(), url=app.http.url)
    await asyncio.Event().wait()


def fork(order: dict[str, Any]) -> int:
    """Start an engine; its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asyncio.run(serve(order))
    finally:
        os._exit(1)


def reap(alive: set[int]) -> None:
    """Tell of those who are paused or have ended."""
    for pid in list(alive):
        changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if changed:
            say(pid=pid, down=True)
            if not os.WIFSTOPPED(status):
                alive.discard(pid)


def main() -> None:
    """Fork and reap until stdin ends."""
    logging.disable(logging.WARNING)
    rung, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive: set[int] = set()
    text = b""
    while True:
        ready, _, _ = select.select([0, rung], [], [])
        if rung in ready:
            os.read(rung, 4096)
            reap(alive)
        if 0 in ready:
            if not (more := os.read(0, 65536)):
                break
            *lines, text = (text + more).split(b"\n")
            alive |= {fork(json.loads(line)) for line in lines}
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
