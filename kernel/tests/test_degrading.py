"""K25: one broken plugin is told in a few lines, and done without where the policy allows."""

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import App, BootstrapError, StartupError
from framework.errors import PluginFailure

PHASES = {
    "discovery": {"manifest": "requires = 3\n"},
    "import": {"hooks": "import there_is_no_such_module\n"},
    "syntax": {"hooks": "def register(app)\n"},
    "registering its hooks": {"hooks": "x = 1\n"},
    "resolving config": {"manifest": 'config = "sample_alpha.nothing:Settings"\n'},
    "bootstrap": {"hooks": "def bootstrap(app):\n    raise ValueError('broken\\n' * 100)\n"},
    "register": {"hooks": "def register(app):\n    {}['key']\n"},
    "start": {"hooks": "async def start(app):\n    raise OSError('no disk')\n"},
}
phases = pytest.mark.parametrize("how", PHASES.values(), ids=PHASES)


@phases
async def test_a_broken_plugin_says_what_where_why_and_the_way_out_in_twelve_lines(
    site: Any, how: dict[str, str]
) -> None:
    site.install("alpha", version="4.2", **how)
    with pytest.raises((PluginFailure, StartupError)) as caught:
        await App(plugins=["alpha"]).start()
    lines = str(caught.value).splitlines()
    assert len(lines) <= 12
    assert "alpha (sample-alpha 4.2) failed in " in lines[1]
    assert "-p no:alpha" in lines[-1]
    if "hooks" in how and how["hooks"] != "x = 1\n":
        assert any("plugin.py:" in line for line in lines), "the place"


@phases
async def test_the_application_starts_without_it_and_what_requires_it(
    site: Any, how: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    site.install("alpha", **how)
    site.install("beta", manifest='requires = ["alpha"]\n')
    site.install("gamma")
    app = App(plugins=["beta", "gamma"], defaults={"plugins": {"policy": "degrade"}})
    with caplog.at_level(logging.ERROR, "framework"):
        async with app:
            assert [plugin.name for plugin in app.plugins] == ["gamma"]
    assert "Going on without plugin 'alpha'" in caplog.text
    assert "-p no:alpha" in caplog.text
    assert "Going on without plugin 'beta': requires 'alpha', which is left out" in caplog.text
    assert set(app.failed) == {"alpha"}


async def test_a_plugin_that_works_again_is_taken_in_at_the_next_start(plugin: Any) -> None:
    faults = [OSError("no disk")]

    def start(app: App) -> None:
        if faults:
            raise faults.pop()

    app = App(plugins=[plugin("a", start=start)], defaults={"plugins": {"policy": "degrade"}})
    async with app:
        assert not app.plugins
    async with app:
        assert [p.name for p in app.plugins] == ["a"]


async def test_nothing_of_the_failed_attempt_is_left(plugin: Any) -> None:
    calls: list[str] = []

    def fail(app: App) -> None:
        raise OSError("no disk")

    good = plugin("good", start=lambda app: calls.append("up"), stop=lambda app: calls.append("down"))
    bad = plugin("bad", manifest={"requires": ("good",)}, start=fail)
    app = App(plugins=[good, bad], defaults={"plugins": {"policy": "degrade"}})
    async with app:
        assert calls == ["up", "down", "up"]
    assert calls == ["up", "down", "up", "down"]


GUARDS = {
    "a guard": "guard = true\n",
    "a guard with a broken manifest": "guard = true\nrequires = 3\n",
    "one that cannot be read at all": "guard = [\n",
}


@pytest.mark.parametrize("manifest", GUARDS.values(), ids=GUARDS)
async def test_a_guard_is_never_left_out(site: Any, manifest: str) -> None:
    site.install("alpha", manifest=manifest, hooks="def start(app):\n    raise OSError('no keys')\n")
    with pytest.raises((StartupError, PluginFailure), match="alpha"):
        await App(plugins=["alpha"], defaults={"plugins": {"policy": "degrade"}}).start()


async def test_what_a_guard_requires_is_never_left_out_either(site: Any) -> None:
    site.install("alpha", hooks="def register(app):\n    raise OSError('no keys')\n")
    site.install("beta", manifest='requires = ["alpha"]\nguard = true\n')
    app = App(plugins=["beta"], defaults={"plugins": {"policy": "degrade"}})
    with pytest.raises(BootstrapError, match=r"'beta' is a guard and requires 'alpha'.*OSError: no keys"):
        app.bootstrap()


async def test_what_the_application_does_wrong_is_never_degraded_away() -> None:
    app = App(plugins=[], defaults={"plugins": {"policy": "degrade"}})

    @app.on_start
    def fail() -> None:
        raise OSError("mine")

    with pytest.raises((StartupError, BootstrapError)):
        await app.start()


def test_the_policy_is_one_of_two(fw: Any) -> None:
    fw.write("app.py", "from framework import App\napp = App()\n")
    fw.write("fw.toml", '[plugins]\npolicy = "lenient"\n')
    done = fw.run("run")
    assert done.returncode == 2
    assert "fw.toml:2: [plugins] policy must be strict or degrade, not 'lenient'" in done.stderr


FACADE = "from framework import Facade\nclass Bells(Facade):\n    def ring(self):\n        self.declare('ring', 1)\n"


async def test_the_start_tells_of_idle_declarations(site: Any, fw: Any) -> None:
    """K23"""
    site.install("bells", manifest='[facades]\nbells = "sample_bells.facade:Bells"\n', files={"facade.py": FACADE})
    fw.write(
        "app.py",
        "from framework import App\napp = App()\napp.bells.ring()\napp.on_ready(lambda e: app.request_stop())\n",
    )
    fw.write("fw.toml", '[plugins]\ndisable = ["bells"]\n')
    done = fw.run("run", "--mode", "sim")
    assert done.returncode == 0, done.stderr
    assert "Plugin 'bells' is off (disabled by " in done.stderr
    assert "1 of your declarations idle, at " in done.stderr
    assert "app.py:3" in done.stderr


def test_a_broken_third_party_distribution_is_told_by_fw_run(site: Any, fw: Any) -> None:
    """K25: as a program, with and without the policy."""
    site.install("alpha", version="3.1", hooks="raise RuntimeError('my C library is missing')\n")
    fw.write("app.py", "from framework import App\napp = App()\napp.on_ready(lambda e: app.request_stop())\n")
    strict = fw.run("run", "--mode", "sim")
    assert strict.returncode == 2
    assert len(strict.stderr.splitlines()) <= 12
    for part in ("alpha (sample-alpha 3.1)", "my C library is missing", "plugin.py:1", "-p no:alpha"):
        assert part in strict.stderr
    assert fw.run("run", "--mode", "sim", FW_PLUGINS__POLICY="degrade").returncode == 0
    assert fw.run("-p", "no:alpha", "run", "--mode", "sim").returncode == 0


NAMES = "abcdef"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["bootstrap", "register", "start"])),
)
async def test_exactly_what_failed_and_what_requires_it_is_left_out(
    plugin: Any, wanted: dict[str, set[str]], broken: dict[str, str]
) -> None:
    def fail(app: App) -> None:
        raise OSError("broken")

    needs = {name: {need for need in wanted.get(name, set()) if need > name} for name in NAMES}
    objects = [
        plugin(
            name,
            manifest={"requires": tuple(sorted(needs[name]))},
            **{"register": lambda app: None, **({broken[name]: fail} if name in broken else {})},
        )
        for name in NAMES
    ]
    lost = set(broken)
    while more := {name for name in NAMES if needs[name] & lost} - lost:
        lost |= more
    app = App(plugins=objects, defaults={"plugins": {"policy": "degrade"}})
    async with app:
        assert {p.name for p in app.plugins} == set(NAMES) - lost
    assert set(app.failed) <= set(broken)
