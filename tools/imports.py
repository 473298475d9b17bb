"""Checks what packages import: `python tools/imports.py [ROOT]` prints every fault with its place and exits 1 if any.

1. A package imports only what its pyproject.toml declares, first- and third-party, imports inside functions included;
   its tests import that and its dependency groups. Extras count for third-party packages only.
2. Nobody imports another package's private (underscore) modules.
3. Nothing outside contrib/ imports a package of contrib/.
4. No circles between the modules of a package. Imports for type checking alone do not count: annotations may point up.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
from packaging.utils import canonicalize_name
from workspace import ROOT, Member, members


@dataclass(frozen=True)
class Import:
    """One absolute import: the module named, the names taken from it, and where it stands."""

    module: str
    taken: tuple[str, ...]
    place: str

    @property
    def top(self) -> str:
        """The top-level package."""
        return self.module.partition(".")[0]

    @property
    def private(self) -> bool:
        """Whether it names something that its package calls private."""
        parts = [*self.module.split(".")[1:], *self.taken]
        return any(part.startswith("_") and not part.endswith("__") for part in parts)


def imports(file: Path, root: Path) -> Iterator[Import]:
    """The absolute imports of a file, wherever in it they stand."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), file.name)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, (), f"{file.relative_to(root).as_posix()}:{node.lineno}")
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            taken = tuple(alias.name for alias in node.names)
            yield Import(node.module, taken, f"{file.relative_to(root).as_posix()}:{node.lineno}")


def importable(file: Path) -> bool:
    """Whether a file can be a module: one below a folder like `{{ name }}` is part of a template, not Python yet."""
    return all(part.isidentifier() for part in file.with_suffix("").parts)


@cache
def installed() -> dict[str, frozenset[str]]:
    """Distributions that provide each top-level module of this environment."""
    found = packages_distributions()
    return {module: frozenset(canonicalize_name(name) for name in names) for module, names in found.items()}


def undeclared(found: Import, allowed: frozenset[str], own: dict[str, Member]) -> str:
    """Why `found` is not covered by the `allowed` distributions, or ''."""
    if found.top in sys.stdlib_module_names or found.top == "__future__":
        return ""
    providers = frozenset({own[found.top].name}) if found.top in own else installed().get(found.top, frozenset())
    if not providers:
        return f"imports {found.top}, which no installed distribution provides"
    return "" if providers & allowed else f"imports {found.top} without declaring {' or '.join(sorted(providers))}"


def faults_of(member: Member, workspace: list[Member]) -> Iterator[str]:
    """What is wrong with the imports of one package and its tests; see rules 1 to 3 above."""
    own = {other.module: other for other in workspace}
    first_party = frozenset(other.name for other in workspace)
    declared = member.dependencies | (member.extras - first_party) | {member.name}
    for folder, allowed in ((member.source, declared), (member.folder / "tests", declared | member.groups)):
        for file in sorted(path for path in folder.rglob("*.py") if importable(path.relative_to(folder))):
            for found in imports(file, member.folder):
                reason = undeclared(found, allowed, own)
                if reason:
                    yield f"{member.name}: {found.place} {reason}."
                target = own.get(found.top)
                if target is None or target is member:
                    continue
                if found.private:
                    yield f"{member.name}: {found.place} imports a private part of {target.name}: {found.module}."
                if target.contrib and not member.contrib:
                    yield f"{member.name}: {found.place} imports {found.top}, which is contrib's."


def circles(graph: grimp.ImportGraph) -> list[str]:
    """The shortest circle through each module of `graph` that is on one, each circle once."""
    found: dict[frozenset[str], str] = {}
    for module in sorted(graph.modules):
        ways = (
            graph.find_shortest_chain(importer=target, imported=module)
            for target in sorted(graph.find_modules_directly_imported_by(module))
        )
        chains = [chain for chain in ways if chain]
        if chains:
            chain = min(chains, key=len)
            found.setdefault(frozenset(chain), " -> ".join([module, *chain]))
    return sorted(found.values())


def faults(root: Path) -> list[str]:
    """Everything wrong in the workspace at `root`, as sentences."""
    workspace = members(root)
    found = [fault for member in workspace for fault in faults_of(member, workspace)]
    sys.path[:0] = [str(member.source.parent) for member in workspace]
    for member in workspace:
        graph = grimp.build_graph(member.module, exclude_type_checking_imports=True, cache_dir=None)
        found += [f"{member.name}: modules import each other in a circle: {circle}." for circle in circles(graph)]
    return found


def main(arguments: list[str]) -> int:
    """0 if all is well, else 1 after a line for each fault."""
    root = Path(arguments[0]).resolve() if arguments else ROOT
    found = faults(root)
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"{len(members(root))} packages, {len(found)} faults in their imports.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
