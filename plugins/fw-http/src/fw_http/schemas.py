"""`Schemas`: the JSON schemas of many contracts, with the types that they share named once."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import PydanticJsonSchemaWarning

from fw_http.contract import Contract

_TEMPLATE = "#/components/schemas/{model}"
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


class Schemas:
    """Made of contracts, each with whether values are written (true) or taken. ``shared`` are the named ones."""

    def __init__(self, contracts: Iterable[tuple[Contract, bool]]) -> None:
        known = [(contract, written) for contract, written in contracts if contract.json_schema()]
        modes: tuple[Literal["validation"], Literal["serialization"]] = ("validation", "serialization")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
            found, all_shared = TypeAdapter.json_schemas(
                [(str(id(contract)), modes[written], contract.model.adapter) for contract, written in known],
                ref_template=_TEMPLATE,
            )
        self._found = {name: schema for (name, _), schema in found.items()}
        self.shared: dict[str, Any] = all_shared.get("$defs", {})
        self._close([contract for contract, _ in known])

    def of(self, contract: Contract) -> dict[str, Any]:
        """The schema of one of them; empty where JSON schema has no words for it."""
        return self._found.get(str(id(contract)), {})

    def _close(self, contracts: Iterable[Contract]) -> None:
        """Say of objects that they have no other members, as the validation does, unless their types say otherwise."""
        open_ones: set[str] = set()
        for contract in contracts:
            schema = self.of(contract)
            if contract.model.is_closed:
                _forbid(schema)
            else:
                open_ones.update(self._reached(schema))
        for name, schema in self.shared.items():
            if name not in open_ones:
                _forbid(schema)

    def _reached(self, schema: Any) -> Iterator[str]:
        left, seen = [schema], set()
        while left:
            for name in _REFERENCE.findall(json.dumps(left.pop(), default=str)):
                if name not in seen:
                    seen.add(name)
                    left.append(self.shared.get(name))
        yield from seen


def _forbid(schema: dict[str, Any]) -> None:
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
