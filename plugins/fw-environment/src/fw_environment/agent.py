"""`BotAgent`: a pawn, its controller and a blackboard, made together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from fw_environment.brains import PolicyController
from fw_environment.controller import EntityController
from fw_environment.errors import BadDeclaration
from fw_environment.pawn import Pawn
from fw_environment.trees import Ticks, TreeController

if TYPE_CHECKING:
    from fw_environment.environment import Environment

Body = TypeVar("Body", bound=Pawn)
Brain = EntityController | Ticks | Callable[[Any], Any]


class BotAgent(Generic[Body]):
    """Spawns ``pawn`` and lets ``brain`` possess it: a controller, a tree, or a policy."""

    def __init__(
        self, env: Environment, pawn: Body, brain: Brain, *, at: tuple[float, float] | None = None, period: int = 1
    ) -> None:
        if isinstance(brain, EntityController):
            self.controller = brain
            brain.decision_period = period if period > 1 else brain.decision_period
        elif hasattr(brain, "tick"):
            self.controller = TreeController(brain, decision_period=period)
        elif not callable(brain):
            raise BadDeclaration(
                f"The brain of {type(pawn).__name__}",
                f"{brain!r} cannot decide.",
                "Give a controller, a behaviour tree, or a function of the observation.",
            )
        else:
            self.controller = PolicyController(brain, decision_period=period)
        if not pawn.alive:
            env.spawn(pawn, at=at)
        self.pawn = pawn
        self.controller.possess(pawn)

    @property
    def blackboard(self) -> Any:
        """The blackboard of its tree; None where it has none."""
        return getattr(getattr(self.controller, "_tree", None), "blackboard", None)

    def leave(self) -> None:
        """Despawn the pawn, and with it all the rest."""
        self.pawn.env.despawn(self.pawn)
