"""`Population`: who is in a world, who possesses whom, and the flat lists of what a step calls."""

# ruff: noqa: SLF001 - ties entities, controllers and their world together: slots that are nobody else's to set

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fw_environment.controller import NOBODY, EntityController, decides, updates
from fw_environment.entity import EnvironmentEntity
from fw_environment.errors import BadDeclaration, NotNow
from fw_environment.fields import Stated, check_plain, kind_of

if TYPE_CHECKING:
    from fw_environment.environment import Environment
    from fw_environment.pawn import Pawn
    from fw_environment.system import System


class Population:
    """Keeps everything in the order of ids. What changes inside a step is done at its end, except that who is spawned
    is there at once; the lists are made anew, where something has changed, at the beginning of a step.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.last_ids = (0, 0)
        """The number of the entity and of the controller that came last. Each kind counts alone: controllers take turns
        by their numbers.
        """
        self.acting: list[EnvironmentEntity] = []
        self.updating: list[EntityController] = []
        self.deciding: list[EntityController] = []
        self.systems: list[System] = []
        self.stale = False
        self._later: list[Callable[[], None]] = []

    def know(self, *kinds: type[Stated]) -> None:
        """Remember classes by their name in saved states."""
        for kind in kinds:
            name = kind_of(kind)
            if self._env.kinds.setdefault(name, kind) is not kind:
                raise BadDeclaration(
                    f"{kind.__module__}.{kind.__qualname__}",
                    f"{self._env.kinds[name].__module__}.{self._env.kinds[name].__qualname__} is {name!r} already.",
                    'Give one of them another name for saved states: `kind: ClassVar[str] = "..."`.',
                )

    def spawn(self, entity: EnvironmentEntity, parent: EnvironmentEntity | None) -> None:
        """See `Environment.spawn`."""
        if entity.alive:
            raise NotNow(f"{entity.label} is in a world already.", "Spawn another one.")
        if parent is not None and parent._env is not self._env:
            raise NotNow(f"{parent.label} is not in this world, so nothing can be its part.", "Spawn it first.")
        self.know(type(entity))
        check_plain(entity)
        self.last_ids = (self.last_ids[0] + 1, self.last_ids[1])
        entity.id = self.last_ids[0]
        entity._env = self._env
        self._env.entities[entity.id] = entity
        if parent is not None:
            entity.parent_id = parent.id
            parent._children = (*parent._children, entity)
        self.stale = True
        entity.on_spawn()

    def despawn(self, entity: EnvironmentEntity) -> None:
        """See `Environment.despawn`."""
        if entity._env is not self._env:
            raise NotNow(f"{entity.label} is not in this world.", "Despawn it once, where it is.")
        self._soon(lambda: self._bury(entity))

    def _bury(self, entity: EnvironmentEntity) -> None:
        if not entity.alive:  # gone with its parent, or told twice in one step
            return
        parent = entity.parent
        if parent is not None:
            parent._children = tuple([child for child in parent._children if child is not entity])
        for gone in list(entity.family()):
            if (controller := getattr(gone, "_controller", None)) is not None:
                self._part(controller)
            for handle in (getattr(gone, "_acts", None) or {}).values():
                handle.cancel()
            del self._env.entities[gone.id]
            self._env.streams.pop(f"entity/{gone.id}", None)
            gone._env = None
            gone.on_despawn()
        self._env.actions = [handle for handle in self._env.actions if handle.running]
        self.stale = True

    def connect(self, controller: EntityController, pawn: Pawn) -> None:
        """See `EntityController.possess`."""
        self._soon(lambda: self._join(controller, pawn))

    def _join(self, controller: EntityController, pawn: Pawn) -> None:
        if pawn._env is not self._env:
            return  # despawned in the same step
        pawn.require_free()
        if controller.possessing:
            raise NotNow(f"{controller.label} possesses {controller.pawn.label}.", "Release it first.")
        self.know(type(controller))
        check_plain(controller)
        self.last_ids = (self.last_ids[0], self.last_ids[1] + 1)
        controller.id = self.last_ids[1]
        controller.pawn_id = pawn.id
        self._env.controllers[controller.id] = controller
        self.tie(controller, pawn)
        self.stale = True
        controller.on_possess()

    @staticmethod
    def tie(controller: EntityController, pawn: Pawn) -> None:
        """Let the two know each other."""
        mind: Any = controller  # to type checkers its pawn is read-only
        mind.pawn = pawn
        mind._env = pawn._env
        pawn._controller = controller

    @staticmethod
    def untie(controller: EntityController) -> None:
        """Let the controller know nobody."""
        mind: Any = controller
        mind.pawn = NOBODY
        mind._env = mind._rng = None

    def disconnect(self, controller: EntityController) -> None:
        """See `EntityController.release`."""
        if self._env.controllers.get(controller.id) is not controller:
            raise NotNow(f"{controller.label} controls nothing in this world.", "Release it once.")
        self._soon(lambda: self._part(controller))

    def _part(self, controller: EntityController) -> None:
        if self._env.controllers.get(controller.id) is not controller:
            return  # released with its pawn
        del self._env.controllers[controller.id]
        self._env.streams.pop(f"controller/{controller.id}", None)
        controller.pawn._controller = None
        self.untie(controller)
        controller.pawn_id = controller.id = 0
        self.stale = True
        controller.on_release()

    def add_system(self, system: System) -> None:
        """See `Environment.add_system`."""
        if system.name in self._env.systems:
            raise NotNow(f"A system called {system.name!r} is there already.", "Give one of them another name=.")
        if system._env is not None or self._env.stepping:
            raise NotNow(f"System {system.name!r} cannot be added now.", "Add it once, between two steps.")
        self.know(type(system))
        check_plain(system)
        system._env = self._env
        self._env.systems[system.name] = system
        self.stale = True

    def _soon(self, change: Callable[[], None]) -> None:
        if self._env.stepping:
            self._later.append(change)
        else:
            change()

    def settle(self) -> None:
        """The end of a step: do what was put off."""
        while self._later:
            later, self._later = self._later, []
            for change in later:
                change()

    def gather(self) -> None:
        """Make the lists anew."""
        self.stale = False
        self._later.clear()
        entities: dict[int, Any] = self._env.entities
        still = EnvironmentEntity.on_update
        self.acting = [e for e in entities.values() if type(e).on_update is not still]
        minds = self._env.controllers.values()
        kinds = set(map(type, minds))
        updating, deciding = set(filter(updates, kinds)), set(filter(decides, kinds))
        self.updating = [mind for mind in minds if type(mind) in updating]
        self.deciding = [mind for mind in minds if type(mind) in deciding]
        self.systems = list(self._env.systems.values())
