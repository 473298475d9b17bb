"""The printed samples of the design document, as they stand there."""

import signal
from typing import Any

import pytest

from framework import App, Component

SAMPLE_6_1 = """\
from framework import App, Component

app = App(name="acme")

class MyService(Component):
    def start(self):
        ...
    def stop(self):
        ...

app.register(MyService)

if __name__ == '__main__':
    app.run()
"""
SAMPLE_6_4 = """\
def register(app: App):
    app.register_component(MyAuth)
"""


@pytest.mark.needs("posix")
def test_the_application_of_section_6_1_runs_and_stops(fw: Any) -> None:
    from framework.discovery import installed

    fw.write("acme.py", SAMPLE_6_1)
    off = [word for plugin in installed() for word in ("-p", f"no:{plugin.name}")]
    program = fw.start("--mode", "worker", *off, program=["acme.py"])
    program.wait_line("acme is ready (mode worker")
    program.process.send_signal(signal.SIGINT)
    assert program.end()[0] == 0


async def test_the_plugin_of_section_6_4_is_a_bare_function() -> None:
    """K4. The sample's second line, a middleware, belongs to the http plugin."""
    log: list[str] = []

    class MyAuth(Component):
        def start(self) -> None:
            log.append("auth is up")

    names: dict[str, Any] = {"App": App, "MyAuth": MyAuth}
    exec(SAMPLE_6_4, names)  # noqa: S102 - the sample, verbatim
    async with App(plugins=[names["register"]]):
        assert log == ["auth is up"]
