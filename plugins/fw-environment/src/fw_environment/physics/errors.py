"""What goes wrong with bodies."""

from __future__ import annotations

from fw_environment.errors import EnvironmentFault


class BadBody(EnvironmentFault, ValueError):
    """A body that cannot be: its ``label``, what is wrong, and what to do."""

    def __init__(self, label: str, problem: str, remedy: str) -> None:
        self.label = label
        super().__init__(f"{label}: {problem} {remedy}")
