"""What goes wrong between worlds and learners, as classes with data."""

from __future__ import annotations

from collections.abc import Iterable


class GymFault(Exception):
    """Base class of everything that this package raises."""


class BadTask(GymFault, ValueError):
    """A task, or what it makes, cannot be learned as asked."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place = place
        super().__init__(f"{place}: {problem} {remedy}")


class MissingExtra(GymFault, ImportError):
    """A library is wanted that an extra of this package brings."""

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs a library that is not installed: pip install 'fw-gym[{extra}]'.")


class StrayAgents(GymFault, ValueError):
    """Actions were given for agents that take no part any more, or left out for some that do."""

    def __init__(self, given: Iterable[str], wanted: Iterable[str]) -> None:
        self.given, self.wanted = sorted(given), sorted(wanted)
        super().__init__(f"Actions were given for {self.given}; give one for each of {self.wanted}, see env.agents.")


class ShardFailed(GymFault):
    """A shard has raised, or its process has died; its lanes are lost, so all shards are closed."""

    def __init__(self, shard: int, what: str) -> None:
        self.shard = shard
        self.what = what
        super().__init__(f"Shard {shard}: {what.rstrip('.')}. Make the shards anew.")
