"""`Timestamp`: ISO 8601 with microseconds and offset, in the zone that was configured."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

THREE = [f"{number:03d}" for number in range(1000)]
"""Three digits: to look them up is several times as fast as to format them."""


class Timestamp:
    """Writes points in time. All but the fraction is kept for the running second."""

    def __init__(self, zone: str) -> None:
        self._zone = zone_of(zone)
        self._second: tuple[int, str, str] = (-1, "", "")

    def text(self, seconds: float) -> str:
        """Seconds since the epoch as ``2026-01-31T12:00:00.000000+00:00``."""
        whole = int(seconds)
        second, date, offset = self._second
        if whole != second:
            # One tuple, replaced as a whole: threads see either the old second or the new one.
            second, date, offset = self._second = whole, *self._written(whole)
        thousands, rest = divmod(int((seconds - whole) * 1000000), 1000)
        return f"{date}.{THREE[thousands]}{THREE[rest]}{offset}"

    def _written(self, seconds: int) -> tuple[str, str]:
        text = datetime.fromtimestamp(seconds, UTC).astimezone(self._zone).isoformat()
        return text[:19], text[19:]


def zone_of(name: str) -> tzinfo | None:
    """The zone called ``UTC``, ``local`` (None, as the standard library has it) or as IANA does.

    Raises ValueError.
    """
    if name == "UTC":
        return UTC
    if name == "local":
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"timezone {name!r} is not known here; write UTC, local, or a name like Europe/Rome"
        ) from error
