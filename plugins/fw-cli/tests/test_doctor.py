"""`fw doctor`"""

import json
import os
from importlib.metadata import version
from typing import Any

import pytest


def diagnosis(fw: Any, *words: str, **variables: str) -> tuple[int, list[dict[str, str]]]:
    """Exit status, and the findings that are about this test's own packages and settings."""
    done = fw.run("doctor", "--json", *words, **variables)
    findings = json.loads(done.stdout)["findings"]
    assert all(finding["remedy"] for finding in findings)
    return done.returncode, findings


def kinds(findings: list[dict[str, str]]) -> list[str]:
    return [finding["kind"] for finding in findings]


def test_a_sound_installation_has_no_findings_and_shows_its_versions(shop: Any) -> None:
    done = shop.run("doctor", "shop")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "Nothing is wrong."
    assert ["fw-core", version("fw-core")] in [line.split() for line in done.stdout.splitlines()]
    assert ["fw-cli", version("fw-cli")] in [line.split() for line in done.stdout.splitlines()]


def test_missing_and_conflicting_requirements_are_found(fw: Any) -> None:
    fw.install("alpha", requires=["no-such-thing>=2", "pluggy<0.1", "absent; python_version < '3'", "pluggy>0.1"])
    status, findings = diagnosis(fw)
    assert status == 1
    assert kinds(findings) == ["missing requirement", "conflict"]
    assert "sample-alpha requires no-such-thing>=2, which is not installed" in findings[0]["what"]
    assert f"pluggy {version('pluggy')} is installed" in findings[1]["what"]


def test_a_requirement_that_cannot_be_read_is_found(fw: Any) -> None:
    fw.install("alpha", requires=["what is this"])
    assert kinds(diagnosis(fw)[1]) == ["unreadable requirement"]


@pytest.mark.parametrize("manifest", ["requires = 3\n", "[[[\n", 'nmae = "x"\n'])
def test_a_manifest_that_cannot_be_read_is_found(fw: Any, manifest: str) -> None:
    fw.install("alpha", manifest=manifest)
    status, findings = diagnosis(fw, "-p", "no:alpha")
    assert status == 1
    assert kinds(findings) == ["unreadable manifest"]
    assert "sample-alpha 1.0" in findings[0]["what"]


def test_an_index_that_cannot_be_kept_is_found(fw: Any) -> None:
    fw.cache.write_text("a file where a folder should be", "utf-8")
    status, findings = diagnosis(fw)
    assert status == 1
    assert kinds(findings) == ["dead index"]
    assert str(fw.cache) in findings[0]["what"]
    assert "XDG_CACHE_HOME" in findings[0]["remedy"]


def test_a_corrupt_index_is_made_anew(fw: Any) -> None:
    assert diagnosis(fw) == (0, [])
    [file] = (fw.cache / "fw").glob("plugins-*")
    file.write_bytes(os.urandom(64))
    assert diagnosis(fw) == (0, [])


def test_unknown_sections_and_wrong_settings_are_found(shop: Any) -> None:
    shop.write("fw.toml", "[shpo]\nx = 1\n[shop]\nlimit = true\n")
    status, findings = diagnosis(shop, "shop", "--config", "fw.toml")
    assert status == 1
    assert kinds(findings) == ["configuration"] * 2
    assert "Did you mean 'shop'?" in findings[0]["remedy"]


def test_a_broken_configuration_file_is_a_finding_with_its_line(fw: Any) -> None:
    file = fw.write("fw.toml", "[shop]\nlimit = = 1\n")
    status, [finding] = diagnosis(fw)
    assert (status, finding["kind"]) == (1, "configuration")
    assert finding["what"].startswith(f"{file.resolve()}:2: not valid TOML: ")
    assert finding["remedy"] == "Correct that line."


def test_an_environment_without_a_file_is_a_finding(shop: Any) -> None:
    status, [finding] = diagnosis(shop, "shop", "--env", "live")
    assert (status, finding["kind"]) == (1, "configuration")
    assert "no configuration file" in finding["what"]


def test_an_application_that_cannot_be_imported_is_a_finding(fw: Any) -> None:
    fw.write("app.py", "import nothing_of_this_name\n")
    status, findings = diagnosis(fw)
    assert (status, kinds(findings)) == (1, ["configuration"])
    assert "app.py:1" in findings[0]["what"]
