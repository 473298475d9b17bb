"""Answer to W1."""

from fw_rxon.record import Record


class Registered(Record, frozen=True, kw_only=True):
    """The worker is known from now on. `status` is empty where the other side answered `{}`, which is as good.

    With `access_token` (valid for `expires_in` seconds) the worker uses that token from then on.
    """

    status: str = ""
    version: str | None = None
    warning: str | None = None
    access_token: str | None = None
    expires_in: int | None = None
    refresh_token: str | None = None
    worker_id: str | None = None

    def __repr__(self) -> str:
        # Without the tokens: what is shown ends in logs.
        return f"Registered(status={self.status!r}, version={self.version!r}, worker_id={self.worker_id!r})"
