"""Fills in a template and puts the result where nothing is yet."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cookiecutter.exceptions import CookiecutterException, FailedHookException
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.prompt import prompt_for_config

from fw_cli.errors import InitError

BREAKING = re.compile(r'["\\{}\x00-\x1f\x7f]')
"""What would end a string in the generated files, or be taken for a piece of the template."""
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
"""What may be part of a path: nothing that leads to another folder."""


def generate(template: Path, folder: Path | None, answers: Mapping[str, str]) -> tuple[Path, list[str]]:
    """Make the project; its folder, and the files written, relative to it.

    All or nothing: it is made in a temporary folder first, and where a file stands in the way none is written. Raises
    :class:`framework.errors.FrameworkError`.
    """
    logging.getLogger("cookiecutter").addHandler(logging.NullHandler())  # its errors are raised too
    with TemporaryDirectory(prefix="fw-init-") as temporary:
        try:
            context = _context(template, answers)
            made = Path(generate_files(str(template), context, temporary))
        except FailedHookException as error:
            # The template's own check has said on stderr what is wrong with which answer.
            raise InitError("The template refuses these answers.", remedy="Nothing was written.") from error
        except CookiecutterException as error:
            raise InitError(f"The template cannot be filled in: {error}.") from error
        return _moved(made, folder or Path(made.name))


def _context(template: Path, answers: Mapping[str, str]) -> dict[str, Any]:
    file = template / "cookiecutter.json"
    known = json.loads(file.read_text("utf-8"))
    for key, value in answers.items():
        if key not in known:
            raise InitError(f"The template asks for no {key!r}.", remedy=f"It asks for: {', '.join(known)}.")
        if BREAKING.search(value):
            raise InitError(f"{key}={value!r} has a quote, backslash, brace or line break.", remedy="Leave it out.")
    context: dict[str, Any] = generate_context(str(file), extra_context=dict(answers))
    context["cookiecutter"] = prompt_for_config(context, no_input=True)
    in_paths = {
        key
        for path in template.rglob("*")
        for key in re.findall(r"{{\s*cookiecutter\.(\w+)", str(path.relative_to(template)))
    }
    for key in sorted(in_paths):
        if not PLAIN.fullmatch(context["cookiecutter"][key]):
            raise InitError(
                f"{key}={context['cookiecutter'][key]!r} cannot be the name of a folder.",
                remedy="Use letters, digits, hyphens and underscores.",
            )
    return context


def _moved(made: Path, folder: Path) -> tuple[Path, list[str]]:
    files = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
    in_the_way = [folder, *(folder / parent for file in files for parent in file.parents)]
    standing = [path for path in dict.fromkeys(in_the_way) if path.exists() and not path.is_dir()]
    standing += [folder / file for file in files if (folder / file).exists() or (folder / file).is_symlink()]
    if standing:
        raise InitError(
            f"{', '.join(map(str, standing[:5]))} {'are' if len(standing) > 1 else 'is'} there already.",
            remedy="Choose another folder; nothing was written.",
        )
    written: list[Path] = []
    try:
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            with (folder / file).open("xb") as out:
                written.append(folder / file)
                out.write((made / file).read_bytes())
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InitError(
            f"{error.filename or folder} cannot be written: {error.strerror}.", remedy="Choose another folder."
        ) from error
    return folder, [file.as_posix() for file in files]
