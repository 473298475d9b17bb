"""What is shown of a record ends in logs: no token is."""

import pytest

from fw_rxon import Registered, TokenAnswer, TokenRefresh
from fw_rxon.record import Record


@pytest.mark.parametrize(
    "record",
    [
        TokenAnswer(access_token="hidden-1", expires_in=5, worker_id="w1", refresh_token="hidden-2"),
        TokenRefresh(refresh_token="hidden-2"),
        Registered(status="registered", access_token="hidden-1", refresh_token="hidden-2"),
    ],
    ids=lambda record: type(record).__name__,
)
def test_no_text_of_a_record_shows_a_token(record: Record) -> None:
    for text in (repr(record), str(record), f"{record}", f"{[record]}"):
        assert type(record).__name__ in text
        assert "hidden" not in text
