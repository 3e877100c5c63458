"""Plots as plain SVG text: no library, no script, nothing loaded.

In: figures with their bands. Out: one `<svg>`. No kernel lives here.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.sampling.representativeness import Figure

WIDTH, LABEL_WIDTH, ROW_HEIGHT, TOP = 900, 330, 20, 44
MOST_ROWS = 60
LONGEST_LABEL = 44
_SIDE = 20
_WIDEST = 2.0
"""Half-widths of a band to either side of the population that the plot has room for."""


def band_plot(title: str, figures: Sequence[Figure]) -> str:
    """Each figure as a dot against its 99 % band, which is drawn equally wide for all: figures differ by millions.

    The middle line is the population; a dot beyond the plot is drawn at its edge. The figures farthest out come first,
    MOST_ROWS at most.
    """
    ranked = sorted(figures, key=lambda figure: -abs(deviation(figure)))[:MOST_ROWS]
    height = TOP + ROW_HEIGHT * len(ranked) + 10
    middle = LABEL_WIDTH + (WIDTH - LABEL_WIDTH - _SIDE) / 2
    unit = (WIDTH - LABEL_WIDTH - _SIDE) / 2 / _WIDEST
    rest = f", {len(ranked)} of {len(figures)} shown" if len(ranked) < len(figures) else ""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="system-ui,sans-serif" font-size="12"><title>{html.escape(title)}</title>'
    )
    parts = [
        head,
        f'<text x="0" y="16" font-weight="600">{html.escape(title + rest)}</text>',
        *(
            f'<text x="{x:.1f}" y="34" text-anchor="middle" fill="#5b6b7a">{label}</text>'
            for x, label in ((middle - unit, "−99 %"), (middle, "population"), (middle + unit, "+99 %"))
        ),
        f'<line x1="{middle:.1f}" y1="{TOP - 4}" x2="{middle:.1f}" y2="{height - 6}" stroke="#5b6b7a"/>',
    ]
    for place, figure in enumerate(ranked):
        parts.append(_row(figure, TOP + ROW_HEIGHT * place + ROW_HEIGHT / 2, middle, unit))
    return "".join(parts) + "</svg>"


def deviation(figure: Figure) -> float:
    """How far the sample is from the population, in half-widths of the band; 0 where nothing can deviate."""
    if figure.half_width <= 0.0:
        return 0.0 if figure.within else _WIDEST
    return (figure.sample - figure.population) / figure.half_width


def _row(figure: Figure, y: float, middle: float, unit: float) -> str:
    off = max(-_WIDEST, min(_WIDEST, deviation(figure)))
    name = figure.name if len(figure.name) <= LONGEST_LABEL else figure.name[: LONGEST_LABEL - 1] + "…"
    colour = "#1f6f54" if figure.within else "#b3261e"
    return (
        f'<text x="{LABEL_WIDTH - 10}" y="{y + 4:.1f}" text-anchor="end">{html.escape(name)}</text>'
        f'<rect x="{middle - unit:.1f}" y="{y - 5:.1f}" width="{2 * unit:.1f}" height="10" fill="#dde3e9"/>'
        f'<circle cx="{middle + off * unit:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    )
