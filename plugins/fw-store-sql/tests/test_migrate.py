"""`fw jobs migrate --dry-run` on a file full of jobs of another time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fw_orchestrator import StateMachineBlueprint
from fw_orchestrator.model import Job, JobStatus
from fw_store_sql import SQLStorage

APPLICATION = """
from framework import App
from fw_orchestrator import StateMachineBlueprint

flow = StateMachineBlueprint("flow")
flow.handler_for("start", is_start=True, to=["baked"])(lambda actions: actions.transition_to("baked"))
flow.handler_for("baked", is_end=True)(lambda: None)
app = App("t")
app.orchestrator.register_blueprint(flow)
"""


def today() -> StateMachineBlueprint:
    """The blueprint of the application."""
    names: dict[str, Any] = {}
    exec(compile(APPLICATION, "app.py", "exec"), names)  # noqa: S102 - our own text
    found: StateMachineBlueprint = names["flow"]
    return found


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """An application, and jobs of its definition, of a former one and of a blueprint that is gone."""
    (tmp_path / "app.py").write_text(APPLICATION)
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    former, here = "0" * 16, today().definition
    places = [
        *[("flow", here, "start", JobStatus.PENDING)] * 1,
        *[("flow", former, "start", JobStatus.WAITING_FOR_WORKER)] * 2,
        *[("flow", former, "cooked", JobStatus.QUARANTINED)] * 3,
        *[("flow", former, "cooked", JobStatus.FINISHED)] * 4,
    ]
    jobs = [
        Job(
            id=f"j{number}",
            blueprint=blueprint,
            definition=definition,
            state=state,
            status=status,
            ready=False,
            created_at=1.0,
            updated_at=1.0,
        )
        for number, (blueprint, definition, state, status) in enumerate(places)
    ]
    await store.create(jobs)
    await store.close()
    return tmp_path


def migrate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the folder."""
    code = "import sys; from framework.cli import main; sys.exit(main())"
    flags = ("--set", "store-sql.url=sqlite:///jobs.db")
    command = [sys.executable, "-c", code, "jobs", "migrate", *arguments, *flags]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


async def test_the_dry_run_tells_how_many_jobs_sit_where(folder: Path) -> None:
    before = (folder / "jobs.db").read_bytes()
    said = migrate(folder, "--dry-run")
    assert said.returncode == 1, said.stderr
    assert f"      1  flow {today().definition}  start (pending)  -> start\n" in said.stdout
    assert "      2  flow 0000000000000000  start (waiting_for_worker)  -> start\n" in said.stdout
    assert "      3  flow 0000000000000000  cooked (quarantined)  xx definition " in said.stdout
    assert said.stdout.endswith("6 jobs have not ended; 3 of them could not go on.\n")
    assert (folder / "jobs.db").read_bytes() == before


async def test_a_renamed_state_can_be_told(folder: Path) -> None:
    said = migrate(folder, "--dry-run", "--json", "--map", "cooked=baked")
    assert said.returncode == 0, said.stderr
    [row] = [row for row in json.loads(said.stdout) if row["state"] == "cooked"]
    assert (row["jobs"], row["goes_on_in"]) == (3, "baked")


@pytest.mark.parametrize("arguments, words", [((), "--dry-run"), (("--dry-run", "--map", "x"), "write OLD=NEW")])
async def test_it_is_asked_for_properly(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    said = migrate(folder, *arguments)
    assert said.returncode == 2
    assert words in said.stderr
