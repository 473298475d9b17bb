"""What goes wrong before a task runs, and how a skill says that its task failed."""

from collections.abc import Mapping
from typing import Any

from framework import FrameworkError


class MissingToken(FrameworkError):
    """There are skills to offer and no token to offer them with."""

    def __init__(self) -> None:
        super().__init__(
            "The worker has no token, and an orchestrator lets nobody in without one.",
            remedy='Set worker.token (fw.toml: [worker] token = "...", or the environment variable FW_WORKER__TOKEN) '
            "to the orchestrator's worker token.",
        )


class CertificateError(FrameworkError):
    """A file that a setting names holds no certificate that can be used; `setting` is the key, `path` the file."""

    def __init__(self, setting: str, path: object, error: Exception, remedy: str) -> None:
        self.setting = setting
        self.path = path
        super().__init__(f"worker.{setting} = {str(path)!r} cannot be used: {error}.", remedy=remedy)


class NoSkills(FrameworkError):
    """What `worker.skills` names is not there, or holds no skill; `name` is the entry."""

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        self.name = name
        super().__init__(f"worker.skills names {name!r}, and {problem}.", remedy=remedy)


class NoOrchestrator(FrameworkError):
    """The worker is to be embedded, and no orchestrator runs in its process."""

    def __init__(self) -> None:
        super().__init__(
            "worker.embedded is set, and there is no orchestrator in this process.",
            remedy='Enable both: [plugins] enable = ["orchestrator", "worker"] in fw.toml; or set worker.url instead.',
        )


class SkillError(FrameworkError):
    """A skill is declared in a way that cannot work; `skill` is its name, `place` the file and line."""

    def __init__(self, skill: str, place: str, problem: str, remedy: str) -> None:
        self.skill = skill
        self.place = place
        super().__init__(f"Skill {skill!r} ({place}): {problem}.", remedy=remedy)


class TaskFailed(Exception):
    """Raised by a skill: the task failed, for this reason.

    `code` is one of `fw_rxon.ErrorCode` and decides what becomes of the job: `TRANSIENT_ERROR` tries again elsewhere,
    `PERMANENT_ERROR` quarantines, `INVALID_INPUT_ERROR` fails the job. An unknown code counts as transient.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        self.code = str(code)
        self.message = message
        self.details = details
        super().__init__(f"{self.code}: {message}")


class InvalidParameters(Exception):
    """The params of a task do not fit the skill's parameters; `parameter` is the first that does not, if it is one."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(message)
