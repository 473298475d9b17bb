"""A trouble that lasts is worth one line in the log, not one per attempt."""

import logging


class Trouble:
    """Logs a failure when it first appears or changes, and when it is over. `subject` is what failed."""

    def __init__(self, log: logging.Logger, subject: str) -> None:
        self._log = log
        self._subject = subject
        self._last = ""

    def report(self, problem: str, level: int = logging.WARNING) -> None:
        """Say what is wrong, unless that was the last thing said."""
        if problem != self._last:
            self._last = problem
            self._log.log(level, "%s failed: %s", self._subject, problem)

    def over(self) -> None:
        """Say that it works again, if it had not."""
        if self._last:
            self._last = ""
            self._log.info("%s works again", self._subject)
