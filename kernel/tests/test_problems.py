"""Everything that is wrong with the settings, at once; times of starts; commands whose reader goes away."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, Component
from framework.config import Config
from framework.errors import InvalidSettings
from framework.index import state
from framework.sources import from_code


@dataclass(frozen=True)
class Shop:
    limit: int
    currency: str = "EUR"
    rate: float = 1.0

    def __post_init__(self) -> None:
        if self.limit < 0:
            raise ValueError(f"limit must not be negative, not {self.limit}")


def problems(values: dict[str, Any]) -> list[str]:
    return [str(error) for error in Config(from_code({"shop": values}, "here")).problems(Shop, "shop")]


def test_every_problem_of_a_section_is_given_and_load_raises_all_at_once() -> None:
    """K41"""
    values = {"limt": 1, "currency": 3, "rate": "high"}
    found = problems(values)
    assert [text.splitlines()[0] for text in found] == [
        "here: [shop] has no setting 'limt'.",
        "[shop] limit is not set, and it has no default.",
        "here: [shop] currency must be a string, not 3.",
        "here: [shop] rate must be a number, not 'high'.",
    ]
    with pytest.raises(InvalidSettings) as caught:
        Config(from_code({"shop": values}, "here")).load(Shop, "shop")
    assert str(caught.value) == "\n".join(found)
    assert [str(problem) for problem in caught.value.problems] == found


def test_what_the_schema_itself_refuses_is_a_problem_and_a_sound_section_has_none() -> None:
    """K42"""
    assert problems({"limit": -1}) == ["here: [shop] limit must not be negative, not -1."]
    assert problems({"limit": 1}) == []


def test_every_unknown_section_is_given() -> None:
    """K41"""
    config = Config(from_code({"shpo": {"x": 1}, "bar": {"y": 2}, "shop": {"limit": 1}}, "here"))
    assert [error.message for error in config.section_problems(["shop"])] == [
        "here: there is no section [shpo].",
        "here: there is no section [bar].",
    ]


async def test_the_life_cycle_notes_when_each_unit_began_and_was_up() -> None:
    """K33: a unit begins when what it needs is up."""

    class First(Component):
        async def start(self) -> None:
            await asyncio.sleep(0)

    class Second(Component):
        def __init__(self, first: First) -> None:
            pass

    app = App("timed", plugins=[])
    app.register(Second)
    app.register(First)
    async with app:
        times = app.assembly.lifecycle.times
    first, second = (next(times[name] for name in times if name.endswith(end)) for end in ("First", "Second"))
    assert first[0] <= first[1] <= second[0] <= second[1]


def test_the_index_says_whether_it_holds(fw: Any, site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """K21"""
    from framework.index import refresh

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "cache"))
    file, holds = state()
    assert not holds
    refresh()
    assert state() == (file, True)
    site.install("alpha")
    assert state() == (file, False)


def test_a_command_whose_reader_goes_away_ends_quietly(fw: Any, site: Any) -> None:
    """K50: as in ``fw … | head -1``."""
    site.install(
        "talker",
        manifest='[commands.talk]\nhelp = "talks"\nrun = "sample_talker.talk:talk"\n',
        files={"talk.py": "def talk(arguments):\n    for _ in range(100_000):\n        print('word')\n"},
    )
    program = fw.start("talk")
    program.process.stdout.close()
    status, said = program.end()
    assert (status, said) == (1, "")
