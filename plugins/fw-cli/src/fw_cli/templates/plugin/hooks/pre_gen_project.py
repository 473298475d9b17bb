"""Refuses names that Python or the kernel would refuse later."""

import keyword
import re
import sys

NAME = "{{ cookiecutter.name }}"
PACKAGE = "{{ cookiecutter.package }}"
RESERVED = ("app", "application", "env", "kernel", "plugins")

if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", NAME):
    sys.exit(f"name {NAME!r}: use small letters, digits and single hyphens, a letter first; for example rate-limit")
if NAME in RESERVED or keyword.iskeyword(NAME):
    sys.exit(f"name {NAME!r} is taken by the kernel or by Python; choose another")
if not PACKAGE.isidentifier() or keyword.iskeyword(PACKAGE):
    sys.exit(f"package {PACKAGE!r} is not a name that Python can import")
