"""`ApprovalTokens`: what a person shows to decide for a job, made again each time it is needed."""

from __future__ import annotations

import hashlib
import hmac

from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.model import AwaitedApproval, Job


class ApprovalTokens:
    """One token per decision, derived from the client's, which may decide anyway; the store holds nothing of it.

    It is bound to the job and to the step that waits, so it is good for that decision only. Whoever changes the
    client's token takes back all that are out.
    """

    def __init__(self, settings: OrchestratorSettings) -> None:
        self._settings = settings

    def of(self, job: Job) -> str | None:
        """The token for the decision that the job waits for; None if it waits for none, or nothing can be derived."""
        key = self._settings.client_token.encode()
        if not key or not isinstance(job.awaited, AwaitedApproval):
            return None
        text = f"fw approval token\n{job.id}\n{job.version}"
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def is_right(self, job: Job, token: str) -> bool:
        """Whether ``token`` is the one for the decision that the job waits for."""
        wanted = self.of(job)
        return wanted is not None and hmac.compare_digest(wanted.encode(), token.encode("utf-8", "surrogatepass"))
