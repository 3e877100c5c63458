"""The report: tables and plots from what was measured, and never a number written by hand.

In: `Measured`. Out: REPORT.md and its SVG files.
"""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.quality.kinds import KINDS, NATIONAL, REAL, Kind
from benchmarks.quality.labelled import Auc
from benchmarks.quality.measures import Culprit, Found, share, together
from benchmarks.quality.plots import Group, bar_plot, percent
from benchmarks.quality.reading import WHY
from benchmarks.quality.trial import METHODS, OURS, RAW, RAW_COLUMNS

TARGET = 0.8
LEAST_GAP = 0.005
"""A difference of shares below this is none."""


class Night(NamedTuple):
    """One kind in one night of one seed."""

    source: str
    kind: str
    scored: int
    looked_at: int
    found: dict[str, Found]
    """by method"""
    culprit: Culprit
    flagged_share: float
    """of all the night's claims, the anomalies among them"""


class Setting(NamedTuple):
    """What was run."""

    claims: int
    months: int
    seeds: range
    """not those on which features and training were chosen"""
    rate: float
    per_mille: int
    percentile: int
    versions: str


def write(folder: Path, setting: Setting, nights: Sequence[Night], aucs: Sequence[Auc]) -> None:
    """Write the report and its plots into `folder`."""
    sources = [source for source in (NATIONAL, REAL) if any(night.source == source for night in nights)]
    lines = [*_head(setting), *_labelled(aucs)]
    for number, source in enumerate(sources):
        name = (
            ("national", "real")[number]
            if len(sources) > 1
            else ("national" if source == NATIONAL else "real")
        )
        own = _by_kind([night for night in nights if night.source == source])
        lines += [
            f"## {source[0].upper()}{source[1:]}",
            "",
            *_found(own, name, setting),
            *_culprits(own, source, name),
        ]
        (folder / f"{name}-recall.svg").write_text(_recall_plot(own, source, setting), encoding="utf-8")
        (folder / f"{name}-culprit.svg").write_text(_culprit_plot(own, source, setting), encoding="utf-8")
    (folder / "REPORT.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _head(setting: Setting) -> list[str]:
    return [
        "# How well the scores find what was hidden",
        "",
        "Written by `python -m benchmarks.quality`; no number here is typed by hand.",
        "",
        (
            f"- Generated national data: {setting.claims:,} claims in {setting.months} months with ordinary faults "
            f"(duplicates, corrections, unreadable rows). The first {setting.months - 1} are the history, clean of "
            "anomalies; the last is scored."
        ),
        (
            "- `medicare-mixed`: real rows, up to September 2009 the history, after it scored. The source "
            "has dates alone and no tests, so hours are drawn from the claim ids, and every eighth visit in a day is "
            "made a single test of the price list, in history and night alike."
        ),
        (
            f"- Each kind is injected by itself, at {percent(setting.rate)} of the scored claims or the whole groups "
            f"that come nearest; the highest {setting.per_mille / 10:g} % of scores are looked at. All else in the "
            "night counts as a false alarm, the ordinary faults too. Means over "
            f"seeds {', '.join(map(str, setting.seeds))} (of data, injection and training); features and training "
            "were chosen on seeds 0 and 1. The real rows are the same for every seed."
        ),
        (
            "- A seed of the generated data that has no small clinic has no sudden growth: such nights are left out."
        ),
        (
            f"- scikit-learn's IsolationForest (100 trees of 256, trained on the same history) has the claim's numbers "
            f"as they are: {', '.join(RAW_COLUMNS)}."
        ),
        f"- {setting.versions}",
        "",
    ]


def _labelled(aucs: Sequence[Auc]) -> list[str]:
    if not aucs:
        return []
    lines = [
        "## Labelled public data",
        "",
        "Area under the ROC curve, fitted and scored on the whole set, 100 trees of 256; reference: scikit-learn.",
        "",
        "| data set | rows | columns | seeds | ours | reference | its seeds | within |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {auc.name} | {auc.rows:,} | {auc.columns} | {auc.seeds} | {auc.ours:.4f} | {auc.reference:.4f} | "
        f"{auc.lowest:.4f} – {auc.highest:.4f} | {'yes' if auc.within else '**no**'} |"
        for auc in aucs
    ]
    return [*lines, ""]


Own = dict[Kind, list[Night]]


def _by_kind(nights: Sequence[Night]) -> Own:
    """The nights of each kind in which something was injected; a kind of which nothing ever was is left out."""
    of_kind = {
        kind: [night for night in nights if night.kind == kind.name and night.culprit.injected]
        for kind in KINDS
    }
    return {kind: made for kind, made in of_kind.items() if made}


def _mean(nights: Sequence[Night], method: str, what: str) -> float:
    return statistics.fmean(getattr(night.found[method], what) for night in nights)


def _found(own: Own, name: str, setting: Setting) -> list[str]:
    lines = [
        f"Precision / recall at {setting.per_mille / 10:g} %:",
        "",
        f"| kind | what was done | injected | {' | '.join(METHODS)} |",
        f"|---|---|---:|{'---:|' * len(METHODS)}",
    ]
    for kind, nights in own.items():
        cells = [
            f"{percent(_mean(nights, method, 'precision'))} / {percent(_mean(nights, method, 'recall'))}"
            for method in METHODS
        ]
        injected = ", ".join(str(night.culprit.injected) for night in nights)
        lines.append(f"| {kind.name} | {kind.what} | {injected} | {' | '.join(cells)} |")
    means = {method: statistics.fmean(_mean(n, method, "recall") for n in own.values()) for method in METHODS}
    ahead = [
        kind.name for kind, n in own.items() if _mean(n, OURS, "recall") > _mean(n, RAW, "recall") + LEAST_GAP
    ]
    behind = [
        kind.name for kind, n in own.items() if _mean(n, OURS, "recall") < _mean(n, RAW, "recall") - LEAST_GAP
    ]
    nights = [night for found in own.values() for night in found]
    flagged = statistics.fmean(night.flagged_share for night in nights)
    return [
        *lines,
        "",
        (
            f"Mean recall over the kinds: {', '.join(f'{method} {percent(mean)}' for method, mean in means.items())}. "
            f"Ahead of the raw columns in {_list(ahead)}; behind them in {_list(behind)}. "
            f"{percent(flagged)} of a night's claims are over percentile {setting.percentile} of the training scores."
        ),
        "",
        f"![Recall by kind]({name}-recall.svg)",
        "",
    ]


def _culprits(own: Own, source: str, name: str) -> list[str]:
    lines = [
        f"### The culprit ({source})",
        "",
        (
            "How often the feature that measures what was done ranks first among the reasons, of the injected claims "
            "that get reasons (flagged) and of all injected ones."
        ),
        "",
        "| kind | true features | flagged | first of flagged | first of all | ranks first instead |",
        "|---|---|---:|---:|---:|---|",
    ]
    failing: list[str] = []
    for kind, nights in own.items():
        one = together([night.culprit for night in nights])
        instead = ", ".join(f"{other or 'nothing'} ({n})" for other, n in one.instead.most_common(3)) or "–"
        of_flagged, of_all = share(one.first_of_flagged, one.flagged), share(one.first_of_all, one.injected)
        lines.append(
            f"| {kind.name} | {', '.join(kind.culprits)} | {one.flagged} of {one.injected} | {percent(of_flagged)} | "
            f"{percent(of_all)} | {instead} |"
        )
        if not of_flagged >= TARGET:
            failing.append(
                f"- **{kind.name}**: {percent(of_flagged)} of {one.flagged} flagged, {percent(of_all)} of all. "
                f"First instead: {instead}. {WHY.get((source, kind.name), '')}".rstrip()
            )
    reached = len(own) - len(failing)
    lines += ["", f"{reached} of {len(own)} kinds reach {percent(TARGET)} of the flagged.", ""]
    if failing:
        lines += ["Kinds that do not, and why:", "", *failing, ""]
    return [*lines, f"![Culprit by kind]({name}-culprit.svg)", ""]


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "no kind"


def _recall_plot(own: Own, source: str, setting: Setting) -> str:
    groups = [Group(kind.name, [_mean(n, method, "recall") for method in METHODS]) for kind, n in own.items()]
    return bar_plot(f"Recall at {setting.per_mille / 10:g} %, {source}", METHODS, groups)


def _culprit_plot(own: Own, source: str, setting: Setting) -> str:
    groups: list[Group] = []
    for kind, nights in own.items():
        one = together([night.culprit for night in nights])
        shares = [share(one.first_of_flagged, one.flagged), share(one.first_of_all, one.injected)]
        groups.append(Group(kind.name, shares))
    title = f"The true feature ranks first, {source}"
    return bar_plot(
        title, [f"of those over percentile {setting.percentile}", "of all injected"], groups, TARGET
    )
