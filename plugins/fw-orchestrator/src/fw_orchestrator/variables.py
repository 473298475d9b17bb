"""`Variables`: the names and defaults of the variables, what has no use here and what is yet to come."""

from __future__ import annotations

from typing import Final


class Variables:
    """What each is for stands in docs/reference/environment-variables.md. Times in seconds."""

    # What the engine is run with.
    API_HOST: str = "0.0.0.0"  # noqa: S104 (what the variable has always meant)
    API_PORT: int = 8080
    CLIENT_API_PREFIX: str = "api"
    ENABLE_CLIENT_API: bool = True
    ENVIRONMENT: str = "development"
    CLIENT_TOKEN: str = "secure-orchestrator-token"  # noqa: S105 (known to all: refused unless bound to loopback)
    GLOBAL_WORKER_TOKEN: str = "secure-worker-token"  # noqa: S105 (likewise)
    ADMIN_TOKEN: str = ""
    ORCHESTRATOR_SECRET_KEY: str = ""
    WORKERS_CONFIG_PATH: str = ""
    WORKER_AUTH_MODE: str = "mixed"
    TLS_ENABLED: bool = False
    TLS_CERT_PATH: str = ""
    TLS_KEY_PATH: str = ""
    TLS_CA_PATH: str = ""
    TLS_REQUIRE_CLIENT_CERT: bool = False
    LOG_LEVEL: str = "INFO"
    LOG_FORMAT: str = "json"
    TZ: str = "UTC"
    EXECUTOR_MAX_CONCURRENT_JOBS: int = 100
    JOB_MAX_RETRIES: int = 3
    MAX_TRANSITIONS_PER_JOB: int = 100
    MAX_HOLARCHY_DEPTH: int = 10
    MAX_POLICY_SIZE_BYTES: int = 4096
    WORKER_TIMEOUT_SECONDS: float = 300.0
    WORKER_POLL_TIMEOUT_SECONDS: float = 30.0
    WORKER_HEALTH_CHECK_INTERVAL_SECONDS: float = 60.0
    JOB_RETENTION_SECONDS: float = 0.0

    # What is yet to come.
    REDIS_HOST: str = ""
    REDIS_PORT: int = 6379
    REDIS_DB: int = 0
    REDIS_STREAM_BLOCK_MS: int = 5000
    REDIS_ENCRYPTION_KEY: str = ""
    POSTGRES_DSN: str = ""
    HISTORY_DATABASE_URI: str = ""
    CLIENTS_CONFIG_PATH: str = ""
    SCHEDULES_CONFIG_PATH: str = ""
    BLUEPRINTS_DIR: str = ""
    RATE_LIMITING_ENABLED: bool = False
    RATE_LIMIT_LIMIT: int = 100
    RATE_LIMIT_PERIOD: int = 60
    RATE_LIMIT_HEARTBEAT_LIMIT: int = 120
    RATE_LIMIT_POLL_LIMIT: int = 60
    REPUTATION_PENALTY_CONTRACT_VIOLATION: float = 0.2
    REPUTATION_PENALTY_TASK_FAILURE: float = 0.05
    REPUTATION_REWARD_SUCCESS: float = 0.001
    REPUTATION_MIN_THRESHOLD: float = 0.3
    TASK_FILES_DIR: str = ""
    S3_ENDPOINT_URL: str = ""
    S3_ACCESS_KEY: str = ""
    S3_SECRET_KEY: str = ""
    S3_REGION: str = "us-east-1"
    S3_DEFAULT_BUCKET: str = "avtomatika-payloads"
    S3_MAX_CONCURRENCY: int = 100
    S3_AUTO_CLEANUP: bool = True

    # What has no use here.
    INSTANCE_ID: str = ""
    AUDIT_SALT: str = ""
    DETAILED_API_RESPONSES: bool = False
    WATCHER_INTERVAL_SECONDS: float = 20.0
    WATCHER_LIMIT: int = 500
    STRICT_EVENT_VALIDATION: bool = False
    DISPATCHER_SOFT_LIMIT: int = 3
    DISPATCHER_MAX_CANDIDATES: int = 50
    WORK_STEALING_ENABLED: bool = False
    OTEL_EXPORTER_OTLP_ENDPOINT: str = ""
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: str = ""


_FEATURES: Final = {
    "a store on Redis": ("REDIS_HOST", "REDIS_PORT", "REDIS_DB", "REDIS_STREAM_BLOCK_MS", "REDIS_ENCRYPTION_KEY"),
    "a store on PostgreSQL": ("POSTGRES_DSN",),
    "a database of its own for the history": ("HISTORY_DATABASE_URI",),
    "a file of clients with quotas": ("CLIENTS_CONFIG_PATH",),
    "a schedule": ("SCHEDULES_CONFIG_PATH",),
    "a folder of blueprints": ("BLUEPRINTS_DIR",),
    "a rate limit": tuple(name for name in vars(Variables) if name.startswith("RATE_LIMIT")),
    "reputation": tuple(name for name in vars(Variables) if name.startswith("REPUTATION_")),
    "a store of payload files": (
        "TASK_FILES_DIR",
        *(name for name in vars(Variables) if name.startswith("S3_")),
    ),
}

LATER: Final = {name: feature for feature, names in _FEATURES.items() for name in names}
"""Variables by which somebody asks for something that is not there yet: to go on without it would be silence."""

IDLE: Final = {
    "INSTANCE_ID": "every engine makes itself a name of its own",
    "AUDIT_SALT": "nothing is salted",
    "DETAILED_API_RESPONSES": "a job is always shown whole",
    "WATCHER_INTERVAL_SECONDS": "time-outs are noticed when they are due",
    "WATCHER_LIMIT": "time-outs are noticed when they are due",
    "STRICT_EVENT_VALIDATION": "a worker checks its own events",
    "DISPATCHER_SOFT_LIMIT": "a task goes to the worker that asks for it",
    "DISPATCHER_MAX_CANDIDATES": "a task goes to the worker that asks for it",
    "WORK_STEALING_ENABLED": "there is one queue per skill, and nothing to steal",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "metrics are read at /_public/metrics",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "metrics are read at /_public/metrics",
}
"""Variables that tune what works otherwise here, and why setting them changes nothing."""
