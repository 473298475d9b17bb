"""`WorkerTokens`: which token each worker has to show."""

from __future__ import annotations

import hmac
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from framework import ConfigError
from fw_orchestrator.config import OrchestratorSettings


class WorkerTokens:
    """A worker's own token, else that of the first pattern that its id fits, else the one for all others.

    The first two stand in ``workers_file``: a table per id or pattern with a ``token``. Raises :class:`ConfigError`.
    """

    def __init__(self, settings: OrchestratorSettings) -> None:
        self._settings = settings
        self._named: dict[str, str] = {}
        self.reload()

    def reload(self) -> int:
        """Read the file again; how many entries it has. After a :class:`ConfigError` the former ones are kept."""
        path = self._settings.workers_file
        self._named = _read(Path(path)) if path else {}
        return len(self._named)

    def of(self, worker_id: str) -> str:
        """The token of a worker; empty if it has none, and so cannot come in."""
        own = self._named.get(worker_id)
        if own is not None:
            return own
        of_pattern = (token for pattern, token in self._named.items() if fnmatchcase(worker_id, pattern))
        return next(of_pattern, self._settings.worker_token)

    def root(self, worker_id: str) -> str:
        """What the access tokens of a worker are derived from; empty if it can have none.

        That is its token. Where only certificates let workers in, an access token proves no identity, so that the
        key that all of them know will do.
        """
        only_certificates = self._settings.worker_auth == "mtls-only"
        return self.of(worker_id) or (self._settings.secret_key if only_certificates else "")

    def has(self, token: str) -> bool:
        """Whether it is the token of anybody."""
        # Compares with all of them, however soon one fits.
        found = [is_same(token, one) for one in (self._settings.worker_token, *self._named.values())]
        return any(found)


def is_same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing; an empty one equals none."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode()) and bool(wanted)


def _read(path: Path) -> dict[str, str]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"[orchestrator] workers_file {str(path)!r} cannot be read: {error.strerror}.",
            remedy="Correct the path, or make the file readable.",
        ) from error
    except ValueError as error:
        raise ConfigError(f"[orchestrator] workers_file {str(path)!r} is no TOML: {error}.") from error
    return {name: _token(path, name, table) for name, table in tables.items()}


def _token(path: Path, name: str, table: object) -> str:
    if isinstance(table, dict) and isinstance(table.get("token"), str) and table["token"]:
        unknown = sorted(table.keys() - {"token", "description"})
        if not unknown:
            return str(table["token"])
        problem = f"has {unknown[0]!r}, which is not known here"
    else:
        problem = "has no token"
    raise ConfigError(
        f"[orchestrator] workers_file {str(path)!r}: [{name}] {problem}.",
        remedy='Write a table per worker id or pattern: ["gpu-*"] with token = "…" (and a description).',
    )
