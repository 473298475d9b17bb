"""The graph of a blueprint as SVG: layers from top to bottom, without any program or library."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from fw_orchestrator.checks import Edge, edges
from fw_orchestrator.layout import UNKNOWN, layers, nodes

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint

CHARACTER, HEIGHT, GAP_X, GAP_Y, MARGIN = 7.5, 36.0, 36.0, 64.0, 24.0
"""Sizes in pixels: a character's width, a box's height, the gaps between boxes, and around all."""

_COLOURS = {
    "start": ("#e8f1ff", "#2563c9"),
    "state": ("#ffffff", "#5b6470"),
    "aggregator": ("#fff6e0", "#b7791f"),
    "end": ("#e6f6ea", "#2f855a"),
    "failure": ("#fdeaea", "#c53030"),
    "unknown": ("#ffffff", "#a0a7b0"),
}

_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#5b6470"/></marker></defs>'
)


class Box(NamedTuple):
    """Where a state is drawn: its centre, its width and its layer."""

    x: float
    y: float
    width: float
    layer: int


def svg(blueprint: StateMachineBlueprint) -> str:
    """A complete SVG document."""
    kinds, ways = nodes(blueprint), edges(blueprint)
    rows = layers(list(kinds), blueprint.start, ways)
    boxes, width = _placed(rows)
    height = len(rows) * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN
    right = width + _returns(ways, boxes) * 22
    merged: dict[tuple[str, str], list[str]] = {}
    for edge in ways:
        merged.setdefault((edge.source, edge.target or UNKNOWN), []).append(edge.label)
    arrows, side = [], width
    for (source, target), labels in merged.items():
        back = boxes[target].layer <= boxes[source].layer
        side += 22 if back else 0
        arrows.append(_arrow(boxes[source], boxes[target], " | ".join(filter(None, labels)), side if back else None))
    size = f'viewBox="0 0 {right:.0f} {height:.0f}" width="{right:.0f}" height="{height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="13">',
            f"<title>{escape(blueprint.name)}</title>",
            _TIP,
            *arrows,
            *(_box(name, kinds[name], boxes[name]) for name in kinds),
            "</svg>",
            "",
        ]
    )


def _placed(rows: list[list[str]]) -> tuple[dict[str, Box], float]:
    widths = {name: max(56.0, len(name) * CHARACTER + 24) for row in rows for name in row}
    spans = [sum(widths[name] for name in row) + GAP_X * (len(row) - 1) for row in rows]
    most = max(spans)
    boxes = {}
    for layer, (row, span) in enumerate(zip(rows, spans, strict=True)):
        left = MARGIN + (most - span) / 2
        for name in row:
            y = MARGIN + layer * (HEIGHT + GAP_Y) + HEIGHT / 2
            boxes[name] = Box(left + widths[name] / 2, y, widths[name], layer)
            left += widths[name] + GAP_X
    return boxes, most + 2 * MARGIN


def _returns(ways: list[Edge], boxes: dict[str, Box]) -> int:
    pairs = {(edge.source, edge.target or UNKNOWN) for edge in ways}
    return sum(boxes[target].layer <= boxes[source].layer for source, target in pairs)


def _arrow(source: Box, target: Box, label: str, side: float | None) -> str:
    if side is None:
        top, bottom = source.y + HEIGHT / 2, target.y - HEIGHT / 2
        middle = (top + bottom) / 2
        path = f"M{source.x:.0f},{top:.0f} C{source.x:.0f},{middle:.0f} {target.x:.0f},{middle:.0f} "
        path += f"{target.x:.0f},{bottom:.0f}"
        x, y, anchor = (source.x + target.x) / 2, middle, "middle"
    else:
        begin, end = source.x + source.width / 2, target.x + target.width / 2
        path = f"M{begin:.0f},{source.y:.0f} C{side:.0f},{source.y:.0f} {side:.0f},{target.y:.0f} "
        path += f"{end:.0f},{target.y:.0f}"
        x, y, anchor = side - 12, (source.y + target.y) / 2, "end"
    line = f'<path d="{path}" fill="none" stroke="#5b6470" marker-end="url(#tip)"/>'
    if not label:
        return line
    return line + (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="11" fill="#333" stroke="#fff" '
        f'stroke-width="3" paint-order="stroke">{escape(label)}</text>'
    )


def _box(name: str, kind: str, box: Box) -> str:
    fill, stroke = _COLOURS[kind]
    left, top = box.x - box.width / 2, box.y - HEIGHT / 2
    double = f' stroke-width="{3 if kind in ("end", "failure") else 1.5}"'
    dashed = ' stroke-dasharray="4 3"' if kind in ("unknown", "aggregator") else ""
    return (
        f'<g data-state="{escape(name)}"><rect x="{left:.0f}" y="{top:.0f}" width="{box.width:.0f}" '
        f'height="{HEIGHT:.0f}" rx="8" fill="{fill}" stroke="{stroke}"{double}{dashed}/>'
        f'<text x="{box.x:.0f}" y="{box.y + 4.5:.0f}" text-anchor="middle">{escape(name)}</text></g>'
    )
