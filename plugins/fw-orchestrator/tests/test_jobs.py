"""Jobs made and looked up, from code and over HTTP."""

from __future__ import annotations

import pytest

from framework import FrameworkError
from fw_orchestrator import ActionFactory
from fw_orchestrator.errors import InvalidJobData, UnknownBlueprint

from .orchestration import Hand, Site, flow, one_task, site


def onward(actions: ActionFactory) -> None:
    actions.transition_to("done")


async def test_jobs_can_be_made_from_code() -> None:
    silent = flow(lambda actions: actions.transition_to("done"), name="silent")
    silent.api_endpoint = None
    async with site(silent) as running:
        orchestrator = running.app.orchestrator
        job = await running.ended(await orchestrator.create_job("silent", {"n": 1}))
        assert await orchestrator.job(job.id) == job
        assert await orchestrator.job("nobody") is None
        with pytest.raises(UnknownBlueprint, match=r"(?s)No blueprint is named 'noisy'.*Registered: silent"):
            await orchestrator.create_job("noisy")
        with pytest.raises(InvalidJobData, match="initial_data cannot be stored as JSON"):
            await orchestrator.create_job("silent", {"bad": object()})
        assert len(await running.store.jobs()) == 1


async def test_jobs_can_be_made_only_while_the_engine_runs() -> None:
    async with site(one_task()) as running:
        orchestrator = running.app.orchestrator
        await running.app.stop()
        for call in (orchestrator.create_job("flow"), orchestrator.job("j")):
            with pytest.raises(FrameworkError, match=r"(?s)engine is not running.*start the App first"):
                await call


async def test_one_app_runs_several_blueprints_under_their_versions() -> None:
    first, second = flow(onward, name="a", api_version="v1"), flow(onward, name="b")
    async with site(first, second) as running:
        await running.create(path="/api/v1/jobs/a")
        await running.create(path="/api/jobs/b")
        for prefix in ("/api/v1", "/api"):
            assert [job["blueprint_name"] for job in (await running.get(f"{prefix}/jobs")).body] == ["b", "a"]


async def jobs_of(running: Site, query: str) -> list[str]:
    return [job["id"] for job in (await running.get(f"/api/jobs{query}")).body]


async def test_jobs_are_listed_newest_first_by_status_and_page() -> None:
    async with site(one_task()) as running:
        first, second, third = [await running.create() for _ in range(3)]
        worker = Hand(running)
        await worker.hand_in(await worker.task())
        await running.ended(first)
        for waiting in (second, third):
            await running.waiting(waiting)
        assert await jobs_of(running, "") == [third, second, first]
        assert await jobs_of(running, "?status=finished") == [first]
        assert await jobs_of(running, "?status=finished,waiting_for_worker&limit=1&offset=1") == [second]


async def test_jobs_are_listed_by_blueprint_and_state() -> None:
    async with site(flow(onward, name="a"), one_task()) as running:
        ended = await running.ended(await running.create(path="/api/jobs/a"))
        waiting = await running.waiting(await running.create())
        assert await jobs_of(running, "?blueprint=a") == [ended.id]
        assert await jobs_of(running, "?state=start") == [waiting.id]
        assert await jobs_of(running, "?blueprint=a&state=start") == []


async def test_a_hundred_jobs_are_listed_at_once() -> None:
    async with site(flow(onward)) as running:
        for _ in range(101):
            await running.app.orchestrator.create_job("flow")
        assert len(await jobs_of(running, "")) == 100
        assert len(await jobs_of(running, "?limit=1000")) == 101


async def test_slashes_around_the_prefix_do_not_matter() -> None:
    async with site(flow(onward), api_prefix="/made/") as running:
        await running.ended(await running.create(path="/made/jobs/flow"))
