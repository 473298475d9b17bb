"""Refuses names that Python, or another distribution, has taken."""

import keyword
import re
import sys

NAME = "{{ cookiecutter.name }}"
PACKAGE = "{{ cookiecutter.package }}"

if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", NAME):
    sys.exit(f"name {NAME!r}: use small letters, digits and single hyphens, a letter first; for example wide-meadow")
if not re.fullmatch(r"[a-z][a-z0-9_]*", PACKAGE) or keyword.iskeyword(PACKAGE):
    sys.exit(f"package {PACKAGE!r}: use small letters, digits and underscores, a letter first, and no word of Python")
if PACKAGE in sys.stdlib_module_names or PACKAGE in {"framework", "tests"} or PACKAGE.startswith("fw_"):
    sys.exit(f"package {PACKAGE!r} is taken by Python or by the framework; choose another name")
