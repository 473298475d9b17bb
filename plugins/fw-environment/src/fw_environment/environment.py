"""`Environment`: a world, and the order of what happens in a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import length_hint
from typing import TYPE_CHECKING, Any, TypeVar, overload

from framework.clock import FixedStep, Frame
from fw_environment.action import ActionHandle
from fw_environment.entity import EnvironmentEntity, named
from fw_environment.errors import NotNow, StepFailed, UnknownName
from fw_environment.inputs import Inputs
from fw_environment.interpolation import Interpolation
from fw_environment.population import Population
from fw_environment.stream import Stream, key_of
from fw_environment.timeline import Timeline

if TYPE_CHECKING:
    import numpy as np

    from fw_environment.controller import EntityController
    from fw_environment.fields import Stated
    from fw_environment.pawn import Pawn
    from fw_environment.running import Progress
    from fw_environment.state import State
    from fw_environment.system import System

Entity = TypeVar("Entity", bound=EnvironmentEntity)
Rule = TypeVar("Rule", bound="System")
Watcher = Callable[["Environment"], None]
Render = Callable[["Environment", Frame], None]


class Environment:
    """A world that makes steps of ``dt`` seconds; everything random in it comes from ``seed``.

    A step: inputs come in, controllers decide, actions and entities act, systems act, events happen. With
    ``deterministic``, what depends on real time is refused. The clock is that of the kernel: ``env.clock.paused``,
    ``.scale``, ``.step()``.
    """

    def __init__(self, dt: float = 1 / 60, seed: int = 0, *, deterministic: bool = False) -> None:
        if not dt > 0:
            raise ValueError(f"A step of {dt} s was asked for; dt is greater than 0.")
        self.dt = float(dt)
        self.seed = seed
        self.deterministic = deterministic
        self.tick = 0
        self.entities: dict[int, EnvironmentEntity] = {}
        self.controllers: dict[int, EntityController] = {}
        self.systems: dict[str, System] = {}
        self.events = Timeline(self)
        self.inputs = Inputs()
        self.streams: dict[str, Stream] = {}
        self.generators: dict[str, np.random.Generator] = {}
        self.actions: list[ActionHandle] = []
        self.kinds: dict[str, type[Stated]] = {}
        self.watchers: list[Watcher] = []
        self.renderers: list[Render] = []
        self.clock = FixedStep(1 / dt, self.update, self.draw, pace="manual")
        self.clock.dt = self.dt  # 1 / (1 / dt) may differ in the last bit
        self.interpolation = Interpolation(self)
        self._population = Population(self)
        self._phase = ""
        self._turn: EntityController | None = None
        self.failure = ""
        """What went wrong in the last step or restore; the world waits for another restore then."""

    def __repr__(self) -> str:
        return f"Environment(dt={self.dt:g}, seed={self.seed}, tick={self.tick}, entities={len(self.entities)})"

    @property
    def last_ids(self) -> tuple[int, int]:
        """The ids that were given last: to an entity, and to a controller."""
        return self._population.last_ids

    @property
    def time(self) -> float:
        """Seconds since the beginning."""
        return self.tick * self.dt

    # -- who is there

    def spawn(
        self, entity: Entity, *, parent: EnvironmentEntity | None = None, at: tuple[float, float] | None = None
    ) -> Entity:
        """Let ``entity`` come into the world. In a step it is there at once, and acts from the next step on."""
        if at is not None:
            entity.x, entity.y = at
        self._population.spawn(entity, parent)
        return entity

    def despawn(self, entity: EnvironmentEntity) -> None:
        """Let ``entity`` and its parts leave the world: at once, or inside a step at its end."""
        self._population.despawn(entity)

    def connect(self, controller: EntityController, pawn: Pawn) -> None:
        """What `EntityController.possess` does."""
        self._population.connect(controller, pawn)

    def disconnect(self, controller: EntityController) -> None:
        """What `EntityController.release` does."""
        self._population.disconnect(controller)

    def add_system(self, system: Rule) -> Rule:
        """Let ``system`` act in every step, after those added before."""
        self._population.add_system(system)
        return system

    @overload
    def system(self, which: type[Rule]) -> Rule: ...
    @overload
    def system(self, which: str) -> System: ...
    def system(self, which: Any) -> Any:
        """The system of this name, or the first one of this class; `UnknownName` where there is none."""
        for name, found in self.systems.items():
            if name == which or (isinstance(which, type) and isinstance(found, which)):
                return found
        asked = getattr(which, "__name__", which)
        raise UnknownName("system", asked, self.systems, "Add it with env.add_system().")

    def know(self, *kinds: type[Stated]) -> None:
        """Let saved states name these classes although no object of them has been here yet."""
        self._population.know(*kinds)

    def find(self, path: str) -> EnvironmentEntity:
        """The entity at a path of names from the top: ``find("cart/wheel")``."""
        first, _, rest = path.partition("/")
        tops = tuple([entity for entity in self.entities.values() if not entity.parent_id])
        top = named(tops, first, "The world has entities of these names at the top.")
        return top.find(rest) if rest else top

    def tagged(self, tag: str) -> list[EnvironmentEntity]:
        """All entities with this tag, in the order in which they came."""
        return [entity for entity in self.entities.values() if tag in entity.tags]

    def of(self, kind: type[Entity]) -> Iterator[Entity]:
        """All entities of a class, in the order in which they came."""
        return (entity for entity in self.entities.values() if isinstance(entity, kind))

    def begin(self, handle: ActionHandle) -> None:
        """Advance an action from the next phase `act` on."""
        self.actions.append(handle)

    # -- chance

    def stream(self, name: str) -> Stream:
        """The stream of random numbers of this name."""
        found = self.streams.get(name)
        if found is None:
            found = self.streams[name] = Stream(key_of(self.seed, name))
        return found

    def generator(self, name: str) -> np.random.Generator:
        """numpy's generator of this name, for whole arrays."""
        found = self.generators.get(name)
        if found is None:
            import numpy as np

            found = self.generators[name] = np.random.Generator(np.random.PCG64(key_of(self.seed, name)))
        return found

    # -- steps

    def update(self, dt: float) -> None:
        """Make one step. The clock calls it; call :meth:`step` instead."""
        if self.failure:
            raise NotNow(
                f"This world stands where it failed: {self.failure}", "Restore a snapshot before the next step."
            )
        self._phase = "input"
        place: Any = "an input"
        try:
            self.interpolation.keep()
            self.inputs.take(self)
            if self._population.stale:
                self._population.gather()
            self._phase = "decide"
            for place in self._population.updating:
                place.update(dt)
            self._decide()
            self._phase = "act"
            for place in tuple(self.actions):
                place.advance(dt)
            self.actions = [handle for handle in self.actions if handle.running]
            for place in self._population.acting:
                place.on_update(dt)
            self._phase = "systems"
            for place in self._population.systems:
                place.update(dt)
            self._phase = "events"
            place = "an event"
            self.tick += 1
            self.events.run(self.tick * self.dt)
            self._phase = "end"
            place = "a change at the end of the step"
            self._population.settle()
        except Exception as error:
            failed = StepFailed(self.tick, self._phase, _told(self._turn or place), error)
            self.failure = str(failed)
            raise failed from error
        finally:
            self._phase, self._turn = "", None
        for watch in tuple(self.watchers):
            watch(self)

    def _decide(self) -> None:
        """All perceive the same world, before anything that one of them decides has begun."""
        tick = self.tick
        turns = [mind for mind in self._population.deciding if (tick + mind.id) % mind.decision_period == 0]
        left: Iterator[Any] = iter(turns)
        try:
            decisions = [(mind, mind.decide(mind.perceive())) for mind in left]
            left = iter(decisions)
            for mind, decision in left:
                mind.act(decision)
        except Exception:
            self._turn = turns[len(turns) - length_hint(left) - 1]  # counted only here: a step has many turns
            raise

    @property
    def stepping(self) -> bool:
        """Whether a step is being made."""
        return bool(self._phase)

    def step(self, count: int = 1) -> None:
        """Make ``count`` steps now, and draw once where a renderer is there."""
        self.clock.step(count)

    def run(
        self,
        until: float | Callable[[Environment], bool],
        *,
        realtime: float | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Make steps until ``until``: a time in seconds of the world, or a condition. How many steps were made.

        As fast as it can; with ``realtime``, so many seconds of the world for each real one. ``progress`` is told
        the time of the world and the end (None where it is not known) about ten times a second. Ctrl-C ends it between
        two steps.
        """
        from fw_environment.running import run

        return run(self, until, realtime, progress)

    def draw(self, frame: Frame) -> None:
        """Let the renderers draw. It changes nothing in the world."""
        for render in self.renderers:
            render(self, frame)

    # -- state

    def snapshot(self) -> State:
        """The whole state, as it is between two steps."""
        from fw_environment.state import take

        self._require_rest("A snapshot")
        return take(self)

    def restore(self, state: State) -> None:
        """Stand where ``state`` was taken. Entities and controllers that it names stay the same objects."""
        from fw_environment.restoring import put

        self._require_rest("A restore")
        put(self, state, self._population)
        self.failure = ""

    def load(self, data: bytes) -> State:
        """A state from the bytes that `State.to_bytes` gave."""
        from fw_environment.state import State

        return State.from_bytes(data, self.kinds)

    def hash(self) -> bytes:
        """16 bytes that are equal where the whole state is."""
        return self.snapshot().hash()

    def fork(self) -> Environment:
        """Another world that stands where this one stands, and goes its own way."""
        from fw_environment.restoring import forked

        self._require_rest("A fork")
        return forked(self)

    def _require_rest(self, what: str) -> None:
        if self._phase:
            raise NotNow(f"{what} was asked for inside a step.", "Ask between two steps.")
        if self.failure and what != "A restore":
            raise NotNow(f"{what} of a world in the middle of a failed step was asked for.", "Restore first.")


def _told(place: Any) -> str:
    """What messages call the thing that was called."""
    if isinstance(place, ActionHandle):
        return f"action {place.action.name!r} of {place.pawn.label}"
    return getattr(place, "label", "") or getattr(place, "name", "") or str(place)
