"""Trees as SVG, without any other program."""

from __future__ import annotations

from xml.sax.saxutils import escape

from fw_behavior.drawing import COLORS, plan_of, title
from fw_behavior.leaves import Leaf
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.status import Status
from fw_behavior.tree import BehaviorTree

HEIGHT, ROW, GAP, LETTER = 28, 56, 16, 7.2
"""Of a box, from one row to the next, between boxes, and about the width of a letter; in pixels."""


def svg(tree: BehaviorTree | Node) -> str:
    """A picture: parents above the middle of their children; of a running tree coloured by status."""
    plan, statuses = plan_of(tree)
    widths = [len(title(node)) * LETTER + 16 for node in plan.nodes]
    places, right = _layout(plan, widths)
    depth = max(y for _, y in places)
    size = f'width="{right:.0f}" height="{depth + HEIGHT + GAP}"'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">']
    for i, parent in enumerate(plan.parents):
        if parent >= 0:
            (x, y), (px, py) = places[i], places[parent]
            lines.append(f'<path d="M{px:.1f} {py + HEIGHT} L{x:.1f} {y}" stroke="#888" fill="none"/>')
    for i, node in enumerate(plan.nodes):
        x, y = places[i]
        color = COLORS[statuses[i] if statuses else Status.IDLE]
        radius = 14 if isinstance(node, Leaf) else 3
        lines.append(
            f"<g><title>{escape(plan.paths[i])}</title>"
            f'<rect x="{x - widths[i] / 2:.1f}" y="{y}" width="{widths[i]:.1f}" '
            f'height="{HEIGHT}" rx="{radius}" fill="{color}" stroke="#444"/>'
            f'<text x="{x:.1f}" y="{y + 18}" text-anchor="middle">{escape(title(node))}</text></g>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _layout(plan: Plan, widths: list[float]) -> tuple[list[tuple[float, int]], float]:
    """The middle of each box's upper edge, and the right end of the picture."""
    needed = list(widths)
    for i in reversed(range(len(plan))):
        below = sum(needed[child] + GAP for child in plan.children[i]) - GAP
        needed[i] = max(widths[i], below)
    lefts, places = [float(GAP)] * len(plan), [(0.0, 0)] * len(plan)
    for i in range(len(plan)):
        y = places[plan.parents[i]][1] + ROW if i else GAP
        places[i] = (lefts[i] + needed[i] / 2, y)
        left = lefts[i] + (needed[i] - sum(needed[child] + GAP for child in plan.children[i]) + GAP) / 2
        for child in plan.children[i]:
            lefts[child] = left
            left += needed[child] + GAP
    return places, needed[0] + 2 * GAP
