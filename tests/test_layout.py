"""The repository's layout: what every package has, and what must not be in any file."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent


def table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


WORKSPACE = table(ROOT / "pyproject.toml")
MEMBERS: list[str] = WORKSPACE["tool"]["uv"]["workspace"]["members"]
PROJECTS = {member: table(ROOT / member / "pyproject.toml") for member in MEMBERS}
MODULES = {member: PROJECTS[member]["tool"]["uv"]["build-backend"]["module-name"] for member in MEMBERS}


def requirements(member: str) -> Iterator[Requirement]:
    project = PROJECTS[member]["project"]
    extras = project.get("optional-dependencies", {}).values()
    for line in [*project.get("dependencies", []), *(line for extra in extras for line in extra)]:
        yield Requirement(line)


def test_the_list_of_members_equals_the_folders() -> None:
    patterns = ("kernel", "plugins/*", "contrib/*", "examples/*")
    found = [path.parent for pattern in patterns for path in ROOT.glob(f"{pattern}/pyproject.toml")]
    assert sorted(MEMBERS) == sorted(path.relative_to(ROOT).as_posix() for path in found)


def test_the_root_has_its_documents() -> None:
    wanted = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", ".editorconfig")
    assert [name for name in wanted if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("member", MEMBERS)
def test_every_package_has_the_same_anatomy(member: str) -> None:
    folder, module = ROOT / member, MODULES[member]
    wanted = ("README.md", "changelog.d", f"src/{module}/__init__.py", f"src/{module}/py.typed")
    assert [name for name in wanted if not (folder / name).exists()] == []
    assert list((folder / "tests").rglob("test_*.py")), f"{member} has no tests"
    project = PROJECTS[member]["project"]
    assert project["license"] == "MIT"
    assert project["readme"] == "README.md"
    assert project["requires-python"] == WORKSPACE["project"]["requires-python"]


@pytest.mark.parametrize("member", MEMBERS)
def test_entry_points_lead_to_files(member: str) -> None:
    project, source = PROJECTS[member]["project"], ROOT / member / "src"
    groups = [project.get("scripts", {}), *project.get("entry-points", {}).values()]
    for value in (value for group in groups for value in group.values()):
        path = source / value.partition(":")[0].replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), f"{value} has no file"


@pytest.mark.parametrize("member", MEMBERS)
def test_every_plugin_has_a_manifest_of_its_name(member: str) -> None:
    declared = PROJECTS[member]["project"].get("entry-points", {}).get("fw.plugins", {})
    for name in declared:
        assert table(ROOT / member / "src" / MODULES[member] / "plugin.toml")["name"] == name


def test_all_packages_ask_for_the_same_versions() -> None:
    asked: dict[str, dict[str, str]] = {}
    for member in MEMBERS:
        for requirement in requirements(member):
            if requirement.specifier:
                asked.setdefault(requirement.name, {})[member] = str(requirement.specifier)
    assert {name: by for name, by in asked.items() if len(set(by.values())) > 1} == {}


def test_packages_of_the_workspace_satisfy_each_other() -> None:
    versions = {project["project"]["name"]: project["project"]["version"] for project in PROJECTS.values()}
    for member in MEMBERS:
        for requirement in requirements(member):
            if requirement.name in versions:
                assert versions[requirement.name] in requirement.specifier, f"{member}: {requirement}"


def test_uv_and_its_build_backend_have_one_range() -> None:
    uv = WORKSPACE["tool"]["uv"]
    ranges = {Requirement(PROJECTS[m]["build-system"]["requires"][0]).specifier for m in MEMBERS}
    assert ranges == {SpecifierSet(uv["required-version"])}
    pin = next(Requirement(line) for line in uv["constraint-dependencies"] if line.startswith("uv=="))
    assert next(iter(pin.specifier)).version in SpecifierSet(uv["required-version"])


def test_import_rules_and_changelog_cover_every_package() -> None:
    tools = WORKSPACE["tool"]
    assert sorted(tools["importlinter"]["root_packages"]) == sorted(MODULES.values())
    kernel = next(c for c in tools["importlinter"]["contracts"] if c["type"] == "forbidden")
    assert sorted(kernel["forbidden_modules"]) == sorted(set(MODULES.values()) - {"framework"})
    assert sorted(s["path"] for s in tools["towncrier"]["section"]) == sorted(f"{m}/changelog.d" for m in MEMBERS)


def test_changelog_fragments_are_of_a_known_kind() -> None:
    kinds = {kind["directory"] for kind in WORKSPACE["tool"]["towncrier"]["type"]}
    fragments = [path for member in MEMBERS for path in (ROOT / member / "changelog.d").glob("[!.]*")]
    assert [
        path.name for path in fragments if not re.fullmatch(rf".+\.({'|'.join(kinds)})(\.\d+)?\.md", path.name)
    ] == []


def test_no_source_file_is_over_300_lines() -> None:
    files = [path for member in MEMBERS for path in (ROOT / member / "src").rglob("*.py")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in [*files, ROOT / "run.py"]}
    assert {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 300} == {}


def test_run_py_is_written_in_the_syntax_of_python_3_9() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), "run.py", feature_version=(3, 9))


def test_every_silenced_rule_is_explained() -> None:
    # The first `noqa` of a rule in a file says why; equal ones below it may refer to that in silence.
    unexplained = []
    for member in MEMBERS:
        for path in (ROOT / member).rglob("*.py"):
            first: dict[str, str] = {}
            for match in re.finditer(
                r"# (?:ruff: )?noqa(?::\s*([A-Z0-9, ]+\d))?(.*)", path.read_text(encoding="utf-8")
            ):
                first.setdefault(match[1] or "every rule", match[2].strip())
            unexplained += [f"{path.relative_to(ROOT)}: {rule}" for rule, reason in first.items() if not reason]
    assert unexplained == []


def repository_files() -> list[Path]:
    """Every file that is, or would be, committed."""
    if not (ROOT / ".git").exists():
        skipped = {".venv", ".boot", ".tox", ".fw", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
        found = (path for path in ROOT.rglob("*") if not skipped & set(path.parts) and path.name != "uv.lock")
        return [path for path in found if path.is_file()]
    # A copy that belongs to another user is read all the same (CI, containers).
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "-C",
        str(ROOT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.needs("git")
def test_no_lock_file_is_committed() -> None:
    assert [path for path in repository_files() if path.name == "uv.lock"] == []


# Put together from parts, so that this file does not hold what it looks for.
HOSTS = [
    ".".join(("".join(halves), end))
    for halves, end in (
        (("py", "pi"), "org"),
        (("python", "hosted"), "org"),
        (("npm", "js"), "org"),
        (("npm", "js"), "com"),
    )
]
PATHS = [f"/{first}/" for first in ("work", "root", "home", "Users")]


@pytest.mark.needs("git")
@pytest.mark.parametrize("pattern", [*HOSTS, *PATHS])
def test_no_file_names_a_registry_host_or_a_path_of_one_machine(pattern: str) -> None:
    # Only where a path begins: the same word inside a relative path or an address is harmless.
    search = re.compile(rf"(?<![\w.~}}/-]){re.escape(pattern)}" if pattern.startswith("/") else re.escape(pattern))
    hits = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in repository_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if search.search(line)
    ]
    assert hits == []
