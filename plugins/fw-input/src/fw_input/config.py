"""Section `[input]` of the configuration."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InputSettings:
    """What the simulator may do. Nothing, unless `allow` is set; a dry run needs no permission.

    `rate` is how many events a second it makes at most. `kill_hotkey` on the real keyboard ends all simulation; empty
    means none. So does an event loop that gives no answer for `watchdog` seconds.
    """

    allow: bool = False
    dry_run: bool = False
    rate: float = 200.0
    kill_hotkey: str = "ctrl+alt+k"
    watchdog: float = 2.0

    def __post_init__(self) -> None:
        """Raise `ValueError` naming the setting that cannot work."""
        for name in ("rate", "watchdog"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")
