"""`Client`: the few calls of the orchestrator's client API that the demo needs."""

from typing import Any

import aiohttp

UNFINISHED = "pending,running,waiting_for_worker,waiting_for_parallel_tasks"


class Client:
    """Talks to the API at ``url`` with a client token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._base = f"{url}/api/v1"
        self._headers = {"X-Client-Token": token}

    async def _get(self, path: str, **query: str) -> Any:
        async with self._session.get(self._base + path, params=query, headers=self._headers) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def unfinished_job(self, folder: str) -> str | None:
        """The id of a job for this folder that has not ended, if there is one."""
        for job in await self._get("/jobs", status=UNFINISHED, limit="1000"):
            if job["initial_data"].get("folder") == folder:
                return str(job["id"])
        return None

    async def create_job(self, folder: str) -> str:
        """Create a job for a folder; its id."""
        body = {"initial_data": {"folder": folder}}
        async with self._session.post(f"{self._base}/jobs/process_folder", json=body, headers=self._headers) as answer:
            answer.raise_for_status()
            return str((await answer.json())["job_id"])

    async def job(self, job_id: str, *fields: str) -> dict[str, Any]:
        """The job as it stands; only ``fields`` if any are named."""
        found: dict[str, Any] = await self._get(f"/jobs/{job_id}", **({"fields": ",".join(fields)} if fields else {}))
        return found

    async def history(self, job_id: str) -> list[dict[str, Any]]:
        """What happened to the job."""
        found: list[dict[str, Any]] = await self._get(f"/jobs/{job_id}/history")
        return found
