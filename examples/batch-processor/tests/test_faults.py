"""Kill what you like: the job is finished by the next run, each file exactly once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .demo_process import DemoProcess, gone, jobs, many_files, quick_config

pytestmark = pytest.mark.needs("posix")

IN_THE_MIDDLE = r"^inspect: (\d+) of 200 tasks"


class Place:
    """A folder of many files, the database, and how to run the demo on them."""

    def __init__(self, folder: Path) -> None:
        self.files = many_files(folder / "in")
        self.database = folder / "state" / "jobs.db"
        self._config = quick_config(folder)

    def demo(self) -> DemoProcess:
        return DemoProcess(self.files, "--database", self.database, "--config", self._config)

    async def check(self) -> str:
        """There is one job, finished, with each file once; its id."""
        [job] = await jobs(self.database)
        assert job.status == "finished"
        assert [file["path"] for file in job.result["files"]] == sorted(path.name for path in self.files.iterdir())
        assert job.result["unreadable"] == []
        return job.id

    async def unfinished(self) -> str:
        """There is one job, not yet finished; its id."""
        [job] = await jobs(self.database)
        assert job.status == "waiting_for_parallel_tasks"
        return job.id


async def test_a_run_that_was_killed_is_continued_by_the_next_one(tmp_path: Path) -> None:
    place = Place(tmp_path)
    async with place.demo() as killed:
        await killed.line(IN_THE_MIDDLE)
        assert len(killed.workers) == 2
        killed.process.kill()
        await killed.process.wait()
        job_id = await place.unfinished()
        async with place.demo() as following:
            found = await following.line(r"^continuing job (\S+) for ")
            assert found[1] == job_id
            assert (await following.end())[0] == 0
        assert await place.check() == job_id
        await gone(killed.workers)


async def test_a_worker_that_is_killed_takes_no_task_with_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    async with place.demo() as demo:
        await demo.line(IN_THE_MIDDLE)
        os.kill(demo.workers[0], signal.SIGKILL)
        status, output = await demo.end()
        assert (status, "Traceback" in output) == (0, False)
    await place.check()


async def test_an_interrupted_run_is_continued_by_the_next_one(tmp_path: Path) -> None:
    place = Place(tmp_path)
    async with place.demo() as demo:
        await demo.line(IN_THE_MIDDLE)
        demo.interrupt()
        status, output = await demo.end()
        assert (status, "Traceback" in output) == (130, False)
        assert output.endswith("batch-processor: interrupted. Run the same command again: the job continues.\n")
        await gone(demo.workers)
    job_id = await place.unfinished()
    async with place.demo() as following:
        await following.line(f"^continuing job {job_id} for ")
        assert (await following.end())[0] == 0
    assert await place.check() == job_id
