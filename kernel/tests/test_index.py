"""K21: what is installed is kept in an index, which is never wrong and never in the way."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import discovery, index
from framework.discovery import Plugin


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time the environment is really scanned."""
    from framework import scan

    seen: list[int] = []
    real = scan.scan

    def counted(folders: Any) -> Any:
        seen.append(1)
        return real(folders)

    monkeypatch.setattr(scan, "scan", counted)
    return seen


@pytest.fixture
def rested(site: Any) -> Callable[[], None]:
    """Make everything in the site folder look as if it had been there for a while; each call another while."""
    ages = iter(range(1000, 2_000_000, 1000))

    def rest() -> None:
        then = 1_600_000_000 + next(ages)
        for path in (site.folder, *site.folder.rglob("*")):
            os.utime(path, (then, then))

    return rest


def names() -> set[str]:
    return {plugin.name for plugin in discovery.installed()}


def found(name: str) -> Plugin:
    return next(plugin for plugin in discovery.installed() if plugin.name == name)


def index_file() -> Path:
    [file] = Path(index.cache_folder()).glob("plugins-*")
    return file


def test_the_environment_is_scanned_once(site: Any, rested: Any, scans: list[int]) -> None:
    manifest = 'requires = ["beta"]\nguard = true\n[commands.ring]\nhelp = "Rings"\nrun = "sample_alpha.c:ring"\n'
    site.install("alpha", manifest=manifest, version="2.3")
    rested()
    index.refresh()
    first, again = found("alpha"), found("alpha")
    assert len(scans) == 1
    assert first.manifest == again.manifest
    assert (again.manifest.requires, again.manifest.guard, again.version) == (("beta",), True, "2.3")
    assert again.manifest.commands["ring"]["help"] == "Rings"


def test_a_plugin_that_is_installed_or_removed_is_noticed(site: Any, rested: Any) -> None:
    site.install("alpha")
    rested()
    index.refresh()
    home = site.install("beta")
    assert {"alpha", "beta"} <= names()
    index.refresh()
    (site.folder / "sample_beta-1.0.dist-info" / "entry_points.txt").unlink()
    assert "beta" not in names()
    assert home.is_dir()


def test_a_changed_manifest_or_entry_point_is_noticed(site: Any, rested: Any) -> None:
    home = site.install("alpha")
    rested()
    index.refresh()
    (home / "plugin.toml").write_text('name = "alpha"\nsummary = "new"\n', "utf-8")
    assert found("alpha").manifest.summary == "new"
    index.refresh()
    (home / "plugin.toml").unlink()
    assert found("alpha").manifest.summary == ""
    info = site.folder / "sample_alpha-1.0.dist-info" / "entry_points.txt"
    info.write_text("[fw.plugins]\nomega = sample_alpha.plugin\n", "utf-8")
    assert "omega" in names()


def test_a_manifest_that_appears_later_is_noticed(site: Any, rested: Any) -> None:
    home = site.install("alpha", manifest=None)
    rested()
    index.refresh()
    (home / "plugin.toml").write_text('name = "alpha"\nsummary = "late"\n', "utf-8")
    assert found("alpha").manifest.summary == "late"


def test_an_upgrade_in_place_is_noticed(site: Any, rested: Any) -> None:
    site.install("alpha", version="1.0")
    rested()
    index.refresh()
    old = site.folder / "sample_alpha-1.0.dist-info"
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: sample-alpha\nVersion: 1.1\n", "utf-8")
    old.rename(site.folder / "sample_alpha-1.1.dist-info")
    assert found("alpha").version == "1.1"


def test_an_editable_plugin_is_read_where_it_is_worked_on(
    site: Any, rested: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    home = site.install("alpha")
    home.rename(source)
    package = tmp_path / "work" / "sample_alpha"
    package.parent.mkdir()
    source.rename(package)
    monkeypatch.setattr(sys, "path", [*sys.path, str(package.parent)])
    rested()
    index.refresh()
    (package / "plugin.toml").write_text('name = "alpha"\nsummary = "edited"\n', "utf-8")
    assert found("alpha").manifest.summary == "edited"


def test_an_index_made_while_something_is_being_installed_is_not_kept(site: Any, rested: Any) -> None:
    """The installer's next file may change no folder's time, and would stay unseen for ever."""
    site.install("alpha")
    assert "alpha" in names()
    assert not Path(index.cache_folder()).exists()


def test_a_program_that_writes_beside_itself_spoils_no_index(
    site: Any, rested: Any, scans: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current folder stands first on sys.path, and does not count."""
    site.install("alpha")
    rested()
    index.refresh()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "data.txt").write_text("new", "utf-8")
    assert "alpha" in names()
    assert len(scans) == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"00000000\n[]", b"zz\n{}", b"[" * 100_000])
def test_a_corrupt_index_is_made_again(site: Any, rested: Any, scans: list[int], content: bytes) -> None:
    site.install("alpha")
    rested()
    index.refresh()
    index_file().write_bytes(content)
    assert "alpha" in names()
    index.refresh()
    assert "alpha" in names()
    assert len(scans) == 3


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_to_the_file_is_noticed_by_anybody(
    small_path: None, site: Any, rested: Any, data: st.DataObject
) -> None:
    if not (site.folder / "sample_alpha").exists():
        site.install("alpha")
        rested()
    index.refresh()
    content = bytearray(index_file().read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    index_file().write_bytes(content[: data.draw(st.integers(place, len(content)))])
    assert "alpha" in names()


def test_an_index_of_another_format_is_made_again(site: Any, rested: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install("alpha")
    rested()
    with monkeypatch.context() as older:
        older.setattr(index, "FORMAT", 0)
        index.refresh()
    assert json.loads(index_file().read_bytes().partition(b"\n")[2])[0] == 0
    assert "alpha" in names()


def test_a_cache_folder_that_cannot_be_used_is_no_error(
    site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.install("alpha")
    (tmp_path / "file").write_text("not a folder", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    index.refresh()
    assert "alpha" in names()


def test_the_index_is_readable_by_its_user_alone(site: Any) -> None:
    site.install("alpha")
    index.refresh()
    assert index_file().stat().st_mode & 0o077 == 0
    assert [path.name for path in index_file().parent.iterdir()] == [index_file().name]


def test_an_index_of_another_user_is_not_believed(
    site: Any, rested: Any, scans: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("alpha")
    rested()
    index.refresh()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    before = index_file().read_bytes()
    assert "alpha" in names()
    assert len(scans) == 2
    assert index_file().read_bytes() == before, "nor is anything written into another user's folder"


def test_old_index_files_give_way(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from framework import scan

    monkeypatch.setattr(scan, "KEPT", 3)
    for number in range(6):
        monkeypatch.setattr(sys, "path", [*sys.path, f"/nowhere/{number}"])
        index.refresh()
    assert len(list(Path(index.cache_folder()).iterdir())) == 3


BROKEN_DISTRIBUTIONS = {
    "no metadata": (None, b"[fw.plugins]\nbad = bad\n"),
    "metadata in no encoding": (b"Name: \xff\n", b"[fw.plugins]\nbad = bad\n"),
    "entry points in no encoding": (b"Name: bad\nVersion: 1\n", b"[fw.plugins]\n bad = \xff\n"),
    "a line that is no entry point": (b"Name: bad\nVersion: 1\n", b"[fw.plugins]\nrubbish\n"),
    "an entry point without a name": (b"Name: bad\nVersion: 1\n", b"[fw.plugins]\n = bad\n"),
    "an entry point without a value": (b"Name: bad\nVersion: 1\n", b"[fw.plugins]\nbad =\n"),
    "a reserved name": (b"Name: bad\nVersion: 1\n", b"[fw.plugins]\nkernel = bad\n"),
}


@pytest.mark.parametrize("metadata,entry_points", BROKEN_DISTRIBUTIONS.values(), ids=BROKEN_DISTRIBUTIONS)
def test_a_broken_distribution_spoils_no_other(site: Any, fw: Any, metadata: bytes | None, entry_points: bytes) -> None:
    """K25: it is listed as broken, and everything else goes on."""
    site.install("alpha")
    info = site.folder / "bad-1.dist-info"
    info.mkdir()
    if metadata is not None:
        (info / "METADATA").write_bytes(metadata)
    (info / "entry_points.txt").write_bytes(entry_points)
    broken = [plugin for plugin in discovery.installed() if plugin.broken]
    assert [plugin.distribution for plugin in broken] == ["bad"]
    assert broken[0].guard, "nobody knows what it is"
    done = fw.run("plugins", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "broken" in done.stdout


def test_refresh_says_what_it_found(fw: Any, site: Any) -> None:
    site.install("alpha")
    site.install("beta", manifest="requires = 3\n")
    done = fw.run("plugins", "refresh")
    assert done.returncode == 0
    assert "plugins are installed, 1 of them broken" in done.stdout
