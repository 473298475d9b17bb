"""`Config`: the settings as variables without a prefix, as :class:`OrchestratorEngine` takes them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from framework import ConfigError
from fw_orchestrator.loopback import is_loopback

DEFAULT_CLIENT_TOKEN = "secure-orchestrator-token"  # noqa: S105 (known to all: refused unless bound to loopback)
DEFAULT_WORKER_TOKEN = "secure-worker-token"  # noqa: S105 (likewise)

_DEFAULTS: dict[str, Any] = {
    "API_HOST": "0.0.0.0",  # noqa: S104 (what the variable has always meant)
    "API_PORT": 8080,
    "CLIENT_API_PREFIX": "api",
    "ENABLE_CLIENT_API": True,
    "CLIENT_TOKEN": DEFAULT_CLIENT_TOKEN,
    "GLOBAL_WORKER_TOKEN": DEFAULT_WORKER_TOKEN,
    "ADMIN_TOKEN": "",
    "ORCHESTRATOR_SECRET_KEY": "",
    "WORKERS_CONFIG_PATH": "",
    "ENVIRONMENT": "development",
    "EXECUTOR_MAX_CONCURRENT_JOBS": 100,
    "JOB_MAX_RETRIES": 3,
    "MAX_TRANSITIONS_PER_JOB": 100,
    "MAX_HOLARCHY_DEPTH": 10,
    "WORKER_TIMEOUT_SECONDS": 300.0,
    "WORKER_POLL_TIMEOUT_SECONDS": 30.0,
    "WORKER_HEALTH_CHECK_INTERVAL_SECONDS": 60.0,
    "JOB_RETENTION_SECONDS": 0.0,
}

_LATER = (
    "BLUEPRINTS_DIR",
    "CLIENTS_CONFIG_PATH",
    "HISTORY_DATABASE_URI",
    "POSTGRES_DSN",
    "RATE_LIMITING_ENABLED",
    "REDIS_HOST",
    "S3_ENDPOINT_URL",
    "SCHEDULES_CONFIG_PATH",
    "TLS_ENABLED",
)
"""Variables for parts that are not there yet: setting one is an error, not silence."""


class Config:
    """Settings read from the environment, which may be changed by attribute until the engine starts.

    Times in seconds. ``WORKER_TIMEOUT_SECONDS`` is how long a worker may take for a task,
    ``WORKER_HEALTH_CHECK_INTERVAL_SECONDS`` half of how long a silent worker is remembered. Raises
    :class:`ConfigError` for a variable with a value of the wrong kind.
    """

    API_HOST: str
    API_PORT: int
    CLIENT_API_PREFIX: str
    ENABLE_CLIENT_API: bool
    CLIENT_TOKEN: str
    GLOBAL_WORKER_TOKEN: str
    ADMIN_TOKEN: str
    ORCHESTRATOR_SECRET_KEY: str
    WORKERS_CONFIG_PATH: str
    ENVIRONMENT: str
    EXECUTOR_MAX_CONCURRENT_JOBS: int
    JOB_MAX_RETRIES: int
    MAX_TRANSITIONS_PER_JOB: int
    MAX_HOLARCHY_DEPTH: int
    WORKER_TIMEOUT_SECONDS: float
    WORKER_POLL_TIMEOUT_SECONDS: float
    WORKER_HEALTH_CHECK_INTERVAL_SECONDS: float
    JOB_RETENTION_SECONDS: float

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        for name, default in _DEFAULTS.items():
            setattr(self, name, _read(name, given[name], default) if given.get(name) else default)
        for name in _LATER:
            setattr(self, name, given.get(name) or None)

    def __repr__(self) -> str:
        return f"Config({self.API_HOST}:{self.API_PORT})"

    def defaults(self) -> dict[str, dict[str, Any]]:
        """The same as sections of an App's configuration. Raises :class:`ConfigError` for what cannot be run with."""
        self._check()
        return {
            "http": {"host": self.API_HOST, "port": self.API_PORT},
            "orchestrator": {
                "client_token": self.CLIENT_TOKEN,
                "worker_token": self.GLOBAL_WORKER_TOKEN,
                "admin_token": self.ADMIN_TOKEN,
                "secret_key": self.ORCHESTRATOR_SECRET_KEY,
                "workers_file": self.WORKERS_CONFIG_PATH,
                "api_prefix": self.CLIENT_API_PREFIX,
                "client_api": self.ENABLE_CLIENT_API,
                "max_concurrent_jobs": self.EXECUTOR_MAX_CONCURRENT_JOBS,
                "max_retries": self.JOB_MAX_RETRIES,
                "max_transitions": self.MAX_TRANSITIONS_PER_JOB,
                "max_depth": self.MAX_HOLARCHY_DEPTH,
                "result_timeout": float(self.WORKER_TIMEOUT_SECONDS),
                "max_poll": float(self.WORKER_POLL_TIMEOUT_SECONDS),
                "worker_timeout": 2.0 * self.WORKER_HEALTH_CHECK_INTERVAL_SECONDS,
                "retention": float(self.JOB_RETENTION_SECONDS),
            },
        }

    def _check(self) -> None:
        for name in _LATER:
            if getattr(self, name) is not None:
                raise ConfigError(f"{name} is set, which is not supported yet.", remedy=f"Unset {name}.")
        for name, default in (("CLIENT_TOKEN", DEFAULT_CLIENT_TOKEN), ("GLOBAL_WORKER_TOKEN", DEFAULT_WORKER_TOKEN)):
            exposed = self.ENVIRONMENT == "production" or not is_loopback(self.API_HOST)
            if getattr(self, name) == default and exposed:
                raise ConfigError(
                    f"{name} has its default value, which everybody knows, and API_HOST is {self.API_HOST!r}.",
                    remedy=f"Set {name} to a secret, or API_HOST to 127.0.0.1 for development.",
                )


def _read(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise ConfigError(f"{name} must be true or false, not {text!r}.")
        return text.lower() in ("true", "1", "yes")
    try:
        return type(default)(text)
    except ValueError as error:
        raise ConfigError(f"{name} must be a number, not {text!r}.") from error
