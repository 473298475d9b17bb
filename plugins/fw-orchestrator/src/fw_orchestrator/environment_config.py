"""`Config`: the settings as variables without a prefix, as :class:`OrchestratorEngine` takes them."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from framework import ConfigError
from fw_orchestrator.loopback import is_loopback
from fw_orchestrator.variables import IDLE, LATER, Variables

__all__ = ["DEFAULT_CLIENT_TOKEN", "DEFAULT_WORKER_TOKEN", "Config"]

log = logging.getLogger("fw_orchestrator")

DEFAULT_CLIENT_TOKEN = Variables.CLIENT_TOKEN
DEFAULT_WORKER_TOKEN = Variables.GLOBAL_WORKER_TOKEN

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class Config(Variables):
    """The variables, read from the environment; they may be changed by attribute until the engine starts.

    One that is empty counts as not set. Raises :class:`ConfigError` for a value of the wrong kind.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        for name, default in defaults().items():
            setattr(self, name, _read(name, given[name], default) if given.get(name) else default)
        if given.get("ENV") and not given.get("ENVIRONMENT"):
            self.ENVIRONMENT = given["ENV"]

    def __repr__(self) -> str:
        return f"Config({self.API_HOST}:{self.API_PORT})"

    @property
    def plugins(self) -> list[str]:
        """The plugins of the App: the log is written as the variables say, if there is a plugin for that."""
        return ["orchestrator", *(["logging"] if find_spec("fw_logging") else [])]

    def defaults(self) -> dict[str, dict[str, Any]]:
        """The same as sections of an App's configuration. Raises :class:`ConfigError` for what cannot be run with."""
        self._check()
        sections = {"http": self._http(), "orchestrator": self._orchestrator()}
        return sections | ({"logging": self._logging()} if "logging" in self.plugins else {})

    def _http(self) -> dict[str, Any]:
        address: dict[str, Any] = {"host": self.API_HOST, "port": self.API_PORT}
        if not self.TLS_ENABLED:
            return address
        return address | {
            "certificate": self.TLS_CERT_PATH,
            "key": self.TLS_KEY_PATH,
            "client_ca": self.TLS_CA_PATH,
            "client_certificate": "required" if self.TLS_REQUIRE_CLIENT_CERT else "optional",
        }

    def _orchestrator(self) -> dict[str, Any]:
        return {
            "client_token": self.CLIENT_TOKEN,
            "worker_token": self.GLOBAL_WORKER_TOKEN,
            "admin_token": self.ADMIN_TOKEN,
            "secret_key": self.ORCHESTRATOR_SECRET_KEY,
            "workers_file": self.WORKERS_CONFIG_PATH,
            "worker_auth": self.WORKER_AUTH_MODE,
            "api_prefix": self.CLIENT_API_PREFIX,
            "client_api": self.ENABLE_CLIENT_API,
            "max_concurrent_jobs": self.EXECUTOR_MAX_CONCURRENT_JOBS,
            "max_retries": self.JOB_MAX_RETRIES,
            "max_transitions": self.MAX_TRANSITIONS_PER_JOB,
            "max_depth": self.MAX_HOLARCHY_DEPTH,
            "max_policy": self.MAX_POLICY_SIZE_BYTES,
            "result_timeout": float(self.WORKER_TIMEOUT_SECONDS),
            "max_poll": float(self.WORKER_POLL_TIMEOUT_SECONDS),
            "worker_timeout": 2.0 * self.WORKER_HEALTH_CHECK_INTERVAL_SECONDS,
            "retention": float(self.JOB_RETENTION_SECONDS),
        }

    def _logging(self) -> dict[str, Any]:
        form = {"text": "console"}.get(self.LOG_FORMAT, self.LOG_FORMAT)
        level = {"warn": "warning", "fatal": "critical"}.get(self.LOG_LEVEL.lower(), self.LOG_LEVEL.lower())
        return {"level": level, "format": form, "timezone": self.TZ}

    def _check(self) -> None:
        for name, (feature, default) in ((name, (word, defaults()[name])) for name, word in LATER.items()):
            if getattr(self, name) != default:
                raise ConfigError(
                    f"{name} is set, but {feature} is not supported yet.",
                    remedy=f"Unset {name}" + (f", or leave it at {default!r}." if default else "."),
                )
        if self.TLS_ENABLED and not (self.TLS_CERT_PATH and self.TLS_KEY_PATH):
            raise ConfigError("TLS_ENABLED is true.", remedy="Set TLS_CERT_PATH and TLS_KEY_PATH to PEM files, too.")
        self._check_tokens()
        for name, why in IDLE.items():
            if getattr(self, name) != defaults()[name]:
                log.warning("%s is set, which changes nothing: %s", name, why)

    def _check_tokens(self) -> None:
        in_production = self.ENVIRONMENT == "production"
        for name, default in (("CLIENT_TOKEN", DEFAULT_CLIENT_TOKEN), ("GLOBAL_WORKER_TOKEN", DEFAULT_WORKER_TOKEN)):
            if getattr(self, name) == default and (in_production or not is_loopback(self.API_HOST)):
                raise ConfigError(
                    f"{name} has its default value, which everybody knows, and API_HOST is {self.API_HOST!r}.",
                    remedy=f"Set {name} to a secret, or API_HOST to 127.0.0.1 for development.",
                )
        if in_production and not self.ORCHESTRATOR_SECRET_KEY:
            raise ConfigError(
                "ENVIRONMENT is production, and ORCHESTRATOR_SECRET_KEY is not set: tasks would not be signed.",
                remedy="Set it to a secret that the workers know too.",
            )


def defaults() -> dict[str, Any]:
    """Every variable with its default."""
    return {name: value for name, value in vars(Variables).items() if name.isupper()}


def _read(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in (*_TRUE, *_FALSE):
            raise ConfigError(f"{name} must be true or false, not {text!r}.")
        return text.lower() in _TRUE
    if isinstance(default, str):
        return text
    try:
        number = type(default)(text)
    except ValueError as error:
        raise ConfigError(f"{name} must be a number, not {text!r}.") from error
    if number != number or abs(number) >= 2**63:  # noqa: PLR0124 (NaN is what does not equal itself)
        raise ConfigError(f"{name} must be a number, not {text!r}.")
    return number
