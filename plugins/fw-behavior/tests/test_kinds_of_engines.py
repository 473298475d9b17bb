"""The page that says which engine has which kind of node says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from fw_behavior.array_kinds import RULES
from fw_behavior.batch_kinds import BATCHED
from fw_behavior.engine import RUNS

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "behaviour-trees.md"


def test_the_table_of_kinds_is_that_of_the_engines() -> None:
    told: dict[str, tuple[bool, ...]] = {}
    for names, *answers in re.findall(
        r"^\| (`\w+`.*?) \| (yes) \| (yes) \| (yes|no) \| (yes|no) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    ):
        told |= dict.fromkeys(re.findall(r"`(\w+)`", names), tuple(answer == "yes" for answer in answers))
    leaves = {"Action", "Condition"}
    assert told == {kind: (True, True, kind in BATCHED, kind in RULES) for kind in RUNS if kind not in leaves}
