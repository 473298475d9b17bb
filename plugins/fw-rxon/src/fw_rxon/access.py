"""W7 and W8: a token that is good for some time, instead of one that is good for ever.

No text of these records shows a token.
"""

from fw_rxon.record import Record


class TokenAnswer(Record, frozen=True, kw_only=True):
    """The access token, its remaining life in seconds, and what the next one is asked for with."""

    access_token: str
    expires_in: int
    worker_id: str
    refresh_token: str | None = None

    def __repr__(self) -> str:
        return f"TokenAnswer(worker_id={self.worker_id!r}, expires_in={self.expires_in})"


class TokenRefresh(Record, frozen=True, kw_only=True):
    """What is sent to get the next access token. A refresh token is good for one time."""

    refresh_token: str | None = None

    def __repr__(self) -> str:
        return "TokenRefresh()"
