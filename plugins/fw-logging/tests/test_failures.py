"""Exceptions in the log: data, with causes and groups, and never the value of a variable."""

from collections.abc import Callable
from typing import Any

import pytest

from framework import App
from fw_logging import log
from fw_logging.failure import failure

MakeApp = Callable[..., App]


def charge(card: str) -> None:
    pin = "hunter2-local"
    raise ValueError(f"card refused, {len(pin)} digits")


async def test_an_exception_is_type_message_and_stack(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        try:
            charge("4111-local")
        except ValueError:
            log.exception("no payment", order=7)
    [line] = journal.of(__name__)
    error = line["exception"]
    assert (line["level"], line["order"]) == ("error", 7)
    assert (error["type"], error["message"]) == ("ValueError", "card refused, 13 digits")
    assert [frame["function"] for frame in error["stack"]] == [
        "test_an_exception_is_type_message_and_stack",
        "charge",
    ]
    assert error["stack"][1]["file"] == __file__
    assert error["stack"][1]["code"].startswith("raise ValueError(")


@pytest.mark.parametrize("form", ["json", "console"])
async def test_local_variables_are_never_shown(
    logging_app: MakeApp, journal: Any, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """The trap of loguru's `diagnose=True`: neither in our lines nor in those of a further sink of loguru."""
    app = logging_app(format=form)
    app.logging.add_sink(print, format="{message} {extra} {exception}", diagnose=True)
    async with app:
        try:
            charge("4111-local")
        except ValueError as error:
            log.exception("no payment")
            log.info("again", exception=error)
    shown = capsys.readouterr().out
    assert "card refused" in shown
    assert "card refused" in journal.text
    assert "hunter2-local" not in shown + journal.text
    assert "4111-local\n" not in shown + journal.text


def test_causes_contexts_groups_and_notes_are_told() -> None:
    try:
        try:
            raise OSError("disk")
        except OSError:
            raise KeyError("name")  # noqa: B904 - what is being handled is the case
    except KeyError as error:
        context = error
    context.add_note("while saving")
    group = ExceptionGroup("two", [ValueError("a"), context])
    group.__cause__ = RuntimeError("root")
    told = failure(group)
    assert (told["type"], told["message"]) == ("ExceptionGroup", "two (2 sub-exceptions)")
    assert told["cause"]["message"] == "root"
    assert [part["type"] for part in told["exceptions"]] == ["ValueError", "KeyError"]
    assert told["exceptions"][1]["context"]["message"] == "disk"
    assert told["exceptions"][1]["notes"] == ["while saving"]


def test_what_is_suppressed_is_not_told() -> None:
    try:
        try:
            raise OSError("secret place")
        except OSError:
            raise KeyError("name") from None
    except KeyError as error:
        assert "context" not in failure(error)


def test_circles_depths_and_crowds_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert failure(one)["cause"]["cause"] == {"type": "ValueError", "message": "one"}

    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        raise RecursionError("deep")

    with pytest.raises(RecursionError) as caught:
        deep(200)
    assert len(failure(caught.value)["stack"]) == 50
    crowd = failure(ExceptionGroup("crowd", [ValueError(str(number)) for number in range(30)]))
    assert (len(crowd["exceptions"]), crowd["more"]) == (20, 10)


class Silent(Exception):
    def __str__(self) -> str:
        raise OSError("no")


def test_an_exception_that_cannot_be_shown_is_survived() -> None:
    assert failure(Silent("x")) == {"type": f"{__name__}.Silent", "message": "Silent('x')", "stack": []}


async def test_outside_an_except_block_there_is_just_no_exception(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        log.exception("odd")
    assert journal.of(__name__)[0]["exception"] is None
