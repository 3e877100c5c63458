"""The report on how a sample represents its month: a page with plots, or JSON.

In: the folder of a drawn month. Out: one HTML file that needs nothing else and loads nothing, and the same as a
dictionary. No kernel lives here.
"""

from __future__ import annotations

import html
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from daatgal.errors import OutputError
from daatgal.outputs import read_manifest
from daatgal.outputs.reading import read_listed
from daatgal.sampling.closing import facts_in
from daatgal.sampling.design import design_of
from daatgal.sampling.plots import band_plot
from daatgal.sampling.representativeness import DIMENSIONS, assess

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daatgal.sampling.representativeness import Assessment, Figure

OUT_OF_BAND_SHARE = 0.01
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b2733}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{padding:.2rem .6rem;border-bottom:1px solid #dde3e9;text-align:right}"
    "th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}"
    ".out{background:#fdeceb}svg{max-width:100%;height:auto}"
)
_HEADINGS = {
    "stratum": "Mean amount by stratum",
    "source": "By part of the sample",
    "amount": "By amount",
    "care_type": "By care type",
    "region": "By region",
    "level": "By level of the facility",
}
_MEASURES = {
    "mean_mnt": "mean amount, ₮",
    "share_of_cases": "share of cases, %",
    "share_of_amount": "share of money, %",
}


def write_report(directory: Path, out: Path) -> dict[str, Any]:
    """Write the page to the file `out` and return its content. Raises InputError, OutputError."""
    content, page = report(directory)
    try:
        with out.open("w", encoding="utf-8") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
    return content


def report(directory: Path) -> tuple[dict[str, Any], str]:
    """The content of the report, and its page."""
    manifest = read_manifest(directory)
    facts = facts_in(directory, manifest)
    frame, sample = (read_listed(directory, manifest, name) for name in ("frame", "sample"))
    found = assess(frame, sample, design_of(facts["design"], "the manifest's design"))
    content = {
        "month": facts["month"],
        "run_hash": manifest["run_hash"],
        "frame_sha256": facts["frame_sha256"],
        "cases": facts["cases"],
        "drawn": facts["size"],
        "amount_mnt": facts["amount_mnt"],
        "expected": facts["expected"],
        "expected_by_chance": round(OUT_OF_BAND_SHARE * len(found.figures), 1),
        "warnings": found.warnings,
        "figures": [asdict(figure) | {"within": figure.within} for figure in found.figures],
    }
    return content, _page(content, found)


def _page(content: dict[str, Any], found: Assessment) -> str:
    month = html.escape(content["month"])
    warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in content["warnings"])
    sections = "".join(
        _section(name, [figure for figure in found.figures if figure.of == name])
        for name in ("stratum", *DIMENSIONS)
    )
    expected = content["expected"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sample of {month}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Sample of {month}: does it represent the month?</h1>"
        f"<p>{content['drawn']:,} of {content['cases']:,} cases, {content['amount_mnt']:,} ₮ in all. Run "
        f"{html.escape(content['run_hash'])}, frame {html.escape(content['frame_sha256'])}.</p>"
        f"<p>Two-sided 90 %: an error rate of {expected['error_rate_bp'] / 100:g} % to within "
        f"± {expected['half_width_bp'] / 100:.2f} points; the total amount to within "
        f"± {expected['amount_half_width_mnt']:,} ₮. The bars below show where 99 of 100 draws of this design fall; "
        f"the dots, this draw. Of {len(found.figures):,} figures, {content['expected_by_chance']} may be out by "
        "chance.</p>"
        + (
            f"<h2>Out of their band</h2><ul>{warnings}</ul>"
            if warnings
            else "<p>No figure is out of its band.</p>"
        )
        + sections
        + "</body></html>\n"
    )


def _section(name: str, figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    plots = "".join(
        band_plot(_MEASURES[measure], [figure for figure in figures if figure.measure == measure])
        for measure in dict.fromkeys(figure.measure for figure in figures)
    )
    return f"<h2>{_HEADINGS[name]}</h2>{plots}<table>{_head()}{''.join(_row(figure) for figure in figures)}</table>"


def _head() -> str:
    titles = ("", "measure", "population", "sample", "99 % band", "cases", "drawn")
    return "<tr>" + "".join(f"<th>{title}</th>" for title in titles) + "</tr>"


def _row(figure: Figure) -> str:
    cells = (
        figure.name,
        _MEASURES[figure.measure],
        shown(figure, figure.population),
        shown(figure, figure.sample),
        f"± {shown(figure, figure.half_width)}",
        f"{figure.cases:,}",
        f"{figure.drawn:,}",
    )
    mark = "" if figure.within else ' class="out"'
    return f"<tr{mark}>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def shown(figure: Figure, value: float) -> str:
    """A figure as people read it: whole tögrög, or per cent."""
    return f"{value:,.0f}" if figure.measure == "mean_mnt" else f"{100 * value:.2f}"
