"""Installs each package alone, with its declared dependencies and its test group, and runs its own tests there.

python tools/check_isolated.py [NAME ...]    all packages, or the named ones; exit 1 after all if some failed
"""

from __future__ import annotations

import subprocess
import sys
import time

from workspace import ROOT, Member, members


def tested(member: Member) -> bool:
    """Whether the package's tests pass in an environment of its own; no tests at all is a failure too."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    alone = ["--isolated", "--no-default-groups", "--package", member.name, "--group", "test", "--python", python]
    tests = (member.folder / "tests").relative_to(ROOT).as_posix()
    pytest = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]
    return subprocess.run(["uv", "run", "--quiet", *alone, *pytest], cwd=ROOT, check=False).returncode == 0


def main(wanted: list[str]) -> int:
    """0 if every package passes alone, 1 with their names if not, 2 for an unknown name."""
    known = {member.name: member for member in members()}
    unknown = sorted(set(wanted) - known.keys())
    if unknown:
        print(f"No such package: {', '.join(unknown)}. There are: {', '.join(sorted(known))}.", file=sys.stderr)
        return 2
    failed = []
    for name in wanted or known:
        started = time.monotonic()
        print(f"== {name}, alone", flush=True)
        if not tested(known[name]):
            failed.append(name)
        print(
            f"== {name}: {'FAILED' if name in failed else 'passed'} in {time.monotonic() - started:.1f} s", flush=True
        )
    if failed:
        print(f"Failed when installed alone: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
