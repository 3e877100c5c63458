"""The extrapolation as a page to print and file: what was estimated, and every number that it follows from.

In: the content of the report. Out: one HTML file that needs nothing else, loads nothing and runs nothing. No kernel
lives here.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

from daatgal.extrapolation.page_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LANGUAGES: Final = ("mn", "en")
_STYLE: Final = (
    "body{font:14px/1.5 system-ui,sans-serif;max-width:78rem;margin:2rem auto;padding:0 1rem;color:#1b2733}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:.15rem .6rem;border-bottom:1px solid #dde3e9;text-align:right;vertical-align:top}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #5b6b7a}"
    ".caution{background:#fff4d6;padding:.4rem .8rem}.hash{font-family:monospace;font-size:12px}"
    "@media print{body{margin:0;max-width:none;font-size:10px}}"
)
_TOTALS: Final = (
    "estimate", "standard_error", "degrees_of_freedom", "t_one_sided", "t_two_sided", "one_sided_lower",
    "lower", "upper", "found_mnt", "final_lower",
)  # fmt: skip
_COMPARED: Final = ("estimate", "standard_error", "degrees_of_freedom", "one_sided_lower", "lower", "upper")
_PART: Final = (
    "cases",
    "wrong",
    "estimate",
    "standard_error",
    "one_sided_lower",
    "lower",
    "upper",
    "found_mnt",
    "final_lower",
)
_STRATUM: Final = ("source", "frame_cases", "drawn", "answered", "wrong")
_SPREAD: Final = ("mean_mnt", "variance", "total_mnt", "variance_of_total")
_CASE: Final = ("case_id", "stratum", "outcome", "amount_mnt", "overpaid_mnt", "underpaid_mnt", "weight")
_FINE: Final = {"degrees_of_freedom": 2, "t_one_sided": 6, "t_two_sided": 6, "weight": 6, "mean_mnt": 4}
"""Digits after the point; money to the hundredth, so that it can be compared."""


class _Words:
    def __init__(self, lang: str) -> None:
        self._place = _LANGUAGES.index(lang)

    def __call__(self, name: str) -> str:
        words = WORDS.get(name)
        return html.escape(name if words is None else words[self._place])


def page(content: dict[str, Any], lang: str) -> str:
    """The page in `mn` or `en`."""
    say = _Words(lang)
    method = content["parameters"]["method"]
    how = [
        "how",
        "how_final",
        *{"ratio": ["how_ratio"], "unequal": ["how_unequal"], "hajek": ["how_unequal"]}.get(method, []),
    ]
    parts = [
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{say('title')}</title><style>{_STYLE}</style></head><body><h1>{say('title')}</h1>",
        _origin(content, say),
        *(f'<p class="caution">{say(caution)}</p>' for caution in content["cautions"]),
        f"<h2>{say('totals')}</h2>",
        *(f"<p>{say(name)}</p>" for name in how),
        _table(
            ["", *_TOTALS],
            ([say(name), *_cells(total, _TOTALS)] for name, total in content["totals"].items()),
            say,
        ),
        f"<h3>{say('comparison')}</h3>",
        _table(
            ["", *_COMPARED],
            ([say(name), *_cells(total, _COMPARED)] for name, total in content["comparison"].items()),
            say,
        ),
        _wrong(content["wrong_cases"], say),
        *(_domain(name, rows, say) for name, rows in content["domains"].items()),
        f"<h2>{say('strata')}</h2>",
        *(_strata(content["strata"], measure, say) for measure in ("overpaid", "underpaid", "net")),
        f"<h2>{say('every_case')}</h2>",
        _table(_CASE, (_cells(case, _CASE, say) for case in content["cases"]), say),
        "</body></html>\n",
    ]
    return "".join(parts)


def _origin(content: dict[str, Any], say: _Words) -> str:
    """What it was made from, and what was fixed beforehand."""
    sample, results, parameters = content["sample"], content["results"], content["parameters"]
    rows = [
        (say("month"), html.escape(sample["month"])),
        (say("sample"), f'<span class="hash">{html.escape(sample["run_hash"])}</span>'),
        *(
            (say("results"), f'{html.escape(file["name"])} <span class="hash">{file["sha256"] or ""}</span>')
            for file in results["files"]
        ),
        (say("refused_lines"), str(results["refused_lines"])),
        (say("changed_after_hints"), str(results["changed_after_hints"])),
        (say("rule_fixed"), html.escape(results["rule_fixed"] or "—")),
        *((say(name), say(value) if isinstance(value, str) else _figure(name, value)) for name, value in
        parameters.items()), *((say(name), f"{count:,}") for name, count in content["counts"]["outcomes"].items()),
        *((say("joined_strata"), html.escape(name)) for name in content["counts"]["joined_strata"]),
    ]  # fmt: skip
    return (
        "<table>" + "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in rows) + "</table>"
    )


def _wrong(wrong: dict[str, Any], say: _Words) -> str:
    names = ("found", *_COMPARED, "at_least", "at_most")
    row = _cells(wrong | wrong["exact"], names)
    return (
        f"<h2>{say('wrong_cases')}</h2><p>{say('how_exact')} α = {wrong['exact']['alpha_of_each_stratum']:.6g}</p>"
        + _table(names, [row], say)
    )


def _domain(name: str, rows: Sequence[dict[str, Any]], say: _Words) -> str:
    lines = ([say(row["value"]), *_cells(row, _PART), " *" if row["cautions"] else ""] for row in rows)
    marked = any(row["cautions"] for row in rows)
    note = f'<p class="caution">* {say("few_wrong")} / {say("few_right")}</p>' if marked else ""
    return f"<h3>{say('domains')}: {say(name)}</h3>{_table(['', *_PART, ''], lines, say)}{note}"


def _strata(rows: Sequence[dict[str, Any]], measure: str, say: _Words) -> str:
    lines = (
        [html.escape(row["stratum"]), *_cells(row, _STRATUM), *_cells(row[measure], _SPREAD)] for row in rows
    )
    return f"<h3>{say(measure)}</h3>{_table(['stratum', *_STRATUM, *_SPREAD], lines, say)}"


def _cells(values: dict[str, Any], names: Iterable[str], say: _Words | None = None) -> list[str]:
    cells: list[str] = []
    for name in names:
        value = values[name]
        if say is not None and name == "outcome":
            cells.append(say(value))
        else:
            cells.append(_figure(name, value))
    return cells


def _figure(name: str, value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        return f"{value:,.{_FINE.get(name, 2)}f}"
    if isinstance(value, int) and name != "case_id":
        return f"{value:,}"
    return html.escape(str(value))


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], say: _Words) -> str:
    head = "".join(f"<th>{say(name) if name else ''}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
