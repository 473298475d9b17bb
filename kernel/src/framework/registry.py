"""The hooks of the plugins that are on. The only file that touches pluggy's insides."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import pluggy

from framework import hookspecs
from framework.errors import BootstrapError, did_you_mean
from framework.hookspecs import HOOKS, HOT_HOOKS, LIFE_HOOKS, PROJECT
from framework.sources import normal


class _Manager(pluggy.PluginManager):
    """Looks only at the names of hooks (registering stays cheap), and takes unmarked functions where none is marked."""

    extra: frozenset[str] = frozenset()
    """The names of the hooks that plugins added."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        if name not in HOOKS and (name not in self.extra or not _is_marked(getattr(plugin, name, None))):
            return None
        options = super().parse_hookimpl_opts(plugin, name)
        if options is None and callable(getattr(plugin, name)) and not _has_marks(plugin):
            return {**_PLAIN}
        return options


_PLAIN = {
    "wrapper": False,
    "hookwrapper": False,
    "optionalhook": False,
    "tryfirst": False,
    "trylast": False,
    "specname": None,
}


def _is_marked(function: object) -> bool:
    return hasattr(function, f"{PROJECT}_impl")


def _has_marks(plugin: object) -> bool:
    return any(_is_marked(getattr(plugin, name, None)) for name in HOOKS)


def _check_marks(name: str, subject: object, hooks: Collection[str]) -> None:
    """Refuse a marked function that no hook will ever call, unless it is marked ``optionalhook``."""
    for attribute in dir(subject):
        if attribute.startswith("__"):
            continue
        marked = inspect.getattr_static(subject, attribute, None)
        marked = getattr(marked, "__func__", marked)
        if attribute in hooks or not _is_marked(marked) or getattr(marked, f"{PROJECT}_impl")["optionalhook"]:
            continue
        raise BootstrapError(
            f"Plugin {name!r}: there is no hook {attribute!r}.",
            remedy=did_you_mean(attribute, hooks)
            or f"There are: {', '.join(hooks)}. If a plugin that may be off has it, mark it optionalhook=True.",
        )


class _FunctionPlugin:
    """A bare ``register(app)`` function, dressed as a plugin."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.register = function


class _Kernel:
    """The kernel's own impl of ``dispatch``.

    A class of the module: inspect keeps classes in a cache of some Pythons, and one made for an App would keep that.
    """

    def __init__(self, choose: Callable[[type[Any]], Any]) -> None:
        self._choose = choose

    @hookspecs.hookimpl(trylast=True)
    def dispatch(self, message_type: type[Any]) -> Any:
        return self._choose(message_type)


class Registry:
    """Holds hooks objects in graph order."""

    def __init__(self) -> None:
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._objects: dict[str, Any] = {}

    def extend(self, plugin: str, specs: Any) -> None:
        """Add the hooks that a plugin declares in a module. Raises :class:`BootstrapError` for a name not its own."""
        prefix = f"{normal(plugin)}_"
        names = [name for name in dir(specs) if hasattr(getattr(specs, name), f"{PROJECT}_spec")]
        for name in names:
            if not name.startswith(prefix) or name in self._manager.extra:
                raise BootstrapError(
                    f"Plugin {plugin!r}: its hookspecs.py declares a hook {name!r}, whose name is "
                    f"{'taken' if name in self._manager.extra else 'not its own'}.",
                    remedy=f"Begin the names of its hooks with {prefix!r}.",
                )
        if names:
            self._manager.extra |= set(names)
            self._manager.add_hookspecs(specs)

    @property
    def hooks(self) -> SimpleNamespace:
        """The hooks that plugins added, each to be called by name with keyword arguments."""
        return SimpleNamespace(**{name: getattr(self._manager.hook, name) for name in self._manager.extra})

    def fill(self, plugins: Sequence[tuple[str, Any]]) -> None:
        """Register the hooks objects of ``(name, object)`` pairs given in graph order.

        Raises :class:`BootstrapError`.
        """
        for name, hooks in plugins:
            self.add(name, hooks)
        self.sort([name for name, _ in plugins])

    def add(self, name: str, hooks: Any) -> None:
        """Register one hooks object; :meth:`sort` follows when all are there. Raises :class:`BootstrapError`."""
        self._objects[name] = subject = self._dressed(hooks)
        try:
            self._manager.register(subject, name)
        except pluggy.PluginValidationError as error:
            raise BootstrapError(f"Plugin {name!r}: {' '.join(str(error).split())}") from error
        self._check(name, subject)

    def sort(self, names: Sequence[str]) -> None:
        """Put each hook's implementations in three bands, wrappers outside, each band in the order of ``names``.

        pluggy calls the last of its list first. It would put the newest ``trylast`` last of all, which no order of
        registration can make right together with the other bands.
        """
        rank = {name: -number for number, name in enumerate(names)}
        for hook in (*HOOKS, *self._manager.extra):
            getattr(self._manager.hook, hook)._hookimpls.sort(  # noqa: SLF001 - pluggy has no public way to do this
                key=lambda impl: (
                    impl.wrapper or impl.hookwrapper,
                    impl.tryfirst - impl.trylast,
                    rank.get(impl.plugin_name, 1),
                )
            )

    @staticmethod
    def _dressed(hooks: Any) -> Any:
        if inspect.isclass(hooks):
            return hooks()
        return _FunctionPlugin(hooks) if inspect.isroutine(hooks) else hooks

    def _check(self, name: str, subject: object) -> None:
        _check_marks(name, subject, (*HOOKS, *sorted(self._manager.extra)))
        callers = self._manager.get_hookcallers(subject) or []
        if not callers:
            raise BootstrapError(
                f"Plugin {name!r} implements no hook.", remedy=f"Implement at least one of: {', '.join(HOOKS)}."
            )
        for caller in callers:
            for impl in caller.get_hookimpls():
                if impl.plugin is not subject:
                    continue
                if impl.kwargnames:
                    raise BootstrapError(
                        f"Plugin {name!r}: {caller.name} has default arguments ({', '.join(impl.kwargnames)}).",
                        remedy="Remove the defaults: pluggy 1.6 and 1.7 treat them differently.",
                    )
                if caller.name in LIFE_HOOKS and (impl.wrapper or impl.hookwrapper or impl.tryfirst or impl.trylast):
                    raise BootstrapError(
                        f"Plugin {name!r}: {caller.name} cannot be a wrapper, tryfirst or trylast.",
                        remedy="Its place is given by `requires` and `after` in plugin.toml.",
                    )
                if caller.name in HOT_HOOKS and impl.hookwrapper:
                    raise BootstrapError(
                        f"Plugin {name!r}: {caller.name} cannot be an old-style hookwrapper.",
                        remedy="Mark it wrapper=True.",
                    )

    def life(self, name: str, hook: str) -> Callable[[Any], Any] | None:
        """A plugin's own implementation of a life hook, taking the App; None if it has none."""
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            if impl.plugin is self._objects[name]:
                return _adapted(impl, ("app",))
        return None

    def implementers(self) -> dict[str, list[str]]:
        """The plugins behind each hook, those that plugins added included: first, normal, last, each in graph order."""
        hooks = (*HOOKS, *sorted(self._manager.extra))
        return {
            hook: [impl.plugin_name for impl in reversed(getattr(self._manager.hook, hook).get_hookimpls())]
            for hook in hooks
        }

    def hot(self, hook: str, arguments: tuple[str, str], *, wrappers: bool = False) -> list[tuple[str, Any]]:
        """``(plugin, function)`` for ``tick`` or ``render`` in call order, each taking both ``arguments``.

        Either its wrappers, outermost first, or all the others.
        """
        return [
            (impl.plugin_name, _adapted(impl, arguments))
            for impl in reversed(getattr(self._manager.hook, hook).get_hookimpls())
            if impl.wrapper is wrappers
        ]

    def guard_choices(self, guarded: Callable[..., Callable[..., Any]]) -> None:
        """Put ``guarded(name, function, wrapper=…)`` in the place of each plugin's own ``dispatch``."""
        for impl in self._manager.hook.dispatch.get_hookimpls():
            if not impl.hookwrapper:
                wrapper = bool(impl.wrapper)
                impl.function = guarded(impl.plugin_name, impl.function, wrapper=wrapper)  # type: ignore[misc]

    def choose(self, app: object, message_type: type[Any]) -> Any:
        """Call the ``dispatch`` hook; None if no plugin claims the type.

        Wrappers act on what the kernel passes as default.
        """
        return self._manager.hook.dispatch(app=app, message_type=message_type)

    def set_default(self, choose: Callable[[type[Any]], Any]) -> None:
        """Make ``choose`` the last implementation of ``dispatch``: the kernel's own."""
        self._manager.register(_Kernel(choose), "kernel")


def _adapted(impl: pluggy.HookImpl, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """The function of ``impl`` as one that takes ``arguments`` by position."""
    function, places = impl.function, [arguments.index(name) for name in impl.argnames]
    if places == [0, 1][: len(arguments)]:
        # A bound method is its own; a plain function may stand in two plugins, and calls tell them apart by identity.
        return partial(function) if inspect.isfunction(function) else function
    # The hot hooks: no packing and unpacking on every frame.
    if len(arguments) == 2:
        return {(): lambda _, __: function(), (0,): lambda a, _: function(a), (1,): lambda _, b: function(b)}.get(
            tuple(places), lambda a, b: function(b, a)
        )
    return lambda *given: function(*[given[place] for place in places])
