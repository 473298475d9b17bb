"""Errors of the orchestrator."""

from __future__ import annotations

from framework import BootstrapError, FrameworkError


class BlueprintError(BootstrapError):
    """A blueprint is declared wrongly; the message names it, the state and the remedy."""


class ActionError(FrameworkError):
    """A handler asked for something impossible; its job fails with this message."""


class ConditionError(ActionError):
    """The condition of a handler cannot be decided; its job fails with this message."""


class UnknownBlueprint(FrameworkError):
    """A job was to be created for a blueprint that is not registered."""


class InvalidJobData(FrameworkError):
    """The data of a new job cannot be stored as JSON."""


class IdempotencyConflict(FrameworkError):
    """A key was used before, for a job with other data."""


class NotResumable(FrameworkError):
    """A job cannot be taken up again: it is not quarantined, or not where it was thought to be."""
