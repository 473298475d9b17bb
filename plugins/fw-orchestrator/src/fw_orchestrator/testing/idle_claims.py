"""`IdleClaims`: the jobs that an engine has claimed and does nothing about."""

from __future__ import annotations

import asyncio
from typing import Any


class IdleClaims:
    """Sees what an engine asks of the store. ``neglected`` are jobs that it let wait for ``most`` seconds or longer.

    Nobody else can take them before their lease ends; then they go on, so that nothing but the time is lost, and no
    count at the end tells of it.
    """

    def __init__(self, name: str, most: float) -> None:
        self.neglected: list[str] = []
        self._name = name
        self._most = most
        self._since: dict[str, float] = {}

    def asked(self, method: str, values: tuple[Any, ...]) -> None:
        """It does something."""
        match method, values:
            case "commit", [transitions]:
                self._end(*(one.job_id for one in transitions))
            case "tasks", [job_id, *_]:
                self._end(job_id)
            case "release_jobs", [_, job_ids]:
                self._end(*job_ids)

    def answered(self, method: str, answer: Any) -> None:
        """It has heard what it has got."""
        if method == "claim_jobs":
            for job in answer:
                self._since.setdefault(job.id, self._now())

    def end(self) -> None:
        """It dies."""
        self._end(*self._since)

    def _end(self, *job_ids: str) -> None:
        for job_id in job_ids:
            waited = self._now() - self._since.pop(job_id, self._now())
            if waited >= self._most:
                self.neglected.append(f"{self._name} claimed job {job_id} and did nothing about it for {waited:.1f} s")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
