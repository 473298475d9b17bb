"""Every variable is read by its name, and either has its effect, or says why it has none."""

from __future__ import annotations

import json
import logging
import re
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from framework import ConfigError, StartupError
from fw_orchestrator import Config, MemoryStorage, OrchestratorEngine
from fw_orchestrator.environment_config import defaults
from fw_orchestrator.variables import IDLE, LATER

from .orchestration import one_task

CERTIFICATES = Path(__file__).with_name("certificates")
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "environment-variables.md"
LOCAL = {"API_HOST": "127.0.0.1", "API_PORT": "0"}
WORDS = """
API_HOST API_PORT AUDIT_SALT BLUEPRINTS_DIR CLIENTS_CONFIG_PATH CLIENT_API_PREFIX CLIENT_TOKEN DETAILED_API_RESPONSES
DISPATCHER_MAX_CANDIDATES DISPATCHER_SOFT_LIMIT ENABLE_CLIENT_API ENVIRONMENT EXECUTOR_MAX_CONCURRENT_JOBS
GLOBAL_WORKER_TOKEN HISTORY_DATABASE_URI INSTANCE_ID JOB_MAX_RETRIES LOG_FORMAT LOG_LEVEL MAX_HOLARCHY_DEPTH
MAX_POLICY_SIZE_BYTES MAX_TRANSITIONS_PER_JOB ORCHESTRATOR_SECRET_KEY OTEL_EXPORTER_OTLP_ENDPOINT
OTEL_EXPORTER_OTLP_METRICS_ENDPOINT POSTGRES_DSN RATE_LIMITING_ENABLED RATE_LIMIT_HEARTBEAT_LIMIT RATE_LIMIT_LIMIT
RATE_LIMIT_PERIOD RATE_LIMIT_POLL_LIMIT REDIS_DB REDIS_ENCRYPTION_KEY REDIS_HOST REDIS_PORT REDIS_STREAM_BLOCK_MS
REPUTATION_MIN_THRESHOLD REPUTATION_PENALTY_CONTRACT_VIOLATION REPUTATION_PENALTY_TASK_FAILURE
REPUTATION_REWARD_SUCCESS S3_ACCESS_KEY S3_AUTO_CLEANUP S3_DEFAULT_BUCKET S3_ENDPOINT_URL S3_MAX_CONCURRENCY
S3_REGION S3_SECRET_KEY SCHEDULES_CONFIG_PATH STRICT_EVENT_VALIDATION TASK_FILES_DIR TLS_CA_PATH TLS_CERT_PATH
TLS_ENABLED TLS_KEY_PATH TLS_REQUIRE_CLIENT_CERT TZ WATCHER_INTERVAL_SECONDS WATCHER_LIMIT WORKERS_CONFIG_PATH
WORKER_AUTH_MODE WORKER_HEALTH_CHECK_INTERVAL_SECONDS WORKER_POLL_TIMEOUT_SECONDS WORKER_TIMEOUT_SECONDS
WORK_STEALING_ENABLED
"""
NAMES = WORDS.split()
OUR_OWN = {"ADMIN_TOKEN", "JOB_RETENTION_SECONDS"}


def another(default: Any) -> str:
    """A value of the same kind."""
    return str(not default) if isinstance(default, bool) else "other" if isinstance(default, str) else str(default + 1)


def test_every_known_variable_is_an_attribute_with_its_default() -> None:
    assert {*NAMES} | OUR_OWN == defaults().keys()
    config = Config({})
    assert {name: getattr(config, name) for name in defaults()} == defaults()


@pytest.mark.parametrize("name", [*NAMES, *sorted(OUR_OWN)])
def test_every_variable_is_read_from_the_environment(name: str) -> None:
    text = another(defaults()[name])
    assert str(getattr(Config({name: text}), name)) in (text, f"{float(text)}" if text[0].isdigit() else text)
    assert getattr(Config({name: ""}), name) == defaults()[name]


@pytest.mark.parametrize("name", LATER)
def test_what_is_yet_to_come_is_refused_by_name_and_its_value_is_not_told(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is set, but .* is not supported yet") as caught:
        Config({**LOCAL, name: another(defaults()[name])}).defaults()
    assert "other" not in str(caught.value)
    Config({**LOCAL, name: str(defaults()[name])}).defaults()


@pytest.mark.parametrize("name", IDLE)
def test_what_has_no_use_here_is_accepted_and_said_once(name: str, caplog: pytest.LogCaptureFixture) -> None:
    Config(LOCAL).defaults()
    assert caplog.messages == []
    Config({**LOCAL, name: another(defaults()[name])}).defaults()
    assert caplog.messages == [f"{name} is set, which changes nothing: {IDLE[name]}"]


def test_what_is_neither_later_nor_idle_changes_the_settings() -> None:
    plain = {**LOCAL, "TLS_CERT_PATH": "c", "TLS_KEY_PATH": "k", "TLS_ENABLED": "yes"}
    plain |= {"CLIENT_TOKEN": "c", "GLOBAL_WORKER_TOKEN": "w"}
    before = Config(plain).defaults()
    # ENVIRONMENT only decides what is refused.
    for name in defaults().keys() - LATER.keys() - IDLE.keys() - {"ENVIRONMENT"}:
        default = plain.get(name, defaults()[name])
        value = "no" if name == "TLS_ENABLED" else another(int(default) if name == "API_PORT" else default)
        assert Config({**plain, name: value}).defaults() != before, name


@pytest.mark.parametrize("number", ["nan", "1e400", "99999999999999999999", "many", "-inf"])
@pytest.mark.parametrize("name", ["API_PORT", "WORKER_TIMEOUT_SECONDS", "REPUTATION_MIN_THRESHOLD"])
def test_a_number_must_be_one(name: str, number: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a number"):
        Config({name: number})


@pytest.mark.parametrize("variable", ["ENV", "ENVIRONMENT"])
def test_production_needs_secrets(variable: str) -> None:
    environment = {**LOCAL, variable: "production", "CLIENT_TOKEN": "c", "GLOBAL_WORKER_TOKEN": "w"}
    with pytest.raises(ConfigError, match="ORCHESTRATOR_SECRET_KEY is not set"):
        Config(environment).defaults()
    Config({**environment, "ORCHESTRATOR_SECRET_KEY": "s"}).defaults()


@pytest.mark.parametrize(
    "place",
    [{"API_HOST": "0.0.0.0"}, {"ENVIRONMENT": "production", "ORCHESTRATOR_SECRET_KEY": "s"}],  # noqa: S104 (refused)
)
@pytest.mark.parametrize("name", ["CLIENT_TOKEN", "GLOBAL_WORKER_TOKEN"])
def test_tokens_that_everybody_knows_are_for_development_on_loopback(name: str, place: dict[str, str]) -> None:
    tokens = {"CLIENT_TOKEN": "c", "GLOBAL_WORKER_TOKEN": "w"}
    Config({**LOCAL, **place, **tokens}).defaults()
    with pytest.raises(ConfigError, match=f"{name} has its default value, which everybody knows"):
        Config({**LOCAL, **place, **tokens, name: ""}).defaults()


def test_the_longer_name_of_the_environment_counts() -> None:
    assert Config({"ENV": "production", "ENVIRONMENT": "test"}).ENVIRONMENT == "test"


def test_secrets_are_not_shown() -> None:
    secrets = {"CLIENT_TOKEN": "hidden", "GLOBAL_WORKER_TOKEN": "hidden", "ADMIN_TOKEN": "hidden"}
    assert repr(Config({**LOCAL, **secrets})) == "Config(127.0.0.1:0)"


def test_a_worker_is_gone_when_it_has_missed_two_health_checks() -> None:
    sections = Config({**LOCAL, "WORKER_HEALTH_CHECK_INTERVAL_SECONDS": "20"}).defaults()
    assert sections["orchestrator"]["worker_timeout"] == 40.0


@pytest.mark.parametrize("word, level", [("WARN", "warning"), ("fatal", "critical"), ("Debug", "debug")])
def test_levels_of_the_log_have_their_usual_names(word: str, level: str) -> None:
    assert Config({**LOCAL, "LOG_LEVEL": word}).defaults()["logging"]["level"] == level


@pytest.mark.parametrize("given", [{}, {"TLS_CERT_PATH": "c"}, {"TLS_KEY_PATH": "k"}])
def test_tls_needs_its_files(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"(?s)TLS_ENABLED is true.*TLS_CERT_PATH and TLS_KEY_PATH"):
        Config({**LOCAL, "TLS_ENABLED": "true", **given}).defaults()


async def test_the_engine_serves_with_tls_and_asks_workers_for_certificates() -> None:
    environment = {
        **LOCAL,
        "CLIENT_TOKEN": "c",
        "TLS_ENABLED": "true",
        "TLS_CERT_PATH": str(CERTIFICATES / "localhost.pem"),
        "TLS_KEY_PATH": str(CERTIFICATES / "localhost.key"),
        "TLS_CA_PATH": str(CERTIFICATES / "w1.pem"),
        "WORKER_AUTH_MODE": "mtls-only",
    }
    engine = OrchestratorEngine(MemoryStorage(), Config(environment))
    engine.register_blueprint(one_task())
    context = ssl.create_default_context(cafile=environment["TLS_CERT_PATH"])
    register = "/_worker/workers/register"
    await engine.start()
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{engine.url}/api/jobs", headers={"X-Client-Token": "c"}, ssl=context) as answer:
                assert answer.status == 200
            async with session.post(engine.url + register, json={"worker_id": "w1"}, ssl=context) as answer:
                assert answer.status == 403
            context = ssl.create_default_context(cafile=environment["TLS_CERT_PATH"])
            context.load_cert_chain(str(CERTIFICATES / "w1.pem"), str(CERTIFICATES / "w1.key"))
            async with session.post(engine.url + register, json={"worker_id": "w1"}, ssl=context) as answer:
                assert answer.status == 200
    finally:
        await engine.stop()


async def test_a_mode_that_is_none_is_told() -> None:
    engine = OrchestratorEngine(MemoryStorage(), Config({**LOCAL, "WORKER_AUTH_MODE": "both"}))
    with pytest.raises((ConfigError, StartupError), match="worker_auth"):
        await engine.start()


async def test_the_log_is_written_as_the_variables_say(capfd: pytest.CaptureFixture[str]) -> None:
    for form, zone in (("json", "UTC"), ("text", "Europe/Moscow")):
        engine = OrchestratorEngine(MemoryStorage(), Config({**LOCAL, "LOG_FORMAT": form, "TZ": zone}))
        engine.register_blueprint(one_task())
        await engine.start()
        logging.getLogger("fw_orchestrator").info("a word")
        await engine.stop()
        [line] = [line for line in capfd.readouterr().err.splitlines() if "a word" in line]
        assert ("+03:00" in line) is (zone != "UTC")
        assert (line[0] == "{") is (form == "json")
        if form == "json":
            assert json.loads(line)["message"] == "a word"


def test_the_page_lists_every_variable_with_its_default() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (\S+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    shown = {name: value.strip("`") for name, value in rows}
    wanted = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in defaults().items()}
    assert shown == {name: value or "none" for name, value in wanted.items()}
