"""Answer to W2."""

from fw_rxon.record import Record


class HeartbeatAnswer(Record, frozen=True, kw_only=True):
    """What the orchestrator wants of the worker; `status` is empty where the other side answered nothing."""

    status: str = ""
    cancel_task_ids: tuple[str, ...] = ()
    require_full_sync: bool = False
    next_heartbeat_jitter_ms: int | float = 0
