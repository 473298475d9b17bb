"""Settings that cannot work, and those that nobody may see."""

import math
from dataclasses import fields
from typing import Any

import pytest

from fw_worker.config import WorkerSettings


@pytest.mark.parametrize(
    "name",
    [
        *("concurrency", "poll_timeout", "heartbeat_interval", "request_timeout", "cancel_timeout"),
        *("retry_first", "retry_most"),
    ],
)
@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_an_amount_that_must_be_positive_is_refused_where_it_is_not(name: str, value: float) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"{name} must be greater than 0, not {value}"):
        WorkerSettings(**settings)


@pytest.mark.parametrize("name", ["drain_timeout", "result_retries"])
def test_an_amount_that_may_be_nothing_is_refused_where_it_is_less(name: str) -> None:
    none: dict[str, Any] = {name: 0}
    less: dict[str, Any] = {name: -1}
    assert getattr(WorkerSettings(**none), name) == 0
    with pytest.raises(ValueError, match=f"{name} must not be negative, not -1"):
        WorkerSettings(**less)


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"resources": ("gpu=1", "gpu=2")}, "each name once"),
        ({"certificate_key": "k.pem"}, "certificate_key needs certificate"),
        ({"url": "http://"}, "url must be like http://host:port"),
        ({"url": "ftp://host"}, "url must be like http://host:port"),
        ({"id": "a b"}, "id must be 1 to 128"),
        ({"tokens": ("x",)}, "tokens must be as many"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WorkerSettings(**settings)


def test_what_lets_the_worker_in_is_secret() -> None:
    secret = {one.name for one in fields(WorkerSettings) if one.metadata.get("secret")}
    assert secret == {"token", "tokens", "task_key"}
