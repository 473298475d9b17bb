"""Answer to W4."""

from fw_rxon.record import Record
from fw_rxon.status import AnswerStatus


class ResultAnswer(Record, frozen=True, kw_only=True):
    """The result has been taken. `ignored` (with a `reason`, see `IgnoredReason`) is also final: do not send again."""

    status: str = ""
    transition: str | None = None
    reason: str | None = None
    message: str | None = None

    @property
    def ignored(self) -> bool:
        """Whether the result arrived but changed nothing."""
        return self.status == AnswerStatus.IGNORED
