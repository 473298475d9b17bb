"""Pull-worker SDK for the RXON protocol, as an fw plugin."""

from fw_worker.context import TaskContext
from fw_worker.errors import MissingToken, NoOrchestrator, SkillError, TaskFailed

__all__ = ["MissingToken", "NoOrchestrator", "SkillError", "TaskContext", "TaskFailed"]
