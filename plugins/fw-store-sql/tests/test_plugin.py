"""The plugin in an application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from framework import App, StartupError
from fw_orchestrator import StateMachineBlueprint
from fw_store_sql import SQLStorage


def application(path: Path, *blueprints: StateMachineBlueprint) -> App:
    app = App(
        "test",
        plugins=["store-sql", "orchestrator"],
        defaults={
            "store-sql": {"url": f"sqlite:///{path}"},
            "http": {"port": 0},
            "orchestrator": {"client_token": "client", "worker_token": "worker"},
        },
    )
    for blueprint in blueprints:
        app.orchestrator.register_blueprint(blueprint)
    return app


def one_state() -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("one_state")
    blueprint.handler_for("only", is_start=True, is_end=True)(lambda: None)
    return blueprint


async def test_jobs_of_an_application_are_in_the_file_when_it_has_stopped(tmp_path: Path) -> None:
    async with application(tmp_path / "jobs.db", one_state()) as app:
        job_id = await app.orchestrator.create_job("one_state", {"n": 1})
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    assert [(job.id, job.initial_data) for job in await store.jobs()] == [(job_id, {"n": 1})]
    await store.close()


async def test_an_application_without_blueprints_makes_no_file(tmp_path: Path) -> None:
    async with application(tmp_path / "jobs.db"):
        pass
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - nothing else runs


async def test_an_application_whose_store_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="Create the folder"):
        await application(tmp_path / "missing" / "jobs.db", one_state()).start()


def test_importing_the_package_or_its_hooks_does_not_import_sqlalchemy() -> None:
    code = "import sys, fw_store_sql.plugin; print('sqlalchemy' in sys.modules, 'asyncio' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "False False\n"
