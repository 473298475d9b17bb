"""Delays and complaints."""

import logging

import pytest

from fw_worker.backoff import Backoff
from fw_worker.transport import Refused, Unreachable
from fw_worker.trouble import Trouble


def test_delays_double_up_to_the_most_and_start_again_after_success() -> None:
    backoff = Backoff(1.0, 60.0)
    expected = [1, 2, 4, 8, 16, 32, 60, 60]
    for _ in range(2):
        delays = [backoff.delay() for _ in expected]
        assert all(0.8 * right <= delay <= 1.2 * right for delay, right in zip(delays, expected, strict=True))
        backoff.reset()


def test_even_the_first_delay_is_not_longer_than_the_most() -> None:
    assert Backoff(60.0, 1.0).delay() <= 1.2


def test_delays_of_two_workers_differ() -> None:
    assert Backoff(1.0, 60.0).delay() != Backoff(1.0, 60.0).delay()


def test_trouble_is_logged_once_per_change_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trouble = Trouble(logging.getLogger("test"), "it")
    for problem in ("a", "a", "b", "b"):
        trouble.report(problem)
    trouble.over()
    trouble.over()
    assert [record.getMessage() for record in caplog.records] == ["it failed: a", "it failed: b", "it works again"]


@pytest.mark.parametrize(
    "status,unknown,final",
    [
        (302, False, False),
        (400, False, True),
        (401, True, False),
        (403, False, True),
        (404, True, False),
        (408, False, False),
        (413, False, True),
        (429, False, False),
        (500, False, False),
    ],
)
def test_refusal_says_whether_registering_or_sending_again_helps(status: int, unknown: bool, final: bool) -> None:
    refused = Refused("http://host", status, "text")
    assert (refused.unknown_worker, refused.final) == (unknown, final)


def test_too_many_requests_without_a_time_means_half_a_minute() -> None:
    assert Refused("http://host", 429, "").retry_after == 30
    assert Refused("http://host", 429, "", 2.0).retry_after == 2
    assert Refused("http://host", 500, "").retry_after is None


def test_errors_say_where_to_look() -> None:
    assert "FW_WORKER__URL" in str(Unreachable("http://host", "refused"))
    assert "FW_WORKER__TOKEN" in str(Refused("http://host", 403, "Unauthorized"))
