"""The jobs of a memory store, with their claims, in the order in which they are to be claimed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import heappop, heappush
from math import inf

from msgspec import Struct, field

from fw_orchestrator.model import TERMINAL, Claim, HistoryEntry, Job, JobStatus, Transition


class JobSlot(Struct, gc=False):
    """A job, its claim and its history. Of its entries in a heap only the one with the latest ``stamp`` counts."""

    job: Job
    number: int
    stamp: int = 0
    owner: str | None = None
    lease_until: float | None = None
    history: list[HistoryEntry] = field(default_factory=list)

    def admits(self, transition: Transition) -> bool:
        """Whether the fence lets a transition through."""
        if self.job.version != transition.expected_version:
            return False
        if transition.resumes:
            return self.job.status is JobStatus.QUARANTINED
        return self.owner == transition.owner and self.job.status not in TERMINAL


Heap = list[tuple[float, int, int, JobSlot]]


class JobTable:
    """Jobs by id and key; a heap of those of each definition that are ready; those that are held, few at a time."""

    def __init__(self) -> None:
        self._slots: dict[str, JobSlot] = {}
        self._keys: dict[str, str] = {}
        self._ready: dict[str, Heap] = {}
        self._held: dict[int, JobSlot] = {}
        self._next_end = inf
        self._number = 0

    def get(self, job_id: str) -> JobSlot | None:
        """The slot of a job, or None."""
        return self._slots.get(job_id)

    def with_key(self, key: str | None) -> str | None:
        """The id of the job with an idempotency key."""
        return None if key is None else self._keys.get(key)

    def newest(self) -> Iterator[Job]:
        """All jobs, the last created first."""
        return (slot.job for slot in reversed(self._slots.values()))

    def add(self, job: Job, claim: Claim | None = None) -> JobSlot:
        """Keep a job whose id is new, free or claimed."""
        self._number += 1
        slot = self._slots[job.id] = JobSlot(job, self._number)
        if job.key is not None:
            self._keys[job.key] = job.id
        if claim is not None:
            slot.owner, slot.lease_until = claim.owner, claim.until
        self._place(slot)
        return slot

    def forget(self, job_id: str) -> None:
        """Delete a job that has ended."""
        slot = self._slots.pop(job_id)
        slot.stamp += 1
        if slot.job.key is not None:
            del self._keys[slot.job.key]

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

    def free(self, now: float, limit: int, definitions: Collection[str] | None) -> list[JobSlot]:
        """The jobs to claim next: they have left their heap and must be held or changed."""
        self._end_leases(now)
        found: list[JobSlot] = []
        left: list[JobSlot] = []
        wanted = self._ready if definitions is None else dict.fromkeys(definitions)
        while len(found) < limit and (heaps := [heap for name in wanted if (heap := self._valid(name))]):
            slot = heappop(min(heaps, key=lambda heap: heap[0][:2]))[3]
            # A caller whose clock is ahead saw the end of a lease that has not ended for this one.
            (found if slot.lease_until is None or slot.lease_until <= now else left).append(slot)
        for slot in left:
            self._place(slot)
        return found

    def _valid(self, definition: str) -> Heap:
        """The heap of a definition, its head being valid."""
        heap = self._ready.get(definition, [])
        while heap and heap[0][2] != heap[0][3].stamp:
            heappop(heap)
        return heap

    def _end_leases(self, now: float) -> None:
        if now < self._next_end:
            return
        for slot in [slot for slot in self._held.values() if slot.lease_until is None or slot.lease_until <= now]:
            del self._held[slot.number]
            self._offer(slot)
        ends = (slot.lease_until for slot in self._held.values() if slot.lease_until is not None)
        self._next_end = min(ends, default=inf)

    def _place(self, slot: JobSlot) -> None:
        slot.stamp += 1
        if not slot.job.ready or slot.lease_until is None:
            self._held.pop(slot.number, None)
            if slot.job.ready:
                self._offer(slot)
            return
        self._held[slot.number] = slot
        self._next_end = min(self._next_end, slot.lease_until)

    def _offer(self, slot: JobSlot) -> None:
        heap = self._ready.setdefault(slot.job.definition, [])
        heappush(heap, (slot.job.updated_at, slot.number, slot.stamp, slot))
