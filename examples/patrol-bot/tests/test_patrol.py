"""A tree that is edited while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from fw_behavior import RUNNING, BehaviorTree
from fw_environment import Environment, TreeController
from patrol_bot.cli import TREE, main, patrolled
from patrol_bot.yard import PLACES, Bot, Fox


class Patrol(NamedTuple):
    file: Path
    env: Environment
    bot: Bot
    told: list[str]

    @property
    def tree(self) -> BehaviorTree:
        controller = self.bot.controller
        assert isinstance(controller, TreeController)
        tree = controller.tree
        assert isinstance(tree, BehaviorTree)
        return tree

    @property
    def running(self) -> list[str]:
        return [path for path, status in self.tree.statuses.items() if status is RUNNING]

    def edit(self, old: str, new: str) -> None:
        """In one go, as editors do."""
        text = self.file.read_text("utf-8")
        assert old in text
        part = self.file.with_suffix(".part")
        part.write_text(text.replace(old, new, 1), "utf-8")
        part.replace(self.file)


@pytest.fixture
def patrol(tmp_path: Path) -> Patrol:
    """On its way to the tower; no foxes come."""
    file = tmp_path / "patrol.xml"
    file.write_text(TREE.read_text("utf-8"), "utf-8")
    told: list[str] = []
    env, bot = patrolled(file, told.append)
    env.events.on("fox")(lambda env: None)
    env.run(3)
    made = Patrol(file, env, bot, told)
    assert made.running == ["bot", "bot/round", "bot/round/GoTo#2"]
    return made


def test_what_an_edit_does_not_touch_goes_on_where_it_stood(patrol: Patrol) -> None:
    before = patrol.bot.x
    patrol.edit("<Bark/>", "<Chase/>")
    patrol.env.step(2)
    assert patrol.told == ["3.05 s: bot/alarm/Bark was changed"]
    assert patrol.running == ["bot", "bot/round", "bot/round/GoTo#2"]
    assert patrol.bot.x == pytest.approx(before + 2 * 3.5 * patrol.env.dt)


def test_after_the_edit_the_bot_does_what_the_new_tree_says(patrol: Patrol) -> None:
    def visit() -> None:
        patrol.env.spawn(Fox(goal=(patrol.bot.x + 1, 0.5)), at=(patrol.bot.x + 3, patrol.bot.y + 2))
        patrol.env.run(patrol.env.time + 4)

    visit()
    assert (patrol.bot.barks > 0, patrol.bot.caught) == (True, 0)
    patrol.edit("<Bark/>", "<Chase/>")
    patrol.env.step()
    visit()
    assert patrol.bot.caught == 1


def test_an_edit_of_the_running_leaf_takes_its_place(patrol: Patrol) -> None:
    patrol.edit('place="tower"', 'place="barn"')
    patrol.env.run(12)
    assert patrol.told == ["3.05 s: bot/round/GoTo#2 was changed"]
    assert (patrol.bot.x, patrol.bot.y) != PLACES["tower"]


def test_changes_in_two_places_swap_what_holds_both(patrol: Patrol) -> None:
    patrol.edit('place="well"', 'place="gate"')
    patrol.edit("<Bark/>", "<Bark/><Bark/>")
    patrol.env.step()
    assert patrol.told == ["3.05 s: bot was changed"]
    patrol.edit('      <Sequence name="alarm">', '      <!-- first of all -->\n      <Sequence name="alarm">')
    patrol.env.step()
    assert len(patrol.told) == 1, "a comment is no change"


def test_a_broken_file_changes_nothing_and_says_where(patrol: Patrol) -> None:
    patrol.edit("<Bark/>", "<Brak/>")
    patrol.env.step(2)
    [told] = patrol.told
    assert told.startswith("3.05 s: the tree stays as it was: Line 6: There is no node or function 'Brak'.")
    assert "bot/alarm/Bark" in patrol.tree.statuses
    patrol.file.unlink()
    patrol.env.step()
    assert patrol.told[1].startswith("3.15 s: the tree stays as it was: [Errno 2]")
    patrol.file.write_text(TREE.read_text("utf-8").replace("<Bark/>", "<Chase/>"), "utf-8")
    patrol.env.step()
    assert patrol.told[2:] == ["3.20 s: bot/alarm/Bark was changed"]


def test_a_fork_has_the_edited_tree_and_follows_the_file_no_less(patrol: Patrol) -> None:
    patrol.edit("<Bark/>", "<Chase/>")
    patrol.env.step()
    fork = patrol.env.fork()
    fork.step(20)
    patrol.env.step(20)
    assert fork.hash() == patrol.env.hash()


def test_the_demonstration_is_filmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", str(tmp_path / "patrol.gif")]) == 0
    said = capsys.readouterr().out
    assert "bot/alarm/Bark was changed" in said
    assert "69 barks, 5 caught" in said
    with Image.open(tmp_path / "patrol.gif") as film:
        assert getattr(film, "n_frames", 1) > 100


def test_it_runs_beside_the_clock_and_makes_the_file_that_is_to_be_edited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.xml"
    assert main([str(file), "--seconds", "2", "--speed", "20"]) == 0
    assert file.read_text("utf-8") == TREE.read_text("utf-8")
    said = capsys.readouterr()
    assert "0 caught" in said.out
    assert f"Edit {file}" in said.err
