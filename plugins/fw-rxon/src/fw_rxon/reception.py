"""What an orchestrator does for workers, without a wire between the two."""

from collections.abc import Callable, Collection
from typing import Protocol

from fw_rxon.heartbeat import Heartbeat
from fw_rxon.heartbeat_answer import HeartbeatAnswer
from fw_rxon.registration import Registration
from fw_rxon.result_answer import ResultAnswer
from fw_rxon.task_message import TaskMessage
from fw_rxon.task_result import TaskResult
from fw_rxon.worker_event import WorkerEvent


class Reception(Protocol):
    """A port: an orchestrator provides it to the container, and a worker in the same process uses it."""

    async def register(self, registration: Registration) -> None:
        """Add or replace a worker."""

    async def heartbeat(self, worker_id: str, heartbeat: Heartbeat) -> HeartbeatAnswer | None:
        """Note a sign of life; None if the worker is unknown."""

    async def next_task(
        self, worker_id: str, skills: Collection[str], timeout: float, is_gone: Callable[[], bool]
    ) -> TaskMessage | None:
        """Wait up to `timeout` seconds for a task of one of `skills`; `is_gone`: nobody listens any more."""

    async def put_back(self, task_id: str, worker_id: str) -> None:
        """Take back a task that could not be delivered."""

    async def take_result(self, worker_id: str, result: TaskResult) -> ResultAnswer:
        """Take what came of a task."""

    async def take_event(self, worker_id: str, event: WorkerEvent) -> bool:
        """Take an event of a task; False if the worker does not hold it."""
