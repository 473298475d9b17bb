"""The container builds objects from annotations and finds mistakes before anything runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import BootstrapError, Depends
from framework.container import BuiltinContainer as Container
from framework.provider import Lifetime, Provider

if TYPE_CHECKING:
    from decimal import Decimal


class Engine:
    pass


class Car:
    def __init__(self, engine: Engine, colour: str = "red") -> None:
        self.engine = engine
        self.colour = colour


def container(*provided: tuple[Any, Callable[..., Any]], lifetime: Lifetime = "singleton") -> Container:
    made = Container()
    for kind, factory in provided:
        made.provide(Provider(kind, factory, lifetime, "a test"))
    return made


def test_constructor_parameters_are_injected_by_annotation_and_defaults_serve_where_nothing_provides() -> None:
    """K30, K31"""
    made = container((Engine, Engine), (Car, Car))
    car = made.get(Car)
    assert car.engine is made.get(Engine)
    assert car.colour == "red"


def test_a_singleton_is_built_once_and_a_transient_each_time() -> None:
    """K31"""
    single, each = container((Engine, Engine)), container((Engine, Engine), lifetime="transient")
    assert single.get(Engine) is single.get(Engine)
    assert each.get(Engine) is not each.get(Engine)


def test_a_provider_may_stand_for_a_protocol() -> None:
    class Sound(Protocol):
        def play(self) -> str: ...

    class Horn:
        def play(self) -> str:
            return "honk"

    def use(sound: Sound) -> str:
        return sound.play()

    assert container((Sound, Horn)).compile(use)() == "honk"


def test_depends_with_a_factory_calls_it_with_its_parameters_injected() -> None:
    """K31"""

    def number(engine: Engine) -> int:
        return 42

    def use(value: int = Depends(number)) -> int:
        return value

    made = container((Engine, Engine))
    made.check()
    assert made.compile(use, marked_only=True)() == 42


def test_a_compiled_call_takes_what_is_given_and_injects_the_rest() -> None:
    """K31"""

    def handle(request: str, car: Car = Depends(), more: int = 5) -> tuple[str, Car, int]:
        return request, car, more

    made = container((Engine, Engine), (Car, Car))
    call = made.compile(handle, given=["request"], marked_only=True)
    assert call(request="r") == ("r", made.get(Car), 5)


def test_doors_inject_only_what_is_marked() -> None:
    """K31"""

    def handle(car: Car) -> None: ...

    made = container()
    assert made.compile(handle, marked_only=True) is handle
    with pytest.raises(BootstrapError):
        made.compile(handle)


@pytest.mark.parametrize(
    "use",
    [
        lambda made: made.get(Car),
        lambda made: made.compile(Car)(),
        lambda made: made.compile(Car),
        lambda made: made.check(),
    ],
    ids=["get", "call", "compile", "check"],
)
def test_a_missing_provider_names_the_type_the_user_and_the_remedy(use: Callable[[Container], Any]) -> None:
    """K31"""
    made = container((Car, Car))
    with pytest.raises(BootstrapError) as caught:
        use(made)
    assert str(caught.value).startswith("Nothing provides Engine, which Car(engine) needs.")
    assert "app.provide(Engine, make_it)" in str(caught.value)


class Hen:
    def __init__(self, egg: "Egg") -> None: ...


class Egg:
    def __init__(self, hen: Hen) -> None: ...


def test_a_circle_is_an_error_with_its_path() -> None:
    """K31"""
    with pytest.raises(BootstrapError, match=r"in a circle: Hen -> Egg -> Hen\."):
        container((Hen, Hen), (Egg, Egg)).check()


def test_a_circle_through_the_factory_of_a_parameter_is_found_too() -> None:
    def egg(hen: Hen) -> int:
        return 1

    def lay(count: int = Depends(egg)) -> Hen:
        raise AssertionError("never built")

    with pytest.raises(BootstrapError, match=r"in a circle: Hen -> .*egg -> Hen\."):
        container((Hen, lay)).check()


def test_two_providers_of_a_type_are_refused_with_both_names() -> None:
    def other() -> Engine:
        return Engine()

    with pytest.raises(BootstrapError, match=r"Engine has two providers: Engine of a test and .*other of a test"):
        container((Engine, Engine), (Engine, other))


def test_an_unknown_lifetime_is_refused() -> None:
    with pytest.raises(BootstrapError, match="unknown lifetime 'sesonal'"):
        container((Engine, Engine), lifetime="sesonal")  # type: ignore[arg-type]


def test_a_parameter_without_a_type_is_refused_with_a_remedy() -> None:
    def make(thing) -> Engine:  # type: ignore[no-untyped-def]
        return Engine()

    with pytest.raises(BootstrapError, match=r"parameter 'thing' has no type.*\n.*Annotate it: thing: SomeType"):
        container((Engine, make)).check()


def test_an_annotation_that_cannot_be_resolved_names_the_place_and_the_remedy() -> None:
    """K3"""

    def make(price: "Decimal") -> Engine:
        return Engine()

    with pytest.raises(BootstrapError) as caught:
        container((Engine, make)).check()
    assert "make" in str(caught.value)
    assert f"{__file__}:{make.__code__.co_firstlineno}" in str(caught.value)
    assert "'Decimal' is not defined" in str(caught.value)
    assert "outside `if TYPE_CHECKING:`" in str(caught.value)


def test_what_a_factory_raises_reaches_the_user_unchanged() -> None:
    def make() -> Engine:
        raise OSError("no fuel")

    with pytest.raises(OSError, match="no fuel"):
        container((Engine, make)).get(Engine)


def provider_of(kind: type, needs: list[type], log: list[type]) -> Callable[..., Any]:
    """A factory of ``kind`` whose parameters are annotated with ``needs``."""

    def make(**arguments: Any) -> Any:
        assert [type(value) for value in arguments.values()] == needs
        log.append(kind)
        return kind()

    import inspect

    names = [f"p{number}" for number in range(len(needs))]
    make.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    )
    make.__annotations__ = dict(zip(names, needs, strict=True))
    return make


@given(
    st.lists(st.tuples(st.sets(st.integers(0, 7), max_size=3), st.booleans()), min_size=1, max_size=8),
    st.booleans(),
)
def test_in_random_graphs_everything_is_built_from_what_it_needs_and_circles_are_found(
    shape: list[tuple[set[int], bool]], acyclic: bool
) -> None:
    """K31"""
    kinds = [type(f"T{number}", (), {}) for number in range(len(shape))]
    edges = [
        [kinds[n] for n in sorted(needs) if n < (number if acyclic else len(kinds))]
        for number, (needs, _) in enumerate(shape)
    ]
    log: list[type] = []
    made = Container()
    for kind, needs, (_, single) in zip(kinds, edges, shape, strict=True):
        made.provide(Provider(kind, provider_of(kind, needs, log), "singleton" if single else "transient", "a test"))
    graph = dict(zip(kinds, edges, strict=True))

    def reaches(start: type, goal: type, seen: set[type]) -> bool:
        fresh = [need for need in graph[start] if need not in seen]
        return goal in graph[start] or any(reaches(need, goal, seen | set(fresh)) for need in fresh)

    if any(reaches(kind, kind, set()) for kind in kinds):
        with pytest.raises(BootstrapError, match="in a circle"):
            made.check()
        return
    made.check()
    for kind in kinds:
        assert type(made.get(kind)) is kind
    for kind, (_, single) in zip(kinds, shape, strict=True):
        assert log.count(kind) == 1 if single else log.count(kind) >= 1
