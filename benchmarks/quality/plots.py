"""Bars as plain SVG text: no library, no script, nothing loaded.

In: named groups of shares. Out: one `<svg>`.
"""

import html
import math
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, LABEL_WIDTH, VALUE_WIDTH, BAR, GAP, TOP = 900, 190, 60, 11, 12, 54
COLOURS = ("#1f6f54", "#d08a2e", "#5b6b7a", "#c3ccd5")


class Group(NamedTuple):
    """Bars that belong together, one of each series; a share is 0 … 1, NaN where there is none."""

    label: str
    shares: Sequence[float]


def bar_plot(title: str, series: Sequence[str], groups: Sequence[Group], target: float | None = None) -> str:
    """Horizontal bars from 0 to 100 %, with a line at `target`."""
    height = TOP + len(groups) * (len(series) * BAR + GAP) + 6
    unit = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="system-ui,sans-serif" font-size="12"><title>{html.escape(title)}</title>'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="0" y="16" font-weight="600">{html.escape(title)}</text>',
    ]
    for place, name in enumerate(series):
        x = LABEL_WIDTH + place * 175
        parts.append(f'<rect x="{x}" y="27" width="10" height="10" fill="{COLOURS[place]}"/>')
        parts.append(f'<text x="{x + 15}" y="36">{html.escape(name)}</text>')
    for number, group in enumerate(groups):
        top = TOP + number * (len(series) * BAR + GAP)
        middle = top + len(series) * BAR / 2 + 4
        parts.append(
            f'<text x="{LABEL_WIDTH - 10}" y="{middle:.1f}" text-anchor="end">{html.escape(group.label)}</text>'
        )
        for place, share in enumerate(group.shares):
            wide = 0.0 if math.isnan(share) else share * unit
            y = top + place * BAR
            parts.append(
                f'<rect x="{LABEL_WIDTH}" y="{y}" width="{wide:.1f}" height="{BAR - 2}" fill="{COLOURS[place]}"/>'
                f'<text x="{LABEL_WIDTH + wide + 4:.1f}" y="{y + 8}" font-size="9">{percent(share)}</text>'
            )
    if target is not None:
        x = LABEL_WIDTH + target * unit
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 6}" stroke="#b3261e" '
            'stroke-dasharray="4 3"/>'
        )
    return "".join(parts) + "</svg>\n"


def percent(share: float) -> str:
    """A share as a reader sees it."""
    return "–" if math.isnan(share) else f"{100 * share:.1f} %"
