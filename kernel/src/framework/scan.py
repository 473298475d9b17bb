"""Scans the environment for plugins, and writes down what was found. Imports what is slow; see `framework.index`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from importlib_metadata import Distribution, EntryPoint, PackageNotFoundError, distribution, distributions

import framework.manifest
from framework.errors import BootstrapError
from framework.manifest import Manifest, check_name

GROUP = "fw.plugins"
MANIFEST = "plugin.toml"
KEPT = 32
"""Index files of one user; the oldest give way."""


def scan(folders: Sequence[str]) -> tuple[list[dict[str, Any]], str, list[str]]:
    """The entry points in these folders, the version of fw-core, and the files that say so."""
    points: list[dict[str, Any]] = []
    files = [framework.manifest.__file__, __file__]  # they say what an index looks like
    seen: set[str] = set()
    found: Iterable[Any] = distributions(path=list(folders))  # its own type does not name `read_text`
    for dist in found:
        name, version = _identity(dist)
        if name in seen:
            continue  # the first one on the path hides the others, as it does for imports
        seen.add(name)
        try:
            text = dist.read_text("entry_points.txt") or ""
        except (OSError, ValueError) as error:
            text = f"[{GROUP}]" if not isinstance(error, FileNotFoundError) else ""
        if GROUP not in text:
            continue
        files += _named(dist, "entry_points.txt")
        try:
            entry_points = [point for point in dist.entry_points if point.group == GROUP]
        except Exception as error:  # noqa: BLE001 - the parser raises what it likes; one distribution spoils no other
            points.append(_broken_distribution(name, version, error))
            continue
        for point in entry_points:
            table, file = _read(point, name, version)
            points.append(table)
            files += [file] if file else []
    return points, _core(), files


def _identity(dist: Distribution) -> tuple[str, str]:
    """Name and version, also where the metadata cannot be read: then as the folder says."""
    try:
        return dist.metadata["Name"], dist.version
    except Exception:  # noqa: BLE001 - see above
        name, _, version = Path(str(getattr(dist, "_path", "unknown"))).stem.partition("-")
        return name, version


def _named(dist: Distribution, file: str) -> list[str]:
    folder = getattr(dist, "_path", None)  # no public way leads to the .dist-info folder itself
    return [str(Path(str(folder), file))] if folder else []


def _broken_distribution(name: str, version: str, error: Exception) -> dict[str, Any]:
    return {
        "manifest": {"name": name},
        "distribution": name,
        "version": version,
        "entry_point": "",
        "broken": f"The entry_points.txt of {name} cannot be read: {type(error).__name__}: {error}.",
        "unknown": True,
    }


def _core() -> str:
    try:
        return distribution("fw-core").version
    except PackageNotFoundError:
        return "unknown"


def _read(point: EntryPoint, distribution: str, version: str) -> tuple[dict[str, Any], str]:
    broken, unknown, file, text = "", False, "", None
    manifest = Manifest(point.name)
    try:
        check_name(point.name, f"The entry point of {distribution}")
        file = _manifest_file(point)
        if os.path.exists(file):
            text = Path(file).read_text("utf-8")
            manifest = Manifest.parse(text, file)
        if manifest.name != point.name:
            broken = f"{file} names the plugin {manifest.name!r}, its entry point {point.name!r}. Use one name in both."
    except (BootstrapError, OSError, ValueError) as error:
        broken = str(error) if isinstance(error, BootstrapError) else f"{file or point.name} cannot be read: {error}."
        # A text without that word cannot have said `guard = true`.
        unknown = text is None or "guard" in text
    if broken:
        manifest = Manifest(point.name, guard=manifest.guard)
    table = manifest.table()
    return {
        "manifest": table,
        "distribution": distribution,
        "version": version,
        "entry_point": point.value,
        "broken": broken,
        "unknown": unknown,
    }, file


def _manifest_file(point: EntryPoint) -> str:
    """Where the manifest lies, or would. Raises :class:`BootstrapError` if the package is not there."""
    package = point.value.partition(":")[0].partition(".")[0].strip()
    spec: ModuleSpec | None = None
    with suppress(ImportError, ValueError):  # an empty or odd name; a module that was made without a spec
        spec = find_spec(package)
    if spec is None:
        raise BootstrapError(f"Plugin {point.name!r}: its package {package!r} is not importable.")
    folders = list(spec.submodule_search_locations or ())
    candidates = [os.path.join(folder, MANIFEST) for folder in folders]
    return next((file for file in candidates if os.path.isfile(file)), candidates[0] if candidates else "")


def keep(file: str, content: bytes) -> None:
    """Write an index, all or nothing. An index that cannot be written is made again each time."""
    folder, written = Path(file).parent, Path(f"{file}.{os.getpid()}")
    try:
        if not _may_own(folder):
            return
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
            written.replace(file)
        finally:
            written.unlink(missing_ok=True)
        _thin_out(folder)
    except (OSError, ValueError):
        return


def _may_own(folder: Path) -> bool:
    """Whether what is made there belongs to the folder's user: root must not leave files in the home of another."""
    if sys.platform == "win32":
        return True
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.stat().st_uid == os.geteuid()


def _thin_out(folder: Path) -> None:
    files = sorted(folder.glob("plugins-*"), key=lambda path: path.stat().st_mtime_ns)
    for file in files[:-KEPT]:
        file.unlink(missing_ok=True)
