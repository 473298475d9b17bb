"""Pull-worker SDK for the RXON protocol, as an fw plugin."""

from fw_worker.answer import Answer
from fw_worker.context import TaskContext
from fw_worker.declared import skill
from fw_worker.errors import CertificateError, MissingToken, NoOrchestrator, NoSkills, SkillError, TaskFailed

__all__ = [
    "Answer",
    "CertificateError",
    "MissingToken",
    "NoOrchestrator",
    "NoSkills",
    "SkillError",
    "TaskContext",
    "TaskFailed",
    "skill",
]
