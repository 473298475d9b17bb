"""Puts a `State` into a world: finds or makes the objects first, and changes the world only when all are there."""

# ruff: noqa: SLF001 - ties entities, controllers and their world together: slots that are nobody else's to set

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, cast

from fw_environment.action import Action, ActionHandle
from fw_environment.controller import EntityController
from fw_environment.entity import EnvironmentEntity
from fw_environment.errors import CannotRestore
from fw_environment.fields import Stated, write
from fw_environment.packing import unpack
from fw_environment.pawn import Pawn
from fw_environment.state import Group, State, take

if TYPE_CHECKING:
    from fw_environment.environment import Environment
    from fw_environment.population import Population


def put(env: Environment, state: State, population: Population) -> None:
    """See `Environment.restore`."""
    if not isinstance(state, State):
        raise CannotRestore("restore", f"{type(state).__name__} is no state.", "Bytes become one by env.load().")
    _check(env, state)
    own = state.owner is env
    entities = [_objects(group, env.entities, own) for group in state.entities]
    controllers = [_objects(group, env.controllers, own) for group in state.controllers]
    for group, minds in zip(state.controllers, controllers, strict=True):
        if not own:
            _let_adopt(group, cast("list[EntityController]", minds), env)
    # From here on, where code of the world raises in the middle of it, nothing but another restore may follow.
    env.failure = "a restore did not come to its end."
    before: tuple[Any, Any] = env.entities, env.controllers
    everyone = [*zip(state.entities, entities, strict=True), *zip(state.controllers, controllers, strict=True)]
    for group, items in everyone:
        write(group.kind, items, group.records)
    env.entities = _by_id(entities)
    env.controllers = _by_id(controllers)
    _detach(_gone(before[0], env.entities), _gone(before[1], env.controllers), population)
    _attach(env, population)
    env.tick, (entity, controller, env.events.number) = state.tick, state.counts
    population.last_ids = (entity, controller)
    env.events.queue, env.events.now = list(state.events), env.time
    _put_systems(env, state)
    _put_actions(env, state)
    _put_streams(env, state)
    env.inputs.clear()
    env.interpolation.forget()
    population.gather()
    for group, items in everyone:
        for item, saved in zip(items, group.saved, strict=bool(group.saved)):
            _load(item, saved)
        if group.kind.on_restore is not Stated.on_restore:
            for item in items:
                item.on_restore()
    for system in env.systems.values():
        system.on_restore()


def _check(env: Environment, state: State) -> None:
    for what in ("dt", "seed"):
        mine, theirs = getattr(env, what), getattr(state, what)
        if mine != theirs:
            raise CannotRestore(repr(env), f"The state has {what}={theirs!r}.", f"Make the world with that {what}.")
    wanted = {(system.name, system.kind) for system in state.systems}
    have = {(name, type(system)) for name, system in env.systems.items()}
    if wanted != have:
        differ = sorted({name for name, _ in wanted ^ have})
        raise CannotRestore(repr(env), f"The state has other systems: {', '.join(differ)}.", "Add the same systems.")


def _objects(group: Group, present: Any, own: bool) -> list[Stated]:
    """For each record the object that has this id here, or had it, or a new one."""
    at = group.kind.fields.index("id")
    here = list(map(present.get, map(itemgetter(at), group.records)))
    if set(map(type, here)) == {group.kind}:
        return here
    found: list[Stated] = []
    for number, present_one in enumerate(here):
        item = present_one if type(present_one) is group.kind else group.objects[number] if own else None
        if item is None:
            item = group.kind.__new__(group.kind)
            item._blank()
        found.append(item)
    return found


def _let_adopt(group: Group, minds: list[EntityController], env: Environment) -> None:
    known = {id(mind) for mind in env.controllers.values()}
    for number, mind in enumerate(minds):
        if id(mind) in known:
            continue
        original = cast("EntityController", group.objects[number]) if group.objects else None
        # Its own messages call it by its number, which it has from here on.
        mind.id = group.records[number][group.kind.fields.index("id")]
        mind.adopt(original)


def _gone(before: Mapping[int, Any], now: Mapping[int, Any]) -> list[Any]:
    return [item for number, item in before.items() if now.get(number) is not item]


def _detach(entities: list[EnvironmentEntity], minds: list[EntityController], population: Population) -> None:
    for entity in entities:
        entity._env = entity._rng = None
        entity._children = ()
        if isinstance(entity, Pawn):
            entity._controller = None
    for mind in minds:
        population.untie(mind)


def _attach(env: Environment, population: Population) -> None:
    entities, minds = env.entities.values(), env.controllers.values()
    for entity in entities:
        entity._env = env
        entity._rng = None
        entity._children = ()
        if isinstance(entity, Pawn):
            entity._controller = None
    for entity in entities:
        if entity.parent_id:
            parent = env.entities[entity.parent_id]
            parent._children = (*parent._children, entity)
    for mind in minds:
        mind._rng = None
        population.tie(mind, cast("Pawn", env.entities[mind.pawn_id]))


def _by_id(groups: list[list[Any]]) -> dict[int, Any]:
    items = [item for group in groups for item in group]
    items.sort(key=attrgetter("id"))
    return {item.id: item for item in items}


def _put_systems(env: Environment, state: State) -> None:
    for saved in state.systems:
        system = env.systems[saved.name]
        write(type(system), [system], [saved.record])
        system.refilled(saved.capacity, saved.buffer)
        _load(system, saved.saved)


def _load(item: Stated, saved: bytes) -> None:
    if saved:
        item.load(unpack(saved, f"What {type(item).__name__}.save() gave"))


def _put_actions(env: Environment, state: State) -> None:
    before: list[ActionHandle] = []
    for entity in env.entities.values():
        if isinstance(entity, Pawn) and entity._acts:
            before += entity.acts.values()
            entity._acts = None
    kept = {(handle.pawn.id, handle.action.name): handle for handle in before if handle.running}
    running = []
    for pawn_id, name, params, duration, ticks, status in state.actions:
        pawn, action = cast("Pawn", env.entities[pawn_id]), Action(name, params, duration)
        handle = pawn.resumed(action, ticks, status)
        old = kept.get((pawn_id, name))
        # Who awaits a running action goes on to do so, if the action runs in the restored state as well.
        if handle.running and old is not None and old.pawn is pawn and old.action == action:
            old.ticks = ticks
            handle = pawn.acts[name] = old
        if handle.running:
            running.append(handle)
    still = {id(handle) for handle in running}
    for handle in (*env.actions, *before):
        if id(handle) not in still:
            handle.cancel()
    env.actions = running


def _put_streams(env: Environment, state: State) -> None:
    for name, stream in env.streams.items():
        stream.count = state.streams.get(name, 0)
    for name, count in state.streams.items():
        env.stream(name).count = count
    env.generators.clear()
    for name, (position, step, has_half, half) in state.generators.items():
        env.generator(name).bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": position, "inc": step},
            "has_uint32": has_half,
            "uinteger": half,
        }


def forked(env: Environment) -> Environment:
    """See `Environment.fork`."""
    state = take(env)
    made = type(env)(env.dt, env.seed, deterministic=env.deterministic)
    made.know(*env.kinds.values())
    made.events.handlers = dict(env.events.handlers)
    for system in env.systems.values():
        made.add_system(system.twin())
    made.restore(state)
    return made
