"""What is good for one use is remembered as long as it could be used again, and no longer."""

from __future__ import annotations

from fw_orchestrator.marks import Marks


def test_a_mark_is_remembered_to_its_end_with_all_that_end_then() -> None:
    marks = Marks()
    assert [marks.use(mark, 0.5, 10.0) for mark in "abc"] == [None] * 3
    assert [marks.use(mark, 9.9, 20.0) for mark in "abc"] == [0.5] * 3
    assert marks.use("c", 10.0, 30.0) is None
    assert marks.use("a", 10.0, 11.0) is None
    assert (marks.use("c", 29.9, 40.0), marks.use("a", 29.9, 40.0)) == (10.0, None)
