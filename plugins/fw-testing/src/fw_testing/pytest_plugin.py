"""The pytest plugin: `@pytest.mark.needs("curl")`, FW_REQUIRE and the closing table.

A test that needs an absent component is not run, and the table says so by name and count. FW_REQUIRE (`all`, or names
separated by commas) turns such an absence into exit code 3 before the first test.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable

import pytest

from fw_testing import hookspecs
from fw_testing.components import REQUIREMENTS, Inventory, UnknownComponent

LACKING = 3
# The suites of the kernel's ports: elsewhere than in test modules, a failing assert would not tell its values.
pytest.register_assert_rewrite("fw_testing.container_contract")
_KEY = pytest.StashKey["Needs"]()


class Needs:
    """What the collected tests of one session need, and what became of them."""

    def __init__(self) -> None:
        self.inventory = Inventory()
        self.of_test: dict[str, tuple[str, ...]] = {}
        self.run: Counter[str] = Counter()
        self.not_run: Counter[str] = Counter()

    @property
    def names(self) -> list[str]:
        """Every component that some collected test needs, sorted."""
        return sorted({name for names in self.of_test.values() for name in names})

    def collect(self, items: Iterable[pytest.Item]) -> None:
        """Notes the needs of the tests that will run; pytest also calls this after a refused collection."""
        for item in items:
            names = tuple(name for name in needs_of(item) if name in self.inventory.requirements)
            if names:
                self.of_test[item.nodeid] = names

    def lines(self) -> list[str]:
        """The rows of the closing table."""
        width = max(len(name) for name in self.names)
        return [
            f"{name:<{width}}  {self.run[name]:>4} run  {self.not_run[name]:>4} not run  {self.inventory.state(name)}"
            for name in self.names
        ]


def needs_of(item: pytest.Item) -> tuple[str, ...]:
    """The components named by the `needs` marks on a test, its class and its module, each once."""
    marks = list(item.iter_markers("needs"))
    for mark in marks:
        if not mark.args or mark.kwargs or not all(isinstance(name, str) for name in mark.args):
            raise pytest.UsageError(f"{item.nodeid}: needs(...) takes names of components, such as needs('curl').")
    return tuple(dict.fromkeys(name for mark in marks for name in mark.args))


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(name, ...): the test needs these components from outside Python")
    config.stash[_KEY] = Needs()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuses unknown names, all of them at once, also on tests that are deselected later."""
    known = dict(REQUIREMENTS)
    for more in config.hook.pytest_fw_requirements():
        known.update({requirement.name: requirement for requirement in more})
    config.stash[_KEY].inventory = Inventory(known)
    errors = [
        str(UnknownComponent(name, item.nodeid, known))
        for item in items
        for name in needs_of(item)
        if name not in known
    ]
    if errors:
        raise pytest.UsageError(*errors)


def pytest_collection_finish(session: pytest.Session) -> None:
    needs = session.config.stash[_KEY]
    needs.collect(session.items)
    try:
        refusal = needs.inventory.refusal(needs.inventory.demanded(os.environ.get("FW_REQUIRE", "")) & set(needs.names))
    except UnknownComponent as error:
        refusal = str(error)
    if refusal and not session.config.option.collectonly:
        pytest.exit(refusal, returncode=LACKING)


@pytest.hookimpl(tryfirst=True)  # before fixtures, which may start the very thing that is absent
def pytest_runtest_setup(item: pytest.Item) -> None:
    needs = item.config.stash[_KEY]
    names = needs.of_test.get(item.nodeid, ())
    absent = needs.inventory.absent(names)
    (needs.not_run if absent else needs.run).update(names)
    if absent:
        pytest.skip("needs " + ", ".join(f"{name} ({needs.inventory.state(name)})" for name in absent))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    needs = config.stash[_KEY]
    if needs.names and not config.option.collectonly:
        terminalreporter.section("components")
        for line in needs.lines():
            terminalreporter.write_line(line)
