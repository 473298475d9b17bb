"""`app.at_end`: what a plugin opened for all others outlives them, and is let go whatever happened on the way."""

from collections.abc import Iterator

import pytest

from framework import App, BootstrapError, Component, ShutdownError, StartupError


class Story:
    """A plugin that opens something in `bootstrap`; `told` is what happened to it and around it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def bootstrap(self, app: App) -> None:
        self.told.append("open")
        app.at_end(lambda: self.told.append("closed"))

    def register(self, app: App) -> None:
        app.at_end(lambda: self.told.append("closed what came later"))


CLOSED = ["closed what came later", "closed"]


async def test_it_is_called_after_every_unit_and_after_a_container_that_fails_to_close() -> None:
    story = Story()

    class Pump(Component):
        def stop(self) -> None:
            story.told.append("pump down")

    class Well: ...

    def well() -> Iterator[Well]:
        yield Well()
        story.told.append("container closing")
        raise OSError("the lid is stuck")

    app = App(plugins=[story])
    app.register(Pump)
    app.provide(Well, well)
    await app.start()
    app.container.get(Well)
    with pytest.raises(ShutdownError, match="the lid is stuck"):
        await app.stop()
    assert story.told == ["open", "pump down", "container closing", *CLOSED]


async def test_a_start_that_fails_ends_too() -> None:
    story = Story()
    app = App(plugins=[story])

    class Broken(Component):
        def start(self) -> None:
            raise OSError("no water")

    app.register(Broken)
    app.on_error(lambda: story.told.append("failure announced"))
    with pytest.raises(StartupError):
        await app.start()
    assert story.told == ["open", "failure announced", *CLOSED]


async def test_so_does_one_whose_door_does_not_open() -> None:
    story = Story()
    app = App(plugins=[story])

    def door() -> None:
        raise OSError("no port")

    app.on_ready(door)
    app.on_error(lambda: story.told.append("failure announced"))
    with pytest.raises(StartupError):
        async with app:
            pass
    assert story.told == ["open", "failure announced", *CLOSED]


def test_a_bootstrap_that_fails_ends_too() -> None:
    story = Story()
    app = App(plugins=[story])

    class Needy(Component):
        def __init__(self, missing: "Story") -> None: ...

    app.register(Needy)
    with pytest.raises(BootstrapError):
        app.bootstrap()
    assert story.told == ["open", *CLOSED]


async def test_each_life_has_its_own_end() -> None:
    """K26: also one that was put together and never started."""
    story = Story()
    app = App(plugins=[story])
    app.bootstrap()
    app.bootstrap()
    assert story.told == ["open", *CLOSED, "open"]
    async with app:
        pass
    async with app:
        pass
    assert story.told == ["open", *CLOSED] * 3


async def test_one_that_fails_is_told_on_stderr_and_the_others_are_called(capsys: pytest.CaptureFixture[str]) -> None:
    story = Story()

    def register(app: App) -> None:
        def fail() -> None:
            raise OSError("cannot close")

        app.at_end(fail)

    async with App(plugins=[story, register]):
        pass
    assert story.told == ["open", *CLOSED]
    assert "OSError: cannot close" in capsys.readouterr().err
