"""`fw run --explain`"""

import json
from typing import Any

from fw_cli.timing import Timing, critical_path, tree

SLOW = """

class Slow(Component):
    async def start(self) -> None:
        import asyncio
        await asyncio.sleep(0.05)


class Last(Component):
    def __init__(self, slow: Slow, database: Database) -> None:
        pass


app.register(Slow)
app.register(Last)


@app.on_ready
def refuse() -> None:
    raise RuntimeError("the doors were opened")
"""


def timings(*rows: tuple[str, str, float, float]) -> dict[str, Timing]:
    return {unit: Timing(unit, frozenset(needs.split()), begun, up) for unit, needs, begun, up in rows}


def test_the_critical_path_follows_what_was_waited_for_longest() -> None:
    found = timings(("a", "", 0, 1), ("b", "", 0, 5), ("c", "a b", 5, 6), ("d", "a", 1, 2))
    assert critical_path(found) == ["b", "c"]
    assert critical_path({}) == []


def test_the_tree_tells_of_each_unit_once_and_marks_the_path() -> None:
    found = timings(("a", "", 0, 1), ("b", "a", 1, 2), ("c", "a", 1, 4), ("d", "b c", 4, 4.5))
    assert list(tree(found, critical_path(found))) == [
        "   0.500 s * d",
        "   3.000 s *   c",
        "   1.000 s *     a",
        "   1.000 s     b",
        "   1.000 s *     a",
    ]


def test_an_application_is_started_without_its_doors_explained_and_stopped(shop: Any) -> None:
    shop.write("slow.py", (shop.folder / "shop.py").read_text("utf-8") + SLOW)
    done = shop.run("run", "--explain", "slow")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "critical path: application:Slow -> application:Last"
    rows = {row["unit"]: row for row in json.loads(shop.run("run", "--explain", "slow", "--json").stdout)}
    assert rows["application:Slow"]["took"] >= 0.05
    assert rows["application:Last"]["begun"] >= rows["application:Slow"]["took"]
    assert rows["application:Last"]["needs"] == ["application:Database", "application:Slow"]


def test_a_start_that_fails_is_told_as_by_run(shop: Any) -> None:
    text = (
        (shop.folder / "shop.py")
        .read_text("utf-8")
        .replace("    pass\n", "    def start(self) -> None:\n        1 / 0\n", 1)
    )
    shop.write("bad.py", text)
    done = shop.run("run", "--explain", "bad")
    assert done.returncode == 4
    assert "ZeroDivisionError" in done.stderr
    assert "bad.py" in done.stderr


def test_an_application_without_units_has_nothing_to_start(fw: Any) -> None:
    fw.write("empty.py", "from framework import App\napp = App(plugins=[])\n")
    done = fw.run("run", "--explain", "empty")
    assert done.stdout.splitlines()[-1] == "critical path: nothing to start"
