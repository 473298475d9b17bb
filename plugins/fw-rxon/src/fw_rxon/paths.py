"""Where the orchestrator listens for workers. The prefix is fixed: public workers have it built in."""

from typing import Final

WORKER_PREFIX: Final = "/_worker"
REGISTER_PATH: Final = f"{WORKER_PREFIX}/workers/register"
RESULT_PATH: Final = f"{WORKER_PREFIX}/tasks/result"
EVENTS_PATH: Final = f"{WORKER_PREFIX}/events"
TOKEN_PATH: Final = f"{WORKER_PREFIX}/auth/token"
REFRESH_PATH: Final = f"{WORKER_PREFIX}/auth/token/refresh"


def heartbeat_path(worker_id: str) -> str:
    """Path of the heartbeat (PATCH) of one worker."""
    return f"{WORKER_PREFIX}/workers/{worker_id}"


def poll_path(worker_id: str) -> str:
    """Path of the long poll (GET) of one worker."""
    return f"{WORKER_PREFIX}/workers/{worker_id}/tasks/next"


def socket_path(worker_id: str) -> str:
    """Path of the WebSocket of one worker."""
    return f"{WORKER_PREFIX}/ws/{worker_id}"
