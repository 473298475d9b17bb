"""What an engine says of something that it could not do now, and will do later."""

from __future__ import annotations

import logging

from fw_orchestrator.store import StoreError

log = logging.getLogger("fw_orchestrator")


def setback(error: Exception, what: str, *values: object) -> None:
    """Log ``what`` failed, with the reason; where it was raised is told too unless the store itself says what is wrong.

    A full disk is no matter of our code: the message names the file and the remedy, and comes with every attempt.
    """
    if isinstance(error, StoreError):
        log.error("%s: %s", what % values, error)
    else:
        log.error(what, *values, exc_info=error)
