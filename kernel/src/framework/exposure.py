"""Which handlers may be reached through which door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from framework.errors import BootstrapError, ConfigError, did_you_mean
from framework.handlers import Handler


class Exposure:
    """What ``@app.handles(…, expose=…)`` and ``[app] expose`` open; its constructor checks the latter.

    An entry of the setting is ``DOOR:MESSAGE``; the message is named by its class, with its module if two have the
    name. Raises :class:`ConfigError`.
    """

    def __init__(self, handlers: Iterable[Handler], settings: Sequence[str], *, source: str, has_policy: bool) -> None:
        self._handlers = handlers
        self._has_policy = has_policy
        known: dict[str, set[type]] = {}
        for handler in handlers:
            kind = handler.message_type
            for name in (kind.__qualname__, f"{kind.__module__}.{kind.__qualname__}"):
                known.setdefault(name, set()).add(kind)
        self._opened = {_entry(setting, known, source) for setting in settings}

    def at(self, door: str) -> list[Handler]:
        """The handlers that a door opens to.

        Raises :class:`BootstrapError` if one declares a policy and nothing provides policies.
        """
        found = [h for h in self._handlers if door in h.expose or (door, h.message_type) in self._opened]
        guarded = [handler for handler in found if handler.policy]
        if guarded and not self._has_policy:
            raise BootstrapError(
                f"The door {door!r} does not open: {guarded[0].message_type.__name__} is under the policy "
                f"{guarded[0].policy!r}, and nothing provides policies.",
                remedy="Install a plugin that does, or app.provide(Policy, make_policy).",
            )
        return found


def _entry(setting: str, known: dict[str, set[type]], source: str) -> tuple[str, type]:
    door, colon, name = setting.partition(":")
    kinds = known.get(name, set())
    if door and colon and len(kinds) == 1:
        return door, next(iter(kinds))
    if not door or not colon:
        raise ConfigError(
            f"{source}: [app] expose: {setting!r} is not DOOR:MESSAGE.", remedy='As in "http:CreateItem".'
        )
    if kinds:
        full = sorted(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds)
        raise ConfigError(f"{source}: [app] expose: two messages are named {name}.", remedy=f"Say {' or '.join(full)}.")
    raise ConfigError(
        f"{source}: [app] expose names {name!r}, which nothing handles.",
        remedy=did_you_mean(name, known) or "Name a type that @app.handles declares.",
    )
