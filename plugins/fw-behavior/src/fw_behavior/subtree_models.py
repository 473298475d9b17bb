"""What the TreeNodesModel of an XML file says of subtrees: their ports, and what these are unless a caller says so."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from fw_behavior.elements import Element
from fw_behavior.errors import BadText

Ports = Mapping[str, str | None]
"""Ports with their defaults; None: a caller has to give it."""


def subtree_ports(models: list[Element]) -> dict[str, Ports]:
    """The ports of each subtree that has a model, with their defaults; None: it has to be given."""
    return {
        model.attributes.get("ID", ""): {
            port.attributes.get("name", ""): port.attributes.get("default") for port in model.children
        }
        for model in models
        if model.tag == "SubTree"
    }


def leave_out(element: Element, ports: Mapping[str, Ports]) -> None:
    """Take out what subtrees are given anyhow."""
    if element.tag == "SubTree":
        for port, default in ports.get(element.attributes["ID"], {}).items():
            if default is not None and element.attributes.get(port) == default:
                del element.attributes[port]
    for child in element.children:
        leave_out(child, ports)


def given_ports(
    element: Element, attributes: Mapping[str, str], model: Ports, autoremap: bool
) -> dict[str, int | float | str]:
    """What a ``<SubTree>`` with these attributes gives. BadText where it leaves out what has no default."""
    found = dict(attributes)
    for port, default in model.items():
        if port not in found and default is not None:
            found[port] = default
        elif port not in found and not autoremap:
            tree = element.attributes["ID"]
            raise BadText(
                f"<SubTree ID={tree!r}> has no {port!r}, and its model no default.", element.line, "Add the attribute."
            )
    return {port: number_or_text(text) for port, text in found.items()}


def number_or_text(text: str) -> int | float | str:
    """A number where the text is one, written as Python would: scripts inside compare it with numbers."""
    for kind in (int, float):
        with suppress(ValueError):
            if str(kind(text)) == text:
                return kind(text)
    return text
