"""What each cut of the percentile would find, as a page with a plot that loads and runs nothing.

In: what was learnt. Out: HTML. No kernel lives here.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH: Final = 640
_HEIGHT: Final = 300
_LEFT: Final = 50
_TOP: Final = 30
_COLOURS: Final = {"precision": "#1f6f54", "recall": "#b3261e"}
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b2733}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}"
    "th,td{padding:.2rem .8rem;border-bottom:1px solid #dde3e9;text-align:right}"
)


def learning_page(content: dict[str, Any]) -> str:
    """The page: the plot, the cuts, precision among the strangest."""
    cuts = content["cuts"]
    columns = ("percentile", "cases", "amount_mnt", "labelled", "precision", "recall")
    top = "".join(f"<li>{row['k']:,}: {_share(row['precision'])}</li>" for row in content["precision_at"])
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{_cell(name, row[name])}</td>" for name in columns) + "</tr>" for row in cuts
    )
    month = html.escape(content["month"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>What each cut would find, {month}</title><style>{_STYLE}</style></head><body>"
        f"<h1>What each cut would find, {month}</h1><p>{content['labelled']:,} labelled cases, {content['bad']:,} "
        f"of them overpaid, stand for {content['frame_cases']:,}. Precision and recall are weighted, so they are "
        f"those of the month. A threshold is a budget of reviews, not a truth.</p>{_plot(cuts)}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<h2>Precision among the k strangest that were reviewed</h2><ul>{top}</ul></body></html>\n"
    )


def _plot(cuts: Sequence[dict[str, Any]]) -> str:
    """Precision and recall against the share of cases that would be reviewed."""
    most = max(row["cases"] for row in cuts) or 1
    frame = f'width="{_WIDTH - _LEFT - 10}" height="{_HEIGHT - _TOP}" fill="none" stroke="#5b6b7a"'
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT + 60}" '
        'font-family="system-ui,sans-serif" font-size="12"><title>Precision and recall by cases reviewed</title>'
    )
    parts = [
        opening,
        f'<rect x="{_LEFT}" y="{_TOP}" {frame}/>',
        f'<text x="{_WIDTH - 10}" y="{_HEIGHT + 20}" text-anchor="end">cases over the cut, 0 to {most:,}</text>',
        f'<text x="{_LEFT - 6}" y="{_TOP + 4}" text-anchor="end">1</text>',
        f'<text x="{_LEFT - 6}" y="{_HEIGHT + 4}" text-anchor="end">0</text>',
    ]
    for place, (name, colour) in enumerate(_COLOURS.items()):
        wide, high = _WIDTH - _LEFT - 10, _HEIGHT - _TOP
        points = " ".join(
            f"{_LEFT + wide * row['cases'] / most:.1f},{_HEIGHT - high * row[name]:.1f}"
            for row in cuts
            if row[name] is not None
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{_LEFT + 100 * place}" y="{_TOP - 10}" fill="{colour}">{name}</text>')
    return "".join(parts) + "</svg>"


def _cell(name: str, value: float | None) -> str:
    if name in _COLOURS:
        return _share(value)
    return f"{value:g}" if name == "percentile" else f"{value:,}"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.2f} %"
