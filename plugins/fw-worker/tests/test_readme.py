"""The samples of the README."""

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framework import App

from .conftest import QUICK
from .fake_orchestrator import PATIENCE, TOKEN, FakeOrchestrator

README = Path(__file__).parents[1] / "README.md"
SAMPLES = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
WORKERS = [sample for sample in SAMPLES if "asyncio" not in sample]
OFFERED = [["measure"], ["paint", "upscale"], []]


@pytest.mark.parametrize("sample,names", [*zip(WORKERS, OFFERED, strict=True)], ids=["first", "limits", "commands"])
async def test_a_sample_offers_its_skills(orchestrator: FakeOrchestrator, sample: str, names: list[str]) -> None:
    found: dict[str, Any] = {"__name__": "sample", "App": app_for(orchestrator)}
    text = sample.replace("from framework import App\n", "").replace('app.run(mode="worker")', "")
    exec(compile(text, "README.md", "exec"), found)  # noqa: S102 - the sample itself
    if not names:
        found["app"].worker.skill("any")(lambda: None)
    async with found["app"]:
        [registration] = await orchestrator.count("register", 1)
    assert sorted(skill["name"] for skill in registration["supported_skills"]) == (names or ["any"])


def app_for(orchestrator: FakeOrchestrator) -> Callable[..., App]:
    """What stands for `App` in a sample: the same, with the worker alone, at this orchestrator."""

    def make(name: str, defaults: Any = None) -> App:
        worker = {"url": orchestrator.url, "token": TOKEN} | QUICK | (defaults or {}).get("worker", {})
        return App(name, plugins=["worker"], defaults={"worker": worker})

    return make


async def test_the_embedded_sample_ends_with_its_job(tmp_path: Path) -> None:
    [sample] = [sample for sample in SAMPLES if "asyncio.run" in sample]
    (tmp_path / "sample.py").write_text(sample + '\nprint("done")\n')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "sample.py", cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), 3 * PATIENCE)
    assert (process.returncode, output) == (0, b"done\n")
