"""The jobs of a memory store, with their claims, in the order in which they are to be claimed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import heappop, heappush

from fw_orchestrator.model import TERMINAL, HistoryEntry, Job, Transition


class JobSlot:
    """A job, its claim and its history. Of its entries in the heaps only the one with the latest ``stamp`` counts."""

    __slots__ = ("history", "job", "lease_until", "number", "owner", "stamp")

    def __init__(self, job: Job, number: int) -> None:
        self.job = job
        self.number = number
        self.stamp = 0
        self.owner: str | None = None
        self.lease_until: float | None = None
        self.history: list[HistoryEntry] = []

    def admits(self, transition: Transition) -> bool:
        """Whether the fence lets a transition through."""
        return (
            self.owner == transition.owner
            and self.job.version == transition.expected_version
            and self.job.status not in TERMINAL
        )


class JobTable:
    """Jobs by id; a heap of those that are ready, one of those that are held."""

    def __init__(self) -> None:
        self._slots: dict[str, JobSlot] = {}
        self._ready: list[tuple[float, int, int, JobSlot]] = []
        self._held: list[tuple[float, int, int, JobSlot]] = []

    def get(self, job_id: str) -> JobSlot | None:
        """The slot of a job, or None."""
        return self._slots.get(job_id)

    def newest(self) -> Iterator[Job]:
        """All jobs, the last created first."""
        return (slot.job for slot in reversed(self._slots.values()))

    def add(self, job: Job) -> JobSlot:
        """Keep a job whose id is new."""
        slot = self._slots[job.id] = JobSlot(job, len(self._slots))
        self._place(slot)
        return slot

    def change(self, slot: JobSlot, job: Job) -> None:
        """Put a newer record of a job in the place of the old one; its claim stays as it is."""
        slot.job = job
        self._place(slot)

    def hold(self, slot: JobSlot, owner: str | None, until: float | None) -> None:
        """Set or, with None, end the claim of a job."""
        slot.owner, slot.lease_until = owner, until
        self._place(slot)

    def claims(self, owner: str, job_ids: Collection[str]) -> list[JobSlot]:
        """Those of the jobs that ``owner`` holds."""
        found = (self._slots.get(job_id) for job_id in dict.fromkeys(job_ids))
        return [slot for slot in found if slot is not None and slot.owner == owner]

    def next(self, now: float) -> JobSlot | None:
        """The job to claim next: it leaves its heap and must be held or changed."""
        while self._held and self._held[0][0] <= now:
            _, _, stamp, slot = heappop(self._held)
            if stamp == slot.stamp:
                heappush(self._ready, (slot.job.updated_at, slot.number, stamp, slot))
        while self._ready:
            _, _, stamp, slot = heappop(self._ready)
            if stamp != slot.stamp:
                continue
            if slot.lease_until is None or slot.lease_until <= now:
                return slot
            # A caller whose clock is ahead saw the end of a lease that has not ended for this one.
            self._place(slot)
        return None

    def _place(self, slot: JobSlot) -> None:
        slot.stamp += 1
        if not slot.job.ready:
            return
        if slot.lease_until is None:
            heappush(self._ready, (slot.job.updated_at, slot.number, slot.stamp, slot))
        else:
            heappush(self._held, (slot.lease_until, slot.number, slot.stamp, slot))
