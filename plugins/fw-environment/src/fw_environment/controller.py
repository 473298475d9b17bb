"""`EntityController`: the will of a pawn, apart from its body."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar, Self

from fw_environment.action import Action
from fw_environment.errors import BadDeclaration, CannotRestore, NoAction, NotNow
from fw_environment.fields import Stated, kind_of
from fw_environment.stream import Stream

if TYPE_CHECKING:
    from fw_environment.environment import Environment
    from fw_environment.pawn import Pawn

Decision = Action | Iterable[Action] | None


class Nobody:
    """Stands where no pawn is. A property that checked would cost more than many a controller's whole step."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        raise NotNow(f"The {name} of a pawn was asked for by a controller that has none.", "Call possess(pawn) first.")

    def __bool__(self) -> bool:
        return False


NOBODY = Nobody()


class EntityController(Stated, bare=("pawn",)):
    """Possesses a pawn and decides for it. Override :meth:`decide`, or :meth:`update` for plain control.

    In a step all controllers perceive and decide on the same state of the world, then their actions begin. With a
    ``decision_period`` of n it decides in every n-th step; those with different ids take turns.
    """

    kind: ClassVar[str] = "Controller"

    id: int = 0
    pawn_id: int = 0
    decision_period: int = 1
    _env: Any = None
    _rng: Any = None

    def _blank(self) -> None:
        super()._blank()
        object.__setattr__(self, "pawn", NOBODY)

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{kind_of(type(self))} {self.id}"

    if TYPE_CHECKING:

        @property
        def pawn(self) -> Pawn:
            """The pawn that it possesses; using it raises `NotNow` where it possesses none."""

    @property
    def possessing(self) -> bool:
        """Whether it possesses a pawn."""
        return self._env is not None

    @property
    def env(self) -> Environment:
        """The world of its pawn."""
        return self.pawn.env

    @property
    def rng(self) -> Stream:
        """The controller's own stream of random numbers."""
        if self._rng is None:
            self._rng = self.env.stream(f"controller/{self.id}")
        stream: Stream = self._rng
        return stream

    def possess(self, pawn: Pawn) -> Self:
        """Take control of ``pawn``; inside a step, from its end on. Each has one other only."""
        self.check(pawn)
        pawn.env.connect(self, pawn)
        return self

    def release(self) -> None:
        """Let go of the pawn; inside a step, at its end. Its running actions go on."""
        self.env.disconnect(self)

    def check(self, pawn: Pawn) -> None:
        """Raise where this controller cannot control ``pawn``."""
        if iscoroutinefunction(self.decide):
            raise BadDeclaration(
                f"{type(self).__name__}.decide",
                "It is an async function, and a step does not wait.",
                "Decide in a plain function, or give an async policy to a PolicyController.",
            )

    def perceive(self) -> Any:
        """What it knows when it decides; without an override, what the pawn's sensors give."""
        return self.pawn.observe()

    def decide(self, observation: Any) -> Decision:
        """What the pawn should do now."""
        return None

    def update(self, dt: float) -> None:
        """Called in every step before decisions are made, for control that needs neither sensors nor actions."""

    def act(self, decision: Decision) -> None:
        """Begin what was decided."""
        if isinstance(decision, Action):
            self.pawn.act(decision)
        elif decision is not None:
            given: Any = decision  # what users' functions give
            for action in given if isinstance(given, Iterable) else (given,):
                if not isinstance(action, Action):
                    raise NoAction(self.label, action)
                self.pawn.act(action)

    def receive(self, action: Action) -> None:
        """An action from outside, at the beginning of a step."""
        self.pawn.act(action)

    def on_possess(self) -> None:
        """Called when it has taken control."""

    def on_release(self) -> None:
        """Called when it has let go."""

    def adopt(self, other: Self | None) -> None:
        """Take over from ``other``, of a forked world, what is not in fields: share it where that is safe, else make it
        anew. ``other`` is None where nothing but a saved state is known: raise :meth:`missing` if that is not enough.
        """

    def missing(self, what: str) -> CannotRestore:
        """The error for a controller that a saved state names but that cannot be made from it."""
        return CannotRestore(
            self.label,
            f"A saved state does not hold {what}.",
            "Make the world with the function that made it first, then restore.",
        )


def decides(kind: type[EntityController]) -> bool:
    """Whether a class overrides :meth:`EntityController.decide`."""
    return kind.decide is not EntityController.decide


def updates(kind: type[EntityController]) -> bool:
    """Whether a class overrides :meth:`EntityController.update`."""
    return kind.update is not EntityController.update
