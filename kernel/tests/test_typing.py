"""What a type checker accepts and refuses in users' code."""

import subprocess
import sys
from pathlib import Path

GOOD = """
from dataclasses import dataclass
from framework import App, Command, Component, Depends, Facade, hookimpl

@dataclass(frozen=True)
class Item:
    name: str

@dataclass(frozen=True)
class CreateItem(Command[Item]):
    name: str

class Bells(Facade):
    def bell(self, name: str) -> None:
        self.declare("bell", name)

class Service(Component):
    async def start(self) -> None: ...
    def stop(self) -> None: ...

class Plugin:
    @hookimpl
    def register(self, app: App) -> None:
        app.register(Service)

app = App("shop", plugins=[Plugin()])

@app.handles(CreateItem)
async def create(command: CreateItem, service: Service = Depends()) -> Item:
    return Item(command.name)

async def use() -> str:
    item: Item = await app.dispatch(CreateItem("spoon"))
    app.facade(Bells).bell("ding")
    task = app.post(CreateItem("fork"))
    return item.name + (await task).name

def use_in_thread() -> str:
    return app.dispatch_from_thread(CreateItem("knife"), timeout=5).name
"""
BAD = {
    "a result of the wrong type": (
        "async def f() -> None:\n    x: int = await app.dispatch(CreateItem('s'))\n",
        'expected "Command[int]"',
    ),
    "what is no command": ("async def f() -> None:\n    await app.dispatch(Item('s'))\n", 'Argument 1 to "dispatch"'),
    "a result of the wrong type in a thread": (
        "def g() -> int:\n    return app.dispatch_from_thread(CreateItem('s'))\n",
        'expected "Command[int]"',
    ),
    "what a facade lacks": ("app.facade(Bells).gong()\n", '"Bells" has no attribute "gong"'),
    "a provider of another type": ("app.provide(Item, Service)\n", 'Argument 2 to "provide"'),
    "an unknown lifetime": (
        "app.provide(Item, lambda: Item('s'), lifetime='day')\n",
        'Argument "lifetime" to "provide"',
    ),
}


def check(text: str, folder: Path) -> tuple[int, str]:
    """mypy's exit status and report on a file of its own, with a cache shared by the tests of this run."""
    (folder / "user.py").write_text(text, "utf-8")
    options = ["--strict", "--config-file=", "--cache-dir", str(folder.parent / "mypy")]
    command = [sys.executable, "-m", "mypy", *options, "user.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_result_of_a_command_is_typed(tmp_path: Path) -> None:
    """K6, K23"""
    assert check(GOOD, tmp_path) == (0, "Success: no issues found in 1 source file\n")


def test_what_is_wrong_is_refused(tmp_path: Path) -> None:
    """K6, K23: each mistake on its own line of the report."""
    mistakes = [code.replace("def f", f"def f{number}") for number, (code, _) in enumerate(BAD.values())]
    status, report = check(GOOD + "".join(mistakes), tmp_path)
    assert status == 1
    for what, (_, said) in BAD.items():
        assert said in report, f"{what}: {report}"
    assert f"Found {len(BAD)} errors" in report
