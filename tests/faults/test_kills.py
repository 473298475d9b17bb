"""Engines that die: no job is lost, no transition and no result counts twice."""

from __future__ import annotations

import asyncio
import os
import signal
from itertools import zip_longest
from pathlib import Path

import pytest

from fw_orchestrator.model import TERMINAL, HistoryEntry, Job
from fw_store_sql import SQLStorage

from .campaign import CLIENTS, Campaign
from .counting import faults_in
from .crash_points import (
    AFTER_COMMIT,
    AFTER_HANDLER,
    AFTER_READ,
    BEFORE_ANSWER,
    BEFORE_ANSWER_TO_ONE_OF_TWO,
    BEFORE_JOB,
    BEFORE_RESULT,
    BEFORE_TASK,
    BETWEEN_HALVES,
    POINTS,
    CrashPoint,
)
from .engine_process import flow
from .nursery import Nursery

RANDOM_MOMENT = CrashPoint()
NAMED = [
    CrashPoint(name, 5 * nth if name in (BEFORE_ANSWER, BEFORE_TASK) else nth) for nth in (1, 3) for name in POINTS
]
PLAN = [point for pair in zip_longest(NAMED, [RANDOM_MOMENT] * 8) for point in pair if point is not None]
"""20 deaths."""


async def test_a_thousand_jobs_bear_twenty_kills(tmp_path: Path) -> None:
    report = await Campaign(tmp_path / "jobs.db", jobs=1000, points=PLAN).run()
    assert report.faults == []
    assert report.kills.total() == len(PLAN)
    assert set(report.kills) == {*POINTS, "random moment"}
    assert report.seconds_after_last_kill < 60


CASES = [
    ("split", CrashPoint(BETWEEN_HALVES), CrashPoint(AFTER_COMMIT)),
    ("holding", CrashPoint(AFTER_READ), CrashPoint(AFTER_READ)),
    ("recounting", CrashPoint(BEFORE_ANSWER_TO_ONE_OF_TWO), CrashPoint(BEFORE_ANSWER_TO_ONE_OF_TWO)),
    # One more than there are clients: one at least has heard that its job is kept.
    ("write-behind", CrashPoint(BEFORE_ANSWER, CLIENTS + 1), CrashPoint(BEFORE_ANSWER, CLIENTS + 1)),
]


@pytest.mark.parametrize("store, deadly, same", CASES, ids=[case[0] for case in CASES])
async def test_a_store_that_does_not_bear_a_kill_is_noticed(
    tmp_path: Path, store: str, deadly: CrashPoint, same: CrashPoint
) -> None:
    # With one worker, a job with two tasks cannot go on before the result that nobody answered is sent again.
    sound = await Campaign(tmp_path / "sound.db", jobs=30, points=[same], workers=1).run()
    assert (sound.faults, sound.kills) == ([], {same.name: 1})
    # Two engines share them: enough for one to come to its point.
    jobs = 80 if deadly.nth > CLIENTS else 30
    broken = await Campaign(
        tmp_path / "broken.db", jobs=jobs, points=[deadly], store=store, workers=1, patience=4.0
    ).run()
    assert broken.faults != []
    assert broken.kills == {deadly.name: 1}


ENGINES = {
    "premature": (CrashPoint(BEFORE_JOB, 5), "the job of key"),
    "forgetful": (CrashPoint(BEFORE_ANSWER, 5), "is there twice"),
    "hasty": (CrashPoint(BEFORE_RESULT), "was accepted and is lost"),
    "clinging": (CrashPoint(AFTER_READ), "jobs have not ended"),
    "trusting": (CrashPoint(BEFORE_TASK), "jobs have not ended"),
    "timeless": (CrashPoint(BEFORE_TASK), "jobs have not ended"),
}
"""Which death each broken engine does not bear, and what shows it. Sound engines bear them all, see above."""


@pytest.mark.parametrize("fault", ENGINES)
async def test_an_engine_that_does_not_bear_a_kill_is_noticed(tmp_path: Path, fault: str) -> None:
    point, words = ENGINES[fault]
    report = await Campaign(tmp_path / "jobs.db", jobs=30, points=[point], fault=fault, patience=4.0).run()
    assert report.kills == {point.name: 1}
    assert any(words in one for one in report.faults), report.faults


async def faults_after_a_pause(path: Path, store: str) -> list[str]:
    """An engine stops between handler and commit, another one does its job, then the first goes on and commits."""
    jobs = SQLStorage(f"sqlite:///{path}")
    await jobs.open()
    job = Job(
        id="j",
        blueprint="flow",
        definition=flow().definition,
        state="start",
        created_at=1.0,
        updated_at=1.0,
        initial_data={"tasks": 0},
    )
    await jobs.create([job], [HistoryEntry(job_id="j", at=1.0, event="job_created", state="start")])
    async with Nursery.opened() as nursery, asyncio.timeout(60):
        paused = await nursery.start(path, store, CrashPoint(AFTER_HANDLER, signal=signal.SIGSTOP.value))
        await paused.down.wait()
        paused.down.clear()
        await nursery.start(path, store, CrashPoint("never"))
        while (await jobs.jobs())[0].status not in TERMINAL:
            await jobs.news()
        os.kill(paused.pid, signal.SIGCONT)
        await paused.down.wait()
        await jobs.close()
        return await faults_in(path, {"": "j"})


async def test_an_engine_that_slept_past_its_lease_changes_nothing(tmp_path: Path) -> None:
    assert await faults_after_a_pause(tmp_path / "jobs.db", "sound") == []


async def test_a_store_without_a_fence_is_noticed(tmp_path: Path) -> None:
    assert await faults_after_a_pause(tmp_path / "jobs.db", "unfenced") != []
