"""YAML, by the parser that dynaconf brings: version 1.2, so that ``no`` is a word and no truth value."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fw_config.text import text_of, wrong

if TYPE_CHECKING:
    from framework.sources import Lines


def read_yaml(path: Path, as_text: bool) -> tuple[dict[str, Any], Lines]:
    """What a file holds, each scalar as it is written if ``as_text``. Raises :class:`ConfigError`.

    A tag that would make an object, a key that stands there twice and a second document are errors.
    """
    yaml = import_module("dynaconf.loaders.yaml_loader").yaml
    text = text_of(path)
    try:
        tree = yaml.safe_load(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = _lines(node, yaml) if node else {}
        found = _written(node, yaml, {}) if as_text and node else tree
    except (yaml.error.YAMLError, yaml.constructor.DuplicateKeyError) as error:
        raise wrong(path, "YAML", _place(error, with_problem=not as_text)) from None
    except (RecursionError, ValueError) as error:
        raise wrong(path, "YAML", type(error).__name__) from None
    return {} if found is None else found, lambda section, key: lines.get((section, key), 0)


def _place(error: Any, *, with_problem: bool) -> str:
    """Where it is wrong and why; in a file of secrets only where, since the reason may quote what stands there."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    line = f"line {mark.line + 1}" if mark else type(error).__name__
    return f"{line}: {problem}" if problem and with_problem else line


def _lines(node: Any, yaml: Any, section: str = "", depth: int = 4) -> dict[tuple[str, str], int]:
    """The line of each key, by the dotted name of the table that it stands in."""
    found: dict[tuple[str, str], int] = {}
    if depth and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found[section, str(key.value)] = key.start_mark.line + 1
            found |= _lines(value, yaml, f"{section}.{key.value}".lstrip("."), depth - 1)
    return found


def _written(node: Any, yaml: Any, seen: dict[int, Any]) -> Any:
    """What is written below a node: text, lists and tables of text. A node that is referred to is read once."""
    if id(node) in seen:
        return seen[id(node)]
    if isinstance(node, yaml.MappingNode):
        found: Any = {key.value: _written(value, yaml, seen) for key, value in node.value}
    elif isinstance(node, yaml.SequenceNode):
        found = [_written(value, yaml, seen) for value in node.value]
    else:
        found = None if node.tag.endswith(":null") else node.value
    seen[id(node)] = found
    return found
