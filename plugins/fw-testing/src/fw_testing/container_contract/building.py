"""Objects are built from annotations, and mistakes are found before anything runs."""
# ruff: noqa: S101  (these are tests)

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from framework import BootstrapError, Depends
from framework.container import Container
from framework.provider import Provider
from fw_testing.container_contract.subjects import Car, Egg, Engine, Hen, Subjects

if TYPE_CHECKING:
    from decimal import Decimal


class BuildingContract(Subjects):
    """What a container builds, and what it refuses."""

    def test_constructor_parameters_are_injected_by_annotation_and_defaults_serve_where_nothing_provides(self) -> None:
        made = self.container((Engine, Engine), (Car, Car))
        car = made.get(Car)
        assert car.engine is made.get(Engine)
        assert car.colour == "red"

    def test_a_singleton_is_built_once_and_a_transient_each_time(self) -> None:
        single, each = self.container((Engine, Engine)), self.container((Engine, Engine), lifetime="transient")
        assert single.get(Engine) is single.get(Engine)
        assert each.get(Engine) is not each.get(Engine)

    def test_a_provider_may_stand_for_a_protocol(self) -> None:
        class Sound(Protocol):
            def play(self) -> str: ...

        class Horn:
            def play(self) -> str:
                return "honk"

        def use(sound: Sound) -> str:
            return sound.play()

        assert self.container((Sound, Horn)).compile(use)() == "honk"

    def test_depends_with_a_factory_calls_it_with_its_parameters_injected(self) -> None:

        def number(engine: Engine) -> int:
            return 42

        def use(value: int = Depends(number)) -> int:
            return value

        made = self.container((Engine, Engine))
        made.check()
        assert made.compile(use, marked_only=True)() == 42

    def test_a_compiled_call_takes_what_is_given_and_injects_the_rest(self) -> None:

        def handle(request: str, car: Car = Depends(), more: int = 5) -> tuple[str, Car, int]:
            return request, car, more

        made = self.container((Engine, Engine), (Car, Car))
        call = made.compile(handle, given=["request"], marked_only=True)
        assert call(request="r") == ("r", made.get(Car), 5)

    def test_doors_inject_only_what_is_marked(self) -> None:

        def handle(car: Car) -> None: ...

        made = self.container()
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
    def test_a_missing_provider_names_the_type_the_user_and_the_remedy(self, use: Callable[[Container], Any]) -> None:
        made = self.container((Car, Car))
        with pytest.raises(BootstrapError) as caught:
            use(made)
        assert str(caught.value).startswith("Nothing provides Engine, which Car(engine) needs.")
        assert "app.provide(Engine, make_it)" in str(caught.value)

    def test_a_circle_is_an_error_with_its_path(self) -> None:
        with pytest.raises(BootstrapError, match=r"in a circle: Hen -> Egg -> Hen\."):
            self.container((Hen, Hen), (Egg, Egg)).check()

    def test_a_circle_through_the_factory_of_a_parameter_is_found_too(self) -> None:
        def egg(hen: Hen) -> int:
            return 1

        def lay(count: int = Depends(egg)) -> Hen:
            raise AssertionError("never built")

        with pytest.raises(BootstrapError, match=r"in a circle: Hen -> .*egg -> Hen\."):
            self.container((Hen, lay)).check()

    def test_two_providers_of_a_type_are_refused_with_both_names(self) -> None:
        def other() -> Engine:
            return Engine()

        with pytest.raises(BootstrapError, match=r"Engine has two providers: Engine of a test and .*other of a test"):
            self.container((Engine, Engine), (Engine, other))

    def test_an_unknown_lifetime_is_refused(self) -> None:
        with pytest.raises(BootstrapError, match="unknown lifetime 'sesonal'"):
            self.container((Engine, Engine), lifetime="sesonal")  # type: ignore[arg-type]

    def test_a_parameter_without_a_type_is_refused_with_a_remedy(self) -> None:
        def make(thing) -> Engine:  # type: ignore[no-untyped-def]
            return Engine()

        with pytest.raises(BootstrapError, match=r"parameter 'thing' has no type.*\n.*Annotate it: thing: SomeType"):
            self.container((Engine, make)).check()

    def test_an_annotation_that_cannot_be_resolved_names_the_place_and_the_remedy(self) -> None:
        """K3"""

        def make(price: "Decimal") -> Engine:
            return Engine()

        with pytest.raises(BootstrapError) as caught:
            self.container((Engine, make)).check()
        assert "make" in str(caught.value)
        assert f"{__file__}:{make.__code__.co_firstlineno}" in str(caught.value)
        assert "'Decimal' is not defined" in str(caught.value)
        assert "outside `if TYPE_CHECKING:`" in str(caught.value)

    def test_what_a_factory_raises_reaches_the_user_unchanged(self) -> None:
        def make() -> Engine:
            raise OSError("no fuel")

        with pytest.raises(OSError, match="no fuel"):
            self.container((Engine, make)).get(Engine)

    def test_a_default_provider_gives_way_whichever_comes_first(self) -> None:
        class Turbo(Engine):
            pass

        plain = Provider(Engine, Engine, "singleton", "one", default=True)
        turbo = Provider(Engine, Turbo, "singleton", "other")
        for order in ([plain, turbo], [turbo, plain]):
            made = self.container((Car, Car))
            for provider in order:
                made.provide(provider)
            made.check()
            assert made.provider(Engine) is turbo
            assert type(made.get(Car).engine) is Turbo
            assert made.provider(Hen) is None

    def test_what_a_call_uses_is_known_through_factories_of_parameters_too(self) -> None:
        def number(car: Car) -> int:
            return 42

        def use(engine: Engine, value: int = Depends(number), more: str = "") -> None: ...

        made = self.container((Engine, Engine), (Car, Car))
        assert [provider.type for provider in made.needs(use)] == [Engine, Car]
