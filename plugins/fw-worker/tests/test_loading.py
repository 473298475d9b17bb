"""Skills of modules that the configuration names: no line of an application."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from framework import App, StartupError

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]

FILMS = """
from fw_worker import TaskContext, skill

@skill("measure", description="Size.", concurrency=1)
@skill("weigh")
async def measure(context: TaskContext, text: str = "") -> dict[str, int]:
    return {"size": len(text)}

same = measure

def plain(text: str) -> dict[str, str]:
    "Says it again."
    return {"text": text}

number = 5
"""


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = f"films_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(FILMS)
    (tmp_path / f"{name}_broken.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


async def test_marked_functions_of_a_module_and_single_functions_are_offered(
    orchestrator: FakeOrchestrator, make_app: MakeApp, films: str
) -> None:
    app = make_app(skills=[films, f"{films}:plain"])
    app.worker.skill("own")(lambda: None)
    async with app:
        await orchestrator.give("task-1", "measure", {"text": "four"})
        await orchestrator.give("task-2", "plain", {"text": "four"})
        assert (await orchestrator.result("task-1"))["data"] == {"size": 4}
        assert (await orchestrator.result("task-2"))["data"] == {"text": "four"}
    offered = {skill["name"]: skill for skill in orchestrator.heard["register"][0]["supported_skills"]}
    assert sorted(offered) == ["measure", "own", "plain", "weigh"]
    assert (offered["measure"]["description"], offered["plain"]["description"]) == ("Size.", "Says it again.")


@pytest.mark.parametrize(
    "entry,words",
    [
        ("{}:nothing", "that module has no function 'nothing'.*MODULE:FUNCTION"),
        ("{}:number", "has no function 'number'"),
        ("{}_broken", "cannot be imported: ZeroDivisionError"),
        ("{}_absent", "cannot be imported: ModuleNotFoundError"),
        ("json", "nothing in it is marked as a skill"),
    ],
)
async def test_what_is_not_there_is_said_at_the_start(make_app: MakeApp, films: str, entry: str, words: str) -> None:
    with pytest.raises(StartupError, match=f"(?s)worker.skills names .*{words}"):
        await make_app(skills=[entry.format(films)]).start()


async def test_a_skill_of_a_module_that_cannot_work_is_named_with_its_place(make_app: MakeApp, films: str) -> None:
    app = make_app(skills=[films])
    app.worker.skill("weigh")(lambda: None)
    with pytest.raises(StartupError, match=rf"Skill 'weigh' \(.*{films}.py:\d+\).*test_loading.py"):
        await app.start()
