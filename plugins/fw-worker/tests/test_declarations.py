"""What is wrong with a declaration or a setting is said at the start, naming the place and the remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, ConfigError, Depends, StartupError
from fw_rxon import IDENTIFIER_PATTERN, is_identifier
from fw_worker.config import WorkerSettings

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]


class Opaque:
    """A type no JSON can become."""


def takes_opaque(thing: Opaque) -> None: ...


def takes_positional(thing: int, /) -> None: ...


def takes_many(*things: int) -> None: ...


def takes_unknown(thing: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821 - that it is unknown is the point


@pytest.mark.parametrize("function", [takes_opaque, takes_positional, takes_many, takes_unknown])
async def test_parameters_that_no_json_can_fill_keep_the_worker_from_starting(
    make_app: MakeApp, function: Callable[..., None]
) -> None:
    app = make_app()
    app.worker.skill("odd")(function)
    with pytest.raises(StartupError, match=r"Skill 'odd' \(.*test_declarations\.py:\d+\)") as caught:
        await app.start()
    assert "params: dict" in str(caught.value)


@pytest.mark.parametrize("name", ["", "with space", "x" * 129])
async def test_name_that_cannot_travel_is_refused(make_app: MakeApp, name: str) -> None:
    app = make_app()
    app.worker.skill(name)(lambda: None)
    with pytest.raises(StartupError, match="the name is not allowed"):
        await app.start()


async def test_two_skills_of_one_name_are_refused_naming_both_places(make_app: MakeApp) -> None:
    app = make_app()
    app.worker.skill("twice")(lambda: None)
    app.worker.skill("twice")(lambda: None)
    with pytest.raises(StartupError) as caught:
        await app.start()
    assert str(caught.value).count(Path(__file__).name) == 2


async def test_dependency_that_nothing_provides_is_said_at_the_start(make_app: MakeApp) -> None:
    def look(thing: Opaque = Depends()) -> None: ...

    app = make_app()
    app.worker.skill("look")(look)
    with pytest.raises(StartupError, match="Opaque"):
        await app.start()


async def test_missing_token_is_an_error_naming_setting_and_variable(make_app: MakeApp) -> None:
    app = make_app(token="")
    app.worker.skill("echo")(lambda: None)
    with pytest.raises(StartupError) as caught:
        await app.start()
    assert "worker.token" in str(caught.value)
    assert "FW_WORKER__TOKEN" in str(caught.value)


async def test_worker_without_skills_needs_no_token_and_connects_to_nothing(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_app(token=""):
        pass
    assert orchestrator.heard["register"] == []
    assert "@app.worker.skill" in caplog.text


@pytest.mark.parametrize(
    "settings,named",
    [
        ({"url": "127.0.0.1:8000"}, "url"),
        ({"url": "ftp://host"}, "url"),
        ({"concurrency": 0}, "concurrency"),
        ({"heartbeat_interval": 0}, "heartbeat_interval"),
        ({"drain_timeout": -1}, "drain_timeout"),
        ({"id": "a b"}, "id"),
        ({"concurency": 2}, "concurrency"),
    ],
)
def test_setting_that_cannot_work_is_refused_by_name(make_app: MakeApp, settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        make_app(**settings).bootstrap()


def test_default_id_is_an_identifier() -> None:
    assert is_identifier(WorkerSettings().worker_id)


@given(st.from_regex(IDENTIFIER_PATTERN) | st.text(min_size=1, max_size=4))
def test_id_is_accepted_exactly_if_the_protocol_accepts_it(text: str) -> None:
    try:
        WorkerSettings(id=text)
    except ValueError:
        assert not is_identifier(text)
    else:
        assert is_identifier(text)


def test_decorator_gives_the_function_back(make_app: MakeApp) -> None:
    def echo() -> None: ...

    assert make_app().worker.skill("echo")(echo) is echo
