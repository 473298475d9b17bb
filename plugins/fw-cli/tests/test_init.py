"""`fw init`"""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fw_cli.init import templates


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_plugin_is_made_offline_and_says_what_it_holds(fw: Any) -> None:
    nowhere = "http://127.0.0.1:9"
    done = fw.run("init", "plugin", "--set", "name=rate-limit", HTTPS_PROXY=nowhere, HTTP_PROXY=nowhere)
    assert (done.returncode, done.stderr) == (0, "")
    made = fw.folder / "fw-rate-limit"
    assert 'name = "rate-limit"' in (made / "src/fw_rate_limit/plugin.toml").read_text("utf-8")
    assert done.stdout.splitlines()[0] == f"fw-rate-limit has {len(tree(made))} new files:"
    assert "  src/fw_rate_limit/plugin.py" in done.stdout.splitlines()
    assert not any("{{" in name for name in tree(made))
    assert [path.name for path in fw.cache.rglob("*") if "cookiecutter" in path.name] == []


def test_a_service_is_made_offline_and_says_what_it_holds(fw: Any) -> None:
    nowhere = "http://127.0.0.1:9"
    done = fw.run("init", "service", "--set", "name=order-desk", HTTPS_PROXY=nowhere, HTTP_PROXY=nowhere)
    assert (done.returncode, done.stderr) == (0, "")
    made = fw.folder / "order-desk"
    assert 'target = "order_desk.app:app"' in (made / "fw.toml").read_text("utf-8")
    assert done.stdout.splitlines()[0] == f"order-desk has {len(tree(made))} new files:"
    layers = ("domain", "application", "infrastructure", "presentation")
    assert {f"  src/order_desk/{layer}/__init__.py" for layer in layers} <= set(done.stdout.splitlines())
    assert not any("{{" in name or b"{{ cookie" in held for name, held in tree(made).items())


def test_a_simulation_is_made_and_its_settings_are_found(fw: Any) -> None:
    done = fw.run("init", "simulation", "--set", "name=wide-meadow")
    assert (done.returncode, done.stderr) == (0, "")
    made = fw.folder / "wide-meadow"
    assert tomllib.loads((made / "fw.toml").read_text("utf-8"))["wide_meadow"] == {"sheep": 20, "seed": 0}
    assert not any("{{" in name or b"{{ cookie" in held for name, held in tree(made).items())


def test_the_folder_can_be_named_and_may_hold_other_files(fw: Any) -> None:
    (fw.folder / "mine").mkdir()
    (fw.folder / "mine" / "notes.txt").write_text("kept", "utf-8")
    assert fw.run("init", "plugin", "mine").returncode == 0
    assert (fw.folder / "mine" / "pyproject.toml").is_file()
    assert (fw.folder / "mine" / "notes.txt").read_text("utf-8") == "kept"


def test_no_file_is_ever_overwritten_and_nothing_is_written_beside_it(fw: Any) -> None:
    (fw.folder / "fw-greeting").mkdir()
    (fw.folder / "fw-greeting" / "README.md").write_text("mine", "utf-8")
    before = tree(fw.folder)
    done = fw.run("init", "plugin")
    assert done.returncode == 2
    assert "README.md is there already" in done.stderr
    assert tree(fw.folder) == before


def test_a_file_where_the_folder_should_be_is_left_alone(fw: Any) -> None:
    fw.write("taken", "mine")
    done = fw.run("init", "plugin", "taken")
    assert done.returncode == 2
    assert "taken is there already" in done.stderr
    assert (fw.folder / "taken").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "answer",
    [
        *("name=Greeting", "name=app", "name=lambda", "name=", "name=../up", "name=a/../../b", "name={{ x }}"),
        *("package=../up", "package=class", "distribution=/tmp/x", 'summary=say "hi"', "summary=a\\b", "summary=a\nb"),
        *("colour=red", "name", "=x"),
    ],
)
def test_answers_that_cannot_work_are_refused_and_nothing_is_written(fw: Any, answer: str) -> None:
    done = fw.run("init", "plugin", "--set", answer)
    assert done.returncode == 2
    assert done.stderr
    assert tree(fw.folder) == {}
    assert list(fw.folder.parent.glob("up*")) == []


@pytest.mark.needs("posix")
def test_a_folder_that_cannot_be_made_is_a_message(fw: Any) -> None:
    done = fw.run("init", "plugin", "/dev/null/here")
    assert done.returncode == 2
    assert "/dev/null" in done.stderr


@pytest.mark.parametrize("words", [[], ["plugni"], ["plugin", "a", "b"], ["plugin", "--set"], ["plugin", "--force"]])
def test_wrong_words_are_refused(fw: Any, words: list[str]) -> None:
    done = fw.run("init", *words)
    assert done.returncode == 2
    assert done.stderr


def test_every_template_names_what_it_asks_for() -> None:
    assert list(templates()) == ["plugin", "service", "simulation"]
    for folder in templates().values():
        assert "name" in json.loads((folder / "cookiecutter.json").read_text("utf-8"))
