"""`fw config schema`: the configuration as JSON Schema, so that editors complete and check it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_type_hints

from framework.config import KERNEL_SECTIONS
from framework.discovery import installed
from framework.secrecy import is_secret
from framework.sources import normal
from fw_config.nesting import nested_in

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors know."""
REF = "#/$defs/{model}"


def schema_parser() -> ArgumentParser:
    """The parser of ``fw config schema``."""
    made = ArgumentParser(
        prog="fw config schema",
        description="JSON Schema of fw.toml: sections of the kernel, of installed plugins and of an application.",
    )
    made.add_argument("target", nargs="?", help="module:attribute of the App whose own sections are to be in it")
    made.add_argument("--output", type=Path, metavar="FILE", help="write it there instead of to the standard output")
    return made


def schema_command(arguments: Sequence[str]) -> int:
    """Print or write the schema; the exit status."""
    given = schema_parser().parse_args(arguments)
    text = json.dumps(json_schema(sections(given.target)), indent=2) + "\n"
    if given.output:
        given.output.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)
    return 0


def sections(target: str | None = None) -> dict[str, type[Any]]:
    """Every section and its schema: the kernel's, the installed plugins', and those that an App declares."""
    found = dict(KERNEL_SECTIONS)
    found |= {p.name: p.resolve("config", p.manifest.config) for p in installed() if p.manifest.config}
    if target:
        from framework.target import load_app

        found |= {entry.section: entry.schema for entry in load_app(target).schemas}
    return found


def json_schema(described: Mapping[str, type[Any]]) -> dict[str, Any]:
    """One JSON Schema of all these sections, and of the same under ``env.NAME``.

    Nothing is required, since it may be set elsewhere; secrets are ``writeOnly``.
    """
    from pydantic import TypeAdapter

    mode: Literal["validation"] = "validation"
    adapters = [(name, mode, TypeAdapter(schema)) for name, schema in described.items()]
    refs, rest = TypeAdapter.json_schemas(adapters, ref_template=REF)
    definitions: dict[str, Any] = rest.get("$defs", {})
    every: dict[str, Any] = {}
    for name in described:
        ref = refs[name, mode]
        for written in {name, normal(name)}:
            every[written] = ref
    for schema in _all_schemas(described.values()):
        _mark_secrets(definitions, schema)
    for definition in definitions.values():
        _close(definition)
    table = {"type": "object", "properties": every, "additionalProperties": False}
    environments = {"type": "object", "additionalProperties": table}
    return {
        "$schema": DIALECT,
        "title": "fw.toml",
        **table,
        "properties": {**every, "env": environments},
        "$defs": definitions,
    }


def _close(definition: dict[str, Any]) -> None:
    """Refuse keys that are not described, require none, and allow a duration as seconds."""
    if "properties" not in definition:
        return
    definition["additionalProperties"] = False
    definition.pop("required", None)
    for name, kind in definition["properties"].items():
        definition["properties"][name] = _with_seconds(kind)


def _with_seconds(kind: Any) -> Any:
    if isinstance(kind, dict):
        if kind.get("format") == "duration":
            kept = {key: value for key, value in kind.items() if key not in ("type", "format")}
            return {**kept, "type": ["number", "string"]}
        return {key: _with_seconds(value) for key, value in kind.items()}
    return [_with_seconds(item) for item in kind] if isinstance(kind, list) else kind


def _all_schemas(schemas: Iterable[type[Any]]) -> list[type[Any]]:
    """These schemas and those nested in them, each once."""
    found: list[type[Any]] = []
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        if schema not in found:
            found.append(schema)
            kinds = get_type_hints(schema, include_extras=True).values()
            waiting += [nested.schema for kind in kinds if (nested := nested_in(kind))]
    return found


def _mark_secrets(definitions: Mapping[str, Any], schema: type[Any]) -> None:
    """Mark what is secret in a schema ``writeOnly``."""
    secret = [field.name for field in fields(schema) if is_secret(field)]
    for definition in definitions.values():
        if definition.get("title") == schema.__name__:
            for name in set(secret) & set(definition.get("properties", ())):
                definition["properties"][name]["writeOnly"] = True
