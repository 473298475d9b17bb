"""`Pawn`: an entity that a controller may possess; `sensor` and `effector` declare what it senses and does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from fw_environment.action import Action, ActionHandle, ActionStatus, Apply
from fw_environment.entity import EnvironmentEntity
from fw_environment.errors import BadDeclaration, NotNow, UnknownName
from fw_environment.spaces import Dict, Space
from fw_environment.stream import Stream, key_of

if TYPE_CHECKING:
    from fw_environment.controller import EntityController

Function = TypeVar("Function", bound=Callable[..., Any])


class Part(NamedTuple):
    """A sensor or an effector: the space of its values, and the method."""

    space: Space
    function: Callable[..., Any]


def sensor(space: Space) -> Callable[[Function], Function]:
    """Mark a method ``(self) -> value`` as a sensor. It only reads; noise comes from :meth:`Pawn.noise`."""
    return _marked("sensor", space)


def effector(space: Space) -> Callable[[Function], Function]:
    """Mark a method ``(self, params, dt) -> bool | None`` as an effector, called in each step that an action lasts.

    True: the action is done; False: it has failed; None: it goes on until its duration is over.
    """
    return _marked("effector", space)


def _marked(what: str, space: Space) -> Callable[[Function], Function]:
    if not isinstance(space, Space):
        raise BadDeclaration(f"@{what}", f"{space!r} is no space.", f"Write @{what}(Box(0, 1)).")

    def mark(function: Function) -> Function:
        setattr(function, f"__{what}__", space)
        return function

    return mark


class Pawn(EnvironmentEntity):
    """An entity with sensors and effectors, and a will that a controller gives it."""

    kind: ClassVar[str] = "Pawn"
    sensors: ClassVar[dict[str, Part]] = {}
    effectors: ClassVar[dict[str, Part]] = {}
    observation_space: ClassVar[Dict] = Dict({})
    action_space: ClassVar[Dict] = Dict({})

    _controller: Any = None
    _acts: Any = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for what in ("sensor", "effector"):
            parts: dict[str, Part] = dict(getattr(cls, f"{what}s"))
            for name, item in vars(cls).items():
                if (space := getattr(item, f"__{what}__", None)) is not None:
                    if hasattr(Pawn, name):
                        raise BadDeclaration(
                            f"{cls.__name__}.{name}", "Every pawn has another thing of this name.", "Rename it."
                        )
                    parts[name] = Part(space, item)
                elif name in parts:  # overridden: the space stays, the method is the new one
                    parts[name] = Part(parts[name].space, item)
            setattr(cls, f"{what}s", parts)
        cls.observation_space = Dict({name: part.space for name, part in cls.sensors.items()})
        cls.action_space = Dict({name: part.space for name, part in cls.effectors.items()})

    @property
    def controller(self) -> EntityController | None:
        """Who possesses it."""
        return self._controller  # type: ignore[no-any-return]  # slots of the state carry no type of their own

    @property
    def acts(self) -> dict[str, ActionHandle]:
        """The last action of each effector, running or ended."""
        if self._acts is None:
            self._acts = {}
        found: dict[str, ActionHandle] = self._acts
        return found

    def observe(self) -> dict[str, Any]:
        """What the sensors give now, as plain data, checked against their spaces. It changes nothing."""
        return {
            name: part.space.checked(part.function(self), f"Sensor {name!r} of {self.label}")
            for name, part in self.sensors.items()
        }

    def noise(self, sensor: str) -> Stream:
        """Random numbers for a sensor: the same ones however often it is read in a step."""
        env = self.env
        return Stream(key_of(env.seed, f"noise/{self.id}/{sensor}/{env.tick}"))

    def act(self, action: Action) -> ActionHandle:
        """Begin an action; a running one of the same effector is cancelled. It has its first step in this or the next
        step's phase `act`, whichever comes first.
        """
        action = Action(action.name, self._checked(action), float(action.duration))
        if (running := self.acts.get(action.name)) is not None:
            running.cancel()
        handle = ActionHandle(action, self, self._effector(action.name).function, self.env.dt)
        self.acts[action.name] = handle
        self.env.begin(handle)
        return handle

    def _effector(self, name: str) -> Part:
        part = self.effectors.get(name)
        if part is None:
            raise UnknownName(f"effector of {self.label}", name, self.effectors, "Mark a method with @effector.")
        return part

    def resumed(self, action: Action, ticks: int, status: str) -> ActionHandle:
        """The handle of an action as a saved state has it."""
        apply: Apply = self._effector(action.name).function
        handle = ActionHandle(action, self, apply, self.env.dt)
        handle.ticks, handle.status = ticks, ActionStatus[status.upper()]
        self.acts[action.name] = handle
        return handle

    def pursue(self, action: Action) -> ActionStatus:
        """Begin ``action`` unless it is the running one; where it stands: RUNNING, DONE or FAILED, which a leaf of a
        behaviour tree may give as they are. One that has ended is told once, and begun again by the next call.
        """
        last = self.acts.get(action.name)
        if last is not None and last.action.params == self._checked(action):
            if not last.running:
                del self.acts[action.name]
            return ActionStatus.FAILED if last.status is ActionStatus.CANCELLED else last.status
        return self.act(action).status

    def _checked(self, action: Action) -> Any:
        """Its params as plain data, as its effector takes them."""
        part = self._effector(action.name)
        return part.space.checked(action.params, f"Effector {action.name!r} of {self.label}")

    def require_free(self) -> None:
        """`NotNow` where a controller possesses it."""
        if self._controller is not None:
            raise NotNow(f"{self.label} is possessed by {self._controller.label}.", "Release it first.")
